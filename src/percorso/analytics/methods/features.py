"""Which features of a product are used, by whom, and which by nobody."""

import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.units import PerUnit
from percorso.i18n import mark

OPTIONS: dict[str, Option] = {
    "used": Option(mark("name of the event that tells the use of a feature"), default="Feature Used"),
    "feature_property": Option(mark("property of that event that names the feature"), default="feature"),
    "core": Option(mark("the features that matter, separated by commas; empty: every feature ever used"), default=""),
}


class Features(PerUnit):
    """Figures of active users: who did anything in the period, with a feature or without."""

    table = "events"
    family = "product"
    better = "higher"
    time = mark("when it happened")
    level, kind, nature = "tactical", "product", "leading"
    segments = ("channel", "device", "customer.plan", "customer.segment", "customer.country")
    options = OPTIONS

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("events")
        t = t.filter(self.who(t).notnull())
        return t.mutate(moment=t.at, feature=feature_of(t, ask))


def feature_of(t: ir.Table, ask: Ask) -> ir.StringColumn:
    """Return the feature that an event used; null for other events."""
    named = ask.engine.json_text(t.properties, str(ask.options["feature_property"]))
    return ibis.ifelse(t.name == ask.options["used"], named, ibis.null("string"))


def ever_used(ask: Ask) -> ir.Table:
    """Return the features that anybody ever used, as far as known by `as_of`: column `feature`."""
    t = ask.table("events")
    t = t.filter(t.name == ask.options["used"], ask.known(t.at))
    t = t.mutate(feature=feature_of(t, ask))
    return t.filter(t.feature.notnull()).select("feature").distinct()
