from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Ask, Figures, Indicator, Parts
from percorso.analytics.methods.cells import Key, cells_of, per_cell
from percorso.analytics.methods.questionnaires import between, responses
from percorso.i18n import mark

ENOUGH = 0.8


class CxAuditScore(Indicator):
    label = mark("CX audit score")
    about = mark("How mature are our touchpoints and processes?")
    formula = mark(
        "Σ weight · touchpoint / Σ weight over the audited touchpoints; touchpoint = 100 · mean rating / highest level"
    )
    table = "answers"
    family = "research"
    metrics = ("audit",)
    unit = "score"
    better = "higher"
    method = "weighted mean"
    time = mark("when the audit was made; of several audits in a period, the last of each touchpoint")
    interval = mark("none: experts rate everything, nothing is sampled")
    test = mark("none: look at the change of each touchpoint")
    minimum_n = 1
    materiality = 3.0
    range = (0.0, 100.0)
    additive = False
    level, kind, nature = "managerial", "process", "leading"
    segments = ("touchpoint", "survey", "team")
    exclusions = (
        mark("A touchpoint that is listed and not rated is not audited: it lowers the coverage, not the score."),
        mark("Ratings below 0 or above the highest level are invalid and counted."),
    )
    traps = (
        mark("Below 80 % coverage the score tells about the touchpoints somebody chose to rate."),
        mark("It is an opinion of experts: where two rate the same criteria, read their agreement before the score."),
        mark("A better score is a promise, not an effect: customers' answers must follow."),
    )
    literature = (
        "Krippendorff K (2011) Computing Krippendorff's alpha-reliability",
        "Lemon K, Verhoef P (2016) Understanding customer experience throughout the customer journey, Journal of Marketing 80",
    )

    def rows(self, ask: Ask) -> ir.Table:
        t = responses(ask, *self.metrics)
        most = t.scale_max.fill_null(0.0)
        valid = between(t.score, 0, most) & (most > 0)
        level = ibis.ifelse(valid, t.score / t.scale_max.nullif(0.0), ibis.null("float64"))
        return t.mutate(place=t.touchpoint.fill_null(""), share=level, invalid=t.score.notnull() & ~valid)

    def keep(self, t: ir.Table, cells: list[str], ask: Ask) -> ir.Table:
        here = ibis.window(group_by=[t[c] for c in (*cells, "place")])
        t = t.mutate(last=t.moment.max().over(here))
        t = t.filter(t.moment == t["last"])
        # Two audits that end at the same instant are told apart by their names.
        here = ibis.window(group_by=[t[c] for c in (*cells, "place")])
        t = t.mutate(audit=t.response.max().over(here))
        return t.filter(t.response == t.audit)

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        return [
            t.group_by([*cells, "place", "question"]).aggregate(
                ratings=t.share.count(),
                shares=t.share.sum().fill_null(0.0),
                squares=(t.share * t.share).sum().fill_null(0.0),
                weight=t.weight.max(),
                invalid=t.count(where=t.invalid),
            )
        ]

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[Key], Parts]:
        keys, index = cells_of(rows, cells)
        columns = ("ratings", "shares", "squares", "weight", "invalid")
        c = {name: rows[name].to_numpy().astype(np.float64) for name in columns}
        parts = {f"rater_{name}": per_cell(name, v, index, len(keys)) for name, v in _agreement(c).items()}
        parts["n_invalid"] = per_cell("invalid", c["invalid"], index, len(keys))
        touchpoints = np.empty(len(keys), dtype=object)
        for cell in range(len(keys)):
            own = index == cell
            touchpoints[cell] = _touchpoints(rows["place"].filter(pa.array(own)), {k: v[own] for k, v in c.items()})
        return keys, {**parts, "touchpoints": touchpoints}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        k = len(p["n_invalid"])
        value, coverage, n, status, maps = np.full(k, np.nan), np.full(k, np.nan), np.zeros(k), {}, _objects(k)
        for i, touchpoints in enumerate(p["touchpoints"]):
            rated = {name: own for name, own in (touchpoints or {}).items() if own[0] is not None}
            maps[i] = {name: own[0] for name, own in (touchpoints or {}).items()}
            n[i] = len(rated)
            if touchpoints:
                coverage[i] = len(rated) / len(touchpoints)
            weights = sum(weight for _, weight in rated.values())
            if weights > 0:
                value[i] = sum(score * weight for score, weight in rated.values()) / weights
                if coverage[i] < ENOUGH:
                    status[i] = "incomplete"
        none = np.full(k, np.nan)
        details = {
            "coverage": coverage,
            "touchpoints": maps,
            "agreement": _alpha(p),
            "n_invalid": p["n_invalid"].astype(np.int64),
        }
        return Figures(value, none, none, n, details, status)


def _touchpoints(places: pa.ChunkedArray, c: dict[str, Any]) -> dict[str, tuple[float | None, float]]:
    """Return score and weight of every touchpoint listed, in alphabetical order; no score where nothing was rated."""
    names = np.array(places.to_pylist(), dtype=object)
    made = {}
    for name in sorted(set(names)):
        own = names == name
        ratings, weight = c["ratings"][own].sum(), np.nanmax(np.nan_to_num(c["weight"][own], nan=1.0))
        score = 100 * float(c["shares"][own].sum() / ratings) if ratings else None
        made[name] = (score, float(weight))
    return made


def _agreement(c: dict[str, Any]) -> dict[str, Any]:
    """Return the sums of Krippendorff's alpha (interval level) over the criteria that two or more people rated."""
    several = c["ratings"] > 1
    within = np.where(several, c["ratings"] * c["squares"] - c["shares"] ** 2, 0.0)
    return {
        "n": np.where(several, c["ratings"], 0.0),
        "total": np.where(several, c["shares"], 0.0),
        "squares": np.where(several, c["squares"], 0.0),
        "within": within / np.where(several, c["ratings"] - 1, 1.0),
    }


def _alpha(p: Parts) -> Any:
    """Return Krippendorff's alpha of every cell; NaN without criteria rated twice, or when all ratings are equal."""
    n = p["rater_n"]
    spread = n * p["rater_squares"] - p["rater_total"] ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 1e-9, 1 - (n - 1) * p["rater_within"] / spread, np.nan)


def _objects(count: int) -> Any:
    return np.empty(count, dtype=object)
