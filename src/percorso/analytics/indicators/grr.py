from percorso.analytics.methods.kept_revenue import KeptRevenue
from percorso.i18n import mark


class GRR(KeptRevenue):
    label = mark("Gross revenue retention")
    about = mark("How much of the revenue of the start survived, before anything was sold on top?")
    formula = mark("for each customer of the start the smaller of what it pays at the end and at the start / the start")
    better = "higher"
    traps = (
        mark("It is capped for each customer, so that one customer's growth never hides another's loss."),
        *KeptRevenue.traps,
    )
    taken = "kept"
