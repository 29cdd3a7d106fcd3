from percorso.analytics.methods.resolution import Resolution
from percorso.i18n import mark


class MedianResolutionTime(Resolution):
    label = mark("Median resolution time")
    about = mark("What is the typical time to solve a problem?")
    formula = mark("median of (last resolution − ticket opened) over the tickets that are resolved")
    exclusions = (
        mark("Open tickets have no resolution and do not count; a reopened ticket is open."),
        mark("A resolution before the opening makes the ticket invalid; it is left out and counted."),
    )
    traps = (
        mark("Half of the customers wait longer: look at the time that nine of ten stay below."),
        mark("Closing easy tickets first improves it at once: read it with the age of the backlog."),
    )
    literature = (
        "Kaplan E, Meier P (1958) Nonparametric estimation from incomplete observations, Journal of the American Statistical Association 53",
        "Conover W (1999) Practical Nonparametric Statistics, 3rd ed.",
    )
