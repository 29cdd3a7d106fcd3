"""What is kept of people who are erased, in calls that could not be taken and in files that were imported."""

from collections.abc import Iterator
from pathlib import Path

from percorso.accounts.models import Workspace
from percorso.config import data_folder
from percorso.customers.privacy.parts import Part, Row, add_part, delete_older
from percorso.customers.privacy.subject import Subject
from percorso.i18n import mark
from percorso.sources.models import Import, RefusedCall
from percorso.sources.tracking.loader import load
from percorso.sources.webhooks.models import WebhookDelivery


def connect() -> None:
    """Tell what is kept of people."""
    add_part(
        Part(
            "sources",
            mark("Calls that could not be taken"),
            more=_calls,
            gone=(RefusedCall,),
            settle=_settle,
            files=_files,
        )
    )
    calls = mark("Calls of other systems (webhooks)")
    delete_older("sources.webhooks", calls, WebhookDelivery, "source__workspace")
    delete_older("sources.refused", mark("Calls that could not be taken"), RefusedCall, "source__workspace")


def _calls(workspace: Workspace, subject: Subject) -> Iterator[Row]:
    for call in RefusedCall.objects.filter(source__workspace=workspace).order_by("pk").iterator():
        if subject.stands_in(call.body):
            yield {"kind": "call", "at": call.at.isoformat(), "reason": call.reason, "body": call.body}


def _settle() -> None:
    """Load what waits in the spool: of who was erased nothing is taken."""
    load()


def _files(workspace: Workspace) -> Iterator[Path]:
    """Return uploaded files, and rows that could not be imported."""
    yield from (path for path in (data_folder() / "uploads" / workspace.slug).rglob("*") if path.is_file())
    for row in Import.objects.filter(workspace=workspace):
        yield from (row.rejected_path, row.tried_path)
    yield from (data_folder() / "rejected").glob("dry-run-*.jsonl")
