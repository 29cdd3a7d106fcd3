"""Lifetime value of a million customers: both fits against those of the package `lifetimes`, on the same rows."""

import importlib.util
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from percorso.analytics.lifetime import bgnbd, gamma_gamma
from percorso.analytics.lifetime.histories import Histories

TARGET_RATIO = 10
# Log-likelihoods are equal when they differ by less than this, of a million customers together.
EQUAL = 0.01
PUBLISHED = bgnbd.Parameters(0.243, 4.414, 0.793, 2.426)
SPENT = gamma_gamma.Parameters(6.25, 3.74, 15.44)
SHORTEST_WEEKS, LONGEST_WEEKS = 27, 39


def customers(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, t_x and T (weeks, of whole days, as orders give them) of customers who buy as CDNOW's did."""
    draw = np.random.default_rng(seed)
    age = draw.integers(SHORTEST_WEEKS * 7, LONGEST_WEEKS * 7 + 1, n) / 7
    rate, leaving = draw.gamma(PUBLISHED.r, 1 / PUBLISHED.alpha, n), draw.beta(PUBLISHED.a, PUBLISHED.b, n)
    repeats, last, now, here = np.zeros(n), np.zeros(n), np.zeros(n), np.arange(n)
    while here.size:
        now[here] += draw.exponential(1 / rate[here])
        here = here[now[here] <= age[here]]
        repeats[here] += 1
        last[here] = now[here]
        here = here[draw.random(here.size) >= leaving[here]]
    return repeats, np.minimum(np.ceil(last * 7) / 7, age), age


def values(repeats: np.ndarray, seed: int = 2) -> np.ndarray:
    """Return the mean value of each customer's repeat purchases, as CDNOW's spent; 0 without any."""
    draw = np.random.default_rng(seed)
    p, q, v = SPENT
    counted, scale = np.maximum(repeats, 1), draw.gamma(q, 1 / v, repeats.size)
    return np.where(repeats > 0, draw.gamma(p * counted, 1 / (scale * counted)), 0.0)


def compare(rows: int, console: Console) -> bool:
    """Fit both models to `rows` customers and print seconds and log-likelihoods; true when the target is reached."""
    if importlib.util.find_spec("lifetimes") is None:
        console.print("lifetime value: the package lifetimes is not installed, nothing to compare with", style="yellow")
        return True
    x, t_x, age = customers(rows)
    m = values(x)
    table = Table(title=f"lifetime value, fits on {rows:,} customers (target {TARGET_RATIO}×)", header_style="bold")
    for i, name in enumerate(("model", "percorso, s", "lifetimes, s", "ratio", "log-likelihood", "of lifetimes")):
        table.add_column(name, justify="right" if i else "left")
    reached = _row(
        table,
        "BG/NBD",
        lambda: bgnbd.fit(Histories.of(x, t_x, age)),
        lambda: _buying(x, t_x, age),
        lambda found: bgnbd.log_likelihood(bgnbd.Parameters(*found), Histories.of(x, t_x, age)),
    )
    reached &= _row(
        table,
        "Gamma-Gamma",
        lambda: gamma_gamma.fit(x, m),
        lambda: _spending(x, m),
        lambda found: gamma_gamma.log_likelihood(gamma_gamma.Parameters(*found), x, m),
    )
    console.print(table)
    return reached


def _row(
    table: Table,
    name: str,
    ours: Callable[[], bgnbd.Fit | gamma_gamma.Fit],
    theirs: Callable[[], list[float]],
    likelihood: Callable[[list[float]], float],
) -> bool:
    seconds, fit = _timed(ours)
    their_seconds, found = _timed(theirs)
    other, own, ratio = likelihood(found), fit.log_likelihood or -np.inf, their_seconds / seconds
    ok = fit.converged and ratio >= TARGET_RATIO and own >= other - EQUAL
    cells = (name, f"{seconds:.2f}", f"{their_seconds:.2f}", f"{ratio:.1f}×", f"{own:,.4f}", f"{other:,.4f}")
    table.add_row(*cells, style=None if ok else "red")
    return ok


def _timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def _buying(x: np.ndarray, t_x: np.ndarray, age: np.ndarray) -> list[float]:
    from lifetimes import BetaGeoFitter

    fitted = BetaGeoFitter().fit(pd.Series(x), pd.Series(t_x), pd.Series(age))
    return [float(fitted.params_[name]) for name in ("r", "alpha", "a", "b")]


def _spending(x: np.ndarray, m: np.ndarray) -> list[float]:
    from lifetimes import GammaGammaFitter

    fitted = GammaGammaFitter().fit(pd.Series(x[x > 0]), pd.Series(m[x > 0]))
    return [float(fitted.params_[name]) for name in ("p", "q", "v")]
