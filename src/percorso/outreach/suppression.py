"""Addresses that nothing is sent to: looking them up, putting them on the list, taking them off."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.customers import consent
from percorso.customers.consent import masked
from percorso.customers.forgotten import hashed
from percorso.outreach.models import ContactPolicy, Suppression

By = Person | str
Because = Suppression.Because
# When several say no, the gravest is told.
GRAVEST = (Because.BY_HAND, Because.COMPLAINED, Because.BOUNCED, Because.UNSUBSCRIBED, Because.PAUSED)
# What a person has done themselves, or what is disproved when they read a message: they may take it back.
OWN = (Because.UNSUBSCRIBED, Because.PAUSED, Because.COMPLAINED, Because.BOUNCED)
Bar = tuple[str, dict[str, Any]]


class Barred:
    """Who may not be written to, of many people: the list, withdrawn consent, and consent that is needed and missing."""

    def __init__(
        self, workspace: Workspace, addresses: Collection[str], customers: Collection[str], needed: Collection[str]
    ) -> None:
        self._needed = frozenset(needed)
        self._consents = consent.Ledger(workspace, addresses, customers)
        self._rows: dict[str, list[Suppression]] = {}
        # Of somebody who was forgotten only a hash is on the list.
        wanted = {form: address for address in addresses if address for form in forms_of(workspace, address)}
        ordered = sorted(wanted)
        for start in range(0, len(ordered), consent.AT_ONCE):
            for row in standing(workspace).filter(address__in=ordered[start : start + consent.AT_ONCE]):
                self._rows.setdefault(wanted[row.address], []).append(row)

    def why(self, channel: str, purpose: str, address: str, customer: str = "") -> Bar | None:
        """Return why nothing is sent: a key of `REASONS` and its details; None when nothing says so."""
        rows = [r for r in self._rows.get(address, ()) if r.channel in ("", channel) and r.purpose in ("", purpose)]
        if rows:
            row = min(rows, key=lambda r: GRAVEST.index(Because(r.because)))
            return row.because, {"until": row.until.isoformat()} if row.until else {}
        newest = self._consents.newest(address, customer, purpose, channel)
        if newest is None:
            return ("no_consent", {}) if purpose in self._needed else None
        return None if newest.given else ("withdrawn", {})


def forms_of(workspace: Workspace, address: str) -> tuple[str, str]:
    """Return in which forms an address may stand on the list: as it is, or as what is left of somebody forgotten."""
    return address, hashed(workspace, address)


def standing(workspace: Workspace) -> QuerySet[Suppression]:
    """Return the entries that hold now; pauses that are over do not."""
    return Suppression.objects.filter(Q(until=None) | Q(until__gt=timezone.now()), workspace=workspace)


def suppressed(workspace: Workspace, channel: str, purpose: str, address: str, customer: str = "") -> str:
    """Return why nothing may be sent to an address, a key of `policy.REASONS`; empty when something may.

    `address` : in the form that the channel compares.
    """
    found = barred(workspace, [address], [customer]).why(channel, purpose, address, customer)
    return found[0] if found else ""


def barred(workspace: Workspace, addresses: Collection[str], customers: Collection[str]) -> Barred:
    """Return who of many people may not be written to, under the workspace's policy."""
    policy = ContactPolicy.objects.filter(workspace=workspace).first()
    return Barred(workspace, addresses, customers, policy.needs_consent if policy else ())


@transaction.atomic
def suppress(
    workspace: Workspace,
    address: str,
    *,
    because: str,
    by: By,
    channel: str = "",
    purpose: str = "",
    proof: Mapping[str, Any] | None = None,
    until: datetime | None = None,
) -> bool:
    """Send nothing to an address any more; return whether that is new. Done twice, it is there once.

    Parameters
    ----------
    address : in the form that the channel compares. channel, purpose : empty means all of them.
    until : when it ends by itself (a pause); an entry that holds for good is not shortened.
    """
    values = {"because": because, "proof": dict(proof or {}), "by": str(by)[:254], "until": until}
    mine = Suppression.objects.filter(workspace=workspace, channel=channel, purpose=purpose)
    kept = mine.filter(address__in=forms_of(workspace, address)).values_list("address", flat=True).first()
    row, made = Suppression.objects.get_or_create(
        workspace=workspace, channel=channel, address=kept or address, purpose=purpose, defaults=values
    )
    if not made:
        if row.until is None or (until is not None and until <= row.until):
            return False
        Suppression.objects.filter(pk=row.pk).update(**values, at=timezone.now())
    audit.record(
        "suppressed", workspace, by=by, target=masked(address), because=because, channel=channel, purpose=purpose
    )
    return True


@transaction.atomic
def lift(row: Suppression, *, reason: str, by: By) -> None:
    """Take an address off the list; the reason is kept in the audit log."""
    audit.record(
        "suppression_lifted", row.workspace, by=by, target=masked(row.address),
        because=row.because, channel=row.channel, purpose=row.purpose, reason=reason[:300],
    )  # fmt: skip
    row.delete()


def may_lift_own(row: Suppression) -> bool:
    """Whether the person whose address it is may take an entry back."""
    return row.because in OWN
