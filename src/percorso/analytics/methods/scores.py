"""Scores: how often each one was given. The engine counts the few different scores of a cell in one pass; all that an
indicator wants to know of them (classes, boxes, means, what was left out) follows from these counts, and adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from percorso.analytics.methods.base import Array, Ask, Indicator, Option, Parts
from percorso.analytics.methods.cells import Key, cells_of, per_cell
from percorso.i18n import mark

KEYS = {"customer": ("customer",), "interaction": ("customer", "interaction")}
LATEST_PER = Option(
    mark("count only the latest valid answer of each customer (relational surveys), or of each interaction"),
    default="answer",
    choices=("answer", "customer", "interaction"),
)


@dataclass(frozen=True)
class Histogram:
    """Scores with how often each was given: one entry a row that the engine gave. Missing scores are NaN too."""

    score: Array
    missing: NDArray[np.bool_]
    scale_min: Array
    scale_max: Array
    times: Array
    deliveries: Array
    dropped: NDArray[np.bool_]
    weight: Array | None
    weight_squares: Array | None
    replied: Array

    def within(self, low: Any, high: Any) -> NDArray[np.bool_]:
        """Return which scores are whole numbers from `low` to `high`; never clamped, never guessed."""
        with np.errstate(invalid="ignore"):
            return (self.score >= low) & (self.score <= high) & (self.score % 1 == 0)


class Scores(Indicator):
    """An indicator of scores. `tally` says what each entry of the histogram adds to which part."""

    scaled: ClassVar[bool] = True
    metrics: ClassVar[tuple[str, ...]]
    population: ClassVar[str] = "customer"

    def tally(self, h: Histogram) -> Mapping[str, Array]:
        """Return parts, an array of the histogram's length each; see `per_cell` for how they merge."""
        raise TypeError(f"{type(self).__name__} must say what a score adds to its parts")

    def picks(self, ask: Ask) -> dict[str, tuple[str | None, ...]]:
        """Return which answers count: the values that a column may have (None: empty); all of them must hold."""
        # An answer that does not say who was asked is a customer's.
        asked = (self.population, None) if self.population == "customer" else (self.population,)
        return {"metric": self.metrics, "population": asked}

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("answers")
        for column, values in self.picks(ask).items():
            t = t.filter(_among(t[column], values))
        return t.mutate(moment=t.at)

    def within_scale(self, t: ir.Table) -> ir.BooleanValue:
        """Return whether a score counts: a whole number on its own question's scale."""
        return ((t.score >= t.scale_min) & (t.score <= t.scale_max) & (t.score % 1 == 0)).fill_null(False)

    def keep(self, t: ir.Table, cells: list[str], ask: Ask) -> ir.Table:
        """Mark as `dropped` the answers that a later valid one of the same respondent replaces within the cell.

        An invalid later answer does not displace an earlier valid one; respondents who cannot be told apart are not
        the same person (specification 1.3).
        """
        if ask.options.get("latest_per", "answer") == "answer":
            return t
        t = t.mutate(valid=self.within_scale(t))
        keys = [*cells, *KEYS[ask.options["latest_per"]]]
        newest = [ibis.desc(t.valid.cast("int64")), ibis.desc(t.at), ibis.desc(t.id)]
        turn = ibis.row_number().over(ibis.window(group_by=[t[k] for k in keys], order_by=newest))
        t = t.mutate(turn=turn)
        return t.mutate(dropped=t.valid & (t.turn > 0) & t.customer.notnull())

    def shares_pass(self, ask: Ask) -> bool:
        """Return whether its answers may be counted in one pass with those of others (see `count_together`)."""
        plain = ask.options.get("latest_per", "answer") == "answer" and not ask.options.get("weighted")
        own = type(self)
        usual = own.rows is Scores.rows and own.expressions is Scores.expressions and own.keep is Scores.keep
        return plain and usual and not self.always_by

    def own_rows(self, rows: pa.Table, ask: Ask) -> pa.Table:
        """Return of the rows of `count_together` those that count for this indicator."""
        for column, values in self.picks(ask).items():
            rows = rows.filter(pc.is_in(rows[column], value_set=pa.array(list(values), pa.string())))
        return rows

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        keys = [*cells, "score"]
        keys += ["scale_min", "scale_max"] if self.scaled else []
        keys += ["dropped"] if "dropped" in t.columns else []
        counts = {"times": t.count(), "times_delivered": t.deliveries.sum()}
        if ask.options.get("weighted"):
            weight = t.weight.fill_null(1.0)
            counts |= {"weights": weight.sum(), "weight_squares": (weight * weight).sum()}
        return [t.group_by(keys).aggregate(**counts)]

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[Key], Parts]:
        keys, index = cells_of(rows, cells)
        tallied = self.tally(histogram(rows))
        return keys, {name: per_cell(name, np.asarray(v, float), index, len(keys)) for name, v in tallied.items()}


def answers_of(every: Sequence[tuple[Scores, Ask]]) -> ir.Table:
    """Return the answers that any of several indicators counts, with their moment."""
    t = every[0][1].table("answers")
    metrics = sorted({metric for indicator, _ in every for metric in indicator.metrics})
    return t.filter(t.metric.isin(metrics)).mutate(moment=t.at)


def count_together(t: ir.Table, cells: list[str]) -> ir.Table:
    """Return how often each score was given in each cell, told apart by all that any indicator picks by."""
    keys = [*cells, "metric", "population", "aspect", "polarity", "score", "scale_min", "scale_max"]
    return t.group_by(keys).aggregate(times=t.count(), times_delivered=t.deliveries.sum())


def _among(column: ir.StringColumn, values: tuple[str | None, ...]) -> ir.BooleanValue:
    told = [v for v in values if v is not None]
    inside = column == told[0] if len(told) == 1 else column.isin(told)
    return inside | column.isnull() if None in values else inside


def histogram(rows: pa.Table) -> Histogram:
    """Return the histogram that the engine's rows are."""
    n = rows.num_rows

    def column(name: str, default: float) -> Array:
        if name not in rows.column_names:
            return np.full(n, default)
        return rows[name].to_numpy().astype(np.float64)

    weighted = "weights" in rows.column_names
    return Histogram(
        score=column("score", np.nan),
        missing=np.asarray(rows["score"].is_null()),
        scale_min=column("scale_min", np.nan),
        scale_max=column("scale_max", np.nan),
        times=column("times", 0),
        deliveries=column("times_delivered", 0),
        dropped=column("dropped", 0) > 0,
        weight=column("weights", 0) if weighted else None,
        weight_squares=column("weight_squares", 0) if weighted else None,
        replied=column("replied", 0),
    )


def left_out(h: Histogram, readable: NDArray[np.bool_]) -> dict[str, Array]:
    """Return how many answers were left out, by reason."""
    return {
        "n_missing": h.times * h.missing,
        "n_invalid": h.times * (~h.missing & ~readable),
        "n_duplicates": h.deliveries - h.times + h.times * h.dropped,
    }


def mean_of_scores(h: Histogram, valid: NDArray[np.bool_]) -> dict[str, Array]:
    """Return the parts of the mean of the valid scores (see methods.mean)."""
    score = np.where(valid, h.score, np.nan)
    safe = np.where(valid, h.score, 0.0)
    times = h.times * valid
    return {
        "n": times,
        "total": times * safe,
        "squares": times * safe * safe,
        "min_value": score,
        "max_value": score,
    }
