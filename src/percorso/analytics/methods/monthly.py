"""Recurring revenue at the ends of the months before: what customers paid and stopped paying, month after month."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from percorso.analytics.calendar import zone
from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.price_periods import EPOCH, PricePeriods, micros
from percorso.analytics.methods.recurring import Recurring, paid_at

# Of a customer over the months: revenue of and months with who paid (ARPA), lost and held revenue (churn).
SUMS = ("revenue", "months", "lost", "held")
PAIRS = tuple((a, b) for i, a in enumerate(SUMS) for b in SUMS[i:])


class Monthly(Recurring):
    """Figures of customers over the months before the end of a window: parts are n, `SUMS` and their products."""

    def months(self, ask: Ask) -> int:
        """Return over how many months the figures go."""
        raise TypeError(f"{type(self).__name__} must say how many months it needs")

    def counted(self, p: PricePeriods, start_us: int, end_us: int, ask: Ask) -> dict[str, Any]:
        months = self._months_before(end_us, ask)
        paid = [paid_at(p, at_us, ask).amount for at_us in months]
        pays = [(v > 0).astype(np.float64) for v in paid]
        lost = [np.maximum(older - newer, 0.0) for newer, older in pairwise(paid)]
        of = dict(zip(SUMS, (sum(paid[:-1]), sum(pays[:-1]), sum(lost), sum(paid[1:])), strict=True))
        touched = (p.started_us < months[0]) & (p.ended_us >= months[-1]) & (p.numbers["mrr"] != 0)
        code = np.where(touched, p.numbers["code"], np.nan)
        return {
            "n": (of["months"] > 0) | (of["held"] > 0),
            **of,
            **{f"{a}_{b}": of[a] * of[b] for a, b in PAIRS},
            "min_currency": p.least(code),
            "max_currency": p.most(code),
        }

    def _months_before(self, end_us: int, ask: Ask) -> list[int]:
        """Return the ends of the months, the newest first."""
        tz = ask.frame.period.tz if ask.frame and ask.frame.period else "UTC"
        end = EPOCH + timedelta(microseconds=end_us)
        return [micros(_months_before(end, k, tz)) for k in range(self.months(ask) + 1)]


def _months_before(end: datetime, months: int, tz: str) -> datetime:
    """Return the local instant so many months before the end, on the last day of a month that is too short for it."""
    local = end.astimezone(zone(tz))
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    for day in (local.day, 30, 29, 28):
        try:
            return local.replace(year=year, month=month + 1, day=day).astimezone(end.tzinfo)
        except ValueError:
            continue
    raise ValueError(f"no day of {year}-{month + 1}")
