from typing import TYPE_CHECKING, Any

from percorso.i18n import mark
from percorso.surveys.question import LONGEST_ANSWER, QuestionType, Refused, Settings

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


class TextSettings(Settings):
    """`lines`: 1 for a short answer in one line."""

    lines: int = 4
    longest: int = LONGEST_ANSWER


class TextQuestion(QuestionType):
    label = mark("Open text")
    about = mark("An answer in somebody's own words.")
    icon = "message"
    Config = TextSettings

    def parse(self, question: "Question", text: str) -> Any:
        most = min(question.config.longest, LONGEST_ANSWER)
        if len(text) > most:
            raise Refused(
                mark("Your answer has {given} characters; {most} fit here. Please shorten it."),
                given=len(text),
                most=most,
            )
        return text

    def comment(self, question: "Question", value: Any) -> str:
        return str(value or "")
