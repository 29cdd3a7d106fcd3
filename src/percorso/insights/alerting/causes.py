"""Which groups moved a figure: of all columns by which it can be broken down, the one that explains the move best."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.query import Period
from percorso.analytics.result import Cell
from percorso.base.columns import tells_who
from percorso.errors import UserError
from percorso.insights.alerting.series import Watched, parts_of
from percorso.insights.alerts import Contribution, Firing, Part, contributors

# Figures that are the mean of their cases, so that the groups' moves add up to the whole's.
ADDING_UP = frozenset({"proportion", "mean", "net share", "rate"})
MOVES = frozenset({"change", "threshold", "trend", "churn"})
NAMED = 3
# By how much of the move the mean of the groups may differ from the whole on each side.
NOT_WHOLE = 0.2
LEAST_SHARE = 0.1
# Days before the change that it is compared with; whole weeks.
BEFORE = 28


def causes_of(workspace: Workspace, alert: str, one: Watched, firing: Firing, end: date) -> list[dict[str, Any]]:
    """Return the groups that contribute most to a move, the first most; empty where groups do not add up to the whole.

    Of each: column, value, before, after (figures), before_n, after_n, within, mix (contributions in the indicator's unit)
    and share (of the move that it explains).
    """
    indicator = INDICATORS[one.series.indicator]
    if alert not in MOVES or indicator.method not in ADDING_UP or firing.since is None:
        return []
    periods = _periods(one, firing, alert)
    whole = [_whole(workspace, one, period, end) for period in periods]
    best: list[Contribution] = []
    column, score = "", 0.0
    for name in indicator.segments:
        found = [] if tells_who(name) else _by(workspace, one, name, periods, whole, end)
        if len(found) > 1 and (told := _telling(found)) > score:
            best, column, score = found, name, told
    return [_kept(column, c) for c in best[:NAMED] if c.share is not None and c.share >= LEAST_SHARE]


def _periods(one: Watched, firing: Firing, alert: str) -> tuple[Period, Period]:
    """Return the days before the change and those since it began."""
    tz, since, end = one.period.tz, firing.since or firing.at, one.series.end(firing.at)
    if alert == "trend":
        # A trend has no day on which it began: its newer half is compared with the weeks before all of it.
        return Period(since - (end - since) / 2, since, tz), Period(since + (end - since) / 2, end, tz)
    length = max(BEFORE, -(-(end - since).days // 7) * 7)
    return Period(since - timedelta(days=length), since, tz), Period(since, end, tz)


def _whole(workspace: Workspace, one: Watched, period: Period, end: date) -> float | None:
    return parts_of(workspace, one.series.indicator, (), period, end, one.segment)[0].value


def _by(
    workspace: Workspace, one: Watched, column: str, periods: Sequence[Period], whole: Sequence[float | None], end: date
) -> list[Contribution]:
    """Return what the groups of a column contribute; nothing where they do not make the whole (facts of nobody known)."""
    key = one.series.indicator
    try:
        sides = [_parts(parts_of(workspace, key, (column,), p, end, one.segment), column) for p in periods]
    except UserError:
        return []
    before, after = whole
    if before is None or after is None or before == after:
        return []
    sums = [_mean(side) for side in sides]
    off = max(abs(made - real) for made, real in zip(sums, (before, after), strict=True))
    return contributors(*sides) if off <= NOT_WHOLE * abs(after - before) else []


def _mean(parts: dict[str, Part]) -> float:
    n = sum(part.n for part in parts.values())
    return sum(part.n * (part.value or 0.0) for part in parts.values()) / n if n else float("inf")


def _parts(cells: Sequence[Cell], column: str) -> dict[str, Part]:
    return {cell.by[column] or "": Part(cell.value, float(cell.n or 0)) for cell in cells}


def _telling(found: Sequence[Contribution]) -> float:
    """Return how much more of the move the first group explains than its size lets expect."""
    total = sum(c.after.n for c in found) or 1.0
    first = found[0]
    return min(first.share or 0.0, 1.5) - first.after.n / total


def _kept(column: str, c: Contribution) -> dict[str, Any]:
    return {
        "column": column,
        "value": c.name,
        "before": c.before.value,
        "after": c.after.value,
        "before_n": int(c.before.n),
        "after_n": int(c.after.n),
        "within": c.within,
        "mix": c.mix,
        "share": c.share,
    }
