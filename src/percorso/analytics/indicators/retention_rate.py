from percorso.analytics.methods.customer_base import CustomerBase
from percorso.i18n import mark


class RetentionRate(CustomerBase):
    label = mark("Customer retention rate")
    about = mark("What share of the customers we had at the start is still here?")
    formula = mark(
        "customers active at the start and at the end / customers active at the start = (end − new − returned) / start"
    )
    better = "higher"
    exclusions = (mark("New and returning customers are not part of it; they are counted beside."),)
    traps = (
        mark(
            "End over start, ×100, counts new customers as kept ones: 200 → 220 with 40 new is 90 %, not 110 %. It is shown by its name, base growth."
        ),
    )
    literature = ("Fader, Hardie (2007) How to project customer retention, Journal of Interactive Marketing 21",)
