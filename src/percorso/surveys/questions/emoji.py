from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext
from pydantic import Field

from percorso.i18n import mark
from percorso.surveys.question import Tell
from percorso.surveys.questions._scale import Labelled, Scale

if TYPE_CHECKING:
    from percorso.surveys.definition import Question

NAMES = (mark("Very bad"), mark("Bad"), mark("So-so"), mark("Good"), mark("Very good"))
# Mouths as paths in a square of 24, from worst to best.
MOUTHS = ("M7.5 17.5q4.5-5.5 9 0", "M8 16.6q4-2.6 8 0", "M8 15.6h8", "M8 14.8q4 2.8 8 0", "M7 13.8q5 7 10 0z")


class EmojiSettings(Labelled):
    """How many faces there are."""

    points: Literal[3, 5] = Field(5, description="How many faces there are: 3 or 5.")


class EmojiQuestion(Scale):
    label = mark("Faces")
    about = mark("Three or five faces from very bad to very good, each with its name below it.")
    icon = "user"
    Config = EmojiSettings
    metrics = ("csat", "sps", "experience", "six_pillars")

    def ends(self, question: "Question") -> tuple[int, int]:
        return 1, question.config.points

    def name(self, question: "Question", value: int) -> str:
        return gettext(NAMES[_place(question, value)])

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        made = super().shown(question, value, tell)
        for choice in made["choices"]:
            choice["mouth"] = MOUTHS[_place(question, choice["value"])]
        return made


def _place(question: "Question", value: int) -> int:
    """Return which of the five faces a value has."""
    return value - 1 if question.config.points == 5 else value
