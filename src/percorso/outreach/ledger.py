"""Who was sent what and when, by person; whether one more message fits under the caps, and from when. No Django."""

from bisect import insort
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class Cap:
    """At most `most` messages in any `days` days."""

    most: int
    days: int

    @property
    def period(self) -> timedelta:
        """How long a message counts."""
        return timedelta(days=self.days)


@dataclass(frozen=True)
class Sent:
    """A message that was sent, or is certain to be: to whom, by what, when (UTC), and what for."""

    customer: str
    address: str
    channel: str
    at: datetime
    reference: str = ""
    # Reminders and thanks do not count.
    exempt: bool = False
    # What it says, see `contact.words_of`; empty: not known.
    words: str = ""
    # Whether it was let out in the round that is being decided.
    this_round: bool = False


class Wanted(Protocol):
    """What a message needs to be placed."""

    @property
    def customer(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def channel(self) -> str: ...


@dataclass(frozen=True)
class Caps:
    """The caps of a workspace: over all channels together, and of each."""

    overall: Cap | None = None
    channels: Mapping[str, Cap] = field(default_factory=dict)

    def of(self, channel: str) -> list[tuple[str, Cap]]:
        """Return the caps that a message by `channel` is under, as (reason, cap), the overall one first."""
        both = (("cap", self.overall), ("channel_cap", self.channels.get(channel)))
        return [(reason, cap) for reason, cap in both if cap is not None]

    def period(self, channel: str) -> timedelta:
        """Return the longest period of the caps of a channel: whoever waits waits no longer than that."""
        return max((cap.period for _, cap in self.of(channel)), default=timedelta())


def windows_hold(cap: Cap, times: list[datetime], at: datetime) -> bool:
    """Whether one more message at `at` leaves no period of the cap with more than it allows. `times` : in order."""
    if cap.most <= 0:
        return False
    near = [t for t in times if at - cap.period < t < at + cap.period]
    insort(near, at)
    return all(near[i + cap.most] - near[i] >= cap.period for i in range(len(near) - cap.most))


class Ledger:
    """Messages by person. A person is known by an id, by an address, or by both: what either got counts."""

    def __init__(self, caps: Caps, sent: Iterable[Sent] = ()) -> None:
        self.caps = caps
        self._by: dict[tuple[str, str], list[Sent]] = {}
        for one in sent:
            self.add(one)

    def add(self, one: Sent) -> None:
        """Note a message."""
        for key in keys_of(one.customer, one.address):
            self._by.setdefault(key, []).append(one)

    def of(self, who: Wanted) -> list[Sent]:
        """Return the messages to a person, by all channels, in the order of time."""
        found = {id(one): one for key in keys_of(who.customer, who.address) for one in self._by.get(key, ())}
        return sorted(found.values(), key=lambda one: one.at)

    def full(self, who: Wanted, at: datetime, extra: Iterable[Sent] = (), without: Collection[Sent] = ()) -> str:
        """Return which cap does not allow a message at `at`, empty when all do.

        `extra` : messages to count too. `without` : messages not to count.
        """
        counted = [one for one in self._counted(who, extra) if one not in without]
        for reason, cap in self.caps.of(who.channel):
            times = [one.at for one in counted if reason == "cap" or one.channel == who.channel]
            if not windows_hold(cap, times, at):
                return reason
        return ""

    def free_from(self, who: Wanted, at: datetime, extra: Iterable[Sent] = ()) -> datetime | None:
        """Return the first moment from `at` on at which every cap allows a message; None when none ever does."""
        counted, extra = self._counted(who, extra), tuple(extra)
        ends = {one.at + cap.period for one in counted for _, cap in self.caps.of(who.channel)}
        for moment in sorted({at, *(end for end in ends if end > at)}):
            if not self.full(who, moment, extra):
                return moment
        return None

    def counted(self, who: Wanted, at: datetime, reason: str) -> dict[str, Any]:
        """Return what a cap is measured by, for people to read."""
        cap = dict(self.caps.of(who.channel))[reason]
        mine = [one for one in self._counted(who, ()) if abs(at - one.at) < cap.period]
        n = sum(reason == "cap" or one.channel == who.channel for one in mine)
        told = {"most": cap.most, "days": cap.days, "sent": n}
        return told | ({"channel": who.channel} if reason == "channel_cap" else {})

    def _counted(self, who: Wanted, extra: Iterable[Sent]) -> list[Sent]:
        mine = set(keys_of(who.customer, who.address))
        more = [one for one in extra if mine & set(keys_of(one.customer, one.address))]
        return sorted((one for one in [*self.of(who), *more] if not one.exempt), key=lambda one: one.at)


def keys_of(customer: str, address: str) -> list[tuple[str, str]]:
    """Return by what a person is known."""
    return [pair for pair in (("customer", customer), ("address", address)) if pair[1]]
