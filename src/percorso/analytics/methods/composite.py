"""Composites: a weighted mean of elements (pillars, dimensions), each the mean of its items' means.

The variance comes from the influence of each respondent on the whole, so that elements answered by the same people are
not taken for independent (specification, cards of `six_pillars_index` and `servqual_gap`).
"""

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any, ClassVar

import ibis
import ibis.expr.types as ir
import numpy as np

from percorso.analytics.methods.base import Array, Ask, Figures, Parts
from percorso.analytics.methods.questionnaires import names
from percorso.analytics.methods.units import PerUnit
from percorso.analytics.statistics.comparisons import Comparison, mean_difference
from percorso.errors import BadQuestion
from percorso.i18n import mark

# Below this a variance is the rounding of equal answers.
NOTHING = 1e-18


class Composite(PerUnit):
    """Rows must have `element`, `item`, `x` (null where an answer does not count) and `invalid`.

    `elements` is the option that names the elements, in the order of the option `weights`; `plural` is the detail that
    holds their figures.
    """

    method = "composite"
    elements: ClassVar[str]
    plural: ClassVar[str]

    def who(self, t: ir.Table) -> ir.StringValue:
        return ibis.coalesce(t.customer, t.identity, t.response)

    def named(self, ask: Ask) -> tuple[str, ...]:
        """Return the elements that make the whole."""
        found = names(ask.options[self.elements])
        if not found or len(set(found)) != len(found):
            raise BadQuestion(mark("Name each part of the index once, separated by commas."))
        return found

    def weights(self, ask: Ask) -> Array:
        """Return the elements' weights, which sum to 1."""
        count = len(self.named(ask))
        try:
            given = [float(w) for w in names(ask.options.get("weights"))] or [1.0] * count
        except ValueError:
            given = []
        if len(given) != count or min(given) < 0 or not 0 < sum(given) < float("inf"):
            raise BadQuestion(mark("Give {n} weights from 0 up, separated by commas."), n=count)
        return np.array(given) / sum(given)

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        same_item = ibis.window(group_by=[t[c] for c in (*cells, "element", "item")])
        t = t.mutate(answers=t.x.count().over(same_item), mean=t.x.mean().over(same_item))
        # Each item's answers add up to one, so that their sum is the number of items.
        one = ibis.ifelse(t.x.notnull(), 1.0 / t.answers.cast("float64").nullif(0.0), ibis.null("float64"))
        t = t.mutate(one=one)
        t = t.mutate(items=t.one.sum().over(ibis.window(group_by=[t[c] for c in (*cells, "element")])))
        t = t.mutate(part=t.one / t.items)
        return super().expressions(t.mutate(level=t.x * t.part, off=(t.x - t["mean"]) * t.part), cells, ask)

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        made: dict[str, ir.Scalar] = {
            "missing": t.count(where=t.score.isnull()),
            "invalid": t.count(where=t.invalid),
        }
        for i, name in enumerate(self.named(ask)):
            mine = t.x.notnull() & (t.element == name).fill_null(False)
            made |= {
                f"level_{i}": t.level.sum(where=mine).fill_null(0.0),
                f"off_{i}": t.off.sum(where=mine).fill_null(0.0),
                f"answers_{i}": t.count(where=mine),
            }
        return made

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        every = range(len(self.named(ask)))
        answered = reduce(add, [t[f"answers_{i}"] for i in every])
        off = reduce(add, [float(w) * t[f"off_{i}"] for i, w in enumerate(self.weights(ask))])
        made = {
            "n": t.count(where=answered > 0),
            "off": (off * off).sum(),
            "n_missing": t.missing.sum(),
            "n_invalid": t.invalid.sum(),
        }
        for i in every:
            own = t[f"off_{i}"]
            made |= {
                f"level_{i}": t[f"level_{i}"].sum(),
                f"answers_{i}": t[f"answers_{i}"].sum(),
                f"units_{i}": t.count(where=t[f"answers_{i}"] > 0),
                f"off_{i}": (own * own).sum(),
            }
        return made

    def figures(self, p: Parts, ask: Ask) -> Figures:
        elements = self.named(ask)
        levels = {name: _level(p, i) for i, name in enumerate(elements)}
        value = sum(w * levels[name] for w, name in zip(self.weights(ask), elements, strict=True))
        low, high = self.bounds(np.asarray(value), p, ask)
        answers = {name: p[f"answers_{i}"] for i, name in enumerate(elements)}
        details: dict[str, Any] = {
            self.plural: by_name(levels),
            "answers": by_name(answers, whole=True),
            "n_missing": p["n_missing"].astype(np.int64),
            "n_invalid": p["n_invalid"].astype(np.int64),
        }
        lacking = np.flatnonzero((p["n"] > 0) & np.isnan(value))
        return Figures(np.asarray(value), low, high, p["n"], details, {int(i): self.lacking for i in lacking})

    lacking: ClassVar[str] = "incomplete"

    def bounds(self, value: Array, p: Parts, ask: Ask) -> tuple[Array, Array]:
        """Return the interval of the whole."""
        raise TypeError(f"{type(self).__name__} must say its interval")

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        values = self.figures(p, ask).value
        if np.isnan(values[a]) or np.isnan(values[b]):
            return None
        n, variance = p["n"], variances(p)
        return mean_difference(n[a], values[a], variance[a], n[b], values[b], variance[b], ask.confidence)


def variances(p: Parts) -> Array:
    """Return the variance of the respondents' influences (divisor n - 1), 0 where all answer the same."""
    n = p["n"]
    with np.errstate(invalid="ignore", divide="ignore"):
        made = np.where(n > 1, p["off"] * n * n / (n - 1), np.nan)
    return np.where(made < NOTHING * np.maximum(n, 1), 0.0, made)


def by_name(columns: Mapping[str, Array], whole: bool = False) -> Any:
    """Return one map of names to numbers a cell; None for what is no number."""
    length = len(next(iter(columns.values())))
    made = np.empty(length, dtype=object)
    for i in range(length):
        own = {name: float(values[i]) for name, values in columns.items()}
        made[i] = {k: None if np.isnan(v) else int(v) if whole else v for k, v in own.items()}
    return made


def _level(p: Parts, i: int) -> Array:
    return np.where(p[f"answers_{i}"] > 0, p[f"level_{i}"], np.nan)
