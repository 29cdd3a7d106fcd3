import numpy as np

from percorso.analytics.methods.active_days import ActiveDays, described, figures_of, lengths, spreads
from percorso.analytics.methods.base import Ask, Figures, Parts
from percorso.analytics.statistics.comparisons import Comparison, mean_difference
from percorso.i18n import mark


class Stickiness(ActiveDays):
    label = mark("Stickiness (DAU/MAU)")
    about = mark("On how many days of the month does an active user show up?")
    formula = mark("mean of the daily active users / active users of the period = mean active days / days")
    unit = "share"
    method = "mean"
    interval = mark("Student's t interval of the mean active days, divided by the days")
    test = mark("Welch's t test of the active days, divided by the days")
    range = (0.0, 1.0)
    level, kind, nature = "tactical", "product", "leading"
    exclusions = (
        mark("Who did not come at all in the period is in neither number."),
        mark("A day is a local day of the workspace; events of nobody in particular are left out."),
    )
    traps = (
        mark("A product for once a week cannot reach more than 1/7: compare it with what it is for."),
        mark("It rises when occasional users leave: read it beside the number of active users."),
    )
    literature = (
        "Rodden K, Hutchinson H, Fu X (2010) Measuring the user experience on a large scale, CHI 2010 (HEART)",
    )

    def figures(self, p: Parts, ask: Ask) -> Figures:
        days = lengths(p, ask)
        details = described(spreads(p), days, ask)
        with np.errstate(invalid="ignore", divide="ignore"):
            value, low, high = (
                details[name] / days for name in ("mean_active_days", "active_days_low", "active_days_high")
            )
        return figures_of(value, low, high, details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        every, days = spreads(p), lengths(p, ask)
        x, y = every[a], every[b]
        if x.n == 0 or y.n == 0:
            return None
        m, n = days[a], days[b]
        return mean_difference(
            x.n, x.mean / m, x.variance / m**2, y.n, y.mean / n, y.variance / n**2, ask.confidence
        )  # fmt: skip
