"""What runs later: trying, importing, undoing, and forgetting uploaded files."""

from datetime import time
from typing import Any

from percorso.base.jobs import Rule, job
from percorso.base.models import Job
from percorso.i18n import mark
from percorso.sources import runs
from percorso.sources.models import Import
from percorso.sources.tracking.tally import KEPT_COUNTS, forget_old_counts
from percorso.sources.uploads import KEPT
from percorso.sources.webhooks import jobs as webhooks  # noqa: F401  registers its jobs


def _row(pk: int) -> Import:
    return Import.objects.select_related("workspace", "person").get(pk=pk)


@job("try_files", mark("Trying an import"), local=True)
def try_files(row: Job, import_id: int) -> None:
    """Read the files of a draft and store nothing."""
    runs.try_upload(row, _row(import_id))


@job("import_files", mark("Import of files"), local=True)
def import_files(row: Job, import_id: int) -> dict[str, Any]:
    """Import uploaded files."""
    return runs.import_upload(row, _row(import_id))


@job("undo_import", mark("Undoing an import"), local=True)
def undo_import(row: Job, import_id: int) -> dict[str, int]:
    """Take the rows of an import out of the figures."""
    return runs.undo(row, _row(import_id))


@job("forget_uploads", mark("Deleting old uploads"), every=Rule(at=time(3, 40)), local=True)
def forget_uploads(row: Job) -> int:
    """Delete uploaded files that were kept long enough."""
    return runs.forget_uploads(KEPT)


@job("forget_counts", mark("Deleting old counts of calls"), every=Rule(at=time(3, 50)))
def forget_counts(row: Job) -> int:
    """Delete how many calls came, and what was not as planned, of more than ninety days ago."""
    return forget_old_counts(KEPT_COUNTS)
