"""Changes: imports of files, and the mappings they leave behind."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import Error as DatabaseError
from django.db import transaction
from django.utils import timezone

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.analytics.store import Store
from percorso.base import jobs
from percorso.base.models import Job
from percorso.config import data_folder
from percorso.errors import BadQuestion, UserError
from percorso.i18n import mark
from percorso.sources.connector import CONNECTORS, Context, checked
from percorso.sources.files import found_files
from percorso.sources.imports import DrySink, StoreSink, full_disk, run
from percorso.sources.mapping import Mapping
from percorso.sources.models import Import, KeptMapping
from percorso.sources.queries import kept_mapping, kept_mappings
from percorso.sources.readers import Format
from percorso.sources.report import Progress, Report, told_of, told_of_error
from percorso.sources.uploads import drop, take_in

SAVE_EVERY_SECONDS = 1.0
SILENCE = timedelta(minutes=10)


def import_files(
    workspace: Workspace,
    connector: str,
    files: Sequence[str | Path],
    *,
    store: Store,
    config: dict[str, Any] | None = None,
    mapping: Mapping | None = None,
    kept: str | None = None,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
    by: str = "",
    row: Import | None = None,
) -> Report:
    """Import files and folders through a connector; run again, it adds nothing twice.

    Parameters
    ----------
    config : the connector's settings. mapping : what each column is, instead of a kept or suggested mapping.
    kept : name of a kept mapping; one that works is kept under it, and under the header of its file in any case.
    dry_run : read everything and store nothing but the rejected records.
    row : the record to keep the import under, run for the first time or again; without one a new one is made.

    Raises
    ------
    UserError : nothing can be imported, or the disk is full; the message says what to do.
    """
    entry = CONNECTORS[connector]
    settings = checked(entry.Config, config, connector)
    paths = found_files(files)
    context = Context(
        zone=workspace.time_zone,
        kept=kept_mappings(workspace, connector),
        mapping=mapping or (kept_mapping(workspace, connector, kept) if kept else None),
    )
    if dry_run:
        path = row.tried_path if row else data_folder() / "rejected" / f"dry-run-{os.getpid()}-{time.time_ns()}.jsonl"
        report = run(entry, paths, settings, context, DrySink(), path, progress=progress, stop=stop)
        report.state = "dry"
        return report
    earlier = new_before(row, store) if row and row.process else {}
    row = _opened(row, paths) if row else _recorded(workspace, connector, paths, settings, by)
    mark_interrupted()
    sink, save = StoreSink(store, workspace.slug, row.batch), _saver(row, earlier)
    try:
        with store.filling(workspace.slug):
            report = run(
                entry, paths, settings, context, sink, row.rejected_path, progress=progress, stop=stop, saved=save
            )
    except BaseException as error:
        row.told = [told_of_error(error)]
        _close(row, Import.State.FAILED, str(error))
        raise
    report.import_id = row.pk
    _count(row, report, earlier)
    row.told = told_of(report)
    row.mapping = context.mapping.model_dump(mode="json") if context.mapping else None
    _close(row, Import.State(report.state), "\n".join(str(problem.message) for problem in report.problems))
    if context.mapping and context.fingerprint and report.rows:
        keep_mapping(workspace, connector, context.fingerprint, context.mapping, name=kept or "")
    return report


def _recorded(workspace: Workspace, connector: str, paths: Sequence[Path], settings: Format, by: str) -> Import:
    try:
        return Import.objects.create(
            workspace=workspace,
            connector=connector,
            files=[str(path) for path in paths],
            config=settings.model_dump(mode="json", exclude_unset=True),
            bytes_total=_size(paths),
            by=by,
            process=this_process(),
        )
    except DatabaseError as error:
        raise _unwritable(error) from error


def _opened(row: Import, paths: Sequence[Path]) -> Import:
    """Say that an import whose record is there runs now, in this process."""
    row.state, row.process, row.bytes_total = Import.State.RUNNING, this_process(), _size(paths)
    row.message, row.told, row.started_at, row.finished_at = "", [], timezone.now(), None
    row.rejected_path.unlink(missing_ok=True)
    row.save()
    return row


def _size(paths: Sequence[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def new_before(row: Import, store: Store) -> dict[str, int]:
    """Return how many rows earlier runs of the same import brought, by table: they are still new to the workspace.

    What a killed run stored after it last wrote down how far it was is found in the store.
    """
    there = store.delivered(row.workspace.slug, row.batch)
    before = {}
    for table in {*there, *row.tables}:
        counts = row.tables.get(table, {"rows": 0, "new": 0})
        before[table] = counts["new"] + max(0, there.get(table, 0) - counts["rows"])
    return before


def keep_upload(workspace: Workspace, connector: str, files: Iterable[tuple[str, Path]], *, by: Person | str) -> Import:
    """Take files in for an import that is still to be described (a draft); they are moved, not copied.

    Parameters
    ----------
    files : the name that each has for people, and where it lies.

    Raises
    ------
    UserError : no such connector, no files, or the disk is full.
    """
    known, given = CONNECTORS[connector].key, list(files)
    if not given:
        raise BadQuestion(mark("There are no files to read."))
    try:
        upload, names = take_in(workspace.slug, given)
    except OSError as error:
        raise full_disk(error) from error
    person = by if isinstance(by, Person) else None
    with transaction.atomic():
        row = Import.objects.create(
            workspace=workspace, connector=known, upload=upload, files=list(names), names=list(names.values()),
            state=Import.State.DRAFT, by=str(by)[:120], person=person,
        )  # fmt: skip
        row.bytes_total = _size(row.paths())
        row.save(update_fields=["bytes_total"])
        audit.record("import_uploaded", workspace, by=by, target=", ".join(row.shown_names), import_id=row.pk)
    return row


def describe_import(row: Import, config: dict[str, Any], mapping: Mapping | None = None) -> None:
    """Say how the files of a draft are read: the connector's settings, and what each column is.

    Raises
    ------
    UserError : a setting that the connector does not have, or a value that does not fit.
    """
    checked(CONNECTORS[row.connector].Config, config, row.connector)
    row.config, row.mapping = config, mapping.model_dump(mode="json") if mapping else None
    row.save(update_fields=["config", "mapping"])


def try_import(row: Import, *, by: Person | str) -> Job:
    """Line up a dry run of a draft: it stores nothing and tells what would be stored and what could not."""
    _at_rest(row)
    Import.objects.filter(pk=row.pk).update(preview=None)
    return _line_up(row, "try_files", by)


def run_import(row: Import, *, by: Person | str) -> Job:
    """Line up the import of uploaded files: of a draft, or once more. It adds nothing twice.

    Raises
    ------
    BadQuestion : the files are deleted already, or a job is at work on it.
    """
    _at_rest(row)
    if not row.upload:
        raise BadQuestion(mark("The uploaded files are deleted already. Upload them again."))
    with transaction.atomic():
        audit.record("import_started", row.workspace, by=by, target=", ".join(row.shown_names), import_id=row.pk)
        row.state, row.finished_at = Import.State.WAITING, None
        row.save(update_fields=["state", "finished_at"])
        return _line_up(row, "import_files", by)


def start_import(
    workspace: Workspace,
    connector: str,
    paths: Sequence[str | Path],
    *,
    config: dict[str, Any] | None = None,
    mapping: Mapping | None = None,
    by: Person | str,
) -> Import:
    """Take files in (they are moved) and line up their import; the record tells what became of it.

    Parameters
    ----------
    config : the connector's settings. mapping : what each column is, instead of a kept or suggested mapping.
    by : the person, or the name of what acts without one (a key).

    Raises
    ------
    UserError : no such connector, setting or file; nothing is kept then.
    """
    settings = config or {}
    checked(CONNECTORS[connector].Config, settings, connector)
    row = keep_upload(workspace, connector, [(path.name, path) for path in found_files(paths)], by=by)
    describe_import(row, settings, mapping)
    run_import(row, by=by)
    return row


def stop_import(row: Import, *, by: Person | str) -> None:
    """Stop what is at work on an import; what was stored by then stays."""
    if row.job is None or row.job.is_over:
        return
    with transaction.atomic():
        jobs.stop(row.job)
        audit.record("import_stopped", row.workspace, by=by, target=", ".join(row.shown_names), import_id=row.pk)


def undo_import(row: Import, *, by: Person | str) -> Job:
    """Line up the undoing of an import: its rows leave all tables, its uploaded files are deleted.

    Raises
    ------
    BadQuestion : it is undone already, was never run, or a job is at work on it.
    """
    _at_rest(row)
    if row.state == Import.State.UNDONE:
        raise BadQuestion(mark("This import is undone already."))
    if row.state in (Import.State.DRAFT, Import.State.RUNNING):
        raise BadQuestion(mark("This import has not ended: there is nothing to undo."))
    with transaction.atomic():
        audit.record("import_undone", row.workspace, by=by, target=", ".join(row.shown_names), import_id=row.pk)
        return _line_up(row, "undo_import", by)


def discard_import(row: Import, *, by: Person | str) -> None:
    """Delete a draft and its files.

    Raises
    ------
    BadQuestion : it was run: undo it instead.
    """
    _at_rest(row)
    if row.state != Import.State.DRAFT:
        raise BadQuestion(mark("This import was run: undo it instead."))
    drop(row)
    with transaction.atomic():
        audit.record("import_discarded", row.workspace, by=by, target=", ".join(row.shown_names), import_id=row.pk)
        row.delete()


def _line_up(row: Import, name: str, by: Person | str) -> Job:
    with transaction.atomic():
        row.job = jobs.enqueue(name, workspace=row.workspace.slug, by=str(by), import_id=row.pk)
        row.save(update_fields=["job"])
        return row.job


def _at_rest(row: Import) -> None:
    if row.is_busy:
        raise BadQuestion(mark("A job is at work on this import already. Wait until it is over, or stop it."))


def keep_mapping(
    workspace: Workspace, connector: str, fingerprint: str, mapping: Mapping, *, name: str = ""
) -> KeptMapping:
    """Keep a mapping for the next file with the same header, and under `name` when one is given."""
    row, _ = KeptMapping.objects.update_or_create(
        workspace=workspace,
        connector=connector,
        fingerprint=fingerprint,
        name=name,
        defaults={"mapping": mapping.model_dump(mode="json")},
    )
    return row


def mark_interrupted() -> int:
    """Mark imports as interrupted whose process is gone; return how many."""
    gone = [row.pk for row in Import.objects.filter(state=Import.State.RUNNING) if not _runs(row)]
    return Import.objects.filter(pk__in=gone, state=Import.State.RUNNING).update(
        state=Import.State.INTERRUPTED,
        finished_at=timezone.now(),
        message="The process ended before the import did. Run it again: nothing counts twice.",
    )


def this_process() -> str:
    """Return what tells this process from all others, also from a later one with the same number."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def _runs(row: Import) -> bool:
    host, _, rest = row.process.partition(":")
    pid, _, started = rest.partition(":")
    if host != socket.gethostname():
        # Another machine, or a container that is no more: only its silence can tell.
        return timezone.now() - row.saved_at < SILENCE
    return pid.isdecimal() and _started(int(pid)) == started


def _started(pid: int) -> str:
    """When a process began, as the system counts it; '' when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        pass
    if Path("/proc/self").exists():
        return ""
    try:
        os.kill(pid, 0)
    except OSError:
        return ""
    return "running"


def _saver(row: Import, earlier: dict[str, int]) -> Callable[[Report], None]:
    last = time.monotonic()

    def save(report: Report) -> None:
        nonlocal last
        _count(row, report, earlier)
        if time.monotonic() - last > SAVE_EVERY_SECONDS:
            last = time.monotonic()
            with suppress(DatabaseError):  # the facts are stored; the last save tells what is wrong
                row.save()

    return save


def _count(row: Import, report: Report, earlier: dict[str, int]) -> None:
    """Take over the report's counts; rows that an earlier run of the same import brought are new, not known."""
    row.tables = {}
    for table, counts in report.tables.items():
        new = min(counts.new + earlier.get(table, 0), counts.rows)
        row.tables[table] = {"rows": counts.rows, "new": new, "repeated": counts.rows - new}
    row.rows, row.new, row.repeated = (sum(c[k] for c in row.tables.values()) for k in ("rows", "new", "repeated"))
    row.records, row.rejected, row.bytes_done = report.records, report.rejected, report.bytes_done


def _close(row: Import, state: Import.State, message: str) -> None:
    row.state, row.message, row.finished_at = state, message, timezone.now()
    try:
        row.save()
    except DatabaseError as error:
        raise _unwritable(error) from error


def _unwritable(error: DatabaseError) -> UserError:
    return UserError(
        mark("The import's record cannot be written ({reason}): is the disk full? Free some space and run it again."),
        reason=str(error),
    )
