from percorso.analytics.methods.satisfaction import Satisfaction
from percorso.i18n import mark


class Sps(Satisfaction):
    label = mark("Service Partner Satisfaction")
    about = mark("How satisfied are the partners (dealers, installers, carriers) with whom we deliver the service?")
    level, kind, nature = "tactical", "input", "leading"
    metrics = ("csat", "sps")
    population = "partner"
    segments = ("channel", "touchpoint", "customer.country")
