"""A copy of everything that is kept of one person, over all modules: JSON by a published schema, in a file that goes by itself."""

import json
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from percorso.accounts.models import Workspace
from percorso.analytics.tables import TABLES
from percorso.base import jobs
from percorso.base.models import Job
from percorso.config import data_folder
from percorso.customers.privacy import facts
from percorso.customers.privacy.own import EXPORT, FILES
from percorso.customers.privacy.parts import PARTS, Row, told
from percorso.customers.privacy.subject import Subject, subject_of, subjects_at

VERSION = 1
KEPT = timedelta(days=7)
# Of what the company keeps for itself: to whom the row belongs, and how it came.
OURS = ("workspace", "deliveries")


def facts_of(workspace: Workspace, subject: Subject, table: str) -> list[Row]:
    """Return a person's facts of a table, the oldest first, without columns that are empty."""
    return [_plain(row) for row in facts.rows(workspace, ids_of(subject), table)]


def ids_of(subject: Subject) -> list[str]:
    """Return the ids by which facts name a person."""
    return [*subject.customers, *subject.identities]


def _plain(row: Row) -> Row:
    made = {}
    for name, value in row.items():
        if value is None or value != value or name in OURS:
            continue
        if name in ("properties", "traits", "themes") and isinstance(value, str):
            value = _object(value)
        made[name] = _utc(value) if isinstance(value, datetime) else told(value)
    return made


def _utc(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def collect(
    workspace: Workspace, subject: Subject, told: Callable[[float], None] = lambda share: None
) -> dict[str, Any]:
    """Return everything that is kept of a person, in the form that `schema` describes."""
    found = {}
    for place, table in enumerate(TABLES):
        if rows := facts_of(workspace, subject, table):
            found[table] = rows
        told(place / (len(TABLES) + len(PARTS)))
    parts = {
        key: {"label": gettext(part.label), "rows": list(part.rows(workspace, subject))} for key, part in PARTS.items()
    }
    return {
        "version": VERSION,
        "made_at": _utc(timezone.now()),
        "company": workspace.name,
        "person": {"customers": list(subject.customers), "identities": list(subject.identities), "addresses": list(subject.addresses), "names": list(subject.names)},
        "facts": found,
        "parts": {key: part for key, part in parts.items() if part["rows"]},
    }  # fmt: skip


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the copy; every column of every fact table is in it."""
    kinds: dict[str, Any] = {
        "text": {"type": "string"}, "number": {"type": "number"}, "integer": {"type": "integer"}, "flag": {"type": "boolean"},
        "instant": {"type": "string", "format": "date-time"}, "json": {},
    }  # fmt: skip
    texts = {"type": "array", "items": {"type": "string"}}
    tables = {}
    for table in TABLES.values():
        columns = {c.name: {**kinds[c.kind], "description": c.about} for c in table.columns if c.name not in OURS}
        row = {"type": "object", "properties": columns, "required": ["id"], "additionalProperties": False}
        tables[table.name] = {"type": "array", "description": f"One row is {table.about}.", "items": row}
    part = {
        "type": "object", "required": ["label", "rows"], "additionalProperties": False,
        "properties": {"label": {"type": "string"}, "rows": {"type": "array", "items": {"type": "object"}}},
    }  # fmt: skip
    person = dict.fromkeys(("customers", "identities", "addresses", "names"), texts)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Everything that percorso keeps of one person",
        "type": "object",
        "required": ["version", "made_at", "company", "person", "facts", "parts"],
        "additionalProperties": False,
        "properties": {
            "version": {"const": VERSION},
            "made_at": kinds["instant"],
            "company": {"type": "string", "description": "The workspace that keeps the data."},
            "person": {"type": "object", "description": "By what the person is known.", "properties": person, "required": list(person), "additionalProperties": False},
            "facts": {"type": "object", "description": "What happened, by table.", "properties": tables, "additionalProperties": False},
            "parts": {"type": "object", "description": "What each module keeps besides: invitations, responses, messages, consent, identities, who looked at the person.", "additionalProperties": part},
        },
    }  # fmt: skip


def folder() -> Path:
    """Return where copies lie until they go."""
    made = data_folder() / "exports"
    made.mkdir(mode=0o700, exist_ok=True)
    return made


def person_named(workspace: Workspace, customer: str) -> Subject:
    """Return the person that an id or an address means; the first one where an address is several people's."""
    subject = subject_of(workspace, customer)
    return (
        subject
        if subject.identities or facts.counts(workspace, ids_of(subject))
        else subjects_at(workspace, customer)[0]
    )


def write(workspace: Workspace, customer: str, told: Callable[[float], None] = lambda share: None) -> dict[str, Any]:
    """Write the copy into a file; return its name and how many rows are in it."""
    made = collect(workspace, person_named(workspace, customer), told)
    path = folder() / FILES.replace("*", secrets.token_urlsafe(16))
    path.write_text(json.dumps(made, ensure_ascii=False, indent=1))
    path.chmod(0o600)
    rows = sum(map(len, made["facts"].values())) + sum(len(part["rows"]) for part in made["parts"].values())
    return {"file": path.name, "rows": rows}


def line_up(workspace: Workspace, customer: str, language: str, *, by: str) -> Job:
    """Have a copy made."""
    return jobs.enqueue(EXPORT, workspace=workspace.slug, by=by, customer=customer, language=language)


def copies(workspace: Workspace, customer: str) -> list[Job]:
    """Return the jobs that make or made copies of a person, the newest first; those whose file may still be there."""
    since = timezone.now() - KEPT
    rows = Job.objects.filter(
        name=EXPORT, workspace=workspace.slug, created_at__gte=since, arguments__customer=customer
    )
    return list(rows.order_by("-id")[:10])


def file_of(row: Job) -> Path | None:
    """Return the file that a job made; None when there is none, or none any more."""
    if row.state != Job.State.DONE or not row.result or timezone.now() - row.created_at > KEPT:
        return None
    path = folder() / str(row.result["file"])
    return path if path.is_file() else None


def _old() -> Iterator[Path]:
    before = (timezone.now() - KEPT).timestamp()
    return (path for path in folder().glob(FILES) if path.stat().st_mtime < before)


def forget_old() -> int:
    """Delete the files that were kept long enough; return how many."""
    old = list(_old())
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
