"""What one person gets by one address, as they chose it themselves: purposes by channel, a pause, a language, consent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from percorso.customers.consent import PURPOSES, THEMSELVES, Ledger, entries, record_consent
from percorso.customers.models import Consent
from percorso.outreach.models import ContactPolicy, Message, Preference, Suppression
from percorso.outreach.suppression import Because, forms_of, lift, may_lift_own, standing, suppress
from percorso.outreach.unsubscribe import Recipient

PAUSE = timedelta(days=90)
PAGE = "preference centre"


@dataclass(frozen=True)
class Choice:
    """One purpose by one channel. `fixed`: whoever runs the workspace has switched it off."""

    channel: str
    purpose: str
    on: bool
    fixed: bool

    @property
    def name(self) -> str:
        """What it is called in a form."""
        return f"{self.channel}:{self.purpose}"


@dataclass(frozen=True)
class Agreement:
    """Consent to one purpose: the entry that holds (None: none), and whether nothing is sent without one."""

    purpose: str
    entry: Consent | None
    needed: bool


@dataclass(frozen=True)
class OnRecord:
    """All that is known of what somebody wants."""

    choices: list[Choice]
    agreements: list[Agreement]
    paused: Suppression | None
    stopped: list[Suppression]
    consents: list[Consent]
    language: str

    @property
    def all_off(self) -> bool:
        return not any(choice.on for choice in self.choices)


def on_record(person: Recipient) -> OnRecord:
    """Return what is on record of a person's address."""
    rows = list(standing(person.workspace).filter(address__in=forms_of(person.workspace, person.address)))
    lasting = [row for row in rows if row.because != Because.PAUSED]
    choices = [_choice(lasting, channel, purpose) for channel in _channels(person) for purpose in PURPOSES]
    consents = list(entries(person.workspace, addresses=[person.address])[:50])
    return OnRecord(
        choices, _agreements(person, {row.purpose for row in consents}),
        next((row for row in rows if row.because == Because.PAUSED), None),
        lasting, consents, language_of(person),
    )  # fmt: skip


def _choice(rows: list[Suppression], channel: str, purpose: str) -> Choice:
    hit = [row for row in rows if row.channel in ("", channel) and row.purpose in ("", purpose)]
    return Choice(channel, purpose, on=not hit, fixed=any(not may_lift_own(row) for row in hit))


def _channels(person: Recipient) -> list[str]:
    """Return the channels that the address was written to by."""
    used = Message.objects.filter(workspace=person.workspace, address=person.address).order_by()
    return sorted({person.channel, *used.values_list("channel", flat=True).distinct()})


def _agreements(person: Recipient, recorded: Collection[str]) -> list[Agreement]:
    policy = ContactPolicy.objects.filter(workspace=person.workspace).first()
    needed = policy.needs_consent if policy else []
    known = Ledger(person.workspace, [person.address], [person.customer])
    return [
        Agreement(p, known.newest(person.address, person.customer, p, person.channel), p in needed)
        for p in PURPOSES
        if p in needed or p in recorded
    ]


def unsubscribe(person: Recipient, proof: Mapping[str, Any]) -> bool:
    """Send a person nothing more of a message's purpose by its channel; return whether that is new."""
    return suppress(
        person.workspace, person.address, channel=person.channel, purpose=person.purpose,
        because=Because.UNSUBSCRIBED, by=THEMSELVES, proof=proof,
    )  # fmt: skip


@transaction.atomic
def choose(person: Recipient, wanted: Collection[str]) -> None:
    """Write down what a person wants: names of `Choice`; everything else is switched off."""
    before = on_record(person)
    free = [choice for choice in before.choices if not choice.fixed]
    off = [choice for choice in free if choice.name not in wanted]
    if len(off) == len(before.choices):
        stop_all(person)
        return
    if any(choice.name in wanted and not choice.on for choice in free):
        for row in before.stopped:
            if may_lift_own(row):
                lift(row, reason=PAGE, by=THEMSELVES)
    for choice in off:
        suppress(
            person.workspace, person.address, channel=choice.channel, purpose=choice.purpose,
            because=Because.UNSUBSCRIBED, by=THEMSELVES, proof={"page": PAGE},
        )  # fmt: skip


def stop_all(person: Recipient) -> None:
    """Send nothing to the address any more, by no channel and for no purpose."""
    suppress(person.workspace, person.address, because=Because.UNSUBSCRIBED, by=THEMSELVES, proof={"page": PAGE})


def pause(person: Recipient) -> None:
    """Send nothing to the address for `PAUSE`."""
    suppress(
        person.workspace, person.address, because=Because.PAUSED, by=THEMSELVES,
        proof={"page": PAGE}, until=timezone.now() + PAUSE,
    )  # fmt: skip


def resume(person: Recipient) -> None:
    """End the pause of an address."""
    mine = standing(person.workspace).filter(address__in=forms_of(person.workspace, person.address))
    for row in mine.filter(because=Because.PAUSED):
        lift(row, reason=PAGE, by=THEMSELVES)


def language_of(person: Recipient) -> str:
    """Return the language that was chosen for an address, empty when none was."""
    row = Preference.objects.filter(workspace=person.workspace, address=person.address).first()
    return row.language if row else ""


def speak(person: Recipient, language: str) -> None:
    """Keep the language in which an address is written to."""
    Preference.objects.update_or_create(
        workspace=person.workspace, address=person.address, defaults={"language": language}
    )


def agree(person: Recipient, purpose: str, *, given: bool, words: str) -> None:
    """Write into the ledger that a person agrees, or does no more. `words`: what they were told, in their language."""
    record_consent(
        person.workspace, person.address, purpose, given=given, by=THEMSELVES, customer=person.customer,
        proof={"page": PAGE, "words": words, "channel": person.channel},
    )  # fmt: skip
