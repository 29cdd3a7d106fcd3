from percorso.analytics.methods.kept_revenue import KeptRevenue
from percorso.i18n import mark


class ExpansionRate(KeptRevenue):
    label = mark("Expansion revenue rate")
    about = mark("How much did the customers we already had grow?")
    formula = mark("what customers of the start pay more at the end / what all of them paid at the start = NRR − GRR")
    better = "higher"
    range = (0.0, None)
    traps = (
        mark("A price rise counts as growth, like an upgrade: look at when it came."),
        *KeptRevenue.traps,
    )
    taken = "gained"
