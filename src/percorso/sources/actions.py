"""Changes: imports of files, and the mappings they leave behind."""

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import Error as DatabaseError
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.config import data_folder
from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.connector import CONNECTORS, Context, checked
from percorso.sources.files import found_files
from percorso.sources.imports import DrySink, StoreSink, run
from percorso.sources.mapping import Mapping
from percorso.sources.models import Import, KeptMapping
from percorso.sources.queries import kept_mapping, kept_mappings
from percorso.sources.readers import Format
from percorso.sources.report import Progress, Report

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
) -> Report:
    """Import files and folders through a connector; run again, it adds nothing twice.

    Parameters
    ----------
    config : the connector's settings. mapping : what each column is, instead of a kept or suggested mapping.
    kept : name of a kept mapping; one that works is kept under it, and under the header of its file in any case.
    dry_run : read everything and store nothing but the rejected records.

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
    rejected = data_folder() / "rejected"
    if dry_run:
        path = rejected / f"dry-run-{os.getpid()}-{time.time_ns()}.jsonl"
        report = run(entry, paths, settings, context, DrySink(), path, progress=progress, stop=stop)
        report.state = "dry"
        return report
    mark_interrupted()
    row = _opened(workspace, connector, paths, settings, by)
    sink = StoreSink(store, workspace.slug, row.batch)
    path = rejected / f"{row.batch}.jsonl"
    try:
        report = run(entry, paths, settings, context, sink, path, progress=progress, stop=stop, saved=_saver(row))
    except BaseException as error:
        _close(row, Import.State.FAILED, str(error))
        raise
    report.import_id = row.pk
    _count(row, report)
    row.mapping = context.mapping.model_dump(mode="json") if context.mapping else None
    _close(row, Import.State(report.state), "\n".join(str(problem.message) for problem in report.problems))
    if context.mapping and context.fingerprint and report.rows:
        keep_mapping(workspace, connector, context.fingerprint, context.mapping, name=kept or "")
    return report


def _opened(workspace: Workspace, connector: str, paths: Sequence[Path], settings: Format, by: str) -> Import:
    try:
        return Import.objects.create(
            workspace=workspace,
            connector=connector,
            files=[str(path) for path in paths],
            config=settings.model_dump(mode="json", exclude_unset=True),
            bytes_total=sum(path.stat().st_size for path in paths),
            by=by,
            process=this_process(),
        )
    except DatabaseError as error:
        raise _unwritable(error) from error


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


def _saver(row: Import) -> Callable[[Report], None]:
    last = time.monotonic()

    def save(report: Report) -> None:
        nonlocal last
        _count(row, report)
        if time.monotonic() - last > SAVE_EVERY_SECONDS:
            last = time.monotonic()
            with suppress(DatabaseError):  # the facts are stored; the last save tells what is wrong
                row.save()

    return save


def _count(row: Import, report: Report) -> None:
    for name in ("records", "rows", "new", "repeated", "rejected", "bytes_done"):
        setattr(row, name, getattr(report, name))


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
