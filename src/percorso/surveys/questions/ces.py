from typing import TYPE_CHECKING, Literal

from pydantic import Field

from percorso.i18n import mark
from percorso.surveys.questions._scale import Labelled, Scale

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


class EffortSettings(Labelled):
    """Which edition of the question is asked; the two are never counted together."""

    edition: Literal["1.0", "2.0"] = Field(
        "2.0", description="1.0 asks for effort on 1 to 5 (low is good), 2.0 for ease on 1 to 7 (high is good)."
    )


class EffortQuestion(Scale):
    label = mark("Effort (CES)")
    about = mark(
        "How easy it was. CES 2.0: agreement from 1 to 7, high is good. CES 1.0: effort from 1 to 5, low is good."
    )
    icon = "bolt"
    Config = EffortSettings
    metrics = ("ces",)

    def ends(self, question: "Question") -> tuple[int, int]:
        return (1, 5) if question.config.edition == "1.0" else (1, 7)

    def polarity(self, question: "Question") -> Literal["higher", "lower"]:
        return "lower" if question.config.edition == "1.0" else "higher"

    def usual(self, question: "Question") -> tuple[str, str]:
        if question.config.edition == "1.0":
            return mark("Very low effort"), mark("Very high effort")
        return mark("Strongly disagree"), mark("Strongly agree")
