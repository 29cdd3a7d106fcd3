from percorso.analytics.methods.kept_revenue import KeptRevenue
from percorso.i18n import mark


class NRR(KeptRevenue):
    label = mark("Net revenue retention")
    about = mark("Did the revenue from the customers we already had grow?")
    formula = mark("what the customers of the start pay at the end / what they paid at the start")
    better = "higher"
    range = (0.0, None)
    bounded = False
    exclusions = (
        *KeptRevenue.exclusions,
        mark("New customers, and those who came back, are not part of it: they paid nothing at the start."),
    )
    traps = (
        mark("Above 100 % it can hide that many leave: read it next to gross revenue retention."),
        mark("A few large customers make most of it: the interval says so."),
        *KeptRevenue.traps,
    )
    taken = "end"
