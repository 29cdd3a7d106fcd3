"""Pages where a survey cannot be answered: each says kindly why, and what can be done."""

from dataclasses import dataclass

from percorso.i18n import mark
from percorso.surveys.models import Survey


class Ended(Exception):
    """A survey that cannot be answered here and now; `because` is a key of `ENDINGS`."""

    def __init__(self, because: str, survey: Survey | None = None, language: str = "", retry_seconds: int = 0) -> None:
        super().__init__(because)
        self.because, self.survey, self.language, self.retry_seconds = because, survey, language, retry_seconds


@dataclass(frozen=True)
class Ending:
    """What a respondent reads (marked), and the status that programs read."""

    status: int
    title: str
    text: str


ENDINGS = {
    "unknown": Ending(
        404,
        mark("This survey was not found"),
        mark("The link may be incomplete. Please open it again from the message, or copy all of it."),
    ),
    "closed": Ending(
        410,
        mark("This survey is over"),
        mark("It takes no more answers. Thank you for wanting to give one."),
    ),
    "paused": Ending(
        403,
        mark("This survey is paused"),
        mark("It takes no answers at the moment. Please try again another day."),
    ),
    "expired": Ending(
        410,
        mark("This invitation has expired"),
        mark("The time in which it could be answered is over. Thank you for wanting to answer."),
    ),
    "answered": Ending(
        410,
        mark("You have answered already"),
        mark("Your answers have arrived, and each invitation can be answered once. Thank you."),
    ),
    "cancelled": Ending(
        410,
        mark("This invitation was taken back"),
        mark("You need not do anything."),
    ),
    "full": Ending(
        200,
        mark("Thank you for your time"),
        mark("We have already heard from enough people in your situation, so this survey ends here for you."),
    ),
    "busy": Ending(
        429,
        mark("Too many requests at once"),
        mark("Please wait a minute and send it again. What you typed is still on the page before this one."),
    ),
    "large": Ending(
        413,
        mark("This is more than fits into one answer"),
        mark("Please go back, and shorten your text or choose a smaller file."),
    ),
    "decoy": Ending(
        200,
        mark("This link is not for people"),
        mark("It shows which programs open links of messages. Please use the other link of the message."),
    ),
}


def why_closed(survey: Survey) -> str:
    """Return why a survey takes no answers."""
    return "paused" if survey.state == Survey.State.PAUSED else "closed"
