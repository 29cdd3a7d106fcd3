from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.cells import Key, cells_of
from percorso.analytics.methods.features import OPTIONS, Features, ever_used
from percorso.analytics.methods.levels import flagged
from percorso.analytics.methods.occurrences import names_of
from percorso.analytics.methods.proportion import Proportion
from percorso.analytics.statistics.intervals import wilson
from percorso.i18n import mark


class FeatureAdoption(Features, Proportion):
    label = mark("Feature adoption and ranking (most/least used)")
    about = mark("Which features are used, by how many?")
    formula = mark(
        "active users who used the feature (any feature, unless one is named) / active users; beside it every feature, the most used first, those that nobody used last"
    )
    options = {
        **OPTIONS,
        "feature": Option(mark("the feature whose adoption is the figure; empty: any feature"), default=""),
    }
    exclusions = (
        mark("Who did not come at all in the period is not in the denominator."),
        mark("Core features, and features used at any time before, are listed with 0 when nobody used them."),
    )
    traps = (
        mark("A feature for few (an administrator's) is not a failure at 3 %: give it a segment."),
        mark("Use is not value: read it beside satisfaction and retention of those who use it."),
    )
    literature = (
        "Rodden K, Hutchinson H, Fu X (2010) Measuring the user experience on a large scale, CHI 2010 (HEART)",
    )

    def unit_parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        used = t.feature.notnull()
        if ask.options["feature"]:
            used = (t.feature == ask.options["feature"]).fill_null(False)
        return {"used": flagged(used), "uses": t.count(where=used)}

    def hit(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return t.used == 1

    def counts(self, t: ir.Table, ask: Ask) -> ir.BooleanValue:
        return ibis.literal(True)

    def others(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        return {"uses": t.uses.sum()}

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        return None

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        used = t.filter(t.feature.notnull())
        used = used.mutate(unit=self.who(used))
        counted = used.group_by([*cells, "feature"]).aggregate(users=used.unit.nunique(), times=used.count())
        unused = ever_used(ask)
        if cells:
            unused = t.select(*cells).distinct().cross_join(unused)
        none = ibis.literal(0, "int64")
        both = counted.union(unused.select(*cells, "feature", users=none, times=none))
        ranked = both.group_by([*cells, "feature"]).aggregate(users=both.users.sum(), times=both.times.sum())
        return [*super().expressions(t, cells, ask), ranked]

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[Key], Parts]:
        if "feature" not in rows.column_names:
            return super().fold(rows, cells, ask)
        keys, place = cells_of(rows, cells)
        made = np.empty(len(keys), dtype=object)
        for cell in range(len(keys)):
            own = rows.filter(pa.array(place == cell))
            made[cell] = {row["feature"]: (int(row["users"]), int(row["times"])) for row in own.to_pylist()}
        return keys, {"features": made}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        counted: dict[str, Any] = {name: values for name, values in p.items() if name != "features"}
        f = super().figures(counted, ask)
        ranking = np.empty(len(f.n), dtype=object)
        found = p.get("features", np.full(len(f.n), None, dtype=object))
        ranking[:] = [_ranked(used or {}, int(n), ask) for used, n in zip(found, f.n, strict=True)]
        return Figures(f.value, f.low, f.high, f.n, {**f.details, "ranking": ranking})


def _ranked(used: dict[str, tuple[int, int]], active: int, ask: Ask) -> list[dict[str, Any]]:
    """Return every feature with its users, uses and adoption: by users, then uses, then name."""
    every = dict.fromkeys(names_of(ask.options["core"]), (0, 0)) | used
    return [
        {"feature": feature, "users": users, "uses": uses, **_share(users, active, ask)}
        for feature, (users, uses) in sorted(every.items(), key=lambda one: (-one[1][0], -one[1][1], one[0]))
    ]


def _share(users: int, active: int, ask: Ask) -> dict[str, float | None]:
    if active == 0:
        return {"adoption": None, "low": None, "high": None}
    share = wilson(users, active, ask.confidence)
    return {"adoption": float(share.value), "low": float(share.low), "high": float(share.high)}
