from percorso.analytics.methods.satisfaction import Satisfaction
from percorso.i18n import mark


class Sps(Satisfaction):
    label = mark("Service Partner Satisfaction")
    about = mark("How satisfied are the partners (dealers, installers, carriers) with whom we deliver the service?")
    level, kind, nature = "tactical", "input", "leading"
    metrics = ("csat", "sps")
    population = "partner"
    segments = ("channel", "touchpoint", "customer.country")
    exclusions = (
        mark("Answers off the scale, not a whole number or not given are left out and counted; nothing is clamped."),
    )
    traps = (
        mark(
            "No public standard exists: this is our own definition, so do not hold it against other companies' figures."
        ),
        mark("With few partners each one moves the figure: read the interval, and call them."),
    )
    literature = (
        "Mohr J, Spekman R (1994) Characteristics of partnership success, Strategic Management Journal 15",
        "Wilson E (1927) Probable inference, the law of succession, and statistical inference, Journal of the American Statistical Association 22",
    )
