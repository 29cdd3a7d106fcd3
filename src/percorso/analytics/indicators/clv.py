import numpy as np

from percorso.analytics.lifetime.value import LifetimeValue, lifetime_value
from percorso.analytics.methods.base import Array, Ask, Figures, Option, Parts
from percorso.analytics.methods.money import in_one_currency
from percorso.analytics.methods.monthly import SUMS, Monthly
from percorso.analytics.statistics.comparisons import Comparison, estimates_difference
from percorso.analytics.statistics.intervals import z_value
from percorso.i18n import mark

FORMS = {"horizon": "horizon", "discounted": "discounted_infinite", "simple": "simple"}


class CLV(Monthly):
    label = mark("Customer lifetime value (formula)")
    about = mark("What is a customer worth?")
    formula = mark(
        "margin = ARPA × gross margin; over the horizon the sum of margin × (1 − churn)^t / (1 + discount)^t by months"
    )
    unit = "money"
    better = "higher"
    method = "formula"
    time = mark("revenue per account and revenue churn by months, averaged over the months before the end")
    interval = mark("delta method with the customer as the independent unit")
    test = mark("z test with the delta-method standard errors")
    materiality = 0.05
    relative_materiality = True
    range = (0.0, None)
    nature = "leading"
    options = {
        "form": Option(
            mark("horizon: within the horizon; discounted: without end, discounted; simple: margin / churn"),
            default="horizon",
            choices=("horizon", "discounted", "simple"),
        ),
        "gross_margin": Option(
            mark("share of the revenue that is left, 0 to 1; 1 is revenue, not yet value"), default=1.0
        ),
        "discount": Option(mark("monthly discount rate"), default=0.01),
        "horizon_months": Option(mark("how many months the horizon has"), default=36),
        "months": Option(mark("over how many months revenue and churn are averaged, 3 to 12"), default=12),
    }
    traps = (
        mark("It bends in churn: small churn makes it large and unsure. Look at the interval, and by segment."),
        mark("Give the gross margin of your company: without it, it is what customers pay, not what is left."),
        *Monthly.traps,
    )
    literature = ("Gupta, Lehmann (2003) Customers as assets, Journal of Interactive Marketing 17",)

    def months(self, ask: Ask) -> int:
        return int(min(12, max(3, ask.options["months"])))

    def figures(self, p: Parts, ask: Ask) -> Figures:
        arpa, churn = _inputs(p)
        worth = [_worth(a, c, ask) for a, c in zip(arpa, churn, strict=True)]
        found = [_estimate(p, i, ask) for i in range(len(worth))]
        value, error = (np.array([one[k] for one in found], dtype=np.float64) for k in (0, 1))
        half = z_value(ask.confidence) * error
        forms = tuple(FORMS.values())
        details = {name: np.array([getattr(w, name) for w in worth], dtype=np.float64) for name in forms}
        details |= {"arpa": arpa, "monthly_churn": churn}
        status = {i: w.status for i, w in enumerate(worth) if w.status in ("unbounded", "invalid")}
        status |= {i: "insufficient_data" for i, w in enumerate(worth) if w.status == "no_data" and p["n"][i] > 0}
        made = Figures(value, np.maximum(value - half, 0), value + half, p["n"], details, status)
        return in_one_currency(made, p, (*forms, "arpa"))

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        return estimates_difference(*_estimate(p, a, ask), *_estimate(p, b, ask), ask.confidence)


def _inputs(p: Parts) -> tuple[Array, Array]:
    """Return revenue per account and month, and the share of revenue that is lost each month; NaN where unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        arpa = np.where(p["months"] > 0, p["revenue"] / p["months"], np.nan)
        churn = np.where(p["held"] > 0, p["lost"] / p["held"], np.nan)
    return arpa, churn


def _worth(arpa: float, churn: float, ask: Ask) -> LifetimeValue:
    o = ask.options
    inputs = (None if np.isnan(v) else float(v) for v in (arpa, churn))
    known_arpa, known_churn = inputs
    return lifetime_value(
        known_arpa, float(o["gross_margin"]), known_churn, float(o["discount"]), int(o["horizon_months"])
    )


def _estimate(p: Parts, i: int, ask: Ask) -> tuple[float, float]:
    """Return the value of a cell and its standard error, customers bringing to both ARPA and churn; NaN for none."""
    arpa, churn = (float(v[i]) for v in _inputs(p))

    def at(share: float) -> float:
        found = getattr(_worth(arpa, share, ask), FORMS[ask.options["form"]])
        return np.nan if found is None else float(found)

    value, n = at(churn), p["n"][i]
    # Where nobody left, how sure that is cannot be told from how customers differ.
    if not (n >= 2 and 0 < churn < 1 and value > 0):
        return value, np.nan
    step = min(churn, 1 - churn) * 1e-4
    slope = (at(churn + step) - at(churn - step)) / (2 * step)
    weights = {
        "revenue": value / arpa / p["months"][i],
        "months": -value / p["months"][i],
        "lost": slope / p["held"][i],
        "held": -slope * churn / p["held"][i],
    }
    # What one customer moves the value by adds up to nothing over all: its squares are the variance.
    squares = sum(weights[a] * weights[b] * p[_pair(a, b)][i] for a in SUMS for b in SUMS)
    return value, float(np.sqrt(max(squares, 0.0) * n / (n - 1)))


def _pair(a: str, b: str) -> str:
    return f"{a}_{b}" if SUMS.index(a) <= SUMS.index(b) else f"{b}_{a}"
