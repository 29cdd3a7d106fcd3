"""Help of these pages."""

from percorso.i18n import mark

HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "survey_send": (
        mark("Sending a survey"),
        (
            mark(
                "Choose a channel and whom to ask: all customers, a segment, or a list that you paste. The count beside the form says how many have an address, and how many the contact policy would not let you ask now, and why."
            ),
            mark(
                "In a mail the values of the first question are links. A click chooses a value and stores nothing: the person confirms it on the page that opens, so that programs which open all links change no score."
            ),
            mark(
                "Reminders go only to those who have not answered. Rules invite by themselves, for example a day after an order was delivered; each order, ticket or event is asked about once."
            ),
            mark("Look at the preview and send yourself a test before you send it to everybody."),
        ),
    ),
    "survey_invitations": (
        mark("Invitations"),
        (
            mark(
                "Every person who was to be asked, with what became of it. Who was not asked stays in the list with the reason."
            ),
            mark(
                "“Send again” asks the contact policy once more. To somebody who has the invitation already it sends a reminder."
            ),
            mark("Of an anonymous survey the list tells only that a message went out, not who has answered."),
        ),
    ),
}
