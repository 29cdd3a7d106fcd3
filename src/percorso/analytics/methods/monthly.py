"""Recurring revenue at the ends of the months before: what customers paid and stopped paying, month after month."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import ibis
import ibis.expr.types as ir

from percorso.analytics.calendar import zone
from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.levels import Window, active, windows
from percorso.analytics.methods.money import currency_parts
from percorso.analytics.methods.recurring import Recurring, added

# Every window needs the state at the ends of all its months: rows of so many windows are wide enough.
WINDOWS_AT_ONCE = 6
# Of a customer over the months: revenue of and months with who paid (ARPA), lost and held revenue (churn).
SUMS = ("revenue", "months", "lost", "held")
PAIRS = tuple((a, b) for i, a in enumerate(SUMS) for b in SUMS[i:])


class Monthly(Recurring):
    """Figures of customers over the months before the end of a window: parts are n, `SUMS` and their products."""

    def months(self, ask: Ask) -> int:
        """Return over how many months the figures go."""
        raise TypeError(f"{type(self).__name__} must say how many months it needs")

    def moments(self, ask: Ask) -> dict[str, datetime]:
        tz = ask.frame.period.tz if ask.frame and ask.frame.period else "UTC"
        back = range(self.months(ask) + 1)
        return {f"month_{i}_{k}": _months_before(w, k, tz) for i, w in enumerate(windows(ask)) for k in back}

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        every = range(len(windows(ask)))
        by = [name for name in cells if name.startswith("by_") or (name == "side" and "side" in t.columns)]
        starts = range(0, len(every), WINDOWS_AT_ONCE)
        return [self._by_customer(t, by, every[i : i + WINDOWS_AT_ONCE], ask) for i in starts]

    def _by_customer(self, t: ir.Table, by: list[str], chunk: Sequence[int], ask: Ask) -> ir.Table:
        t, months = t.mutate(unit=self.who(t)), self.months(ask)
        made: dict[str, ir.Scalar] = {}
        for i in chunk:
            ends = [ask.instant(f"month_{i}_{k}") for k in range(months + 1)]
            made |= {f"paid_{i}_{k}": added(active(t, end), t.mrr) for k, end in enumerate(ends)}
            touched = (t.started_at < ends[0]) & (t.ended_at.isnull() | (t.ended_at >= ends[-1])) & (t.mrr != 0)
            made |= {f"{name}_{i}": value for name, value in currency_parts(t.code, touched).items()}
        u = t.group_by([*by, "unit"]).aggregate(**made)
        u = u.mutate(**{f"{name}_{i}": value for i in chunk for name, value in _sums(u, i, months).items()})
        parts: dict[str, ir.Scalar] = {}
        for i in chunk:
            parts |= {f"{name}__{i}": value for name, value in _parts(u, i).items()}
        return u.group_by(by).aggregate(**parts) if by else u.aggregate(**parts)


def _sums(u: ir.Table, i: int, months: int) -> dict[str, ir.NumericValue]:
    """Return `SUMS` of a customer from what it paid at the ends of the months; number 0 is the newest."""
    paid = [u[f"paid_{i}_{k}"].cast("float64") for k in range(months + 1)]
    pays = [ibis.ifelse(v > 0, 1.0, 0.0) for v in paid]
    lost = [ibis.greatest(older - newer, 0.0) for newer, older in pairwise(paid)]
    return {
        "revenue": sum(paid[1:-1], paid[0]),
        "months": sum(pays[1:-1], pays[0]),
        "lost": sum(lost[1:], lost[0]),
        "held": sum(paid[2:], paid[1]),
    }


def _parts(u: ir.Table, i: int) -> dict[str, ir.Scalar]:
    of = {name: u[f"{name}_{i}"] for name in SUMS}
    return {
        "n": added((of["months"] > 0) | (of["held"] > 0)),
        **{name: column.sum() for name, column in of.items()},
        **{f"{a}_{b}": (of[a] * of[b]).sum() for a, b in PAIRS},
        "min_currency": u[f"min_currency_{i}"].min(),
        "max_currency": u[f"max_currency_{i}"].max(),
    }


def _months_before(window: Window, months: int, tz: str) -> datetime:
    """Return the local instant so many months before the end, on the last day of a month that is too short for it."""
    local = window.end.astimezone(zone(tz))
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    for day in (local.day, 30, 29, 28):
        try:
            return local.replace(year=year, month=month + 1, day=day).astimezone(window.end.tzinfo)
        except ValueError:
            continue
    raise ValueError(f"no day of {year}-{month + 1}")
