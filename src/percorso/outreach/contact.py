"""Asking the contact policy: what was sent and who waits is read from the database, and what was refused is written down.

    with transaction.atomic():
        for decision in contact.decide(workspace, asks, now):
            if decision.allowed:
                queue_message(…, reference=…, send_at=decision.wait_until)

The decision and the messages that follow from it belong into one transaction. On PostgreSQL `decide` locks the workspace's
row of `ContactPolicy` until that transaction ends; on SQLite a transaction is the only writer from its beginning
(``transaction_mode IMMEDIATE``). Either way a second process decides after the first one's messages can be seen.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from percorso.accounts.models import Workspace
from percorso.outreach.addresses import Addresses
from percorso.outreach.ledger import Cap, Caps, Sent
from percorso.outreach.line import Ask, Decision, Waiting
from percorso.outreach.models import ContactPolicy, Message, Place, Preference, Refusal
from percorso.outreach.policy import SAME_WORDS, Policy
from percorso.outreach.policy import decide as decide_by
from percorso.outreach.suppression import Barred, lift, suppress, suppressed

__all__ = [
    "Ask", "Decision", "decide", "languages_of", "leave_line", "lift", "policy_of", "suppress", "suppressed", "words_of",
]  # fmt: skip
AT_ONCE = 10_000
# What never reached anybody does not count.
LOST = (Message.State.FAILED, Message.State.BOUNCED, Message.State.REFUSED)
LINK = re.compile(r"https?://\S+")


def words_of(subject: str, text: str) -> str:
    """Return what tells equal messages apart from different ones: subject and text without the links, which are personal."""
    return hashlib.sha256(LINK.sub("", f"{subject}\n{text}").encode()).hexdigest()[:32]


def policy_of(workspace: Workspace, row: ContactPolicy | None = None) -> Policy:
    """Return the policy of a workspace as a value. `row`: its settings when they are known already."""
    row = row or ContactPolicy.objects.filter(workspace=workspace).first() or ContactPolicy(workspace=workspace)
    overall = Cap(row.most, row.days) if row.most is not None else None
    channels = {name: Cap(cap["most"], cap["days"]) for name, cap in row.channels.items()}
    return Policy(Caps(overall, channels), row.first_hour, row.last_hour, workspace.time_zone)


def decide(workspace: Workspace, asks: Sequence[Ask], now: datetime) -> list[Decision]:
    """Decide which asks go out now, in their order; write down what is refused, and the places of those that wait.

    Call it inside the transaction that queues the messages, and ask again at `wait_until` (a day later at the latest) what
    has to wait. Reads are ten queries for each 10,000 asks.

    Raises
    ------
    TransactionManagementError : outside of a transaction, where two processes could exceed a cap.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("contact.decide belongs into the transaction that queues messages")
    row = _locked(workspace)
    known = Addresses(workspace)
    asks = [replace(ask, address=known.compared(ask.channel, ask.address)) for ask in asks]
    addresses, customers = {a.address for a in asks} - {""}, {a.customer for a in asks} - {""}
    policy = policy_of(workspace, row)
    barred = Barred(workspace, addresses, customers, row.needs_consent)
    why = {ask.key: barred.why(ask.channel, ask.purpose, ask.address, ask.customer) for ask in asks}
    days = [policy.caps.overall.days if policy.caps.overall else 0, *(c.days for c in policy.caps.channels.values())]
    since = now - timedelta(days=max([1, *days, *(ask.gap_days for ask in asks)]))
    places = _places(workspace, addresses, customers)
    decisions = decide_by(
        policy, asks, _sent(workspace, addresses, customers, since, now, words=any(a.words for a in asks)), now,
        barred={key: bar for key, bar in why.items() if bar}, waiting=[_waiting(place) for place in places],
    )  # fmt: skip
    _write(workspace, asks, decisions, places, now)
    return decisions


def _locked(workspace: Workspace) -> ContactPolicy:
    ContactPolicy.objects.get_or_create(workspace=workspace)
    return ContactPolicy.objects.select_for_update().get(workspace=workspace)


def _sent(
    workspace: Workspace, addresses: set[str], customers: set[str], since: datetime, now: datetime, *, words: bool
) -> Iterator[Sent]:
    """Return what was sent to people, and what waits to be sent."""
    rows = Message.objects.filter(workspace=workspace).exclude(state__in=LOST)
    rows = rows.filter(Q(sent_at__gt=since) | Q(sent_at=None, state=Message.State.WAITING))
    said = _words(workspace, addresses, now) if words else {}
    fields = ("pk", "customer", "address", "channel", "reference", "exempt", "sent_at", "send_at")
    for pk, customer, address, channel, reference, exempt, sent_at, send_at in _about(
        rows, addresses, customers, fields
    ):
        at = sent_at or max(send_at, now)
        yield Sent(customer, address, channel, at, reference, exempt, said.get(pk, ""))


def _words(workspace: Workspace, addresses: set[str], now: datetime) -> dict[int, str]:
    rows = Message.objects.filter(workspace=workspace).exclude(state__in=LOST)
    rows = rows.filter(Q(sent_at__gt=now - SAME_WORDS) | Q(sent_at=None, state=Message.State.WAITING))
    fields = ("pk", "subject", "text")
    return {pk: words_of(subject, text) for pk, subject, text in _about(rows, addresses, set(), fields)}


def _about(
    rows: QuerySet[Message], addresses: set[str], customers: set[str], fields: tuple[str, ...]
) -> Iterable[tuple]:  # type: ignore[type-arg]
    """Return rows about people, each once, whether their id or their address names them."""
    found: dict[int, tuple] = {}  # type: ignore[type-arg]
    for name, values in (("address", addresses), ("customer", customers)):
        for part in _parts(values):
            found |= {row[0]: row for row in rows.filter(**{f"{name}__in": part}).order_by().values_list(*fields)}
    return found.values()


def _parts(values: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]


def _places(workspace: Workspace, addresses: set[str], customers: set[str]) -> list[Place]:
    found: dict[int, Place] = {}
    for name, values in (("address", addresses), ("customer", customers)):
        for part in _parts(values):
            found |= {row.pk: row for row in Place.objects.filter(workspace=workspace, **{f"{name}__in": part})}
    return list(found.values())


def _waiting(row: Place) -> Waiting:
    named = (row.customer, row.address, row.channel, row.reference)
    return Waiting(*named, row.gap_days, row.priority, row.since, row.until)


def _write(
    workspace: Workspace, asks: Sequence[Ask], decisions: Sequence[Decision], places: list[Place], now: datetime
) -> None:
    """Write down refusals, and replace the places of those who asked. Whoever waits already is not refused anew."""
    by: dict[tuple[str, str, str], list[Place]] = {}
    for row in places:
        by.setdefault((row.reference, "customer", row.customer), []).append(row)
        by.setdefault((row.reference, "address", row.address), []).append(row)
    over, made, refusals = [row.pk for row in places if row.until < now], [], []
    for ask, decision in zip(asks, decisions, strict=True):
        mine = [] if ask.exempt else by.get((ask.reference, "address", ask.address), [])
        mine = mine + (by.get((ask.reference, "customer", ask.customer), []) if ask.customer and not ask.exempt else [])
        over += [row.pk for row in mine]
        if decision.place:
            made.append(Place(workspace=workspace, **vars(decision.place)))
        if not decision.allowed and not (decision.place and any(row.until >= now for row in mine)):
            refusals.append(_refusal(workspace, ask, decision))
    Place.objects.filter(pk__in=over).delete()
    Place.objects.bulk_create(made, ignore_conflicts=True)
    Refusal.objects.bulk_create(refusals)


def _refusal(workspace: Workspace, ask: Ask, decision: Decision) -> Refusal:
    return Refusal(
        workspace=workspace, channel=ask.channel, purpose=ask.purpose, reference=ask.reference[:120],
        customer=ask.customer, address=ask.address, because=decision.because, details=dict(decision.details),
    )  # fmt: skip


def leave_line(workspace: Workspace, reference: str, addresses: Collection[str] | None = None) -> int:
    """Give up the places of a survey that will not ask again (closed, stopped), of some addresses or all; return how many."""
    rows = Place.objects.filter(workspace=workspace, reference=reference)
    if addresses is None:
        return rows.delete()[0]
    return sum(rows.filter(address__in=part).delete()[0] for part in _parts(set(addresses)))


def languages_of(workspace: Workspace, addresses: Collection[str]) -> dict[str, str]:
    """Return the language that people have chosen, by address (in the compared form); those that have chosen none are left out."""
    rows = Preference.objects.filter(workspace=workspace).exclude(language="")
    return {a: lang for part in _parts(set(addresses)) for a, lang in rows.filter(address__in=part).values_list("address", "language")}  # fmt: skip
