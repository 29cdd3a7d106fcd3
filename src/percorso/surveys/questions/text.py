from typing import TYPE_CHECKING, Any

from pydantic import Field

from percorso.i18n import mark
from percorso.surveys.question import LONGEST_ANSWER, QuestionType, Refused, Settings, Tell, cleaned

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


class TextSettings(Settings):
    """How long an answer may be."""

    lines: int = Field(4, ge=1, le=20, description="The height of the field in lines; 1 for a short answer.")
    longest: int = Field(LONGEST_ANSWER, ge=1, le=LONGEST_ANSWER, description="How many characters an answer may have.")


class TextQuestion(QuestionType):
    label = mark("Open text")
    about = mark("An answer in somebody's own words.")
    icon = "message"
    Config = TextSettings

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        config = question.config
        return {
            "value": value,
            "written": value if isinstance(value, str) else "",
            "lines": config.lines,
            "longest": config.longest,
            "limited": config.longest < LONGEST_ANSWER,
        }

    def parse(self, question: "Question", text: str) -> Any:
        text, most = cleaned(text), question.config.longest
        if len(text) > most:
            raise Refused(
                mark("Your answer has {given} characters; {most} fit here. Please shorten it."),
                given=len(text),
                most=most,
            )
        return text

    def comment(self, question: "Question", value: Any) -> str:
        return value if isinstance(value, str) else ""
