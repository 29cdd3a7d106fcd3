import numpy as np
import pytest
from scipy import optimize, special

from percorso.analytics.lifetime.gamma_gamma import Parameters, expected_value, fit, log_likelihood, population_mean
from tests.analytics.lifetime import cdnow

PUBLISHED = Parameters(6.25, 3.74, 15.44)


def buyers(n: int, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    x = draw.geometric(0.4, n).astype(float)
    scale = draw.gamma(PUBLISHED.q, 1 / PUBLISHED.v, n)
    return x, draw.gamma(PUBLISHED.p * x, 1 / (scale * x))


def plain_log_likelihood(parameters: Parameters, x: np.ndarray, m: np.ndarray) -> float:
    """Return the specification's formula."""
    p, q, v = parameters
    gammas = special.gammaln(p * x + q) - special.gammaln(p * x) - special.gammaln(q)
    rest = q * np.log(v) + (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(x * m + v)
    return float((gammas + rest).sum())


@cdnow.needed
def test_cdnow_gives_the_published_parameters() -> None:
    x, _, _, value = cdnow.summary()
    found = fit(x, value)
    assert (found.converged, found.n, found.status, found.related) == (True, 946, "ok", False)
    assert found.parameters == pytest.approx((6.2488, 3.7446, 15.4477), abs=5e-4)
    assert found.log_likelihood == pytest.approx(-4055.92, abs=0.005)
    assert found.correlation == pytest.approx(0.1139, abs=5e-5)


def test_the_likelihood_is_the_formula_of_the_specification_and_the_fit_its_top() -> None:
    x, m = buyers(1000)
    found = fit(x, m)
    assert found.parameters is not None
    for parameters in (PUBLISHED, found.parameters):
        assert log_likelihood(parameters, x, m) == pytest.approx(plain_log_likelihood(parameters, x, m), rel=1e-12)
    outside = optimize.minimize(
        lambda logs: -plain_log_likelihood(Parameters(*np.exp(logs)), x, m), np.log(PUBLISHED), method="Nelder-Mead",
        options={"maxfev": 2000, "xatol": 1e-7, "fatol": 1e-9},
    )  # fmt: skip
    assert found.log_likelihood == pytest.approx(-outside.fun, abs=1e-6)


def test_the_unit_of_money_changes_nothing_but_v() -> None:
    x, m = buyers(25_000)
    dollars, cents = fit(x, m), fit(x, m * 100)
    assert dollars.parameters is not None
    assert cents.parameters is not None
    p, q, v = dollars.parameters
    assert cents.parameters == pytest.approx((p, q, 100 * v), rel=1e-5)
    assert dollars.parameters == pytest.approx(PUBLISHED, rel=0.1)


def test_only_repeat_buyers_of_some_value_are_learned_from() -> None:
    x, m = buyers(300)
    more = fit(np.append(x, [0, 3, 2]), np.append(m, [0, 0, -5]))
    assert (more.n, more.log_likelihood) == (300, pytest.approx(fit(x, m).log_likelihood))
    assert fit([0, 0], [0, 0]).status == "no_data"
    assert fit(*buyers(50)).status == "low_sample"


def test_money_that_goes_with_frequency_is_warned_of() -> None:
    x, m = buyers(500)
    assert not fit(x, m).related
    assert fit(x, m + 20 * x).related


def test_few_purchases_are_drawn_towards_the_mean_of_all() -> None:
    mean = population_mean(PUBLISHED)
    assert mean == pytest.approx(35.22, abs=0.005)
    found = expected_value(PUBLISHED, [0, 1, 10, 1000], [0, 100, 100, 100])
    assert found[0] == mean
    assert (np.diff(found) > 0).all()
    assert found[3] == pytest.approx(100, abs=0.1)


def test_without_a_mean_there_is_none() -> None:
    heavy = Parameters(2.0, 0.9, 10.0)
    assert population_mean(heavy) is None
    assert np.isnan(expected_value(heavy, [0], [0])).all()
