from percorso.analytics.methods.satisfaction import Satisfaction
from percorso.i18n import mark


class Csat(Satisfaction):
    label = mark("Customer Satisfaction Score")
    about = mark("What share of customers were satisfied with this interaction or product?")
    level, kind, nature = "tactical", "product", "lagging"
    segments = ("channel", "touchpoint", "team", "agent", "language", "customer.country")
