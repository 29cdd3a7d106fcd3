from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from pydantic import Field, model_validator

from percorso.errors import Unfit
from percorso.i18n import mark
from percorso.surveys.question import Column, QuestionType, Refused, Settings, Tell
from percorso.surveys.questions._numbers import FURTHEST, is_number, read_number, write_number
from percorso.surveys.questions._parts import Text

if TYPE_CHECKING:
    from percorso.surveys.definition import Question

# Figures after the decimal sign: as many as are written again.
DECIMALS = 12


class NumberSettings(Settings):
    """Which numbers can be given."""

    least: float | None = Field(None, ge=-FURTHEST, le=FURTHEST, description="The lowest number; none when empty.")
    most: float | None = Field(None, ge=-FURTHEST, le=FURTHEST, description="The highest number; none when empty.")
    step: float | None = Field(
        None, gt=0, le=FURTHEST, description="Numbers come in steps of this: 1 for whole ones; any when empty."
    )
    unit: Text = Field(default_factory=dict, description="What is counted, shown after the field: minutes, €.")

    @model_validator(mode="after")
    def _fits(self) -> "NumberSettings":
        if self.least is not None and self.most is not None and self.least >= self.most:
            raise Unfit(mark("The lowest number must be below the highest."))
        return self


class NumberQuestion(QuestionType):
    label = mark("Number")
    about = mark("A number, with a comma or a point as the language writes it.")
    icon = "equal"
    Config = NumberSettings
    metrics = ("", "task_time")

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        config = question.config
        written = write_number(value, grouped=False) if is_number(value) else str(value or "")
        # Keyboards with figures only have no minus on some phones.
        keys = "" if config.least is None or config.least < 0 else "numeric" if config.step == 1 else "decimal"
        return {"value": value, "written": written, "unit": tell(config.unit), "keys": keys, "limits": _limits(config)}

    def parse(self, question: "Question", text: str) -> Any:
        config, number = question.config, read_number(text)
        if number is None:
            raise Refused(mark("This is not a number. Please write it with figures, as {example}."), example="12")
        if config.least is not None and number < Decimal(str(config.least)):
            raise Refused(mark("Please give a number from {least} on."), least=write_number(config.least))
        if config.most is not None and number > Decimal(str(config.most)):
            raise Refused(mark("Please give a number up to {most}."), most=write_number(config.most))
        if abs(number) > FURTHEST:
            raise Refused(mark("This number is too large. Please check it."))
        if config.step is not None and (number - Decimal(str(config.least or 0))) % Decimal(str(config.step)):
            if config.step == 1:
                raise Refused(mark("Please give a whole number."))
            raise Refused(mark("Please give a number in steps of {step}."), step=write_number(config.step))
        return int(number) if number == number.to_integral_value() else round(float(number), DECIMALS)

    def facts(self, question: "Question", value: Any) -> list[dict[str, Any]]:
        config = question.config
        return [{"score": value, "scale_min": config.least, "scale_max": config.most}]

    def readable(self, question: "Question", value: Any, tell: Tell) -> str:
        return write_number(value) if is_number(value) else str(value or "")

    def columns(self, question: "Question", tell: Tell) -> Sequence[Column]:
        return [Column(question.id, tell(question.text), "number", {})]


def _limits(config: NumberSettings) -> str:
    """Return between which numbers the answer lies, as a sentence; empty without limits."""
    least, most = (None if end is None else write_number(end) for end in (config.least, config.most))
    if least is not None and most is not None:
        return gettext("From {least} to {most}.").format(least=least, most=most)
    if most is not None:
        return gettext("At most {most}.").format(most=most)
    return gettext("At least {least}.").format(least=least) if least is not None else ""
