"""The help of the pages about customers' value."""

from percorso.base.help import Entry
from percorso.i18n import mark

HELP: dict[str, Entry] = {
    "value": (
        mark("Customer groups"),
        (
            mark("Everybody who ordered is scored from 1 to 5 by how lately, how often and for how much they bought, compared with all others. Recency and frequency make nine groups."),
            mark("Begin with “Cannot lose” and “At risk”: they bought often, and have stopped. Winning back one of them is worth more than many discounts for those who buy anyway."),
            mark("Cancelled orders do not count. Amounts are never added up over currencies: choose one. Roles with personal data can download the customers of a group."),
        ),
    ),
    "value_staying": (
        mark("Staying"),
        (
            mark("The curve tells what share is still subscribed after so many months. Who is still subscribed counts for the time seen so far, so nobody has to wait until all have left."),
            mark("The band is the 95% interval. It widens to the right, where fewer customers have been seen for so long. The median is the time after which half have left."),
            mark("“By” draws a curve for each plan, country or segment, dashed beside it that of all customers. The verdict says which groups differ from the other ones beyond chance; it does not say why."),
            mark("The second curve is of buyers without a contract: how soon the second purchase comes. Remind them before the curve becomes flat."),
        ),
    ),
    "value_forecast": (
        mark("Lifetime value"),
        (
            mark("From each buyer's rhythm so far, BG/NBD tells how many purchases will still come and whether somebody still buys at all; Gamma-Gamma tells what a purchase of theirs is worth."),
            mark("Look at the check first: the model was fitted without the last weeks and had to forecast them. If it was far off then, do not trust it now."),
            mark("Of somebody with one purchase nobody can know whether they are still there: they are “no repeat purchase yet”, never 100% alive. Give your gross margin: without it, it is what customers pay, not what is left."),
            mark("The table below needs no model: what the customers of each month have brought so far, by age. Compare months downwards, within one column."),
        ),
    ),
    "value_loop": (
        mark("Closing the loop"),
        (
            mark("Unhappy customers recover a little by themselves, so that their next answer alone proves nothing. Here the change of those whom somebody got back to is compared with that of the others, who were unhappy too."),
            mark("The effect is the difference of both changes. If its interval holds zero, getting back to customers may have done nothing; if it lies above, it helped, unless those contacted differ from the others in something else."),
            mark("Look at the rows of equally unhappy customers: teams contact the worst first, who recover most by themselves. The surest way is to contact one in ten later, drawn by lot."),
        ),
    ),
}  # fmt: skip
