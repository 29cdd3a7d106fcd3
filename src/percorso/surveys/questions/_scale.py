"""Questions whose answer is a number on a scale."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from percorso.surveys.question import NOT_OFFERED, Column, QuestionType, Refused, Settings, Tell

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


class Ends(Settings):
    """The texts of the ends of a scale, by language."""

    low: dict[str, str] = {}
    high: dict[str, str] = {}


class Scale(QuestionType):
    """A whole number from `ends` (low, high). `polarity` says whether a high one is good."""

    Config: ClassVar[type[Settings]] = Ends
    one_click = True

    def ends(self, question: "Question") -> tuple[int, int]:
        """Return the lowest and the highest score."""
        raise TypeError(f"{type(self).__name__} must say where its scale ends")

    def polarity(self, question: "Question") -> Literal["higher", "lower"]:
        """Return which scores are good."""
        return "higher"

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        low, high = self.ends(question)
        told = {low: tell(question.config.low), high: tell(question.config.high)}
        choices = [{"value": n, "label": told.get(n, ""), "chosen": n == value} for n in range(low, high + 1)]
        return {"value": value, "choices": choices, "low": told[low], "high": told[high]}

    def parse(self, question: "Question", text: str) -> Any:
        low, high = self.ends(question)
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise Refused(NOT_OFFERED)
        return int(text)

    def facts(self, question: "Question", value: Any) -> list[dict[str, Any]]:
        low, high = self.ends(question)
        scale = {"scale_min": low, "scale_max": high, "polarity": self.polarity(question)}
        return [{"score": value, **scale}]

    def columns(self, question: "Question", tell: Tell) -> Sequence[Column]:
        low, high = self.ends(question)
        labels = {float(low): tell(question.config.low), float(high): tell(question.config.high)}
        return [Column(question.id, tell(question.text), "number", {k: v for k, v in labels.items() if v})]

    def fixed(self, question: "Question") -> Any:
        return [question.type, *self.ends(question), self.polarity(question)]
