import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from babel.dates import format_skeleton, get_date_format
from pydantic import Field, model_validator

from percorso.errors import Unfit
from percorso.i18n import mark
from percorso.surveys.question import Column, QuestionType, Refused, Settings, Tell
from percorso.surveys.questions._numbers import locale

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


class DateSettings(Settings):
    """Which days can be given."""

    days: Literal["any", "past", "future"] = Field(
        "any", description="Any day, days up to today (past), or days from today on (future)."
    )
    earliest: date | None = Field(None, description="The first day; none when empty.")
    latest: date | None = Field(None, description="The last day; none when empty.")

    @model_validator(mode="after")
    def _fits(self) -> "DateSettings":
        if self.earliest and self.latest and self.earliest > self.latest:
            raise Unfit(mark("The first day must not be after the last."))
        return self


class DateQuestion(QuestionType):
    """The answer is a day: 2026-11-22."""

    label = mark("Date")
    about = mark("A day, chosen from the calendar of the device or typed.")
    icon = "calendar"
    Config = DateSettings

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        first, last = _limits(question.config)
        return {
            "value": value,
            "earliest": first.isoformat() if first else "",
            "latest": last.isoformat() if last else "",
        }

    def parse(self, question: "Question", text: str) -> Any:
        day = _read(text)
        if day is None:
            raise Refused(mark("This is not a day. Please write it as {example}."), example=_write(date(2026, 12, 31)))
        first, last = _limits(question.config)
        if first is not None and day < first:
            raise Refused(mark("Please give a day from {day} on."), day=_write(first))
        if last is not None and day > last:
            raise Refused(mark("Please give a day up to {day}."), day=_write(last))
        return day.isoformat()

    def facts(self, question: "Question", value: Any) -> list[dict[str, Any]]:
        return [{"option": str(value)}]

    def readable(self, question: "Question", value: Any, tell: Tell) -> str:
        day = _read(str(value)) if value else None
        return _write(day) if day else str(value or "")

    def columns(self, question: "Question", tell: Tell) -> Sequence[Column]:
        return [Column(question.id, tell(question.text), "date", {})]

    def cells(self, question: "Question", value: Any) -> list[Any]:
        return [_read(str(value)) if value else None]


def _limits(config: DateSettings) -> tuple[date | None, date | None]:
    """Return the first and the last day that can be given; today is that of wherever on earth it is there already."""
    now = datetime.now(UTC)
    firsts = [config.earliest, (now - timedelta(hours=12)).date() if config.days == "future" else None]
    lasts = [config.latest, (now + timedelta(hours=14)).date() if config.days == "past" else None]
    return max(filter(None, firsts), default=None), min(filter(None, lasts), default=None)


def _write(day: date) -> str:
    """Return a day in figures, as the language orders them."""
    return format_skeleton("yMd", day, locale=locale())


def _read(text: str) -> date | None:
    """Return the day that a text names: 2026-11-22, or figures in the order of the page's language."""
    figures = [int(part) for part in re.findall(r"[0-9]{1,4}", text[:40])]
    if len(figures) < 3 or not re.fullmatch(
        r"[0-9]{1,4}([-./ ]{1,2}[0-9]{1,4}){2}([T ][0-9:.+Z-]*)?", text.strip(), re.ASCII
    ):
        return None
    order = re.sub(r"[^yMd]", "", re.sub(r"(.)\1+", r"\1", get_date_format("short", locale=locale()).pattern))
    if re.match(r"\s*[0-9]{4}", text):
        order = "yMd"
    try:
        parts = dict(zip(order, figures, strict=False))
        return date(parts["y"], parts["M"], parts["d"])
    except (KeyError, ValueError):
        return None
