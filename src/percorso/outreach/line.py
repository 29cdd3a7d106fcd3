"""The line of each person: who goes first when more want to ask somebody than the caps allow. No Django.

Priority decides, with one promise kept before it: whoever waits has a place within one period of the caps. A survey with a
slower clock could lose its only turn of a quarter to surveys that come every week; so no survey with a faster clock, whatever
its priority, takes a place that would make the slower one wait longer than that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from percorso.outreach.ledger import Ledger, Sent, keys_of

# After its turn has come a survey has so long to ask again; then its place is given to others.
KEPT_FOR = timedelta(days=3)
ASK_AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class Ask:
    """One wish to send one message to one person now."""

    key: str
    channel: str
    purpose: str
    address: str
    customer: str = ""
    # What it belongs to, the same for all messages of one survey: its own clock goes by it.
    reference: str = ""
    # How long after it was last asked this, and which share of people; 0: no clock, 1: all.
    gap_days: int = 0
    share: float = 1.0
    # 0 to 9: the higher goes first.
    priority: int = 5
    # Reminders and thanks: no cap holds them, suppression does.
    exempt: bool = False
    # What it says (`contact.words_of`), when it is known already.
    words: str = ""


@dataclass(frozen=True)
class Waiting:
    """A survey's place in the line of a person: since when it waits, and until when its place is kept."""

    customer: str
    address: str
    channel: str
    reference: str
    gap_days: int
    priority: int
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Decision:
    """Whether an ask is let out. `wait_until`: when to send it (allowed), or when to ask again; None: now, or never."""

    key: str
    allowed: bool
    because: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    wait_until: datetime | None = None
    # The place in the line that the ask has now.
    place: Waiting | None = None


class Line:
    """Gives out what the caps leave, at one moment, to the asks of one round and with regard to those that wait."""

    def __init__(self, ledger: Ledger, waiting: Iterable[Waiting], at: datetime) -> None:
        self.ledger, self.at = ledger, at
        self._by: dict[tuple[str, str], list[Waiting]] = {}
        self._round: dict[str, Waiting] = {}
        for place in waiting:
            if place.until >= at and not self._served(place):
                self._put(place)

    def join(self, asks: Sequence[Ask]) -> None:
        """Let the asks of this round stand in line, those that wait already at their place."""
        for ask in asks:
            before = [place for place in self._near(ask) if place.reference == ask.reference]
            since = min((place.since for place in before), default=self.at)
            for place in before:
                self._drop(place)
            until = self.at + KEPT_FOR
            named = (ask.customer, ask.address, ask.channel, ask.reference)
            self._round[ask.key] = Waiting(*named, ask.gap_days, ask.priority, since, until)
            if not ask.exempt:
                self._put(self._round[ask.key])

    def rank(self, ask: Ask) -> tuple[Any, ...]:
        """Return by what asks of one round are taken in turn."""
        return (not ask.exempt, *_rank(self._round[ask.key]), ask.key)

    def leave(self, ask: Ask) -> None:
        """Take an ask out of the line."""
        self._drop(self._round[ask.key])

    def turn(self, ask: Ask) -> Decision:
        """Decide about an ask that nothing but caps and the line can hold."""
        place = self._round[ask.key]
        if ask.exempt:
            return self._let_out(ask)
        if full := self.ledger.full(ask, self.at):
            return self._hold(ask, full)
        rivals = [other for other in self._near(place) if other is not place]
        kept = self._kept(place, rivals) if rivals else None
        return self._let_out(ask) if kept is None else self._wait(ask, kept)

    def _let_out(self, ask: Ask) -> Decision:
        self.leave(ask)
        sent = (ask.customer, ask.address, ask.channel, self.at, ask.reference, ask.exempt, ask.words)
        self.ledger.add(Sent(*sent, this_round=True))
        return Decision(ask.key, True)

    def _hold(self, ask: Ask, full: str) -> Decision:
        """Refuse an ask because a cap is reached: by messages of before, or by what went first in this round."""
        before = [one for one in self.ledger.of(ask) if one.this_round and not one.exempt]
        opens = self.ledger.free_from(ask, self.at)
        place = self._placed(ask, opens)
        if before and not self.ledger.full(ask, self.at, without=before):
            return Decision(ask.key, False, "queue", {"before": before[-1].reference}, opens, place)
        return Decision(ask.key, False, full, self.ledger.counted(ask, self.at, full), opens, place)

    def _wait(self, ask: Ask, kept: list[Sent]) -> Decision:
        opens = self.ledger.free_from(ask, self.at, kept)
        again = opens if opens and opens > self.at else self.at + ASK_AGAIN
        return Decision(ask.key, False, "queue", {"before": kept[0].reference}, again, self._placed(ask, again))

    def _placed(self, ask: Ask, opens: datetime | None) -> Waiting | None:
        """Keep a place until after it is free; none for an ask that no time lets out."""
        old = self._round[ask.key]
        self._drop(old)
        if opens is None:
            return None
        named = (old.customer, old.address, old.channel, old.reference)
        place = Waiting(*named, old.gap_days, old.priority, old.since, opens + KEPT_FOR)
        self._round[ask.key] = place
        self._put(place)
        return place

    def _kept(self, place: Waiting, rivals: list[Waiting]) -> list[Sent] | None:
        """Return whom what is free now is kept for; None when it is for `place` itself."""
        given: list[Sent] = []
        blocked: list[Sent] = []
        for one in sorted([place, *rivals], key=_rank):
            if self.ledger.full(one, self.at, given):
                continue
            sure = [other for other in (place, *rivals) if other is not one and self._is_sure(other, one)]
            late = self._late(sure, [*given, _at(one, self.at)])
            if late is None:
                if one is place:
                    return None
                given.append(_at(one, self.at))
            elif one is place:
                blocked = [_at(late, self.at)]
        return given + blocked

    def _late(self, sure: list[Waiting], given: list[Sent]) -> Waiting | None:
        """Return the first that would wait longer than it is promised when `given` go out; None when none would."""
        counted = list(given)
        for other in sorted(sure, key=lambda w: (self._deadline(w), _rank(w))):
            if any(one.reference == other.reference for one in given):
                continue
            opens = self.ledger.free_from(other, self.at, counted)
            if opens is None or opens > max(self._deadline(other), self.at):
                return other
            counted.append(_at(other, opens))
        return None

    def _is_sure(self, other: Waiting, one: Waiting) -> bool:
        """Whether `other` is promised its place before `one`, whatever their priorities."""
        overdue = self._deadline(other) <= self.at and other.since < one.since
        return other.gap_days > one.gap_days or (other.gap_days == one.gap_days and overdue)

    def _deadline(self, place: Waiting) -> datetime:
        return place.since + self.ledger.caps.period(place.channel)

    def _served(self, place: Waiting) -> bool:
        return any(one.reference == place.reference and one.at > place.since for one in self.ledger.of(place))

    def _near(self, who: Ask | Waiting) -> list[Waiting]:
        found = {id(place): place for key in keys_of(who.customer, who.address) for place in self._by.get(key, ())}
        return list(found.values())

    def _put(self, place: Waiting) -> None:
        for key in keys_of(place.customer, place.address):
            self._by.setdefault(key, []).append(place)

    def _drop(self, place: Waiting) -> None:
        for key in keys_of(place.customer, place.address):
            here = self._by.get(key, [])
            self._by[key] = [other for other in here if other is not place]


def _rank(place: Waiting) -> tuple[Any, ...]:
    return (-place.priority, place.since, -place.gap_days, place.reference, place.customer, place.address)


def _at(place: Waiting, at: datetime) -> Sent:
    return Sent(place.customer, place.address, place.channel, at, place.reference)
