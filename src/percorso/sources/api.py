"""The REST interface to facts and imports: tables, appending rows, uploading files, undoing."""

import json
import secrets
import shutil
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import File, Form, P, Path, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from percorso.accounts.bearer import READ, WRITE, KeyRequest
from percorso.analytics.tables import TABLES
from percorso.base.owner import store
from percorso.base.rest import Page, Paging, Problem, Strict, example, page_of
from percorso.errors import BadQuestion, UserError
from percorso.i18n import mark
from percorso.sources import actions, facts, queries
from percorso.sources.connector import CONNECTORS
from percorso.sources.models import Import
from percorso.sources.uploads import incoming_folder, safe_name

router = Router()

ROWS: list[dict[str, Any]] = [
    {
        "id": f"a{n}", "at": f"2026-01-{n:02}T15:00:00Z", "customer": f"c{n}", "channel": "email", "survey": "after delivery",
        "metric": "csat", "score": score, "scale_min": 1, "scale_max": 5, "polarity": "higher", "population": "customer",
    }
    for n, score in enumerate((5, 4, 2, 5), 1)
]  # fmt: skip
IMPORT: dict[str, Any] = {
    "id": 1, "connector": "answers", "files": ["answers.csv"], "state": "waiting", "tables": {}, "records": 0, "rows": 0,
    "new": 0, "repeated": 0, "rejected": 0, "messages": [], "started_at": "2026-02-01T12:00:00Z", "finished_at": None,
    "by": "nightly load (pc_a1b2c3d…)",
}  # fmt: skip


class ColumnOut(Schema):
    name: str
    kind: str = Field(description="text, number, integer, flag, instant or json")
    about: str


class TableOut(Schema):
    """A fact table: what one row is, and its columns."""

    name: str
    about: str
    columns: list[ColumnOut]


class Rows(Strict):
    """Facts; every row needs an `id` and, but for customers, when it happened. Unknown names are kept as properties."""

    rows: list[dict[str, Any]] = Field(min_length=1, max_length=facts.MOST_ROWS)


class AppendedOut(Schema):
    """What became of the rows; a row whose id was known replaced the earlier one."""

    rows: int
    new: int
    repeated: int


class ImportOut(Schema):
    """One import of files; the counts are of the last run."""

    id: int
    connector: str
    files: list[str]
    state: str = Field(description="draft, waiting, running, done, stopped, failed, interrupted or undone")
    tables: dict[str, Any]
    records: int
    rows: int
    new: int
    repeated: int
    rejected: int
    messages: list[str]
    started_at: datetime
    finished_at: datetime | None
    by: str

    @staticmethod
    def resolve_files(row: Import) -> list[str]:
        return row.shown_names

    @staticmethod
    def resolve_state(row: Import) -> str:
        return str(row.standing)

    @staticmethod
    def resolve_messages(row: Import) -> list[str]:
        return [gettext(told["template"]).format(**told["params"]) for told in row.told]


def _table(name: str) -> dict[str, Any]:
    table = TABLES[name]
    columns = [c for c in table.columns if c.name not in facts.OURS]
    told = [{"name": c.name, "kind": c.kind, "about": c.about} for c in columns]
    return {"name": name, "about": table.about, "columns": told}


@router.get(
    "/tables", auth=READ, response=Page[TableOut], summary="Fact tables", operation_id="list_tables",
    openapi_extra=example({"items": [_table("subscriptions")], "next": None}),
)  # fmt: skip
def list_tables(request: HttpRequest) -> dict[str, Any]:
    """All fact tables with the columns that can be given."""
    return {"items": [_table(name) for name in TABLES], "next": None}


@router.post(
    "/facts/{table}", auth=WRITE, response={201: AppendedOut}, summary="Append facts", operation_id="append_facts",
    openapi_extra=example({"rows": 4, "new": 4, "repeated": 0}, 201, asked={"rows": ROWS}),
)  # fmt: skip
def append_facts(request: KeyRequest, table: Path[str, P(example="answers")], body: Rows) -> Status[Any]:
    """Append up to 5,000 rows: all of them are stored or, when one does not fit, none, and the answer says which.

    What is answered 201 is stored for good. An `id` counts once: sent again, a row replaces the earlier one, so a
    request that may or may not have arrived can simply be repeated.
    """
    if table not in TABLES:
        raise Problem(404, mark("There is no table {table}. See GET /tables."), table=table)
    try:
        return Status(201, facts.append_facts(request.auth.workspace, table, body.rows, store=store(), by=request.auth))
    except facts.NotFitting as error:
        errors = [
            {"where": f"body.rows.{row}.{column}".rstrip("."), "detail": gettext(why).format(**places)}
            for row, column, why, places in error.errors
        ]
        raise Problem(
            422, mark("Nothing was stored. See errors for what does not fit, and where."), errors=errors
        ) from error


@router.get(
    "/imports", auth=READ, response=Page[ImportOut], summary="Imports", operation_id="list_imports",
    openapi_extra=example({"items": [IMPORT], "next": None}),
)  # fmt: skip
def list_imports(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Imports of files, the newest first."""
    rows = queries.imports(request.auth.workspace).order_by("-id")
    if after := paging.after():
        rows = rows.filter(pk__lt=after[0])
    return page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))


@router.get(
    "/imports/{id}", auth=READ, response=ImportOut, summary="One import", operation_id="get_import",
    openapi_extra=example(IMPORT),
)  # fmt: skip
def get_import(request: KeyRequest, id: int) -> Import:
    """One import: how far it is, or what became of it."""
    return _import(request, id)


@router.post(
    "/imports", auth=WRITE, response={202: ImportOut}, summary="Import files", operation_id="start_import",
    openapi_extra=example(IMPORT, 202, form={"connector": "answers", "files": ["answers.csv"], "config": '{"scale": "1-5"}'}),
)  # fmt: skip
def start_import(
    request: KeyRequest,
    connector: Form[str],
    files: File[list[UploadedFile]],
    config: Form[str] = "{}",
) -> Status[Import]:
    """Upload files and line up their import; ask GET /imports/{id} how far it is, or be told by a webhook.

    `config` : the connector's settings as one JSON object.
    """
    if connector not in CONNECTORS:
        known = ", ".join(CONNECTORS)
        raise BadQuestion(mark("There is no connector {key}. Choose one of: {known}."), key=connector, known=known)
    folder = incoming_folder() / secrets.token_hex(12)
    try:
        paths = [_kept(folder / str(n), file) for n, file in enumerate(files)]
        row = actions.start_import(
            request.auth.workspace, connector, paths, config=_settings(config), by=str(request.auth)
        )
    except UserError as error:
        raise Problem(400, error.message, **error.params) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Status(202, row)


@router.delete(
    "/imports/{id}", auth=WRITE, response={202: ImportOut}, summary="Undo an import", operation_id="undo_import",
    openapi_extra=example(IMPORT | {"state": "done"}, 202),
)  # fmt: skip
def undo_import(request: KeyRequest, id: int) -> Status[Import]:
    """Take the rows of an import out of all tables; it is done a little later, `state` says undone then."""
    row = _import(request, id)
    try:
        actions.undo_import(row, by=str(request.auth))
    except BadQuestion as error:
        raise Problem(409, error.message, **error.params) from error
    return Status(202, row)


def _import(request: KeyRequest, id: int) -> Import:
    row: Import | None = queries.imports(request.auth.workspace).filter(pk=id).first() if abs(id) < 2**63 else None
    if row is None:
        raise Problem(404, mark("There is no import {id}. See GET /imports."), id=id)
    return row


def _kept(folder: FilePath, file: UploadedFile) -> FilePath:
    """Write an uploaded file where imports take files from; return its path."""
    folder.mkdir(parents=True)
    path = folder / safe_name(file.name or "file")
    with path.open("wb") as out:
        for chunk in file.chunks():
            out.write(chunk)
    return path


def _settings(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadQuestion(mark("The settings of the connector are one JSON object, e.g. {example}."), example='{"zone": "Europe/Rome"}')  # fmt: skip
    return found
