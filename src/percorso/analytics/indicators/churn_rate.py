from typing import Any

from percorso.analytics.methods.base import Parts
from percorso.analytics.methods.customer_base import CustomerBase
from percorso.i18n import mark


class ChurnRate(CustomerBase):
    label = mark("Customer churn rate")
    about = mark("What share of the customers we had at the start is no longer here at the end?")
    formula = mark("customers active at the start and not at the end / customers active at the start")
    better = "lower"
    exclusions = (
        mark(
            "Customers who joined after the start never enter the numerator; who joined and left inside is counted aside."
        ),
        mark("Who left and came back inside the period is not churned; a renewal without a gap is no churn."),
    )
    traps = (
        mark("Dividing by the customers at the end, or by an average, hides losses behind growth."),
        mark("Annual contracts can only leave at their renewal: compare months of the same kind."),
    )
    literature = ("Fader, Hardie (2007) How to project customer retention, Journal of Interactive Marketing 21",)

    def hits(self, p: Parts) -> Any:
        return p["starting"] - p["stayed"]
