from percorso.analytics.methods.kept_revenue import KeptRevenue
from percorso.i18n import mark


class RevenueChurnGross(KeptRevenue):
    label = mark("Gross revenue churn")
    about = mark("What share of the revenue of the start was lost?")
    formula = mark("what customers of the start pay less or no longer / what they paid at the start = 1 − GRR")
    better = "lower"
    traps = (
        mark("It counts customers who pay less, too: compare it with customer churn to see which of the two it is."),
        *KeptRevenue.traps,
    )
    taken = "lost"
