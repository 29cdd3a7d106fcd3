"""The shared vectors of statistics and time, through adapters that rename keys and compute nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from percorso.analytics import calendar
from percorso.analytics.statistics import (
    change,
    comparisons,
    control_charts,
    intervals,
    power,
    quantiles,
    ratios,
    survival,
    weighting,
)
from percorso.analytics.statistics.distribution import Distribution

FOLDER = Path(__file__).parents[3] / "../shared/spec/vectors"
FILES = ("stats.json", "time.json", "analyses.json")


def interval(result: Any) -> dict[str, Any]:
    return {"value": result.value, "ci_low": result.low, "ci_high": result.high}


def difference(result: comparisons.Comparison, statistic: str) -> dict[str, Any]:
    return {
        "difference": result.difference,
        statistic: result.statistic,
        "p_value": result.p_value,
        "ci_low": result.low,
        "ci_high": result.high,
        "method": result.method,
        "df": result.df,
    }


def mean_interval(values: list[float]) -> dict[str, Any]:
    result = intervals.mean_interval_of(values)
    return interval(result) | {"note": str(result.note)}


def nps_difference(a: dict[str, float], b: dict[str, float]) -> dict[str, Any]:
    keys = ("promoters", "detractors", "n")
    return difference(comparisons.nps_difference(*(a[k] for k in keys), *(b[k] for k in keys)), "z")


def ratio_difference(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    return difference(comparisons.ratio_difference(ratios.ratio_sums(**a), ratios.ratio_sums(**b)), "z")


def benjamini_hochberg(p_values: list[float | None], q: float = 0.05) -> dict[str, Any]:
    result = comparisons.benjamini_hochberg(p_values, q)
    return {"adjusted": result.adjusted, "rejected": result.rejected}


def kaplan_meier(durations: list[float], events: list[int], at: list[float]) -> dict[str, Any]:
    curve = survival.kaplan_meier(Distribution.of(durations, events=events))
    columns = ("t", "at_risk", "events", "survival", "ci_low", "ci_high")
    rows = zip(curve.time, curve.at_risk, curve.events, curve.survival, curve.low, curve.high, strict=True)
    points = zip(at, *curve.at(at), strict=True)
    return {
        "table": [dict(zip(columns, row, strict=True)) for row in rows],
        "median": curve.median,
        "at": [dict(zip(("t", "survival", "ci_low", "ci_high"), point, strict=True)) for point in points],
    }


def logrank(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    return vars(survival.logrank(*(Distribution.of(s["durations"], events=s["events"]) for s in (a, b))))


def sample_size(
    kind: power.Kind,
    margin: float,
    p_promoters: float | None = None,
    p_detractors: float | None = None,
    **others: Any,
) -> dict[str, Any]:
    return vars(power.sample_size(kind, margin, promoters=p_promoters, detractors=p_detractors, **others))


def raking(respondents: list[dict[str, Any]], margins: Any, outcome: str | None = None) -> dict[str, Any]:
    columns = {name: [r[name] for r in respondents] for name in margins}
    return vars(weighting.raking(columns, margins, outcome and [r[outcome] for r in respondents]))


def mann_whitney(a: list[float], b: list[float]) -> dict[str, Any]:
    result = comparisons.mann_whitney(Distribution.of(a), Distribution.of(b))
    return {"u": result.statistic, "p_value": result.p_value, "prob_superiority": result.superiority}


def chart(function: Callable[..., Any], names: dict[str, str]) -> Callable[..., dict[str, Any]]:
    return lambda **given: vars(function(**{names.get(k, k): v for k, v in given.items()}))


def p_chart(successes: list[float], n: list[float], laney: bool = False) -> dict[str, Any]:
    result = control_charts.p_chart(successes, n, laney)
    rows = [{"p": r.p, "lcl": r.low, "ucl": r.high, "alarm": r.alarm} for r in result.rows]
    return {"center": result.center, "sigma_z": result.sigma_z, "rows": rows}


def bocpd(**given: Any) -> dict[str, Any]:
    result = change.bocpd(**given)
    return vars(result) | {"run_length_posterior": result.posterior}


def period_bounds(start: str, end: str, tz: str) -> dict[str, Any]:
    bounds = calendar.period_bounds(start, end, tz)
    return {"start_utc": text(bounds.start), "end_utc": text(bounds.end), "hours": bounds.hours}


def text(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def calendar_bucket(tz: str, instants: list[str]) -> dict[str, Any]:
    return {"buckets": [calendar.bucket(moment, tz)._asdict() for moment in instants]}


def business_seconds(tz: str, start: str, end: str, schedule: Any, holidays: Any = ()) -> dict[str, Any]:
    value = calendar.business_seconds(start, end, calendar.Schedule(tz, schedule, holidays))
    return {"value": value, "status": "invalid" if value is None else "ok"}


ADAPTERS: dict[str, Callable[..., dict[str, Any]]] = {
    "wilson_interval": lambda successes, n: interval(intervals.wilson(successes, n)),
    "two_proportions": lambda x1, n1, x2, n2: difference(comparisons.two_proportions(x1, n1, x2, n2), "z"),
    "nps_difference": nps_difference,
    "mean_difference": lambda a, b: difference(comparisons.mean_difference_of(a, b), "t"),
    "mean_interval": mean_interval,
    "quantile_interval": lambda values, q: interval(quantiles.quantile_interval_of(values, q)),
    "ratio_delta": lambda numerators, denominators: interval(ratios.ratio_interval_of(numerators, denominators)),
    "benjamini_hochberg": benjamini_hochberg,
    "kaplan_meier": kaplan_meier,
    "logrank": logrank,
    "sample_size": sample_size,
    "post_stratification": lambda **given: vars(weighting.post_stratification(**given)),
    "raking": raking,
    "mann_whitney": mann_whitney,
    "ratio_difference": ratio_difference,
    "robust_seasonal_z": chart(change.robust_seasonal_z, {}),
    "ewma_chart": chart(control_charts.ewma_chart, {"lambda": "smoothing", "L": "limit"}),
    "cusum_chart": chart(control_charts.cusum_chart, {}),
    "p_chart": p_chart,
    "bocpd": bocpd,
    "period_bounds": period_bounds,
    "calendar_bucket": calendar_bucket,
    "business_seconds": business_seconds,
}


def vectors() -> list[Any]:
    if not FOLDER.is_dir():
        absent = pytest.mark.skip(reason=f"the shared vectors are not beside the checkout: {FOLDER}")
        return [pytest.param(None, marks=absent)]
    found = [v for name in FILES for v in json.loads((FOLDER / name).read_text())]
    return [pytest.param(v, id=v["id"]) for v in found if v["indicator"] in ADAPTERS]


@pytest.mark.parametrize("vector", vectors())
def test_vector(vector: dict[str, Any]) -> None:
    got = ADAPTERS[vector["indicator"]](**vector["input"])
    assert_equal(got, vector["expected"], vector.get("tolerance", 1e-9), vector["id"])


def assert_equal(got: Any, expected: Any, tolerance: float, where: str) -> None:
    if isinstance(expected, dict):
        for key, value in expected.items():
            assert_equal(got[key], value, tolerance, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(got) == len(expected), where
        for i, value in enumerate(expected):
            assert_equal(got[i], value, tolerance, f"{where}[{i}]")
    elif expected is None:
        assert got is None or (isinstance(got, float) and np.isnan(got)), f"{where}: {got} is not null"
    elif isinstance(expected, bool | str):
        assert (got, type(got)) == (expected, type(expected)), where
    else:
        assert got is not None, f"{where}: null is not {expected}"
        assert abs(got - expected) <= tolerance * max(1, abs(expected)), f"{where}: {got} is not {expected}"
