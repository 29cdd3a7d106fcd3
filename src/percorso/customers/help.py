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
            mark("What is known stands beside everything that happened, the newest first, from every source in one list. Events of one visit are folded together; the tabs show one kind of fact alone, and words and days can be searched."),
            mark("Consent is a ledger: entries are added, never changed, and the newest one that speaks of a purpose and a channel holds. Whoever may change data can record that a customer agreed or withdrew; customers do both themselves by the link in every message."),
            mark("Opening this page is written into the audit log, once an hour at most: who looked at whom can be told later."),
        ),
    ),
    "customer_identities": (
        mark("Identities of a customer"),
        (
            mark("Every id, e-mail address, phone, card and device by which a customer is known, with who said so and when. An identity that is named with several customers belongs to none of them."),
            mark("“Split off” says that an identity is not this customer's, whatever sources say; its facts leave with it. “Set aside” lets one thing that a source said not count. Both can be undone."),
        ),
    ),
    "customer_merge": (
        mark("Merging customers"),
        (
            mark("Search the other entry of the same person, compare the two and choose what the customer is called from now on. All facts then stand in one place, and so do those that come later with the other id."),
            mark("Nothing is lost: every fact keeps who its source said it was, so a merge can be undone under “Identities” or “Decided”."),
        ),
    ),
    "identities": (
        mark("Who is whom"),
        (
            mark("What several customers were named with waits here: percorso makes one of two only when a source says that they are one, a rule lets it, or you decide it. A shared device never makes one person of two."),
            mark("“They are one” merges, “They are not one” is kept too: you are not asked again, and no source can bring them together."),
        ),
    ),
    "identities_decided": (
        mark("Decisions"),
        (
            mark("Who decided what about which identities, the newest first. Of two decisions that contradict each other the later one holds; undone, what held before it holds again."),
        ),
    ),
    "identities_rules": (
        mark("Rules of who is whom"),
        (
            mark("For each kind of identity: wait for a person, belong to the only customer it is named with, or make one of all customers it is named with. Let e-mail addresses unite only when they are confirmed, phones and cards only when families do not share them."),
            mark("Changing a rule works everybody out anew from all that was ever said and decided. The figures follow."),
        ),
    ),
    "companies": (
        mark("Companies"),
        (
            mark("The companies that customers belong to, from the column company of imports and from group calls. A customer belongs to the company that it was named with last."),
        ),
    ),
    "company": (
        mark("One company"),
        (
            mark("Its customers, what sources tell of it and what changed, and the group that it is part of. The figures on top count the customers of all companies below it too."),
            mark("A company stands where its trait “parent” says. Whoever may change data can put it elsewhere; then sources no longer change its place."),
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
            mark("Each row is one condition: what customers are, what they did or did not do, when they did it last, what they answered, a figure of their own, how far they got in a funnel, or another segment. The count beside follows."),
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
    "customer_privacy": (
        mark("Privacy of one customer"),
        (
            mark("What a person may ask for under GDPR and LGPD: to read what is kept of them, a copy that other systems can read, and erasure."),
            mark("“Read everything” is for a person to read or print, in the customer's language. A copy is a JSON file that goes by itself after seven days."),
            mark("Erasure empties every table, file and log of whom they were about, and leaves a receipt. Scores stay without a person, so that past figures do not change. It cannot be undone."),
        ),
    ),
    "customer_read": (
        mark("Everything that is kept of a customer"),
        (
            mark("The page is in the language of the customer. Print it, or save it as PDF from the print dialog, and give it to the person."),
            mark("Opening it is written into the audit log."),
        ),
    ),
    "privacy": (
        mark("Privacy"),
        (
            mark("Masking leaves out of free text what people write of themselves without being asked: cards, tax numbers, addresses, phones. Numbers are masked only when their check digits are right, so that orders and prices stay."),
            mark("How long things are kept is counted in whole months. The preview says how many rows end tonight; what ended is in the audit log."),
            mark("Find a person by e-mail address, phone or id to give them a copy or to erase them, also when they are no customer."),
            mark("After an erasure nothing of that person is taken: rows, calls and imports are refused by keyed hashes until you let the person in again."),
        ),
    ),
    "privacy_receipt": (
        mark("A receipt of erasure"),
        (
            mark("It says when somebody was erased, by whom, and how many rows of what were emptied or deleted. It names nobody, and can be kept as proof."),
            mark("“Erased everywhere” means that also the places that were freed in the databases' files were overwritten. Backups made before still hold the data: let them expire."),
        ),
    ),
}  # fmt: skip
