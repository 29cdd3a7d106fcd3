from percorso.analytics.methods.resolution import Resolution
from percorso.i18n import mark


class AverageResolutionTime(Resolution):
    label = mark("Average resolution time")
    about = mark("How long does it take to solve the problem for good?")
    formula = mark("mean of (last resolution − ticket opened) over the tickets that are resolved")
    headline = "mean"
    exclusions = (
        mark("Open tickets have no resolution and do not count; a reopened ticket is open."),
        mark("A resolution before the opening makes the ticket invalid; it is left out and counted."),
    )
    traps = (
        mark(
            "A growing backlog makes it look good, because hard tickets are not solved yet: read the cohort beside it."
        ),
        mark("Past months change when tickets are reopened: a report says as of when it was made."),
        mark("Times are skewed: the mean is far above what most customers live through."),
    )
    literature = (
        "Kaplan E, Meier P (1958) Nonparametric estimation from incomplete observations, Journal of the American Statistical Association 53",
        "Gans N, Koole G, Mandelbaum A (2003) Telephone call centers, Manufacturing & Service Operations Management 5",
    )
