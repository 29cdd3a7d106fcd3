"""A condition about a funnel as fields of the builder: its steps, where somebody stopped, what must not happen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from percorso.analytics.behaviour.lengths import SECONDS, length_of
from percorso.analytics.segments import Rule, Went, parse
from percorso.analytics.segments.parse import MOST_STEPS
from percorso.customers.segments.typed import line_of, number_of
from percorso.errors import BadQuestion
from percorso.i18n import mark

# Fields that the form sends once, and those that it sends once a step or once an event that must not happen.
TEXTS = ("stopped_at", "length", "unit", "mode", "anchor", "since", "before")
LISTS = ("step", "on", "is", "without", "after", "upto")
UNITS = {"m": mark("minutes"), "h": mark("hours"), "d": mark("days"), "w": mark("weeks"), "s": mark("seconds")}
SHORTEST, MOST_WITHOUT = 2, 5
LAST = "last"


@dataclass(frozen=True)
class StepRow:
    """An event, and one column that must have a value; without an event it is still to be chosen."""

    event: str = ""
    column: str = ""
    value: str = ""


@dataclass(frozen=True)
class WithoutRow:
    """An event that must not happen between two steps; `upto` may be `LAST`."""

    event: str = ""
    after: str = "1"
    upto: str = LAST


@dataclass(frozen=True)
class FunnelRow:
    """A funnel as the form has it. `stopped_at`: the number of a step, or `LAST`: who finished. `length`: how many of `unit`
    an attempt may take. `since`, `before`: when attempts began, as instants; fields only keep or forget them.
    """

    steps: tuple[StepRow, ...] = (StepRow(),) * SHORTEST
    stopped_at: str = "1"
    length: str = "7"
    unit: str = "d"
    mode: str = "ordered"
    anchor: str = "first"
    since: str = ""
    before: str = ""
    without: tuple[WithoutRow, ...] = field(default=())

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Return the funnel that the fields of a form say."""
        events, columns, values, without, after, upto = (given.get(name, ()) for name in LISTS)
        steps = [StepRow(event, _at(columns, i), _at(values, i)) for i, event in enumerate(events)]
        left_out = [WithoutRow(event, _at(after, i) or "1", _at(upto, i) or LAST) for i, event in enumerate(without)]
        texts = {name: given[name] for name in TEXTS if name in given}
        return cls(steps=_enough(*steps), without=tuple(left_out), **texts)

    @classmethod
    def of(cls, rule: Went) -> Self:
        """Return the funnel that could show a rule; whether it says the same is checked by making the rule of it."""
        # Days are told as days, as everywhere.
        length = length_of(rule.window_seconds)
        if length.endswith("w"):
            length = f"{rule.window_seconds / SECONDS['d']:.15g}d"
        last = len(rule.steps)
        steps = _enough(*(StepRow(event, *(where[0] if where else ("", ""))) for event, where in rule.steps))
        without = tuple(
            WithoutRow(event, str(after), LAST if upto == last else str(upto)) for event, after, upto in rule.without
        )
        return cls(
            steps, LAST if rule.stopped_at == last else str(rule.stopped_at), length[:-1], length[-1],
            rule.mode, rule.anchor, _text(rule.since), _text(rule.before), without,
        )  # fmt: skip

    def changed(self, verb: str, i: int) -> Self:
        """Return the funnel after a button: add-step, remove-step i, add-without, remove-without i, forget-days."""
        if verb == "add-step" and len(self.steps) < MOST_STEPS:
            return replace(self, steps=(*self.steps, StepRow()))
        if verb == "remove-step" and 0 <= i < len(self.steps):
            return self._without_step(i)
        if verb == "add-without" and len(self.without) < MOST_WITHOUT:
            return replace(self, without=(*self.without, WithoutRow()))
        if verb == "remove-without" and 0 <= i < len(self.without):
            return replace(self, without=(*self.without[:i], *self.without[i + 1 :]))
        return replace(self, since="", before="") if verb == "forget-days" else self

    def place(self, verb: str, i: int) -> str:
        """Return the field with which somebody goes on who pressed a button: what was added, or the event before what went."""
        if verb == "forget-days":
            return "days"
        events = self.without if verb.endswith("without") and self.without else self.steps
        n = len(events) if verb.startswith("add-") else min(max(1, i), len(events))
        return f"{'without' if events is self.without else 'step'}-{n}"

    def _without_step(self, i: int) -> Self:
        steps = _enough(*self.steps[:i], *self.steps[i + 1 :])
        stopped_at = self.stopped_at
        if at := _whole(stopped_at):
            at = max(1, at - (i < at))
            stopped_at = LAST if at >= len(steps) else str(at)
        without = tuple(e if _fits(e, len(steps)) else WithoutRow(e.event) for e in self.without)
        return replace(self, steps=steps, stopped_at=stopped_at, without=without)

    def rule(self, days: str) -> Rule:
        """Return the funnel as a rule; attempts began in the last `days`, empty: ever.

        Raises
        ------
        BadQuestion : a step has no event, or something else is missing or wrong; the message says what.
        """
        last = len(self.steps)
        given: dict[str, Any] = {
            "funnel": [_step(n, step) for n, step in enumerate(self.steps, start=1)],
            "stopped_at": last if self.stopped_at == LAST else _number_of_step(self.stopped_at, last),
            "window_seconds": self._window(),
            "mode": self.mode,
            "anchor": self.anchor,
            "without": [_left_out(each, last) for each in self.without],
        }
        began = {"since": self.since, "before": self.before}
        given |= {name: text for name, text in began.items() if text}
        if days.strip() and not (self.since or self.before):
            given["within_days"] = number_of(days)
        return parse(given)

    def _window(self) -> float:
        seconds = number_of(self.length) * SECONDS.get(self.unit, SECONDS["d"])
        if not 0 <= seconds < 10**10:
            raise BadQuestion(mark("Say within what time they may get there, e.g. 7 days."))
        return seconds


def told_why(rule: Rule) -> str:
    """Return why no fields can show a condition, to be translated."""
    if isinstance(rule, Went) and len(rule.steps) < SHORTEST:
        return mark("A funnel in these fields has two steps at least: this one is kept as it is. Change it as JSON.")
    if isinstance(rule, Went) and any(len(where) > 1 for _, where in rule.steps):
        return mark("A step asks for several details at once: it is kept as it is. Change it as JSON.")
    return mark("Too deep for these fields: it is kept as it is. Change it as JSON.")


def _enough(*steps: StepRow) -> tuple[StepRow, ...]:
    """Return as many steps as a funnel has at least; the further ones are still to be chosen."""
    return (*steps, *[StepRow()] * (SHORTEST - len(steps)))


def _step(n: int, step: StepRow) -> Any:
    event, value = line_of(step.event), line_of(step.value)
    if not event:
        if n <= SHORTEST:
            raise BadQuestion(mark("A funnel needs at least two steps. Choose the event of step {n}."), n=n)
        raise BadQuestion(mark("Choose the event of step {n}, or remove the step."), n=n)
    if not step.column:
        return event
    if not value:
        raise BadQuestion(mark("Type the value that step {n} must have, or choose “With any details”."), n=n)
    return {"event": event, "where": {step.column: value}}


def _left_out(each: WithoutRow, last: int) -> dict[str, Any]:
    event = line_of(each.event)
    if not event:
        raise BadQuestion(mark("Choose the event that must not happen, or take it back."))
    upto = last if each.upto == LAST else _number_of_step(each.upto, last)
    return {"event": event, "from_step": _number_of_step(each.after, last), "to_step": upto}


def _number_of_step(text: str, last: int) -> int:
    n = _whole(text)
    if not 1 <= n <= last:
        raise BadQuestion(mark("There are {last} steps. Choose one of them."), last=last)
    return n


def _fits(each: WithoutRow, last: int) -> bool:
    return 1 <= _whole(each.after) < (last if each.upto == LAST else _whole(each.upto)) <= last


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0


def _at(texts: tuple[str, ...], i: int) -> str:
    return texts[i] if i < len(texts) else ""


def _text(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""
