"""Adapters of lifetime analyses: vector names to arrays or facts, and results back. They compute nothing."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from percorso.analytics.calendar import day_start
from percorso.analytics.lifetime import bgnbd, closed_loop, gamma_gamma, health, value
from percorso.analytics.lifetime.facts import purchases_of, rfm_of
from percorso.analytics.lifetime.histories import Histories
from percorso.analytics.store import Store
from tests.vectors.behaviour import Analysis
from tests.vectors.facts import Rows
from tests.vectors.functions import _called, plain

Given = Mapping[str, Any]


def dataset(reference: str) -> np.ndarray:
    """Return the rows of a data set of the `lifetimes` package, as ``lifetimes:<function> [filter,] columns a,b,c``."""
    from lifetimes import datasets

    name, _, rest = reference.removeprefix("lifetimes:").partition(" ")
    condition, _, columns = rest.rpartition("columns ")
    frame = getattr(datasets, name)()
    if condition.strip(", "):
        frame = frame.query(condition.strip(", "))
    return frame[columns.split(",")].to_numpy(dtype=np.float64)


def rows_of(given: Given) -> np.ndarray:
    return dataset(given["dataset"]) if "dataset" in given else np.array(given["data"], dtype=np.float64)


def bgnbd_loglik(**given: Any) -> dict[str, Any]:
    histories = Histories.of(*rows_of(given).T)
    return {"log_likelihood": bgnbd.log_likelihood(bgnbd.Parameters(**given["params"]), histories)}


def bgnbd_fit(**given: Any) -> dict[str, Any]:
    fit = bgnbd.fit(Histories.of(*rows_of(given).T))
    return {**(fit.parameters._asdict() if fit.parameters else {}), **vars(fit)}


def bgnbd_predict(params: Given, horizons: list[float], customers: list[Given]) -> dict[str, Any]:
    parameters = bgnbd.Parameters(**params)
    found = []
    for c in customers:
        seen = (c["x"], c["t_x"], c["T"])
        alive, expected = (
            bgnbd.probability_alive(parameters, *seen),
            bgnbd.expected_purchases(parameters, horizons, *seen),
        )
        found.append({"p_alive": alive, "expected": expected})
    return {"customers": found, "expected_new": bgnbd.expected_purchases_of_new(parameters, horizons)}


def gamma_gamma_loglik(**given: Any) -> dict[str, Any]:
    return {"log_likelihood": gamma_gamma.log_likelihood(gamma_gamma.Parameters(**given["params"]), *rows_of(given).T)}


def gamma_gamma_fit(**given: Any) -> dict[str, Any]:
    fit = gamma_gamma.fit(*rows_of(given).T)
    return {**(fit.parameters._asdict() if fit.parameters else {}), **vars(fit)}


def gamma_gamma_predict(params: Given, customers: list[Given]) -> dict[str, Any]:
    parameters = gamma_gamma.Parameters(**params)
    expected = gamma_gamma.expected_value(parameters, [c["x"] for c in customers], [c["m"] for c in customers])
    return {"expected": expected, "population_mean": gamma_gamma.population_mean(parameters)}


def clv_probabilistic(bg: Given, gg: Given, customers: list[Given], **terms: Any) -> dict[str, Any]:
    columns = ([c[name] for c in customers] for name in ("x", "t_x", "T", "m"))
    return {"clv": value.probabilistic_value(bgnbd.Parameters(**bg), gamma_gamma.Parameters(**gg), *columns, **terms)}


def clv_formula(**given: Any) -> dict[str, Any]:
    return vars(value.lifetime_value(**given))


def customer_health_score(components: list[Given]) -> dict[str, Any]:
    made = [
        health.Component(c["id"], c["weight"], tuple(map(tuple, c["points"])), c.get("max_age_days"))
        for c in components
    ]
    ages = [c.get("age_days", 0) for c in components]
    found = health.health([[c["value"] for c in components]], made, [ages])
    return {
        "value": found.score[0], "coverage": found.coverage[0], "band": str(found.band[0]) or None,
        "components": {c.key: p for c, p in zip(made, found.components[0], strict=True)}, "status": found.status[0],
    }  # fmt: skip


def health_calibration(rows: list[Given], **others: Any) -> dict[str, Any]:
    found = health.calibration([r["score"] for r in rows], [r["churned"] for r in rows], **others)
    bands = {
        key: {"n": g.n, "churned": g.churned, "rate": g.rate, "ci_low": g.low, "ci_high": g.high}
        for key, g in found.bands.items()
    }
    curve = zip(found.curve.values, found.curve.shares, strict=True)
    return {
        "bands": bands, "base_rate": found.base_rate, "auc": found.auc,
        "isotonic": [{"score": score, "p_churn": share} for score, share in curve],
    }  # fmt: skip


def closed_loop_effect(method: str, **given: Any) -> dict[str, Any]:
    return {"did": _did, "mcnemar": _mcnemar, "ipw_att": _ipw}[method](**given)


def _did(treated: list[Given], control: list[Given], **others: Any) -> dict[str, Any]:
    columns = ([row[name] for row in side] for side in (treated, control) for name in ("before", "after"))
    found = closed_loop.difference_in_differences(*columns, **others)
    return vars(found) | {"ci_low": found.low, "ci_high": found.high}


def _mcnemar(improved: int, worsened: int) -> dict[str, Any]:
    return vars(closed_loop.recovery(improved, worsened))


def _ipw(units: list[Given]) -> dict[str, Any]:
    found = closed_loop.weighted_effect(*([u[name] for u in units] for name in ("treated", "propensity", "y")))
    return vars(found) | {"att": found.effect, "ess_control": found.effective_control}


NAMED: dict[str, Callable[..., dict[str, Any]]] = {
    "bgnbd_loglik": bgnbd_loglik,
    "bgnbd_fit": bgnbd_fit,
    "bgnbd_predict": bgnbd_predict,
    "gamma_gamma_loglik": gamma_gamma_loglik,
    "gamma_gamma_fit": gamma_gamma_fit,
    "gamma_gamma_predict": gamma_gamma_predict,
    "clv_probabilistic": clv_probabilistic,
    "clv_formula": clv_formula,
    "customer_health_score": customer_health_score,
    "health_calibration": health_calibration,
    "closed_loop_effect": closed_loop_effect,
}

FUNCTIONS = {name: _called(function) for name, function in NAMED.items()}


def ordered(given: Given) -> dict[str, Rows]:
    names = {"order_id": "id", "customer_id": "customer"}
    rows = [{names.get(k, k): v for k, v in o.items() if k != "cancelled"} for o in given["orders"]]
    states = [{"status": "cancelled" if o.get("cancelled") else "paid"} for o in given["orders"]]
    return {"orders": [row | state for row, state in zip(rows, states, strict=True)]}


def ask_rfm(store: Store, workspace: str, given: Given) -> dict[str, Any]:
    found = rfm_of(store, workspace, datetime.fromisoformat(given["as_of"]), given.get("tz", "UTC"))
    scores = found.scores
    columns = {
        "customer_id": found.customer, "recency_days": found.recency_days, "frequency": found.frequency,
        "monetary": found.monetary, "r": scores.recency_score, "f": scores.frequency_score, "m": scores.monetary_score,
        "segment": scores.segment,
    }  # fmt: skip
    rows = zip(*(plain(column) for column in columns.values()), strict=True)
    return {"customers": [dict(zip(columns, row, strict=True)) for row in rows]}


def ask_purchases(store: Store, workspace: str, given: Given) -> dict[str, Any]:
    end = day_start(date.fromisoformat(given["end_date"]) + timedelta(days=1), given["tz"])
    unit = {"W": "week", "D": "day"}[given["unit"]]
    found = purchases_of(store, workspace, end, given["tz"], unit=unit).to_pandas()
    names = {"customer": "customer_id", "repeats": "x", "last": "t_x", "age": "T", "mean_value": "m"}
    return {"customers": found.rename(columns=names).to_dict("records")}


ANALYSES = {
    "rfm": Analysis(ordered, ask_rfm),
    "transactions_to_bt": Analysis(ordered, ask_purchases),
}
