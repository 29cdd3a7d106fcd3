"""A question about the ways that people take (specification 5.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from percorso.analytics import frames
from percorso.analytics.behaviour.events import ask_of, roles_of, written_texts
from percorso.analytics.calendar import Schedule
from percorso.analytics.methods.base import Ask
from percorso.analytics.query import Period
from percorso.analytics.segments import Rule
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from percorso.i18n import mark

Unit = Literal["session", "user"]
UNITS: Mapping[Unit, str] = {"session": mark("Each visit"), "user": mark("Each customer")}
OTHER, EXIT, MORE = "(other)", "(exit)", "(more)"
# What a row of the other fact tables is called among the names of events.
NAMES = {
    "contacts": "(contact)",
    "tickets": "(ticket)",
    "answers": "(answer)",
    "mentions": "(mention)",
    "orders": "(order)",
    "messages": "(message)",
}
FACTS = ("events", *NAMES)
LONGEST = 50


@dataclass(frozen=True)
class PathQuery:
    """A question about paths.

    Parameters
    ----------
    node : the column whose values are the touchpoints: ``name`` of the event, ``page``, ``channel``, ``touchpoint``,
        ``properties.…``. by_channel : the same touchpoint on two channels is two: ``web · Order Completed``; where a way
        begins or ends and what it passes over may still be named without a channel.
    tables : the facts that ways lead over; the names of those beside events are in `NAMES`.
    names : only facts of these names; empty for all. without : touchpoints that are passed over as if they were not.
    unit : what one path is of. gap_seconds : so long without a fact, or longer, and the next one begins a new visit.
    collapse : touchpoints that follow themselves count once.
    start_node : paths begin at its first occurrence; those without it are left out. end_node : they end at its last one,
        and of a longer path the last `max_steps` are shown. backwards : positions are counted from there, so that it is the
        last one of all paths, and shorter paths begin at later positions. max_steps : how many positions are shown. top_k : so many
        touchpoints a position, the others become one; None for all.
    segment, within : only facts with these values of columns (None stands for empty), of customers of whom this rule
        holds. outside : all others instead. schedule : business hours, for rules by a figure that takes them.
    as_of : what was known at that instant; None means now.
    """

    workspace: str = ""
    period: Period | None = None
    node: str = "name"
    names: tuple[str, ...] = ()
    unit: Unit = "session"
    gap_seconds: float = 1800
    collapse: bool = True
    start_node: str | None = None
    end_node: str | None = None
    backwards: bool = False
    max_steps: int = 5
    top_k: int | None = None
    as_of: datetime | None = None
    confidence: float = 0.95
    tables: tuple[str, ...] = ("events",)
    without: tuple[str, ...] = ()
    by_channel: bool = False
    segment: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    within: Rule | None = None
    outside: bool = False
    schedule: Schedule | None = None

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise BadQuestion(
                mark("There is no unit {name}. Choose one of: {known}."), name=self.unit, known=", ".join(UNITS)
            )
        if not 1 <= self.max_steps <= LONGEST:
            raise BadQuestion(mark("A path is shown with 1 to {most} steps."), most=LONGEST)
        if self.top_k is not None and self.top_k < 1:
            raise BadQuestion(mark("Show at least one touchpoint a step."))
        if not 0 < self.gap_seconds < 10**9:
            raise BadQuestion(mark("The gap between two visits is a number of seconds, more than 0."))
        if self.backwards and self.end_node is None:
            raise BadQuestion(mark("To count positions from the end, say where paths end."))
        unknown = [name for name in self.tables if name not in FACTS]
        if unknown or not self.tables:
            raise BadQuestion(
                mark("Ways lead over facts of these tables, not over {table}: {known}."),
                table=", ".join(unknown) or "–",
                known=", ".join(FACTS),
            )

    @property
    def roles(self) -> dict[str, str]:
        """The roles of its texts in the SQL."""
        return roles_of((), self._said)

    @property
    def shape(self) -> tuple[Any, ...]:
        """What the SQL depends on but for instants and texts."""
        ends = self.start_node is None, self.end_node is None
        how = (
            self.node,
            self.unit,
            self.gap_seconds,
            self.collapse,
            self.max_steps,
            self.tables,
            self.by_channel,
            self.backwards,
        )
        # Which of them are the same text, too.
        said = len(self.names), len(self.without), tuple(self.roles[text] for text in self._said)
        whose = frames.segment_shape(self.segment), self.within, self.outside, self.schedule
        return ("paths", self.workspace, self.period is None, *ends, *how, *said, *whose)

    @property
    def _said(self) -> tuple[str, ...]:
        ends = (node for node in (self.start_node, self.end_node) if node is not None)
        return (*self.names, *self.without, *ends)

    def asked_of(self, store: Store) -> Ask:
        """Return who asks what when."""
        return ask_of(store, self.workspace, self.as_of, self.confidence, self.schedule)

    def moments(self, ask: Ask) -> dict[str, datetime]:
        """Return the instants of the SQL by their roles."""
        made = {"as_of": ask.as_of}
        if self.period is not None:
            made["start"], made["end"] = self.period.bounds
        return made

    def texts(self, ask: Ask) -> dict[str, str]:
        """Return the texts of the SQL by their roles, as they are written inside of quotes."""
        values = frames.segment_values(self.segment, "segment_")
        return written_texts(self.roles, ask) | {role: ask.engine.escaped(text) for role, text in values.items()}
