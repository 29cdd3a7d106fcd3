"""Help of the pages of webhook sources."""

from percorso.i18n import mark

HELP = {
    "webhook_sources": (
        mark("Webhook sources"),
        (
            mark("Systems that tell percorso at once when something happens: a shop its orders, a payment system its subscriptions, a help desk its tickets. Each has an address of its own, and a secret by which percorso knows that it is really that system."),
            mark("“Could not be read” means that calls came, were kept, and did not become facts: open the source to see why, and read them again once that is solved."),
            mark("A webhook source is the other direction of the webhooks in the settings: those tell other systems what happens here."),
        ),
    ),
    "webhook_source_new": (
        mark("A new webhook source"),
        (
            mark("Choose the system. If it is not in the list, choose “Any other system”: then a mapping says what each place of its calls is."),
            mark("The address comes with the next page; some systems show their secret only after you have given them the address."),
        ),
    ),
    "webhook_source": (
        mark("One webhook source"),
        (
            mark("Give the address to the other side and enter its secret here. Until then every call is refused; how many were, and why, stands above the settings."),
            mark("A call that is believed is kept before it is acknowledged, and read within seconds. What comes twice counts once; what comes late or in another order makes the same facts."),
            mark("Calls are kept for 30 days to look at and to read again, for example after a change of the mapping. When a customer is forgotten, the calls that tell of them are emptied too."),
        ),
    ),
}  # fmt: skip
