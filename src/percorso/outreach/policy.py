"""The contact policy: who may be asked now, who waits, and why. Plain values in, plain values out; no Django.

Rules are looked at in one order: suppression, identical message, overall cap, cap of the channel, the survey's own gap,
its share, the line. The first one that says no is the reason. `docs/contact-policy.md` says it at length.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from percorso.i18n import mark
from percorso.outreach.ledger import Caps, Ledger, Sent
from percorso.outreach.line import Ask, Decision, Line, Waiting

SAME_WORDS = timedelta(hours=12)
DAY_SECONDS = 86400

# Why somebody is not asked, as people read it; the places are filled from `Decision.details`.
REASONS = {
    "no_address": mark("There is no address to send to."),
    "bounced": mark("Messages to this address came back."),
    "complained": mark("A message was reported as unwanted."),
    "unsubscribed": mark("The person has unsubscribed."),
    "by_hand": mark("The address was put on the list of those who get nothing."),
    "paused": mark("The person has paused messages until {until}."),
    "withdrawn": mark("The person has withdrawn consent."),
    "no_consent": mark("The person has not agreed to be asked for this purpose."),
    "identical": mark("The same message went to this address less than 12 hours ago."),
    "cap": mark("The cap over all channels is reached: {sent} sent in {days} days, {most} allowed."),
    "channel_cap": mark("The cap of this channel is reached: {sent} sent in {days} days, {most} allowed."),
    "gap": mark("The person was asked this survey on {last}; it may be asked every {gap_days} days."),
    "sample": mark("Not drawn: {share} % are asked."),
    "queue": mark("Another survey goes first: {before}."),
}  # fmt: skip
# Reasons that time alone takes away.
WAITS = ("cap", "channel_cap", "queue")


@dataclass(frozen=True)
class Policy:
    """The rules of a workspace: caps, and the local hours in which messages go out."""

    caps: Caps = field(default_factory=Caps)
    first_hour: int = 0
    last_hour: int = 24
    time_zone: str = "UTC"

    def opening(self, now: datetime) -> datetime:
        """Return the first moment from `now` on (UTC) that lies within the hours."""
        local = now.astimezone(ZoneInfo(self.time_zone))
        if self.first_hour <= local.hour < self.last_hour or self.first_hour >= self.last_hour:
            return now
        day = local.date() + timedelta(days=local.hour >= self.last_hour)
        opened = datetime.combine(day, time(self.first_hour), ZoneInfo(self.time_zone)).astimezone(UTC)
        return max(opened, now)


def drawn(ask: Ask, now: datetime) -> bool:
    """Return whether a person is among the share that is asked.

    The lot hangs on person, survey and period (as long as the survey's gap, a day at least): asking again changes nothing.
    """
    days = max(ask.gap_days, 1)
    period = int(now.timestamp()) // DAY_SECONDS // days
    said = "\n".join((ask.customer or ask.address, ask.reference, str(period)))
    number = int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "big")
    return number < ask.share * 2**64


def decide(
    policy: Policy,
    asks: Sequence[Ask],
    sent: Iterable[Sent],
    now: datetime,
    *,
    barred: Mapping[str, tuple[str, Mapping[str, Any]]] | None = None,
    waiting: Iterable[Waiting] = (),
) -> list[Decision]:
    """Decide what goes out now; the same input gives the same decisions, in the order of `asks`.

    Parameters
    ----------
    sent : messages to these people, long enough ago for every cap and gap. barred : reasons of suppression by the key
    of an ask, with their details. waiting : places in the line of these people.
    """
    at = policy.opening(now)
    line = Line(Ledger(policy.caps, sent), waiting, at)
    decisions: dict[str, Decision] = {}
    free: list[Ask] = []
    for ask in asks:
        refused = _never(ask, (barred or {}).get(ask.key), line.ledger, at) or _not_yet(ask, line.ledger, at)
        if refused is None:
            free.append(ask)
        else:
            decisions[ask.key] = refused
    line.join(free)
    for ask in sorted(free, key=line.rank):
        # What was let out before it in this round counts for it too.
        refused = _same(ask, line.ledger, at) or _not_yet(ask, line.ledger, at)
        decisions[ask.key] = refused or line.turn(ask)
        if refused:
            line.leave(ask)
    later = at if at > now else None
    return [replace(d, wait_until=later) if d.allowed else d for d in (decisions[ask.key] for ask in asks)]


def _never(ask: Ask, bar: tuple[str, Mapping[str, Any]] | None, ledger: Ledger, at: datetime) -> Decision | None:
    if not ask.address:
        return Decision(ask.key, False, "no_address")
    return Decision(ask.key, False, bar[0], bar[1]) if bar else _same(ask, ledger, at)


def _same(ask: Ask, ledger: Ledger, at: datetime) -> Decision | None:
    if not ask.words:
        return None
    same = [one.at for one in ledger.of(ask) if one.words == ask.words and one.address == ask.address]
    last = max((t for t in same if abs(at - t) < SAME_WORDS), default=None)
    return Decision(ask.key, False, "identical", {"last": last.isoformat()}, last + SAME_WORDS) if last else None


def _not_yet(ask: Ask, ledger: Ledger, at: datetime) -> Decision | None:
    """Return the refusal by caps, gap or share of an ask that has no place in the line; None when it may stand in it."""
    if ask.exempt:
        return None
    lasts = [one.at for one in ledger.of(ask) if one.reference == ask.reference and not one.exempt]
    again = max(lasts) + timedelta(days=ask.gap_days) if lasts and ask.gap_days else at
    if again <= at and drawn(ask, at):
        return None
    if full := ledger.full(ask, at):
        opens = ledger.free_from(ask, max(at, again))
        return Decision(ask.key, False, full, ledger.counted(ask, at, full), opens)
    if again > at:
        details = {"gap_days": ask.gap_days, "last": max(lasts).isoformat()}
        return Decision(ask.key, False, "gap", details, ledger.free_from(ask, again))
    # Not asked again later: an ask that lost would win in the end, and everybody would be asked.
    return Decision(ask.key, False, "sample", {"share": round(ask.share * 100, 1)})


def replay(caps: Caps, sent: Iterable[Sent]) -> Counter[str]:
    """Return how many of the messages that went out the caps would have let out (under an empty key), and held, by reason."""
    ledger, told = Ledger(caps), Counter[str]()
    for one in sorted(sent, key=lambda one: one.at):
        full = "" if one.exempt else ledger.full(one, one.at)
        told[full] += 1
        if not full:
            ledger.add(one)
    return told
