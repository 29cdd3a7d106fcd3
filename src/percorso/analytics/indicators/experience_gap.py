from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Ask, Figures, Indicator, Parts
from percorso.analytics.methods.cells import Key, cells_of
from percorso.analytics.methods.privacy import PRIVACY_MIN, without_small_groups
from percorso.analytics.methods.questionnaires import answers, between
from percorso.analytics.result import Cell
from percorso.analytics.statistics.comparisons import Comparison
from percorso.analytics.statistics.contrasts import Sample, contrast
from percorso.analytics.statistics.intervals import moments
from percorso.i18n import mark

BELIEVED, PERCEIVED = "employee", "customer"
# A cell's answers: by item, by side, as (n, mean, variance, mean on the scale, scale); None where scales are mixed.
Item = Mapping[str, tuple[float, float, float, float, tuple[float, float]] | None]


class ExperienceGap(Indicator):
    label = mark("Experience gap (believed vs perceived)")
    about = mark("Do we believe we deliver a better experience than customers perceive?")
    formula = mark(
        "100 · (mean believed by employees − mean perceived by customers) / (highest − lowest), per item asked of both; mean over items"
    )
    table = "answers"
    family = "research"
    metrics = ("experience",)
    # Whose single answers are shown to nobody.
    population = BELIEVED
    unit = "points"
    better = None
    method = "difference of means"
    time = mark("when it was answered; both sides in the same period")
    interval = mark("Welch's t interval of the difference")
    test = mark("Welch's t test of the two gaps")
    # Two answers a side give an interval; fewer are told as too few.
    minimum_n = 2
    materiality = 10.0
    range = (-100.0, 100.0)
    additive = False
    level, kind, nature = "strategic", "impact", "leading"
    segments = ("question", "touchpoint", "survey", "team")
    exclusions = (
        mark("Items that were asked of one side only are left out and counted."),
        mark("Answers off their own scale are invalid and counted."),
        mark("Groups and items with fewer than five employees are hidden, so that nobody's answer can be told."),
    )
    traps = (
        mark("The target is 0: a positive gap means that we think too well of ourselves, a negative one too badly."),
        mark("Ask both sides the same words on the same scale, or the gap is one between two questions."),
        mark("Who answers inside the company decides the figure: managers and those who talk to customers differ."),
    )
    literature = (
        "Allen J, Reichheld F, Hamilton B, Markey R (2005) Closing the delivery gap, Bain & Company",
        "Welch B (1947) The generalization of Student's problem, Biometrika 34",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = answers(ask, *self.metrics)
        side = ibis.ifelse(t.population.isnull(), PERCEIVED, t.population)
        t = t.mutate(side_asked=side).filter(side.isin([BELIEVED, PERCEIVED]))
        width = (t.scale_max - t.scale_min).nullif(0.0)
        valid = between(t.score, t.scale_min, t.scale_max)
        place = ibis.ifelse(valid, 100 * (t.score - t.scale_min) / width, ibis.null("float64"))
        return t.mutate(place=place, item=t.question.fill_null(""), invalid=t.score.notnull() & ~valid)

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        return [
            t.group_by([*cells, "item", "side_asked", "scale_min", "scale_max"]).aggregate(
                n=t.place.count(),
                total=t.place.sum().fill_null(0.0),
                squares=(t.place * t.place).sum().fill_null(0.0),
                invalid=t.count(where=t.invalid),
            )
        ]

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[Key], Parts]:
        keys, index = cells_of(rows, cells)
        items = np.empty(len(keys), dtype=object)
        for cell in range(len(keys)):
            items[cell] = _items(rows.filter(pa.array(index == cell)).to_pylist())
        invalid = np.bincount(index, weights=rows["invalid"].to_numpy(), minlength=len(keys))
        return keys, {"items": items, "n_invalid": invalid.astype(np.float64)}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        made = [_figure(items or {}, ask.confidence) for items in p["items"]]
        value, low, high, n = (np.array([f[name] for f in made], float) for name in ("value", "low", "high", "n"))
        names = ("believed_mean", "perceived_mean", "p_value", "n_believed", "n_perceived", "n_unmatched")
        details: dict[str, Any] = {name: np.array([f[name] for f in made]) for name in names}
        details |= {"n_invalid": p["n_invalid"].astype(np.int64), "items": np.empty(len(made), dtype=object)}
        details["items"][:] = [f["items"] for f in made]
        status = {i: f["status"] for i, f in enumerate(made) if f["status"]}
        return Figures(value, low, high, n, details, status)

    def publish(self, cells: list[Cell]) -> list[Cell]:
        return without_small_groups(cells, lambda cell: cell.details["n_believed"], totals=False)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        left, right = _samples(p["items"][a] or {}, 1.0), _samples(p["items"][b] or {}, -1.0)
        return contrast([*left, *right], ask.confidence) if left and right else None


def _items(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the two sides of every item."""
    items: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda r: (r["item"], r["side_asked"])):
        if not row["n"]:
            continue
        sides, side = items.setdefault(row["item"], {}), row["side_asked"]
        m, scale = moments(row["n"], row["total"], row["squares"]), (row["scale_min"], row["scale_max"])
        points = scale[0] + float(m.mean) * (scale[1] - scale[0]) / 100
        sides[side] = None if side in sides else (float(row["n"]), float(m.mean), float(m.variance), points, scale)
    return items


def _matched(items: Mapping[str, Item]) -> dict[str, Item]:
    return {name: sides for name, sides in items.items() if len(sides) == 2}


def _mixed(sides: Item) -> bool:
    """Return whether the answers to one item were given on different scales."""
    return None in sides.values() or len({own[4] for own in sides.values() if own}) > 1


def _samples(items: Mapping[str, Item], sign: float) -> list[Sample]:
    """Return the samples whose sum is the gap, with `sign`; none when scales are mixed."""
    matched = _matched(items)
    if any(_mixed(sides) for sides in matched.values()):
        return []
    share = sign / max(len(matched), 1)
    return [
        Sample(own[0], own[1], own[2], share if side == BELIEVED else -share)
        for sides in matched.values()
        for side, own in sides.items()
        if own
    ]


def _figure(items: Mapping[str, Item], confidence: float) -> dict[str, Any]:
    """Return the gap of one cell and what stands beside it."""
    matched, samples = _matched(items), _samples(items, 1.0)
    gap = contrast(samples, confidence)
    counts = {side: sum(own[0] for one in items.values() if (own := one.get(side))) for side in (BELIEVED, PERCEIVED)}
    status = None
    if any(_mixed(sides) for sides in (matched or items).values()):
        status = "mixed_scales"
    elif not min(counts.values()):
        status = "no_data"
    elif not matched:
        status = "insufficient_data"
    elif min(s.n for s in samples) < 2:
        status = "low_sample"
    return {
        "value": _number(gap.difference), "low": _number(gap.low), "high": _number(gap.high),
        "p_value": _number(gap.p_value), "n": sum(counts.values()), "status": status,
        "believed_mean": _mean(matched or items, BELIEVED), "perceived_mean": _mean(matched or items, PERCEIVED),
        "n_believed": int(counts[BELIEVED]), "n_perceived": int(counts[PERCEIVED]),
        "n_unmatched": len(items) - len(matched),
        "items": {name: _gap(sides) for name, sides in matched.items()},
    }  # fmt: skip


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _mean(items: Mapping[str, Item], side: str) -> float:
    """Return the mean of one side's items in scale points; NaN when their scales differ."""
    own = [sides.get(side) for sides in items.values() if side in sides]
    known = [one for one in own if one]
    if not known or len(known) < len(own) or len({one[4] for one in known}) > 1:
        return float("nan")
    return sum(one[3] for one in known) / len(known)


def _gap(sides: Item) -> float | None:
    believed, perceived = sides.get(BELIEVED), sides.get(PERCEIVED)
    if not believed or not perceived or _mixed(sides) or believed[0] < PRIVACY_MIN:
        return None
    return believed[1] - perceived[1]
