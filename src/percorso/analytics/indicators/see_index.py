from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Array, Ask, Option, Parts
from percorso.analytics.methods.cells import Key, cells_of
from percorso.analytics.methods.composite import Composite
from percorso.analytics.methods.questionnaires import answers, between, names
from percorso.analytics.statistics.bootstrap import bootstrap_counts, stable_seed
from percorso.i18n import mark

LEAST, LOW, HIGH, MOST = 1.0, 3.0, 6.0, 7.0


class SeeIndex(Composite):
    label = mark("Success–Effort–Emotion index (three pillars)")
    about = mark("Could customers do what they wanted, easily, and how did it feel?")
    formula = mark("mean of the three pillars; each is 100 · (share of 6–7 − share of 1–3) on a scale of 1–7")
    table = "answers"
    family = "research"
    metrics = ("see",)
    unit = "points"
    better = "higher"
    time = mark("when it was answered")
    interval = mark("percentile bootstrap by respondent, 2000 resamples with a fixed seed; from 10 respondents on")
    test = mark("Welch's t test of the respondents' influences")
    # A pillar may be asked of few; the interval begins at ten respondents.
    minimum_n = 1
    materiality = 3.0
    range = (-100.0, 100.0)
    level, kind, nature = "strategic", "impact", "leading"
    segments = ("survey", "channel", "touchpoint", "language", "customer.country")
    elements, plural, lacking = "pillars", "components", "no_data"
    options = {
        "pillars": Option(mark("the pillars as the answers name them, separated by commas"), default="success, effort, emotion"),
    }  # fmt: skip
    exclusions = (
        mark(
            "Answers that were not given or are no whole number from 1 to 7 are left out of their pillar and counted."
        ),
        mark("Without any answer to one of the pillars there is no index."),
    )
    traps = (
        mark("Effort must be asked as ease: 7 means very easy. Asked the other way round, the pillar is upside down."),
        mark("The definition is our own, after Temkin's net scoring: do not hold it against other companies' figures."),
        mark("Success can rise while emotion falls: read the three before the one."),
    )
    literature = (
        "Temkin Group, Temkin Experience Ratings (success, effort, emotion)",
        "Efron B, Tibshirani R (1993) An Introduction to the Bootstrap",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = answers(ask, *self.metrics)
        t = t.filter(t.aspect.isin(names(ask.options["pillars"])))
        seven = (t.scale_min.fill_null(LEAST) == LEAST) & (t.scale_max.fill_null(MOST) == MOST)
        valid = seven & between(t.score, LEAST, MOST) & (t.score % 1 == 0).fill_null(False)
        net = ibis.cases((t.score >= HIGH, 100.0), (t.score <= LOW, -100.0), else_=0.0)
        x = ibis.ifelse(valid, net, ibis.null("float64"))
        return t.mutate(element=t.aspect, item=t.aspect, x=x, invalid=t.score.notnull() & ~valid)

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        t = t.mutate(unit=self.who(t))
        sums: dict[str, ir.Scalar] = {}
        for i, name in enumerate(self.named(ask)):
            mine = t.x.notnull() & (t.element == name).fill_null(False)
            sums |= {f"sum_{i}": t.x.sum(where=mine).fill_null(0.0), f"count_{i}": t.count(where=mine)}
        u = t.group_by([*cells, "unit"]).aggregate(**sums)
        u = u.filter(reduce(or_, [u[name] > 0 for name in sums if name.startswith("count_")]))
        return [*super().expressions(t, cells, ask), u.group_by([*cells, *sums]).aggregate(times=u.count())]

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[Key], Parts]:
        if "times" not in rows.column_names:
            return super().fold(rows, cells, ask)
        keys, index = cells_of(rows, cells)
        numbers = np.column_stack([rows[name].to_numpy() for name in rows.column_names if name not in cells])
        patterns = np.empty(len(keys), dtype=object)
        for cell in range(len(keys)):
            own = numbers[index == cell].astype(np.float64)
            # In one order on every engine: the resamples depend on it.
            patterns[cell] = own[np.lexsort(own.T)]
        return keys, {"patterns": patterns}

    def bounds(self, value: Array, p: Parts, ask: Ask) -> tuple[Array, Array]:
        period = ask.frame.period if ask.frame else None
        seed = stable_seed(ask.workspace, self.key, f"{period.start}/{period.end}" if period else "")
        bounds = [
            bootstrap_counts(own[:, :-1], own[:, -1], _index, seed, confidence=ask.confidence)
            if own is not None and not np.isnan(whole)
            else (np.nan, np.nan)
            for own, whole in zip(p["patterns"], value, strict=True)
        ]
        low, high = np.array(bounds).reshape(-1, 2).T
        return low, high


def _index(sums: Array) -> Array:
    """Return the index of any number of sums and counts, side by side for each pillar."""
    totals: Any = sums[..., 0::2]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((totals / sums[..., 1::2]).mean(axis=-1))
