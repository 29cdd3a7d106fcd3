import numpy as np
import pytest
from scipy import integrate, optimize, special

from percorso.analytics.lifetime.bgnbd import (
    Parameters,
    expected_if_alive,
    expected_purchases,
    expected_purchases_of_new,
    fit,
    log_likelihood,
    probability_alive,
)
from percorso.analytics.lifetime.histories import Histories
from tests.analytics.lifetime import cdnow

PUBLISHED = Parameters(0.243, 4.414, 0.793, 2.426)


def customers(n: int, parameters: Parameters = PUBLISHED, seed: int = 1) -> Histories:
    """Return customers who buy as the model says, seen for 27 to 39 weeks."""
    draw = np.random.default_rng(seed)
    r, alpha, a, b = parameters
    age = draw.uniform(27, 39, n)
    rate, leaving = draw.gamma(r, 1 / alpha, n), draw.beta(a, b, n)
    repeats, last, now, here = np.zeros(n), np.zeros(n), np.zeros(n), np.arange(n)
    while here.size:
        now[here] += draw.exponential(1 / rate[here])
        here = here[now[here] <= age[here]]
        repeats[here] += 1
        last[here] = now[here]
        here = here[draw.random(here.size) >= leaving[here]]
    return Histories.of(repeats, last, age)


def plain_log_likelihood(parameters: Parameters, h: Histories) -> float:
    """Return the specification's formula, written out customer by customer."""
    r, alpha, a, b = parameters
    total = 0.0
    for x, t_x, age, n in zip(h.repeats, h.last, h.age, h.counts, strict=True):
        bracket = special.beta(a, b + x) / special.beta(a, b) * (alpha + age) ** -(r + x)
        if x > 0:
            bracket += special.beta(a + 1, b + x - 1) / special.beta(a, b) * (alpha + t_x) ** -(r + x)
        total += n * (special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + np.log(bracket))
    return float(total)


@cdnow.needed
def test_cdnow_gives_the_published_parameters() -> None:
    x, t_x, age, _ = cdnow.summary()
    found = fit(Histories.of(x, t_x, age))
    assert found.converged
    assert (found.n, found.n_repeating, found.status) == (2357, 946, "ok")
    assert found.parameters == pytest.approx(PUBLISHED, abs=6e-4)
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_the_likelihood_is_the_formula_of_the_specification() -> None:
    histories = customers(200)
    for parameters in (PUBLISHED, Parameters(2.0, 30.0, 0.1, 0.2), Parameters(0.05, 0.5, 6.0, 9.0)):
        expected = plain_log_likelihood(parameters, histories)
        assert log_likelihood(parameters, histories) == pytest.approx(expected, rel=1e-12)


def test_nothing_near_is_likelier_than_the_fit() -> None:
    histories = customers(2000)
    found = fit(histories)
    assert found.parameters is not None
    outside = optimize.minimize(
        lambda logs: -plain_log_likelihood(Parameters(*np.exp(logs)), histories),
        np.log(found.parameters),
        method="Nelder-Mead",
        options={"maxfev": 150},
    )
    assert found.log_likelihood == pytest.approx(-outside.fun, abs=1e-6)


def test_many_customers_meet_on_a_sample_first_and_end_at_the_same_top() -> None:
    histories = customers(60_000)
    assert len(histories.counts) > 40_000
    found = fit(histories)
    assert found.converged
    assert found.parameters == pytest.approx(PUBLISHED, rel=0.1)
    assert found.parameters is not None
    top = log_likelihood(found.parameters, histories)
    for i in range(4):
        for factor in (0.999, 1.001):
            near = list(found.parameters)
            near[i] *= factor
            assert log_likelihood(Parameters(*near), histories) < top


def test_equal_histories_count_as_often_as_they_occur() -> None:
    x, t_x, age = np.array([[0, 0, 30], [2, 11, 30], [1, 4, 28]], dtype=float).T
    many = Histories.of(np.tile(x, 50), np.tile(t_x, 50), np.tile(age, 50))
    assert sorted(many.counts.tolist()) == [50, 50, 50]
    counted = Histories.of(x, t_x, age, counts=[50, 50, 50])
    assert log_likelihood(PUBLISHED, many) == pytest.approx(log_likelihood(PUBLISHED, counted), rel=1e-14)
    assert (many.n, many.n_repeating) == (150, 100)


def test_who_never_came_back_is_one_group_whatever_the_last_purchase_says() -> None:
    assert Histories.of([0, 0], [0, 7], [30, 30]).counts.tolist() == [2]


def test_a_model_that_runs_away_is_not_believed() -> None:
    # Everybody buys every week until the end: nobody leaves, and all are alike.
    found = fit(Histories.of(np.full(200, 20), np.full(200, 20), np.full(200, 20.5)))
    assert not found.converged
    assert fit(Histories.of([0, 0], [0, 0], [10, 20])).status == "no_data"
    assert fit(Histories.of([], [], [])).parameters is None


def test_few_customers_are_marked() -> None:
    assert fit(customers(99)).status == "low_sample"


@pytest.mark.parametrize("wrong", [([1], [5], [4]), ([-1], [0], [4]), ([1], [np.nan], [4]), ([1], [-2], [4])], ids=str)
def test_impossible_histories_are_refused(wrong: tuple[list[float], ...]) -> None:
    with pytest.raises(ValueError, match="history"):
        Histories.of(*wrong)


def expected_by_integral(parameters: Parameters, t: float, x: float, age: float) -> float:
    """Return the mean of (1 - exp(-rate·p·t))/p over who the customer may be, given that they are still buying."""
    r, alpha, a, b = parameters

    def inside(p: float) -> float:
        return float(-np.expm1(-(r + x) * np.log1p(p * t / (alpha + age))) / p) if p else (r + x) * t / (alpha + age)

    value = integrate.quad(inside, 0, 1, weight="alg", wvar=(a - 1, b + x - 1), epsabs=0, epsrel=1e-12)[0]
    return float(value * np.exp(-special.betaln(a, b + x)))


@pytest.mark.parametrize("a", [0.05, 0.3, 0.793, 0.9999, 1.0, 1.0004, 1.5, 3.0, 5.0])
@pytest.mark.parametrize("b", [0.1, 0.7, 2.426, 12.0])
def test_expected_purchases_equal_the_integral_over_who_a_customer_may_be(a: float, b: float) -> None:
    parameters = PUBLISHED._replace(a=a, b=b)
    for x, age in ((0.0, 0.0), (0.0, 38.86), (1.0, 5.0), (7.0, 38.0), (60.0, 52.0)):
        for t in (0.5, 39.0, 500.0):
            outside = expected_by_integral(parameters, t, x, age)
            assert float(expected_if_alive(parameters, t, x, age)) == pytest.approx(outside, rel=1e-8)


def test_hundreds_of_purchases_do_not_overflow() -> None:
    found = expected_purchases(PUBLISHED, 52, [400, 400], [51.9, 20], [52, 52])
    alive = float(probability_alive(PUBLISHED, 400, 51.9, 52))
    assert found[0] == pytest.approx(alive * expected_by_integral(PUBLISHED, 52, 400, 52), rel=1e-8)
    assert 0 <= found[1] < 1e-9
    assert np.isfinite(expected_if_alive(Parameters(2, 10, 5000, 9000), [10, 100], 3, 40)).all()


def test_the_longer_a_regular_buyer_is_silent_the_less_likely_alive() -> None:
    alive = probability_alive(PUBLISHED, 7, 20, np.array([20, 25, 30, 40]))
    assert (np.diff(alive) < 0).all()
    assert probability_alive(PUBLISHED, 0, 0, [1, 500]).tolist() == [1, 1]


def test_expected_of_new_is_what_nobody_who_has_just_begun_differs_from() -> None:
    assert expected_purchases_of_new(PUBLISHED, [52]) == pytest.approx(expected_purchases(PUBLISHED, [52], 0, 0, 0))
