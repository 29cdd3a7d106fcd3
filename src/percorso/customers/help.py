"""The help of the customers' pages."""

from percorso.i18n import mark

HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "customers": (
        mark("Customers"),
        (
            mark("Everybody the facts are about, the newest first. Search by a part of the name, the e-mail address or the id; filter by country and segment."),
            mark("“Last seen” is the newest fact of any kind: an answer, a ticket, an order, an event."),
            mark("Customers come from imports: one row a customer. Roles without personal data cannot open this page."),
        ),
    ),
    "customer": (
        mark("One customer"),
        (
            mark("On top what is known, below everything that happened, the newest first, from every source in one list. The tabs show one kind of fact alone."),
            mark("Opening this page is written into the audit log, once an hour at most: who looked at whom can be told later."),
        ),
    ),
}  # fmt: skip
