"""Facts in the order of time as a page shows them: events of one visit together, days with a heading of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from django.utils.translation import gettext, ngettext

from percorso.analytics.calendar import zone
from percorso.customers import words
from percorso.customers.queries import Row
from percorso.customers.sentences import Told, told
from percorso.i18n import mark

# A new visit begins after so long without an event (specification, sessions), where the source names no session.
GAP = timedelta(minutes=30)
# So many ways of a visit are told in its heading.
WAYS = 4
DEVICES = {"mobile": "device-mobile", "tablet": "device-mobile", "desktop": "device-desktop"}
Fact = tuple[str, Row]


@dataclass
class Item:
    """One fact, or the events of one visit; the newest first."""

    facts: list[Fact] = field(default_factory=list)

    @property
    def visit(self) -> bool:
        """Whether it is a visit of several events."""
        return len(self.facts) > 1


def items_of(facts: Sequence[Fact]) -> list[Item]:
    """Return facts (the newest first) as items: an event goes to the visit that it is part of, whatever else happened between."""
    made: list[Item] = []
    visits: dict[str | None, Item] = {}
    for fact in facts:
        session = fact[1]["session"] if fact[0] == "events" else None
        visit = visits.get(session)
        if fact[0] == "events" and visit is not None and _goes_on(visit.facts[-1][1], fact[1]):
            visit.facts.append(fact)
            continue
        item = Item([fact])
        made.append(item)
        if fact[0] == "events":
            visits[session] = item
    return made


def _goes_on(later: Row, earlier: Row) -> bool:
    return bool(later["session"]) or bool(later["at"] - earlier["at"] < GAP)


def page_of(facts: Sequence[Fact], most: int, more: bool) -> tuple[list[Item], Fact | None]:
    """Return the items of a page, and the last fact of it where more follow (None: that is all).

    A visit is cut only when it alone is longer than all that was read (`more`: there are facts behind those).
    """
    items = items_of(facts)
    if len(items) <= most and not more:
        return items, None
    if len(items) <= most and len(items) > 1:
        # What was read last may go on: it is left to the next page, with all that stands below its first fact.
        return _cut(facts, items[-1])
    if len(items) <= most:
        return items, facts[-1]
    return _cut(facts, items[most])


def _cut(facts: Sequence[Fact], first_left: Item) -> tuple[list[Item], Fact | None]:
    place = next(i for i, fact in enumerate(facts) if fact is first_left.facts[0])
    kept = list(facts[:place])
    return items_of(kept), kept[-1]


@dataclass(frozen=True)
class Line:
    """An item for a person: its sentence as `Told`, and for a visit its events."""

    told: Told
    events: list[Told]


@dataclass(frozen=True)
class Day:
    """A day with its heading."""

    heading: str
    lines: list[Line]


def days_of(items: Sequence[Item], tz: str) -> list[Day]:
    """Return items under the days (of a time zone) of their newest facts."""
    made: list[Day] = []
    last: date | None = None
    for item in items:
        day = _local(item.facts[0][1]["at"], tz).date()
        if day != last:
            made.append(Day(words.day(day), []))
            last = day
        made[-1].lines.append(line_of(item, tz))
    return made


def line_of(item: Item, tz: str) -> Line:
    """Return an item for a person."""
    if not item.visit:
        return Line(_told(*item.facts[0], tz), [])
    events = [row for _, row in item.facts]
    took = (events[0]["at"] - events[-1]["at"]).total_seconds()
    device = next((row["device"] for row in events if row["device"]), None)
    sentence = _visit(len(events), took)
    ways = list(dict.fromkeys(str(row["page"] or row["name"]) for row in reversed(events)))
    more = " → ".join(ways[:WAYS]) + (" → …" if len(ways) > WAYS else "")
    at = words.time_of_day(events[0]["at"], tz)
    icon = DEVICES.get(str(device), "activity")
    return Line(
        Told(at, icon, gettext(VISIT), sentence, more, ""),
        [replace(_told("events", row, tz), more=row["page"] or "") for row in events],
    )


VISIT = mark("Visit")


def _told(table: str, row: Row, tz: str) -> Told:
    """Return a fact as a sentence, with the time of its day: the heading says which day it was."""
    return told(table, row, tz, words.time_of_day)


def _visit(n: int, seconds: float) -> str:
    if seconds < 1:
        return ngettext("Visit with {n} event", "Visit with {n} events", n).format(n=n)
    text = ngettext("Visit with {n} event in {time}", "Visit with {n} events in {time}", n)
    return text.format(n=n, time=words.seconds(seconds))


def _local(at: datetime, tz: str) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone(tz))
