"""Means of a score that a unit (person, visit) gets from several rows: first the units, then their mean."""

from typing import Any, ClassVar

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.cells import Key, cells_of
from percorso.analytics.methods.mean import compare_means, mean_of, mean_parts
from percorso.analytics.methods.units import PerUnit
from percorso.analytics.statistics.comparisons import Comparison
from percorso.i18n import mark

LISTED = 100
EACH = Option(
    mark("list the single scores beside the mean (the first 100, without names)"), default=False, choices=(False, True)
)


class UnitMeans(PerUnit):
    """The mean of `score` over the units that count; `listing` is the name under which single scores are shown."""

    method = "mean"
    unit = "score"
    range = (0.0, 100.0)
    interval = mark("Student's t interval of the mean")
    test = mark("Welch's t test")
    minimum_n = 5
    materiality = 3.0
    listing: ClassVar[str] = "scores"

    def who(self, t: ir.Table) -> ir.StringValue:
        return t.response

    def score(self, u: ir.Table, ask: Ask) -> ir.NumericValue:
        """Return the score of a unit."""
        raise TypeError(f"{type(self).__name__} must say what a unit scores")

    def counts(self, u: ir.Table, ask: Ask) -> ir.BooleanValue:
        """Return whether a unit counts."""
        raise TypeError(f"{type(self).__name__} must say which units count")

    def others(self, u: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        """Return further parts over the units, counted beside."""
        return {}

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {**mean_parts(t, t.score, t.counts), **self.others(t, ask)}

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        t = t.mutate(unit=self.who(t))
        u = t.group_by([*cells, "unit"]).aggregate(moment=t.moment.max(), **self.unit_parts(t, ask))
        u = u.mutate(score=self.score(u, ask), counts=self.counts(u, ask))
        parts = self.parts(u, ask)
        made = [u.group_by(cells).aggregate(**parts) if cells else u.aggregate(**parts)]
        return [*made, _first(u, cells)] if ask.options["each"] else made

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[Key], Parts]:
        if "place" not in rows.column_names:
            return super().fold(rows, cells, ask)
        keys, index = cells_of(rows, cells)
        listed = np.empty(len(keys), dtype=object)
        for cell in range(len(keys)):
            own = rows.filter(pa.array(index == cell)).sort_by("place")
            listed[cell] = own["score"].to_pylist()
        return keys, {"each": listed}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        mean = mean_of(p, ask, *self.range)
        own = ("n", "total", "squares", "min_value", "max_value", "each")
        details: dict[str, Any] = {name: values.astype(np.int64) for name, values in p.items() if name not in own}
        details["interval_note"] = np.atleast_1d(mean.note)
        if ask.options["each"]:
            details[self.listing] = _lists(p)
        return Figures(mean.value, mean.low, mean.high, p["n"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        return compare_means(p, a, b, ask)


def _first(u: ir.Table, cells: list[str]) -> ir.Table:
    """Return the scores of the first units of every cell, in the order in which they came."""
    u = u.filter(u.counts)
    place = ibis.row_number().over(ibis.window(group_by=[u[c] for c in cells], order_by=[u.moment, u.unit]))
    u = u.mutate(place=place.cast("int64"))
    return u.filter(u.place < LISTED).select(*cells, "place", "score")


def _lists(p: Parts) -> Any:
    made = np.empty(len(p["n"]), dtype=object)
    made[:] = [scores or [] for scores in p["each"]]
    return made
