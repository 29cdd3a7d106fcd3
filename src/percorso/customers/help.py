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
            mark("Consent is a ledger: entries are added, never changed, and the newest one that speaks of a purpose and a channel holds. Whoever may change data can record that a customer agreed or withdrew; customers do both themselves by the link in every message."),
            mark("Opening this page is written into the audit log, once an hour at most: who looked at whom can be told later."),
        ),
    ),
    "segments": (
        mark("Segments"),
        (
            mark("A segment is a group of customers by a rule. Nobody is put into it by hand: whoever the rule holds of is in it, as of now, and whoever it no longer holds of is not."),
            mark("Choose a segment above the figures to see them for its customers only, or compare it with everybody else."),
            mark("Counts are kept while the facts stay the same and are renewed every five minutes, because rules look back from now."),
        ),
    ),
    "segment": (
        mark("One segment"),
        (
            mark("The sentence says the rule as it is counted. The figures below stand beside those of everybody else in the last twelve months; “better” and “worse” are said only when chance does not explain the difference."),
            mark("A segment that a persona, a goal, a plan or another segment needs cannot be removed: the page says what uses it."),
            mark("Whoever may not see personal data sees counts and figures, not who is in it, and not rules that pick by personal data."),
        ),
    ),
    "segment_new": (
        mark("Building a segment"),
        (
            mark("Each row is one condition: what customers are, what they did or did not do, when they did it last, what they answered, a figure of their own, or another segment. The count beside follows."),
            mark("The rows of a group count together: all of them, any of them, or none of them. Several groups can all be asked for, or any of them."),
            mark("“In the last … days” counts back from now; left empty, all time counts. Months are 30 days, a year 365."),
            mark("The rule can be copied as JSON, for the REST interface, and pasted. Parts that are too deep for the fields are kept as they are."),
        ),
    ),
    "segment_change": (
        mark("Changing a segment"),
        (
            mark("Everything that uses the segment follows at once: figures, goals, personas, other segments. To keep the rule as it is, duplicate the segment first."),
            mark("Its address stays when its name changes."),
        ),
    ),
    "personas": (
        mark("Personas"),
        (
            mark("A persona is a segment told as a person, so that a team sees whom it works for. What is written is yours; share and figures are counted from the facts."),
            mark("Few personas are better than many: three to five that differ in what they need."),
        ),
    ),
    "persona": (
        mark("One persona"),
        (
            mark("Needs, pains and goals are what customers said, written by the team. Share and figures below are those of the segment that the persona stands for, beside everybody else."),
            mark("Print the page to hang it on a wall; the figures are those of the moment."),
        ),
    ),
    "persona_new": (
        mark("Telling a persona"),
        (
            mark("Choose the segment first: it says who is meant. Write in the words of customers, one entry a line."),
        ),
    ),
    "persona_change": (
        mark("Changing a persona"),
        (
            mark("What is written here changes no figure. Another segment changes the share and the figures at once."),
        ),
    ),
}  # fmt: skip
