"""What the address of a funnel asks for, beside period and group."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from percorso.analytics.behaviour.funnel import Anchor, Exclusion, FunnelQuery, Mode
from percorso.analytics.behaviour.lengths import length_of, seconds_of
from percorso.analytics.query import Grain, Period
from percorso.analytics.segments.rules import Went
from percorso.engagement import steps
from percorso.engagement.models import SavedFunnel
from percorso.engagement.steps import Row
from percorso.errors import BadQuestion
from percorso.i18n import mark

WINDOW = "7d"
WINDOWS = ("30m", "1h", "4h", "1d", "3d", "7d", "14d", "30d", "90d", "365d")
MOST_STEPS, MOST_WITHOUT = 12, 5
STEP = ("step", "on", "is")
# What the groups of a breakdown may be; each is told by the event with which somebody begins.
BY = ("channel", "device", "touchpoint", "page", "customer.country", "customer.plan", "customer.segment")


@dataclass(frozen=True)
class Without:
    """An event that must not happen between two steps; `before` 0 is the last step."""

    event: str = ""
    after: int = 1
    before: int = 0


@dataclass(frozen=True)
class Asked:
    """The funnel of an address. `rows` may hold steps that are still to be chosen; they are left out of the question."""

    rows: tuple[Row, ...] = ()
    window: str = WINDOW
    mode: Mode = "ordered"
    anchor: Anchor = "first"
    without: tuple[Without, ...] = field(default=())
    by: str = ""

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """Return the funnel that an address asks for.

        Raises
        ------
        BadQuestion : a length of time, mode, anchor, column or step that cannot be; the message says what can.
        """
        rows = steps.rows_in(given, STEP)
        events, after, before = (given.getlist(name) for name in ("exclude", "after", "before"))
        without = [
            Without(event.strip()[: steps.LONGEST], _step(after, i, 1), _step(before, i, 0))
            for i, event in enumerate(events)
        ]
        if len(rows) > MOST_STEPS or len(without) > MOST_WITHOUT:
            raise BadQuestion(
                mark("A funnel has at most {steps} steps and {without} events that must not happen."),
                steps=MOST_STEPS,
                without=MOST_WITHOUT,
            )
        window = given.get("window") or WINDOW
        # Two addresses of one length of time are one question.
        known = {seconds_of(each): each for each in WINDOWS}
        window = known.get(seconds_of(window), length_of(seconds_of(window)))
        mode, anchor = given.get("mode") or "ordered", given.get("anchor") or "first"
        made = cls(tuple(rows), window, mode, anchor, tuple(without), steps.breakdown(given.get("by") or ""))  # type: ignore[arg-type]
        if made.steps:
            made.question("", None)
        return made

    @property
    def steps(self) -> tuple[Row, ...]:
        """The steps that are chosen."""
        return tuple(row for row in self.rows if row.event)

    @property
    def link(self) -> dict[str, Any]:
        """The parameters that differ from the defaults; without what is still to be chosen."""
        chosen = tuple(each for each in self.without if each.event)
        return replace(self, rows=self.steps, without=chosen).whole_link

    @property
    def whole_link(self) -> dict[str, Any]:
        """The same with steps that are still to be chosen."""
        usual = {"window": WINDOW, "mode": "ordered", "anchor": "first", "by": ""}
        made: dict[str, Any] = steps.parameters(self.rows, STEP) if self.rows else {}
        made |= {name: getattr(self, name) for name, value in usual.items() if getattr(self, name) != value}
        if self.without:
            made["exclude"] = [each.event for each in self.without]
            if any((each.after, each.before) != (1, 0) for each in self.without):
                made |= {name: [str(getattr(each, name)) for each in self.without] for name in ("after", "before")}
        return made

    def changed(self, do: str) -> Self:
        """Return the form after a button: add, remove:2, up:2, down:2 (steps from 0), without, keep:0."""
        verb, _, at = do.partition(":")
        rows, without = [*self.rows], [*self.without]
        i = int(at) if at.isascii() and at.isdigit() and len(at) < 3 else -1
        if verb == "add" and len(rows) < MOST_STEPS:
            rows.append(Row())
        elif verb == "without" and len(without) < MOST_WITHOUT:
            without.append(Without())
        elif verb == "remove" and 0 <= i < len(rows):
            del rows[i]
        elif verb == "keep" and 0 <= i < len(without):
            del without[i]
        elif verb in ("up", "down") and 0 <= i < len(rows):
            to = i + (1 if verb == "down" else -1)
            if 0 <= to < len(rows):
                rows[i], rows[to] = rows[to], rows[i]
        last = sum(1 for row in rows if row.event)
        kept = [each if max(each.after + 1, each.before) <= last else Without(each.event) for each in without]
        return replace(self, rows=tuple(rows), without=tuple(kept))

    @property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """What must not happen, with the numbers of the steps."""
        last = len(self.steps)
        return tuple(Exclusion(each.event, each.after, each.before or last) for each in self.without if each.event)

    def question(self, workspace: str, period: Period | None, grain: Grain | None = None) -> FunnelQuery:
        """Return the question to the facts.

        Raises
        ------
        BadQuestion : see `FunnelQuery`.
        """
        return FunnelQuery(
            tuple(row.step for row in self.steps), seconds_of(self.window), workspace, period, self.mode, self.anchor,
            self.exclusions if len(self.steps) > 1 else (), (self.by,) if self.by else (), grain,
        )  # fmt: skip

    def went(
        self, stopped_at: int, days: float | None, since: datetime | None = None, before: datetime | None = None
    ) -> Went:
        """Return the condition that holds of who stopped at a step."""
        named = tuple((row.step.event, row.step.where) for row in self.steps)
        without = tuple((e.event, e.from_step, e.to_step) for e in self.exclusions)
        return Went(
            named, stopped_at, seconds_of(self.window), self.mode, self.anchor, without, days, since, before
        )  # fmt: skip


def _step(texts: list[str], i: int, usual: int) -> int:
    text = texts[i] if i < len(texts) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else usual


class SavedForm(forms.ModelForm):  # type: ignore[type-arg]
    """The name of a funnel that is kept."""

    class Meta:
        model = SavedFunnel
        fields = ("name",)
        labels = {"name": _("Name")}

    def clean_name(self) -> str:
        """Return the name in one line."""
        return " ".join(self.cleaned_data["name"].split())


class SegmentForm(forms.Form):
    """The segment to be made of who stopped at a step."""

    name = forms.CharField(label=_("Name"), max_length=80)
    stopped_at = forms.IntegerField(min_value=1, max_value=MOST_STEPS)
    days = forms.ChoiceField(choices=[("these", ""), ("last", "")])
