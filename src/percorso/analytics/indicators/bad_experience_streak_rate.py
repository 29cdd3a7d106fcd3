import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.engines.base import nullable
from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.experiences import experiences
from percorso.analytics.methods.levels import Columns, Levels, flagged
from percorso.analytics.statistics.comparisons import Comparison, two_proportions
from percorso.analytics.statistics.intervals import wilson
from percorso.i18n import mark

DAY_US = 86_400_000_000
RATED = {"all": ("answers", "promises", "contacts"), "answers": ("answers",)}


class BadExperienceStreakRate(Levels):
    label = mark("Repeated bad experience rate")
    about = mark("What share of customers has just had several bad experiences in a row?")
    formula = mark(
        "customers whose last 2 rated interactions were all bad / customers with at least 2 rated interactions"
    )
    table = "answers"
    family = "loop"
    unit = "share"
    better = "lower"
    method = "proportion"
    time = mark("the state just before the period ends, over the interactions of the last 180 days")
    interval = mark("Wilson score interval")
    test = mark("two-proportion z test, Fisher's exact test for small counts; Newcombe's interval of the difference")
    range = (0.0, 1.0)
    level, kind, nature = "tactical", "impact", "leading"
    segments = ("channel", "touchpoint", "customer.segment", "customer.plan", "customer.country")
    options = {
        "k": Option(mark("how many bad experiences in a row"), default=2),
        "days": Option(mark("how many days back interactions count; empty: all"), default=180),
        "rated": Option(
            mark("what rates an interaction: answers, broken promises and unsolved contacts, or answers only"),
            default="all",
            choices=tuple(RATED),
        ),
    }
    exclusions = (
        mark("Bad is: NPS up to 6, the two lowest boxes of CSAT, high effort, not solved, a promise not kept in time."),
        mark("Several ratings of one interaction are one, bad when any of them is."),
    )
    traps = (
        mark("Who never answers and never writes is not seen: silence is no good experience."),
        mark("Broken down by channel, it is the channel of the last interaction that counts."),
    )
    literature = (
        "Maxham J, Netemeyer R (2002) A longitudinal study of complaining customers' evaluations of multiple service failures and recovery efforts, Journal of Marketing 66",
    )

    def rows(self, ask: Ask) -> ir.Table:
        k = max(1, int(ask.options["k"]))
        t = experiences(ask, RATED[ask.options["rated"]])
        t = t.mutate(at_us=ask.engine.epoch_us(t.at))
        order = ibis.window(group_by="whose", order_by=["at", "id"])
        last = ibis.rows_window(group_by="whose", order_by=["at", "id"], preceding=k - 1, following=0)
        t = t.mutate(
            next_us=nullable(t.at_us).lead().over(order),
            oldest_us=nullable(t.at_us).lag(k - 1).over(order) if k > 1 else nullable(t.at_us),
            in_a_row=t.bad.sum().over(last),
        )
        return t.mutate(moment=t.at, streak=(t.in_a_row == k) & t.oldest_us.notnull())

    def before(self, t: ir.Table, instant: ir.TimestampValue, ask: Ask) -> dict[str, ir.Scalar]:
        then = ask.engine.epoch_us(instant)
        newest = (t.at_us < then) & (t.next_us.isnull() | (t.next_us >= then))
        days = ask.options["days"]
        enough = t.oldest_us.notnull() if not days else t.oldest_us >= then - int(days) * DAY_US
        rated = (newest & enough).fill_null(False)
        return {"rated": flagged(rated), "streak": flagged(rated & t.streak)}

    def counted(
        self, first: Columns, last: Columns, inside: Columns, ever: Columns, start: ir.TimestampValue, ask: Ask
    ) -> dict[str, ir.Scalar]:
        return {"numerator": last["streak"].sum(), "denominator": last["rated"].sum()}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        share = wilson(p["numerator"], p["denominator"], ask.confidence)
        details = {name: p[name].astype(np.int64) for name in ("numerator", "denominator")}
        return Figures(share.value, share.low, share.high, p["denominator"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        hits, n = p["numerator"], p["denominator"]
        return two_proportions(hits[a], n[a], hits[b], n[b], ask.confidence)
