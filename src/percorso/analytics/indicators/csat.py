from percorso.analytics.methods.satisfaction import Satisfaction
from percorso.i18n import mark


class Csat(Satisfaction):
    label = mark("Customer Satisfaction Score")
    about = mark("What share of customers were satisfied with this interaction or product?")
    level, kind, nature = "tactical", "product", "lagging"
    segments = ("channel", "touchpoint", "team", "agent", "language", "customer.country")
    exclusions = (
        mark("Answers off the scale, not a whole number or not given are left out and counted; nothing is clamped."),
    )
    traps = (
        mark("The top two boxes of a 1–10 scale are stricter than those of 1–5: never compare figures across scales."),
        mark("Those who answer are happier or angrier than the rest: read it with the response rate."),
        mark("A mean over mixed scales means nothing and is not shown."),
    )
    literature = (
        "Fornell C and others (1996) The American Customer Satisfaction Index, Journal of Marketing 60",
        "Wilson E (1927) Probable inference, the law of succession, and statistical inference, Journal of the American Statistical Association 22",
    )
