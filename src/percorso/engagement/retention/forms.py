"""What the address of a retention table asks for, beside period and group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from percorso.analytics.behaviour.retention import DAYS, Grain, Kind, RetentionQuery, brackets_of
from percorso.analytics.query import Period
from percorso.engagement import steps
from percorso.engagement.steps import NOTHING, Row
from percorso.errors import BadQuestion
from percorso.i18n import mark

START, BACK = ("start", "start_on", "start_is"), ("return", "return_on", "return_is")
# How many columns there are unless another number is asked for, and the most there may be.
USUAL: Mapping[Grain, int] = {"day": 14, "week": 8, "month": 6, "quarter": 4, "year": 3}
MOST = 60
BRACKETS: Mapping[Grain, str] = {
    "day": "1-3,4-7,8-14", "week": "1-2,3-4,5-8", "month": "1-3,4-6", "quarter": "1-2,3-4", "year": "1-2",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """The retention of an address. An empty return event is the same as the start event."""

    start: Row = NOTHING
    back: Row = NOTHING
    grain: Grain = "week"
    kind: Kind = "n_day"
    offsets: int = 8
    brackets: tuple[tuple[int, int], ...] = ()
    by: str = ""

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """Return the retention that an address asks for.

        Raises
        ------
        BadQuestion : a grain, kind, number of columns, bracket or column that cannot be; the message says what can.
        """
        start, back = ((steps.rows_in(given, names) or [NOTHING])[0] for names in (START, BACK))
        grain, kind = given.get("grain") or "week", given.get("kind") or "n_day"
        if grain not in DAYS:
            raise BadQuestion(
                mark("There is no grain {grain}. Choose one of: {known}."), grain=grain, known=", ".join(DAYS)
            )
        offsets = _whole(given.get("offsets"), USUAL[grain])
        brackets = brackets_of(given.get("brackets") or BRACKETS[grain]) if kind == "bracket" else ()
        made = cls(start, back, grain, kind, offsets, brackets, steps.breakdown(given.get("by") or ""))  # type: ignore[arg-type]
        made.question("", None, "UTC")
        return made

    @property
    def link(self) -> dict[str, Any]:
        """The parameters that differ from the defaults."""
        made: dict[str, Any] = {}
        for row, (event, column, value) in ((self.start, START), (self.back, BACK)):
            made |= {event: row.event} | ({column: row.column, value: row.value} if row.column else {})
        usual = {"grain": "week", "kind": "n_day", "offsets": USUAL[self.grain]}
        made |= {name: getattr(self, name) for name, value in usual.items() if getattr(self, name) != value}
        written = ",".join(f"{low}-{high}" for low, high in self.brackets)
        return made | {"brackets": "" if written == BRACKETS[self.grain] else written, "by": self.by}

    def question(self, workspace: str, period: Period | None, tz: str) -> RetentionQuery:
        """Return the question to the facts.

        Raises
        ------
        BadQuestion : see `RetentionQuery`.
        """
        return RetentionQuery(
            self.start.step, self.back.step if self.back.event else None, workspace, period, self.grain, self.kind,
            self.offsets, self.brackets, (self.by,) if self.by else (), tz=tz,
        )  # fmt: skip


def _whole(text: str | None, usual: int) -> int:
    if not text:
        return usual
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    if not 1 <= number <= MOST:
        raise BadQuestion(mark("Show 1 to {most} columns."), most=MOST)
    return number


class SegmentForm(forms.Form):
    """The segment to be made of who began and has not come back for so many days."""

    name = forms.CharField(label=_("Name"), max_length=80)
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=3650)
