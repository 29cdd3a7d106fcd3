"""Adapters of statistics: vector names to arguments, and results back to vector names. They compute nothing."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

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


def mean_interval(**given: Any) -> dict[str, Any]:
    names = {"lo": "scale_min", "hi": "scale_max"}
    result = intervals.mean_interval_of(**{names.get(k, k): v for k, v in given.items()})
    return interval(result) | {"note": str(result.note)}


def nps_difference(a: dict[str, float], b: dict[str, float], **others: Any) -> dict[str, Any]:
    keys = ("promoters", "detractors", "n")
    return difference(comparisons.nps_difference(*(a[k] for k in keys), *(b[k] for k in keys), **others), "z")


def ratio_difference(a: dict[str, Any], b: dict[str, Any], **others: Any) -> dict[str, Any]:
    return difference(comparisons.ratio_difference(ratios.ratio_sums(**a), ratios.ratio_sums(**b), **others), "z")


def benjamini_hochberg(p_values: list[float | None], q: float = 0.05) -> dict[str, Any]:
    result = comparisons.benjamini_hochberg(p_values, q)
    return {"adjusted": result.adjusted, "rejected": result.rejected}


def kaplan_meier(durations: list[float], events: list[int], at: Any = (), **others: Any) -> dict[str, Any]:
    curve = survival.kaplan_meier(Distribution.of(durations, events=events), **others)
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
    p: float | None = None,
    **others: Any,
) -> dict[str, Any]:
    others = {**others, "share": p} if p is not None else others
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


NAMED: dict[str, Callable[..., dict[str, Any]]] = {
    "wilson_interval": lambda **given: interval(intervals.wilson(**given)),
    "two_proportions": lambda x1, n1, x2, n2, **o: difference(comparisons.two_proportions(x1, n1, x2, n2, **o), "z"),
    "nps_difference": nps_difference,
    "mean_difference": lambda a, b, **o: difference(comparisons.mean_difference_of(a, b, **o), "t"),
    "mean_interval": mean_interval,
    "quantile_interval": lambda **given: interval(quantiles.quantile_interval_of(**given)),
    "ratio_delta": lambda **given: interval(ratios.ratio_interval_of(**given)),
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


def plain(value: Any) -> Any:
    """Return a result as JSON would hold it: lists, Python numbers, None for what is undefined."""
    if isinstance(value, Mapping):
        return {k: plain(v) for k, v in value.items()}
    if (isinstance(value, (list, tuple, np.ndarray)) and np.ndim(value) > 0) or isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value


def _called(function: Callable[..., dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda given: plain(function(**given))


FUNCTIONS = {name: _called(function) for name, function in NAMED.items()}
