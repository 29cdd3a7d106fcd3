from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from percorso.i18n import mark
from percorso.surveys.question import NOT_OFFERED, Column, Given, Refused, Tell, cleaned
from percorso.surveys.questions._options import LONGEST_OTHER, Offered, Options
from percorso.surveys.questions._parts import MOST_OPTIONS, OTHER, Option, labels, scale_of

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


def _yes_no() -> list[Option]:
    return [Option(id="yes", score=1), Option(id="no", score=0)]


class ChoiceSettings(Offered):
    """One of several options; yes and no, unless others are given."""

    options: list[Option] = Field(
        default_factory=_yes_no,
        max_length=MOST_OPTIONS,
        description="What can be chosen, in this order; ids never change. Yes (1) and no (0) when none are given.",
    )
    look: Literal["list", "menu"] = Field("list", description="A list of buttons, or a menu for many options.")


class ChoiceQuestion(Options):
    label = mark("Single choice")
    about = mark("One of several options, or yes and no. An option may let people write their own.")
    icon = "list"
    Config = ChoiceSettings
    one_click = True
    metrics = ("", "fcr", "task_success", "csat", "sps", "experience", "six_pillars")

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        return {**self.offered(question, value, tell), "look": question.config.look}

    def read(self, question: "Question", given: Given, name: str) -> Any:
        text = cleaned(given.get(name, ""))
        if not text:
            return None
        if text == OTHER and question.config.other:
            return {"option": OTHER, "text": self.own_text(given, name)}
        if any(text == option.id for option in question.config.options):
            return text
        raise Refused(NOT_OFFERED)

    def again(self, question: "Question", given: Given, name: str) -> Any:
        chosen, own = cleaned(given.get(name, "")), cleaned(given.get(f"{name}.{OTHER}", ""))
        return (
            {"option": OTHER, "text": own[: 2 * LONGEST_OTHER]} if chosen == OTHER else chosen[:LONGEST_OTHER] or None
        )

    def parse(self, question: "Question", text: str) -> Any:
        return self.named(question, text)

    def facts(self, question: "Question", value: Any) -> list[dict[str, Any]]:
        key = str(value.get("option")) if isinstance(value, dict) else str(value)
        options = question.config.options
        score = next((option.score for option in options if option.id == key), None)
        scale = scale_of(options)
        if score is None or scale is None:
            return [{"option": key}]
        return [{"option": key, "score": score, "scale_min": scale[0], "scale_max": scale[1], "polarity": "higher"}]

    def readable(self, question: "Question", value: Any, tell: Tell) -> str:
        return "" if value is None else self.label_of(question, value, tell)

    def columns(self, question: "Question", tell: Tell) -> Sequence[Column]:
        first = Column(question.id, tell(question.text), "text", labels(question.config.pieces(), tell))
        return [first, *self.own_column(question, tell)]

    def cells(self, question: "Question", value: Any) -> list[Any]:
        key = value.get("option") if isinstance(value, dict) else value
        own = [self.comment(question, value) or None] if question.config.other else []
        return [key, *own]

    def fixed(self, question: "Question") -> Any:
        return [question.type, *(scale_of(question.config.options) or ())]
