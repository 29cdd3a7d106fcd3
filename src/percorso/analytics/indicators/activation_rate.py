import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.occurrences import names_of, occurrences
from percorso.analytics.methods.proportion import Proportion
from percorso.i18n import mark


class ActivationRate(Proportion):
    label = mark("Activation rate")
    about = mark("Do new users reach first value?")
    formula = mark(
        "signups with all activation events within 7 days / signups whose 7 days have passed; with the median time until the last of them"
    )
    table = "events"
    family = "product"
    better = "higher"
    time = mark("when somebody signed up; counted once the days have passed")
    level, kind, nature = "strategic", "process", "leading"
    segments = ("channel", "device", "touchpoint", "customer.plan", "customer.country")
    options = {
        "signup": Option(mark("names of the events that are a signup; a user's first one counts"), default="Signed Up"),
        "activation": Option(
            mark("names of the events that somebody must all have done, separated by commas"),
            default="Order Completed",
        ),
        "window_days": Option(mark("days after the signup in which they must happen"), default=7),
    }  # fmt: skip
    exclusions = (
        mark("Signups whose days have not passed are left out, even those already active, and counted aside."),
        mark("What somebody did before the signup does not count."),
    )
    traps = (
        mark("Choose events that foretell staying: reaching a screen is no value."),
        mark("Never compare two different lists of events, or two windows."),
    )
    literature = (
        "Rodden K, Hutchinson H, Fu X (2010) Measuring the user experience on a large scale, CHI 2010 (HEART)",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = occurrences(ask, "signup")
        t = t.mutate(moment=t.at, whose=ibis.coalesce(t.customer, t.identity))
        t = t.filter(t.whose.notnull())
        t = t.mutate(turn=ibis.row_number().over(group_by=t.whose, order_by=[t.moment, t.id]))
        t = t.filter(t.turn == 0)
        limit_us = round(float(ask.options["window_days"]) * 86_400_000_000)
        wanted = names_of(ask.options["activation"])
        for i, name in enumerate(wanted):
            t = t.left_join(_first_after(t, name, i, ask), ["whose"]).drop("whose_right")
        done_us = [t[f"done_{i}"] for i in range(len(wanted))]
        all_done = ibis.and_(*(d.notnull() for d in done_us)) if wanted else ibis.literal(False)
        last_us = ibis.greatest(*(d.fill_null(0) for d in done_us)) if done_us else ibis.literal(0, "int64")
        took_us = last_us - ask.engine.epoch_us(t.moment)
        # Whole microseconds, so that no engine rounds the far edge.
        mature = ask.engine.epoch_us(t.moment) + limit_us <= ask.engine.epoch_us(ask.instant("as_of"))
        return t.mutate(counts=mature, hit=all_done & (took_us <= limit_us), took_us=took_us, immature=~mature)

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        took = ibis.ifelse(t.counts & t.hit, t.took_us / 1e6, ibis.null("float64"))
        return {"immature": t.count(where=t.immature), "min_median_time": ask.engine.median(took)}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        f = super().figures({name: values for name, values in p.items() if name != "min_median_time"}, ask)
        return Figures(f.value, f.low, f.high, f.n, {**f.details, "median_seconds": np.asarray(p["min_median_time"])})


def _first_after(signups: ir.Table, name: str, i: int, ask: Ask) -> ir.Table:
    """Return when each user first did something at or after the signup, in microseconds: `whose`, ``done_<i>``."""
    t = ask.table("events")
    t = t.filter(t.name == name, ask.known(t.at))
    t = t.select(whose=ibis.coalesce(t.customer, t.identity), at_us=nullable(ask.engine.epoch_us(t.at)))
    since = signups.select("whose", since_us=ask.engine.epoch_us(signups.moment))
    t = t.inner_join(since, "whose")
    t = t.filter(t.at_us >= t.since_us)
    return t.group_by("whose").aggregate(**{f"done_{i}": nullable(t.at_us).min()})
