"""Questions whose answer is a number on a scale."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from django.utils.translation import gettext
from pydantic import Field, model_validator

from percorso.errors import Unfit
from percorso.i18n import mark
from percorso.surveys.question import NOT_OFFERED, Column, QuestionType, Refused, Settings, Tell
from percorso.surveys.questions._parts import Text

if TYPE_CHECKING:
    from percorso.surveys.definition import Question

MOST_BUTTONS = 11


class Ends(Settings):
    """The texts of the ends of a scale, by language."""

    low: Text = Field(default_factory=dict, description="What the lowest value means; the usual words when empty.")
    high: Text = Field(default_factory=dict, description="What the highest value means; the usual words when empty.")


class Labelled(Ends):
    """Texts of single values as well."""

    labels: dict[int, Text] = Field(
        default_factory=dict, description='What each value means, by value: {"3": {"en": "Neutral"}}.'
    )


class Ranged(Labelled):
    """A scale of any length."""

    lowest: int = Field(1, ge=-10, le=10, description="The lowest value.")
    highest: int = Field(5, ge=-9, le=100, description="The highest value; at most eleven values in all.")

    @model_validator(mode="after")
    def _is_a_scale(self) -> "Ranged":
        if not 2 <= self.highest - self.lowest + 1 <= MOST_BUTTONS:
            raise Unfit(mark("A scale has 2 to 11 values."))
        return self


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

    def usual(self, question: "Question") -> tuple[str, str]:
        """Return what the ends mean (marked) where the survey does not say it."""
        return "", ""

    def name(self, question: "Question", value: int) -> str:
        """Return the name of one value in the language of the page where the survey gives it none; may be empty."""
        return ""

    def names(self, question: "Question", tell: Tell) -> dict[int, str]:
        """Return what values mean, by value; only of those that mean something in words."""
        low, high = self.ends(question)
        config, usual = question.config, self.usual(question)
        told = {value: tell(text) for value, text in getattr(config, "labels", {}).items()}
        ends = {low: (tell(config.low), usual[0]), high: (tell(config.high), usual[1])}
        names: dict[int, str] = {}
        for value in range(low, high + 1):
            own, words = ends.get(value, ("", ""))
            name = told.get(value) or own or self.name(question, value) or (gettext(words) if words else "")
            names |= {value: name} if name else {}
        return names

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        low, high = self.ends(question)
        names = self.names(question, tell)
        choices = [{"value": n, "label": names.get(n, ""), "chosen": n == value} for n in range(low, high + 1)]
        return {
            "value": value,
            "choices": choices,
            "lowest": low,
            "highest": high,
            "low": names.get(low, ""),
            "high": names.get(high, ""),
            "all_named": len(names) == len(choices),
            # Where every value has its name beside it, the ends are only told to who cannot see them.
            "ends_seen": bool(question.config.low or question.config.high or len(names) < len(choices)),
        }

    def parse(self, question: "Question", text: str) -> Any:
        low, high = self.ends(question)
        values = {str(value): value for value in range(low, high + 1)}
        if text.strip() in values:
            return values[text.strip()]
        raise Refused(NOT_OFFERED)

    def facts(self, question: "Question", value: Any) -> list[dict[str, Any]]:
        low, high = self.ends(question)
        scale = {"scale_min": low, "scale_max": high, "polarity": self.polarity(question)}
        return [{"score": value, **scale}]

    def columns(self, question: "Question", tell: Tell) -> Sequence[Column]:
        names = {float(value): name for value, name in self.names(question, tell).items()}
        return [Column(question.id, tell(question.text), "number", names)]

    def fixed(self, question: "Question") -> Any:
        return [question.type, *self.ends(question), self.polarity(question)]
