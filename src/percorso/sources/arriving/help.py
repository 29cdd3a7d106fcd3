"""Help of the pages about sources of events and what arrives."""

from percorso.i18n import mark

HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "event_sources": (
        mark("Sources of events"),
        (
            mark(
                "A source is a site, app or system that sends what customers do. Each has a write key of its own; the key is no secret, for every browser that shows the site has it."
            ),
            mark(
                "The bars are the calls taken on each of the last seven days; a repeated delivery is counted as a call here, and once in the figures. “Refused” are calls that made no event: open the page “Refused” to see why."
            ),
            mark("A revoked key opens nothing any more; what it sent stays."),
        ),
    ),
    "event_source_new": (
        mark("A new source"),
        (
            mark(
                "Give each site, app and system a source of its own: then you see which of them went quiet, and can revoke one key without touching the others."
            ),
            mark("On the next page you find its key, and what to copy into a page or a program."),
        ),
    ),
    "event_source": (
        mark("One source"),
        (
            mark(
                "Copy one of the examples: they hold the key already. Any official client of Segment works when it is pointed here."
            ),
            mark(
                "The limit says how many requests a second the source may make; more are answered 429 with the seconds to wait, and clients send them again. A batch is one request."
            ),
        ),
    ),
    "arriving": (
        mark("Arriving now"),
        (
            mark(
                "The events that the server got last, the newest on top; the page renews itself every few seconds until you press “Stop renewing”."
            ),
            mark(
                "Send something from your site and watch it come in: usually within a second. When it does not, look at the page “Refused”, and whether the source was heard at all."
            ),
            mark(
                "Roles without personal data see which properties an event has, not their values, and not whose it is."
            ),
        ),
    ),
    "arriving_events": (
        mark("Events seen"),
        (
            mark(
                "Every name of events that the facts have, those that come most first; the bars are the last fourteen days. Imported events are among them."
            ),
            mark(
                "With many events, counting takes a while and is done anew from time to time: the page says as of when."
            ),
            mark("Open one to see its properties, their types and how many events have them."),
        ),
    ),
    "arriving_event": (
        mark("One event"),
        (
            mark(
                "The properties are those of the newest events of this name, a thousand at most: how many have the property, and of which types its values are. Two types in one property are usually a mistake of whoever sends."
            ),
            mark(
                "With a tracking plan you see beside it what is expected, and below what was otherwise in the last seven days."
            ),
        ),
    ),
    "arriving_plan": (
        mark("Tracking plan"),
        (
            mark(
                "The plan says which events shall come and what properties they have. Nothing is refused for it: what is otherwise is counted, with an example, so that whoever sends can mend it."
            ),
            mark(
                "Begin with “Take over what is seen”, then remove what is a mistake and write down what each event means. Programs read and write the plan by the REST interface: GET and PUT /api/v1/tracking/plan."
            ),
            mark("Violations count from when an event was changed in the plan; the last seven days are shown."),
        ),
    ),
    "arriving_plan_event": (
        mark("An event of the plan"),
        (
            mark(
                "A property that is required must be in every event. A property of another type, or one that is not listed when there shall be no others, is a violation."
            ),
            mark("Numbers in quotation marks are text: “Number” finds clients that send them so."),
        ),
    ),
    "refused": (
        mark("Refused calls"),
        (
            mark(
                "Calls that could not be taken, as they came, up to ten thousand of each source. The sender was told the reason in the answer; the other calls of the same batch were taken."
            ),
            mark(
                "When the reason is gone, press “Try again”: the call is judged once more and becomes an event at the time at which it had come. A call that is refused still stays here."
            ),
            mark(
                "When the call itself is wrong, press “Mend”: you see all of it, and can change it before it is sent again."
            ),
            mark(
                "Requests that are refused as a whole (too many, too large, not readable) are counted above; what cannot be read or taken is not kept where nobody could look at it."
            ),
        ),
    ),
    "refused_call": (
        mark("A refused call"),
        (
            mark(
                "Above stands why it was refused, below the call as JSON. Change what is wrong (a missing userId, a wrong type, a comma) and press “Send it again”."
            ),
            mark(
                "It is checked exactly as if it had just arrived. When something is wrong still, that is told beside the text, and what you wrote stays. When it is taken, it becomes an event at the time at which it had come, and leaves the list."
            ),
            mark(
                "Leave the messageId as it is: by it a call counts once, also when the sender sends it again. Mend the sender too: it will send the next one the same way."
            ),
        ),
    ),
}
