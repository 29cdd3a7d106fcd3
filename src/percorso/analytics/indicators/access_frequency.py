from percorso.analytics.methods.active_days import ActiveDays, described, figures_of, lengths, spreads
from percorso.analytics.methods.base import Ask, Figures, Parts
from percorso.analytics.statistics.comparisons import Comparison, mann_whitney
from percorso.i18n import mark


class AccessFrequency(ActiveDays):
    label = mark("Access frequency")
    about = mark("How often do people come?")
    formula = mark("active days / active users; with the median and the number of users for each number of days")
    unit = "days"
    method = "mean"
    interval = mark("Student's t interval of the mean; order statistics (exact binomial ranks) for the median")
    test = mark("Mann-Whitney")
    range = (0.0, None)
    materiality = 0.05
    relative_materiality = True
    level, kind, nature = "tactical", "product", "leading"
    exclusions = (mark("Who did not come at all in the period is not counted; several visits of a day count once."),)
    traps = (
        mark("Few come every day and many once: the mean hides both, so look at the histogram."),
        mark("Months are not equally long: stickiness makes them comparable."),
    )
    literature = (
        "Rodden K, Hutchinson H, Fu X (2010) Measuring the user experience on a large scale, CHI 2010 (HEART)",
    )

    def figures(self, p: Parts, ask: Ask) -> Figures:
        details = described(spreads(p), lengths(p, ask), ask)
        return figures_of(details["mean_active_days"], details["active_days_low"], details["active_days_high"], details)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        x, y = (spreads(p)[i] for i in (a, b))
        return mann_whitney(x, y) if x.n and y.n else None
