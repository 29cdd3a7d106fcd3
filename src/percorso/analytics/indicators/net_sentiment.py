from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Ask, Figures, Indicator, Option, Parts, numbers
from percorso.analytics.methods.cells import cells_of, per_cell
from percorso.analytics.statistics.comparisons import Comparison, nps_difference
from percorso.analytics.statistics.intervals import nps_interval
from percorso.i18n import mark

CLASSES = ("positive", "neutral", "negative")
COUNTED = ("positive", "negative", "n", "unclassified", "n_invalid")


class NetSentiment(Indicator):
    label = mark("Net sentiment of comments")
    about = mark("Is free text more positive than negative?")
    formula = mark("100 · (positive − negative) / classified comments; positive above 0.25, negative below −0.25")
    table = "mentions"
    family = "surveys"
    unit = "points"
    better = "higher"
    method = "net share"
    time = mark("when it was written")
    interval = mark("adjusted Wald interval (+¾, +1½, +¾)")
    test = mark("z test with the adjusted Wald variances, within one version of the classifier")
    materiality = 3.0
    range = (-100.0, 100.0)
    level, kind, nature = "tactical", "product", "leading"
    segments = ("source", "channel", "touchpoint", "language", "item", "customer.country")
    options = {"threshold": Option(mark("from which sentiment on a text is not neutral (0 to 1)"), default=0.25)}
    exclusions = (
        mark("Comments without a sentiment leave the denominator and are counted."),
        mark("A new version of the classifier begins a new series: versions are never mixed in one figure."),
    )
    traps = (
        mark("Classifiers err, most of all on irony: read the matrix against the stars given with the same texts."),
    )
    literature = ("Rocks (2016) Interval estimation for the Net Promoter Score, The American Statistician 70",)

    def rows(self, ask: Ask) -> ir.Table:
        t = ask.table("mentions")
        return t.mutate(moment=t.at)

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        edge = float(ask.options["threshold"])
        valid = ((t.sentiment >= -1) & (t.sentiment <= 1)).fill_null(False)
        read = {"positive": t.sentiment > edge, "negative": t.sentiment < -edge}
        read["neutral"] = (t.sentiment >= -edge) & (t.sentiment <= edge)
        rated = {"positive": t.rating >= 4, "negative": t.rating <= 2, "neutral": (t.rating > 2) & (t.rating < 4)}
        matrix = {
            f"{a}_as_{b}": t.count(where=(valid & rated[a] & read[b]).fill_null(False))
            for a in CLASSES
            for b in CLASSES
        }
        return {
            "positive": t.count(where=valid & read["positive"].fill_null(False)),
            "negative": t.count(where=valid & read["negative"].fill_null(False)),
            "n": t.count(where=valid),
            "unclassified": t.count(where=t.sentiment.isnull()),
            "n_invalid": t.count(where=t.sentiment.notnull() & ~valid),
            **matrix,
        }

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        t = t.mutate(model=ask.engine.json_text(t.properties, "model_version"))
        return super().expressions(t, [*cells, "model"], ask)

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[tuple[Any, ...]], Parts]:
        keys, place = cells_of(rows, cells)
        names = [name for name in rows.column_names if name not in (*cells, "model")]
        values = {name: numbers(rows[name], name) for name in names}
        parts: dict[str, Any] = {name: per_cell(name, values[name], place, len(keys)) for name in names}
        models: list[set[str]] = [set() for _ in keys]
        for cell, model, n in zip(place, rows["model"].to_pylist(), values["n"], strict=True):
            models[cell] |= {model or ""} if n else set()
        parts["models"] = np.empty(len(keys), dtype=object)
        parts["models"][:] = [frozenset(found) for found in models]
        return keys, parts

    def figures(self, p: Parts, ask: Ask) -> Figures:
        net = nps_interval(p["positive"], p["negative"], p["n"], ask.confidence)
        mixed = np.array([len(found or ()) > 1 for found in p["models"]])
        value, low, high = (np.where(mixed, np.nan, end) for end in net)
        counted = {**{name: p[name] for name in COUNTED}, "neutral": p["n"] - p["positive"] - p["negative"]}
        details: dict[str, Any] = {name: counts.astype(np.int64) for name, counts in counted.items() if name != "n"}
        details["confusion"] = _matrices(p)
        details["model_versions"] = _objects([sorted(found or ()) for found in p["models"]])
        return Figures(value, low, high, p["n"], details, {int(i): "mixed_versions" for i in np.flatnonzero(mixed)})

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        if p["models"][a] != p["models"][b] or len(p["models"][a] or ()) != 1:
            return None
        now, before = ([p[name][cell] for name in ("positive", "negative", "n")] for cell in (a, b))
        return nps_difference(now[0], now[1], now[2], before[0], before[1], before[2], ask.confidence)


def _matrices(p: Parts) -> Any:
    """Return for each cell how texts with stars were read: stars (4–5, 3, 1–2) down, sentiment across."""
    cells = range(len(p["n"]))
    return _objects([{a: {b: int(p[f"{a}_as_{b}"][i]) for b in CLASSES} for a in CLASSES} for i in cells])


def _objects(values: list[Any]) -> Any:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
