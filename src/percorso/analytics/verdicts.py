"""From pairs of cells to verdicts: one family of tests, Benjamini-Hochberg, and what matters (specification 2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from percorso.analytics.methods.base import Ask, Figures, Indicator, Parts
from percorso.analytics.query import Query
from percorso.analytics.result import Cell, Change, Verdict
from percorso.analytics.statistics.comparisons import Comparison, benjamini_hochberg


@dataclass(frozen=True)
class Pair:
    """Two cells of one indicator: `now` is tested against `before`.

    A `running` period gets no test (looking again and again at growing data finds changes by chance); a bucket that the
    period cuts is not `whole` and gets none either.
    """

    indicator: Indicator
    parts: Parts
    figures: Figures
    now: int
    before: int
    ask: Ask
    running: bool
    whole: bool

    def test(self) -> Comparison | None:
        """Return the indicator's test of the two cells, None when there is none."""
        if self.running or not self.whole:
            return None
        return self.indicator.compare(self.parts, self.now, self.before, self.ask)


def judge(judged: Sequence[tuple[Indicator, Cell, Pair | None]], query: Query) -> list[Cell]:
    """Return the cells with their change; all tests of the query are one family."""
    tests = [pair.test() if pair else None for _, _, pair in judged]
    adjusted = benjamini_hochberg([t.p_value if t else None for t in tests], query.q).adjusted
    return [
        replace(cell, change=_change(indicator, cell, pair, test, p, query.q)) if pair else cell
        for (indicator, cell, pair), test, p in zip(judged, tests, adjusted, strict=True)
    ]


def _change(
    indicator: Indicator, cell: Cell, pair: Pair, test: Comparison | None, adjusted: float | None, q: float
) -> Change:
    before = float(pair.figures.value[pair.before])
    # Amounts of two currencies have no difference.
    currency = pair.figures.details.get("currency")
    alike = currency is None or currency[pair.before] == currency[pair.now]
    known = before if alike and not np.isnan(before) else None
    difference = cell.value - known if cell.value is not None and known is not None else None
    verdict = _verdict(indicator, pair, difference, known, adjusted, q)
    return Change(
        before=known,
        before_n=int(pair.figures.n[pair.before]),
        difference=difference,
        low=test.low if test else None,
        high=test.high if test else None,
        p_value=test.p_value if test else None,
        adjusted_p=adjusted,
        method=test.method if test else None,
        verdict=verdict,
        good=_good(verdict, indicator.wanted(pair.ask)),
    )


def _good(verdict: Verdict, wanted: str | None) -> bool | None:
    if verdict not in ("up", "down") or wanted is None:
        return None
    return (verdict == "up") == (wanted == "higher")


def _verdict(
    indicator: Indicator, pair: Pair, difference: float | None, before: float | None, p: float | None, q: float
) -> Verdict:
    if pair.running:
        return "running"
    if p is None or difference is None or before is None:
        return "untested"
    matters = indicator.materiality * (abs(before) if indicator.relative_materiality else 1)
    if p > q or abs(difference) < matters:
        return "none"
    return "up" if difference > 0 else "down"
