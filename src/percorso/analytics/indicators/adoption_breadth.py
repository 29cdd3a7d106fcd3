import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.features import Features, ever_used
from percorso.analytics.methods.mean import Mean
from percorso.analytics.methods.occurrences import names_of
from percorso.i18n import mark


class AdoptionBreadth(Features, Mean):
    label = mark("Adoption breadth")
    about = mark("How much of the product do people use?")
    formula = mark("mean over active users of (different core features used / core features)")
    unit = "share"
    range = (0.0, 1.0)
    exclusions = (mark("Who did not come at all in the period is not counted; who came and used no feature counts 0."),)
    traps = (
        mark("A product that gains features loses breadth on the same day: keep the list of core features fixed."),
        mark("Breadth is no aim in itself: some people need one feature, and often."),
    )
    literature = (
        "Rodden K, Hutchinson H, Fu X (2010) Measuring the user experience on a large scale, CHI 2010 (HEART)",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = super().rows(ask)
        core = names_of(ask.options["core"])
        if core:
            feature = ibis.ifelse(t.feature.isin(core), t.feature, ibis.null("string"))
            return t.mutate(feature=feature, features=ibis.literal(len(set(core)), "int64"))
        features = ever_used(ask)
        return t.cross_join(features.aggregate(features=features.count().cast("int64")))

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"used": t.feature.nunique(), "features": t.features.max()}

    def amount(self, t: ir.Table, ask: Ask) -> ir.NumericValue:
        return t.used / t.features.nullif(0)

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.features > 0

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        return (t.feature.nunique() / t.features.max().nullif(0)).cast("float64")
