"""Changes of the contact policy and of the list of those who get nothing."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.outreach.addresses import Addresses
from percorso.outreach.models import ContactPolicy, Suppression
from percorso.outreach.suppression import Because, suppress

By = Person | str
MOST_LINES = 100_000
AT_ONCE = 1000
NAMES = ("address", "email", "e-mail", "mail", "phone", "telefone", "telefono", "endereço", "indirizzo")


@dataclass(frozen=True)
class Imported:
    """What became of a file of addresses."""

    added: int
    known: int
    unreadable: int


@transaction.atomic
def change_policy(workspace: Workspace, *, by: By, **values: Any) -> ContactPolicy:
    """Change the contact policy; `values` : fields of `ContactPolicy`."""
    row, _ = ContactPolicy.objects.get_or_create(workspace=workspace)
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save()
        audit.record("contact_policy_changed", workspace, by=by, **{name: values[name] for name in changed})
    return row


def suppress_typed(workspace: Workspace, address: str, *, channel: str, purpose: str, reason: str, by: By) -> bool:
    """Put an address that somebody typed on the list; return whether that is new.

    Raises
    ------
    BadQuestion : it is no address.
    """
    known = Addresses(workspace).typed(channel, address)
    if not known:
        raise BadQuestion(mark("{address} is no address."), address=address[:100])
    return suppress(
        workspace, known, channel=channel, purpose=purpose, because=Because.BY_HAND, by=by, proof={"reason": reason}
    )


@transaction.atomic
def import_addresses(workspace: Workspace, name: str, content: bytes, *, channel: str, by: By) -> Imported:
    """Put the addresses of a CSV file on the list, for every purpose; what it has already stays.

    The column is the one called address, e-mail or phone; without such a name, the first.

    Raises
    ------
    BadQuestion : the file is no text, or has too many lines.
    """
    known, unreadable = Addresses(workspace), 0
    wanted: set[str] = set()
    for text in _addresses_in(content):
        address = known.typed(channel, text)
        unreadable += not address
        wanted |= {address} - {""}
    ordered, mine = sorted(wanted), Suppression.objects.filter(workspace=workspace, channel=channel, purpose="")
    before = 0
    for start in range(0, len(ordered), AT_ONCE):
        part = ordered[start : start + AT_ONCE]
        mine.filter(address__in=part).exclude(until=None).delete()
        before += mine.filter(address__in=part).count()
        rows = [_by_hand(workspace, channel, address, name, by) for address in part]
        Suppression.objects.bulk_create(rows, ignore_conflicts=True)
    added = len(ordered) - before
    audit.record("suppressed", workspace, by=by, target=name, added=added, channel=channel)
    return Imported(added, before, unreadable)


def _by_hand(workspace: Workspace, channel: str, address: str, name: str, by: By) -> Suppression:
    return Suppression(
        workspace=workspace, channel=channel, address=address, because=Because.BY_HAND,
        proof={"file": name[:254]}, by=str(by)[:254],
    )  # fmt: skip


def _addresses_in(content: bytes) -> Iterator[str]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise BadQuestion(mark("This is no text file. Save the list as CSV."))
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise BadQuestion(mark("The file has more than {most} lines. Split it."), most=MOST_LINES)
    first = lines[0] if lines else ""
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    place = 0
    for number, row in enumerate(rows):
        names = [cell.strip().casefold() for cell in row]
        if number == 0 and (found := next((i for i, cell in enumerate(names) if cell in NAMES), None)) is not None:
            place = found
        elif any(names):
            yield row[place].strip() if place < len(row) else ""
