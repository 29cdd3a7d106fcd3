"""What pages say of a person's data and of receipts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import get_language, gettext

from percorso.accounts import audit
from percorso.accounts.models import Workspace
from percorso.base.columns import COLUMNS
from percorso.base.words import count
from percorso.customers import words
from percorso.customers.models import ErasureReceipt
from percorso.customers.privacy import export, facts
from percorso.customers.privacy.parts import PARTS
from percorso.customers.privacy.subject import Subject
from percorso.customers.sentences import TABLES as TOLD
from percorso.customers.sentences import Told, told
from percorso.i18n import mark

# Of each kind a page shows so many rows; the file has all.
MOST_SHOWN = 200
LONGEST = 500
HIDDEN = (
    "kind",
    "id",
    "html",
    "headers",
    "attempts",
    "priority",
    "exempt",
    "remote_id",
    "leased_until",
    "batch",
    "because",
    "joins",
)
# What the columns are called that the facts do not share.
HEADINGS = {
    "at": mark("When"),
    "created_at": mark("When"),
    "changed_at": mark("When"),
    "sent_at": mark("Sent"),
    "customer": mark("Customer"),
    "identity": mark("Id"),
    "one": mark("Id"),
    "other": mark("Id"),
    "apart": mark("They are not one"),
    "value": mark("Value"),
    "trait": mark("What"),
    "action": mark("What was done"),
    "name": mark("Name"),
    "region": mark("Region"),
    "company": mark("Company"),
    "traits": mark("What is known"),
    "address": mark("Address or phone number"),
    "purpose": mark("Purpose"),
    "basis": mark("Legal basis"),
    "given": mark("Given"),
    "proof": mark("What shows it"),
    "state": mark("State"),
    "subject": mark("Subject"),
}
FACTS = {
    "events": mark("Events"),
    "answers": mark("Answers"),
    "mentions": mark("Comments and reviews"),
    "tickets": mark("Tickets"),
    "ticket_events": mark("Steps of tickets"),
    "promises": mark("Promises"),
    "contacts": mark("Calls and chats"),
    "orders": mark("Orders"),
    "subscriptions": mark("Subscriptions"),
    "messages": mark("Messages received"),
    "cases": mark("Follow-ups"),
    "customers": mark("Who you are"),
}
MODELS = {
    "consent": mark("Consent"),
    "identity": mark("Identities"),
    "identityclaim": mark("Identities"),
    "claim": mark("Said to be one"),
    "decision": mark("Decisions"),
    "traits": mark("What changed"),
    "message": mark("Messages"),
    "response": mark("Responses to surveys"),
    "invitation": mark("Invitations to surveys"),
    "refusal": mark("Messages that were not sent"),
    "refusedcall": mark("Calls that could not be taken"),
    "delivery": mark("Messages to other systems"),
    "auditentry": mark("Entries of the audit log"),
    "job": mark("Jobs"),
    "files": mark("Files"),
}


@dataclass(frozen=True)
class Line:
    """One kind of data and how much of it there is."""

    label: str
    n: int


@dataclass(frozen=True)
class Sheet:
    """One kind of data as a table: columns, rows of texts, how many rows there are in all."""

    label: str
    columns: list[str]
    rows: list[list[str]]
    n: int

    @property
    def cut(self) -> bool:
        """Whether there are more rows than are shown."""
        return self.n > len(self.rows)


@dataclass(frozen=True)
class History:
    """One kind of facts as sentences, and how many there are in all."""

    label: str
    lines: list[Told]
    n: int

    @property
    def cut(self) -> bool:
        """Whether there are more than are shown."""
        return self.n > len(self.lines)


def lines(workspace: Workspace, subject: Subject) -> list[Line]:
    """Return what is kept of a person, kind by kind; of kinds that have something."""
    known = facts.counts(workspace, export.ids_of(subject))
    made = [Line(gettext(FACTS[table]), n) for table, n in known.items()]
    parts = [(gettext(part.label), sum(1 for _ in part.rows(workspace, subject))) for part in PARTS.values()]
    return made + [Line(label, n) for label, n in parts if n]


def histories(workspace: Workspace, subject: Subject) -> list[History]:
    """Return a person's facts as sentences, by kind, the newest first."""
    made = []
    for table, n in facts.counts(workspace, export.ids_of(subject)).items():
        if table in TOLD:
            rows = facts.rows(workspace, export.ids_of(subject), table)[::-1][:MOST_SHOWN]
            lines = [told(table, row, workspace.time_zone) for row in rows if row["at"] is not None]
            made.append(History(gettext(FACTS[table]), lines, n))
    return made


def sheets(workspace: Workspace, subject: Subject) -> list[Sheet]:
    """Return what is kept of a person besides as tables, who they are first."""
    rows = {name: export.facts_of(workspace, subject, name) for name in ("customers", "cases")}
    made = [_sheet(gettext(FACTS[name]), found, workspace) for name, found in rows.items() if found]
    for part in PARTS.values():
        kinds: dict[str, list[dict[str, Any]]] = {}
        for row in part.rows(workspace, subject):
            kinds.setdefault(str(row.get("kind", "")), []).append(row)
        for kind, found in kinds.items():
            label = gettext(MODELS[kind]) if kind in MODELS else gettext(part.label)
            rows_told = [_without(row) for row in found] if kind != "traits" else [*_changes(found)]
            made.append(_sheet(label, rows_told, workspace))
    return made


def _without(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without what says nothing to the person; what was done in words."""
    if row.get("kind") == "audit":
        return {"at": row["made_at"], "action": gettext(audit.ACTIONS.get(row["action"], row["action"]))}
    return {name: value for name, value in row.items() if name not in HIDDEN}


def _changes(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return what sources told of a person, trait by trait, each with when."""
    for row in rows:
        for trait, told_of in row["told"].items():
            for at, value in told_of:
                yield {"trait": trait, "value": value, "at": datetime.fromtimestamp(at / 1e6, UTC).isoformat()}


def _heading(name: str) -> str:
    known = HEADINGS.get(name) or COLUMNS.get(name)
    return gettext(known) if known else name.replace("_", " ")


def _sheet(label: str, rows: list[dict[str, Any]], workspace: Workspace) -> Sheet:
    filled = [{name: value for name, value in row.items() if value not in (None, "", [], {})} for row in rows]
    columns = list(dict.fromkeys(name for row in filled for name in row))
    shown = [[_cell(row.get(name), workspace) for name in columns] for row in filled[:MOST_SHOWN]]
    return Sheet(label, [_heading(name) for name in columns], shown, len(rows))


def _cell(value: Any, workspace: Workspace) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int | float):
        return words.number(value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_cell(one, workspace)}" for name, one in value.items())[:LONGEST]
    if isinstance(value, list):
        return "; ".join(_cell(one, workspace) for one in value)[:LONGEST]
    return _instant(str(value), workspace)[:LONGEST]


def _instant(text: str, workspace: Workspace) -> str:
    """Return an instant as people write it, any other text as it is."""
    try:
        at = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        at = None
    return words.instant(at, workspace.time_zone) if at is not None and at.tzinfo is not None else text


def counted(receipt: ErasureReceipt) -> list[Line]:
    """Return what a receipt counts, in words."""
    names = FACTS | MODELS
    return [
        Line(gettext(names[key]) if key in names else key.replace("_", " "), n) for key, n in receipt.counts.items()
    ]


def receipt_json(receipt: ErasureReceipt) -> dict[str, Any]:
    """Return a receipt as JSON: no personal data but keyed hashes."""
    instants = {"at": receipt.at, "erased_at": receipt.erased_at, "overwritten_at": receipt.overwritten_at}
    return {
        "receipt": receipt.pk, "workspace": receipt.workspace.slug, "by": receipt.by, "reason": receipt.reason,
        **{name: at.isoformat() if at else None for name, at in instants.items()},
        "rows": receipt.counts, "identities": receipt.hashes,
    }  # fmt: skip


def total(found: list[Line]) -> str:
    """Return how many rows it is in all, as the language writes numbers."""
    return str(count(sum(line.n for line in found)))


def language_of(told: str | None, known: list[str]) -> str:
    """Return the language of a page for a person: theirs where we write it, else the reader's own."""
    wanted = (told or "").casefold().replace("_", "-")
    near = [code for code in known if code == wanted or code.partition("-")[0] == wanted.partition("-")[0]]
    return near[0] if wanted and near else get_language() or "en"
