from percorso.analytics.methods.kept_revenue import KeptRevenue
from percorso.i18n import mark


class RevenueChurnNet(KeptRevenue):
    label = mark("Net revenue churn")
    about = mark("What share of the revenue of the start was lost, after what the same customers pay more?")
    formula = mark("1 − what the customers of the start pay at the end / what they paid at the start = 1 − NRR")
    better = "lower"
    range = (None, 1.0)
    bounded = False
    traps = (
        mark("Below 0 the customers of the start pay more than before; some of them may have left all the same."),
        *KeptRevenue.traps,
    )
    taken = "missing"
