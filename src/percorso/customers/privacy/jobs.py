"""What runs later: erasing a person in facts and files, copies for people, the end of what was kept long enough."""

from datetime import time
from functools import partial
from typing import Any

from percorso.accounts.models import Workspace
from percorso.base.jobs import Rule, check, job
from percorso.base.models import Job
from percorso.customers.models import ErasureReceipt
from percorso.customers.privacy import erasing, export, own, retention
from percorso.i18n import mark


@job(erasing.JOB, mark("Erase a person in facts and files"), local=True)
def erase_person(row: Job, receipt: int) -> dict[str, int]:
    """Carry out what a receipt says."""
    found = ErasureReceipt.objects.select_related("workspace").filter(pk=receipt).first()
    return erasing.carry_out(found) if found else {}


@job(erasing.OVERWRITE, mark("Overwrite what was erased"), local=True)
def overwrite_erased(row: Job, receipts: list[int]) -> int:
    """Write the files of both databases anew; one turn serves all erasures that wait."""
    return erasing.overwrite()


@job("finish_erasures", mark("Finish erasures"), every=Rule(minutes=60))
def finish_erasures(row: Job) -> int:
    """Go on with erasures whose jobs failed or were stopped: they must come to an end."""
    return erasing.finish()


@job(own.EXPORT, mark("Copy of a person's data"), local=True)
def export_person(row: Job, customer: str, language: str) -> dict[str, Any]:
    """Write everything that is kept of a person into a file."""
    workspace = Workspace.objects.get(slug=row.workspace)
    return export.write(workspace, customer, partial(check, row))


@job("forget_copies", mark("Deleting old copies of personal data"), every=Rule(at=time(4, 10)), local=True)
def forget_copies(row: Job) -> int:
    """Delete the copies that were kept long enough."""
    return export.forget_old()


@job(
    "end_of_keeping",
    mark("End of what was kept long enough"),
    every=Rule(at=time(2, 40)),
    per_workspace=True,
    local=True,
)
def end_of_keeping(row: Job) -> dict[str, int]:
    """Delete or anonymise what is older than the workspace keeps it."""
    return retention.carry_out(Workspace.objects.get(slug=row.workspace), by="clock")
