"""Help of the contact policy's pages."""

from percorso.i18n import mark

POLICY_HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "contact_policy": (
        mark("Contact policy"),
        (
            mark("How often one customer may be written to, over all channels and by each. Every survey has its own clock besides: its settings say after how many days the same customer may be asked again."),
            mark("When more surveys want to ask a customer than the policy allows, the one with the higher priority goes first and the others wait. Whoever waits has a place within one period: a survey that comes every quarter is not crowded out by those that come every week."),
            mark("Reminders and thanks do not count. Whoever unsubscribed, complained, or whose address does not exist, gets nothing at all."),
            mark("“Try it” says what a change would have meant for the messages of the last 90 days, and changes nothing."),
        ),
    ),
    "contact_policy_refusals": (
        mark("Messages that were not sent"),
        (
            mark("Every message that the policy held back, with the first rule that said no. Who waits in line is listed once and is asked as soon as the policy allows it."),
            mark("Many refusals for one reason are worth a look: a cap that is too tight, surveys with too short a clock, or a share that is too small."),
        ),
    ),
    "contact_policy_suppressions": (
        mark("Who gets nothing"),
        (
            mark("Addresses that messages came back from, whose owners complained or unsubscribed, and those that you have entered. It holds for every message, reminders too."),
            mark("An entry can be lifted for a reason, which the audit log keeps. Lift an unsubscription only when the person has asked for it: they can do it themselves by the link in every message."),
            mark("A list from another system can be imported as CSV: one address a line."),
        ),
    ),
}  # fmt: skip
