import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.levels import flagged
from percorso.analytics.methods.occurrences import names_of, occurrences, says_yes
from percorso.analytics.methods.proportion import Proportion
from percorso.analytics.methods.ratio import ratio_parts, sums_of
from percorso.analytics.methods.units import PerUnit
from percorso.analytics.statistics.comparisons import Comparison, ratio_difference
from percorso.analytics.statistics.ratios import RatioSums, ratio_interval
from percorso.i18n import mark


class ConversionRate(PerUnit, Proportion):
    label = mark("Conversion rate")
    about = mark("What share of visitors buy, or sign up?")
    formula = mark(
        "visitors with a conversion after their first visit of the period / visitors; with a window, conversions within it of the first visit"
    )
    table = "events"
    family = "commerce"
    better = "higher"
    time = mark(
        "visits and conversions when they happen; with a window, the first visit, counted once the window has passed"
    )
    interval = mark("Wilson score interval; of visits the delta method, the visitor being what is independent")
    level, kind, nature = "strategic", "impact", "lagging"
    segments = ("channel", "device", "page", "touchpoint", "customer.country")
    options = {
        "visit": Option(mark("names of the events that make a visit"), default="Page Viewed, Application Opened"),
        "conversion": Option(mark("names of the events that are a conversion"), default="Order Completed"),
        "window_hours": Option(
            mark("hours after the first visit in which a conversion counts; empty: until the period ends")
        ),
        "unit": Option(
            mark(
                "what is counted: visitors, or their visits (sessions) with a conversion in the same visit; the window is for visitors"
            ),
            default="visitor",
            choices=("visitor", "visit"),
        ),
    }
    exclusions = (
        mark("Several purchases of a visitor count once; visits of bots (property is_bot) do not count."),
        mark("Conversions of who has no counted visit are counted aside and never added."),
    )
    traps = (
        mark("Per visitor and per visit are different figures: never compare one with the other."),
        mark("A day's visitors may buy tomorrow: short periods understate, unless a window is set."),
    )
    literature = ("Moe W, Fader P (2004) Dynamic conversion behavior at e-commerce sites, Management Science 50",)

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("events")
        visits, conversions = names_of(ask.options["visit"]), names_of(ask.options["conversion"])
        t = _in_span(t.filter(t.name.isin([*visits, *conversions]), self.who(t).notnull()), ask)
        t = t.mutate(
            moment=t.at,
            whose=self.who(t),
            visit=t.name.isin(visits) & ~says_yes(t, "is_bot", ask),
            conversion=t.name.isin(conversions),
        )
        return t if self._in_cell(ask) else self._with_next(t, ask)

    def _in_cell(self, ask: Ask) -> bool:
        """Return whether all of a visitor's events of some time are in one cell: then the last conversion tells enough."""
        return not ask.columns and _window(ask) is None and not _by_visit(ask)

    def _with_next(self, t: ir.Table, ask: Ask) -> ir.Table:
        """Return the rows with the visitor's next conversion, whatever it is broken down by."""
        bought = _in_span(occurrences(ask, "conversion"), ask, _window(ask))
        bought = bought.select(buyer=self.who(bought), bought_at=bought.at, bought_session=bought.session)
        t = t.asof_join(bought, t.moment <= bought.bought_at, predicates=[t.whose == bought.buyer])
        return t.drop("buyer")

    def keep(self, t: ir.Table, cells: list[str], ask: Ask) -> ir.Table:
        """Add whether the next conversion is in the cell, and whether the visitor has a counted visit at that time."""
        visited = ibis.ifelse(t.visit, 1, 0)
        if self._in_cell(ask):
            return t.mutate(seen=visited)
        if any(name.startswith("by_") for name in cells):
            # What a conversion is broken down by need not be what its visit was.
            times = [name for name in cells if not name.startswith("by_")]
            visited = visited.max().over(ibis.window(group_by=["whose", *times]))
        return t.mutate(inside=_before_the_end(t, ask), seen=visited)

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        if self._in_cell(ask):
            return {
                # A condition on an aggregate costs more than a null in its place.
                "first": ibis.ifelse(t.visit, t.moment, ibis.null("timestamp")).min(),
                "last_bought": ibis.ifelse(t.conversion, t.moment, ibis.null("timestamp")).max(),
                "conversions": ibis.ifelse(t.conversion, 1, 0).sum(),
                "seen": t.seen.max(),
            }
        return {
            "first": t.moment.min(where=t.visit),
            "bought": t.bought_at.min(where=t.visit),
            "converted": flagged(t.visit & t.inside),
            "conversions": t.count(where=t.conversion),
            "seen": t.seen.max(),
            "y": t.session.nunique(where=(t.visit & t.inside & (t.bought_session == t.session)).fill_null(False)),
            "x": t.session.nunique(where=t.visit),
        }

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.first.notnull() & self._mature(t, ask)

    def hit(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        window = _window(ask)
        if self._in_cell(ask):
            return (t.last_bought >= t.first).fill_null(False)
        return t.converted == 1 if window is None else (t.bought <= t.first + window).fill_null(False)

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {
            "immature": t.count(where=t.first.notnull() & ~self._mature(t, ask)),
            "orphan_conversions": ibis.ifelse(t.seen == 1, 0, t.conversions).sum(),
        }

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {**super().parts(t, ask), **(ratio_parts(t.y, t.x, t.x > 0) if _by_visit(ask) else {})}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        others = {name: values for name, values in p.items() if name not in RatioSums._fields}
        f = super().figures(others, ask)
        if not _by_visit(ask):
            return f
        ratio = ratio_interval(sums_of(p), ask.confidence)
        low, high = np.clip(ratio.low, 0, 1), np.clip(ratio.high, 0, 1)
        counted = {"numerator": p["y"].astype(np.int64), "denominator": p["x"].astype(np.int64)}
        return Figures(ratio.value, low, high, p["n"], {**f.details, **counted})

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        if _by_visit(ask):
            return ratio_difference(sums_of(p, a), sums_of(p, b), ask.confidence)
        return super().compare(p, a, b, ask)

    def _mature(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        window = _window(ask)
        return ibis.literal(True) if window is None else ask.known(t.first + window).fill_null(False)

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        return None


def _by_visit(ask: Ask) -> bool:
    return bool(ask.options["unit"] == "visit")


def _in_span(t: ir.Table, ask: Ask, later: ir.IntervalScalar | None = None) -> ir.Table:
    """Return the rows of the time that is asked about, or a while later: joining all others would be for nothing."""
    if ask.frame is None or ask.frame.span is None:
        return t
    end = ask.instant("end")
    return t.filter(t.at >= ask.instant("start"), t.at < end if later is None else t.at <= end + later)


def _window(ask: Ask) -> ir.IntervalScalar | None:
    hours = ask.options["window_hours"]
    return ibis.interval(seconds=round(float(hours) * 3600)) if hours else None


def _before_the_end(t: ir.Table, ask: Ask) -> ir.BooleanValue:
    """Return whether `bought_at` is before the end of the row's cell; it is never before its start."""
    from percorso.analytics.frames import BEFORE, bucket_of  # frames imports Ask, which this module needs too

    inside = t.bought_at.notnull()
    if ask.frame is None or ask.frame.period is None:
        return inside
    end = ask.instant("end")
    if ask.frame.before is not None:
        end = ibis.ifelse(t.side == BEFORE, ask.instant("before_to"), end)
    inside = inside & (t.bought_at < end).fill_null(False)
    return inside & (bucket_of(t.bought_at, ask.frame, ask) == t.bucket) if ask.frame.buckets else inside
