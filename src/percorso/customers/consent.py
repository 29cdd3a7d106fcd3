"""The ledger of consent: who agreed to what, for which purpose and by which channel, and what shows it; append only.

The newest entry that speaks of a purpose and of a channel (or of all channels) is the one that holds.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.customers.models import Consent
from percorso.errors import BadQuestion
from percorso.i18n import mark

# Channels by which people are known to agree; others are shown by their key.
CHANNELS = {"email": mark("E-mail"), "sms": mark("SMS"), "whatsapp": mark("WhatsApp")}
# What messages are for, as people read it. Apps may use others; they are shown by their key.
PURPOSES = {
    "survey": mark("Surveys"),
    "campaign": mark("News and offers"),
    "service": mark("Messages about requests and orders"),
}
# The person concerned, as `by` of what they do themselves.
THEMSELVES = "the person concerned"
AT_ONCE = 10_000


def purpose_words(key: str) -> str:
    """Return a purpose in words."""
    return gettext(PURPOSES[key]) if key in PURPOSES else key


def channel_words(key: str) -> str:
    """Return a channel in words."""
    return gettext(CHANNELS[key]) if key in CHANNELS else key


def masked(address: str) -> str:
    """Return an address so that who knows it recognises it, and nobody else learns it.

    Examples
    --------
    >>> masked("ana@example.com"), masked("+5511987654321")
    ('a…@example.com', '…321')
    """
    name, at, host = address.rpartition("@")
    return f"{name[:1]}…@{host}" if at else f"…{address[-3:]}"


@transaction.atomic
def record_consent(
    workspace: Workspace,
    address: str,
    purpose: str,
    *,
    given: bool,
    by: Person | str,
    proof: Mapping[str, Any],
    channel: str = "",
    basis: str = Consent.Basis.CONSENT,
    customer: str = "",
) -> Consent:
    """Write an entry: consent given, or withdrawn.

    Parameters
    ----------
    address : in the form in which its channel compares addresses. purpose : a key of `PURPOSES`.
    proof : what shows it: the text agreed to, its version, the page, the request; JSON values.
    channel : empty means every channel. by : who writes it; `THEMSELVES` for the person concerned.

    Raises
    ------
    BadQuestion : no address, no such purpose, or no such legal basis.
    """
    known = address.strip().casefold()
    if not known:
        raise BadQuestion(mark("Consent belongs to an address. Give one."))
    if purpose not in PURPOSES:
        raise BadQuestion(
            mark("There is no purpose {name}. Choose among: {known}."), name=purpose, known=", ".join(PURPOSES)
        )
    if basis not in Consent.Basis.values:
        raise BadQuestion(
            mark("There is no legal basis {name}. Choose among: {known}."),
            name=basis, known=", ".join(Consent.Basis.values),
        )  # fmt: skip
    made = Consent.objects.create(
        workspace=workspace, address=known, purpose=purpose, given=given, channel=channel, basis=basis,
        customer=customer, proof=dict(proof), by=str(by)[:254],
    )  # fmt: skip
    action = "consent_given" if given else "consent_withdrawn"
    audit.record(action, workspace, by=by, target=customer or masked(known), purpose=purpose, channel=channel)
    return made


def may_contact(
    workspace: Workspace, address: str, purpose: str, *, channel: str = "", customer: str = "", needed: bool = True
) -> bool:
    """Return whether consent lets somebody be written to. `needed`: whether nothing on record means no."""
    known = Ledger(workspace, [address.strip().casefold()], [customer])
    newest = known.newest(address.strip().casefold(), customer, purpose, channel)
    return newest.given if newest else not needed


def entries(workspace: Workspace, *, customer: str = "", addresses: Iterable[str] = ()) -> QuerySet[Consent]:
    """Return the entries of one person, the newest first: by id, and by any of the addresses."""
    known = [address.strip().casefold() for address in addresses if address.strip()]
    mine = Q(address__in=known) | (Q(customer=customer) if customer else Q(pk__in=()))
    return Consent.objects.filter(mine, workspace=workspace).order_by("-id")


class Ledger:
    """The entries of many people, read in two queries for each `AT_ONCE` of them."""

    def __init__(self, workspace: Workspace, addresses: Collection[str], customers: Collection[str]) -> None:
        self._by: dict[tuple[str, str], list[Consent]] = {}
        for name, values in (("address", addresses), ("customer", customers)):
            wanted = sorted({value for value in values if value})
            for start in range(0, len(wanted), AT_ONCE):
                part = {f"{name}__in": wanted[start : start + AT_ONCE]}
                for row in Consent.objects.filter(workspace=workspace, **part).order_by("-id"):
                    self._by.setdefault((name, getattr(row, name)), []).append(row)

    def newest(self, address: str, customer: str, purpose: str, channel: str) -> Consent | None:
        """Return the entry that holds for a person, a purpose and a channel (empty: for all channels); None without one."""
        mine = [*self._by.get(("address", address), ()), *self._by.get(("customer", customer), ())]
        fits = [row for row in mine if row.purpose == purpose and row.channel in ("", channel)]
        return max(fits, key=lambda row: row.pk, default=None)
