"""What the jobs carry out: trying, importing and undoing an import, as often as it takes."""

import threading
import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

import polars as pl
import pyarrow as pa
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from percorso.accounts.actions import notify
from percorso.analytics.engines.base import Appended
from percorso.analytics.store import Store
from percorso.base import jobs, owner
from percorso.base.models import Job
from percorso.base.outbox import publish
from percorso.errors import BadQuestion, UserError
from percorso.i18n import mark
from percorso.sources.actions import import_files
from percorso.sources.connector import CONNECTORS, Context, checked
from percorso.sources.imports import StoreSink, run
from percorso.sources.mapping import Mapping
from percorso.sources.models import Import
from percorso.sources.report import Progress, Report, preview_of, told_of_error
from percorso.sources.uploads import drop

CHECK_EVERY_SECONDS = 0.5
ENDINGS = {
    Import.State.DONE: (mark("{name} is imported: {new} new rows."), "good"),
    Import.State.STOPPED: (mark("The import of {name} was stopped. What was read is stored."), "warn"),
    Import.State.FAILED: (mark("The import of {name} failed. Open it to see why."), "bad"),
}


class Watch:
    """Follows a run for its job: tells how far it is, and passes on that somebody stopped it."""

    def __init__(self, job: Job) -> None:
        self.job, self.stop, self.last = job, threading.Event(), 0.0

    def __call__(self, seen: Progress) -> None:
        if time.monotonic() - self.last < CHECK_EVERY_SECONDS:
            return
        self.last = time.monotonic()
        try:
            jobs.check(self.job, seen.share, seen.file)
        except jobs.Stopped:
            self.stop.set()


def try_upload(job: Job, row: Import) -> None:
    """Read the files of a draft without storing anything, and keep what was found for the page."""
    row.tried_path.unlink(missing_ok=True)
    watch = Watch(job)
    try:
        report = _read(row, watch, dry_run=True)
        preview = preview_of(report)
    except BadQuestion:
        raise
    except Exception as error:
        preview = {"told": [told_of_error(error)], "failed": True}
    if watch.stop.is_set():
        raise jobs.Stopped
    Import.objects.filter(pk=row.pk).update(preview=preview)


def import_upload(job: Job, row: Import) -> dict[str, Any]:
    """Import the files of an upload; a run that a killed process left behind goes on, and counts nothing twice.

    Raises
    ------
    Stopped : somebody stopped it; what was read by then is stored. UserError : nothing could be imported.
    """
    watch = Watch(job)
    try:
        _read(row, watch)
    finally:
        row.refresh_from_db()
        _tell(job, row)
    if watch.stop.is_set():
        raise jobs.Stopped
    return {"import": row.pk, "new": row.new, "rejected": row.rejected}


def _read(row: Import, watch: Watch, *, dry_run: bool = False) -> Report:
    if not row.upload:
        raise BadQuestion(mark("The uploaded files are deleted already. Upload them again."))
    mapping = Mapping.model_validate(row.mapping) if row.mapping else None
    return import_files(
        row.workspace, row.connector, row.paths(), store=owner.store(), config=row.config, mapping=mapping,
        dry_run=dry_run, progress=watch, stop=watch.stop, by=row.by, row=row,
    )  # fmt: skip


def _tell(job: Job, row: Import) -> None:
    """Tell the person and other systems how an import ended: once for each time that it was lined up."""
    if row.state not in ENDINGS:
        return
    with jobs.once(f"import-told:{row.pk}:{job.pk}:{row.state}") as first:
        if not first:
            return
        if row.person:
            template, tone = ENDINGS[Import.State(row.state)]
            params = {"name": ", ".join(row.shown_names)[:80], "new": row.new}
            href = reverse("import", args=[row.workspace.slug, row.pk])
            notify([row.person], row.workspace, template, params, href=href, tone=tone)
        publish("import.finished", row.workspace.slug, facts_of(row))


def facts_of(row: Import) -> dict[str, Any]:
    """What other systems are told of an import: no names of people, no values."""
    counts = {name: getattr(row, name) for name in ("records", "rows", "new", "repeated", "rejected")}
    return {"import": row.pk, "connector": row.connector, "state": row.state} | counts


def undo(job: Job, row: Import) -> dict[str, int]:
    """Delete the rows of an import in all tables, and bring back those that it had replaced.

    What it replaced is read again from the files of other imports that are still kept, before anything is deleted: no
    figure misses them in between, and a run that was cut off can be repeated.
    """
    store = owner.store()
    with store.filling(row.workspace.slug):
        back = bring_back(job, row, store)
        removed = store.withdraw(row.workspace.slug, row.batch)
    with transaction.atomic():
        row.state, row.undone_at, row.tables = Import.State.UNDONE, timezone.now(), {}
        row.save(update_fields=["state", "undone_at", "tables"])
        drop(row)
    row.rejected_path.unlink(missing_ok=True)
    return {"removed": removed, "brought_back": back}


def bring_back(job: Job, row: Import, store: Store) -> int:
    """Append again what other imports delivered before `row` did; return how many rows."""
    jobs.check(job)  # from here on it goes through: half an undo would leave older values behind
    wanted = replaced_by(row, store)
    others = Import.objects.filter(workspace=row.workspace).exclude(pk=row.pk).exclude(upload="")
    states = (Import.State.DONE, Import.State.STOPPED, Import.State.FAILED, Import.State.INTERRUPTED)
    back = 0
    for other in others.filter(state__in=states).order_by("-started_at"):
        if any(len(ids) for ids in wanted.values()):
            back += _bring_back(other, MissingSink(store, other, wanted))
    return back


def _bring_back(other: Import, sink: "MissingSink") -> int:
    mapping = Mapping.model_validate(other.mapping) if other.mapping else None
    entry = CONNECTORS[other.connector]
    rejected = other.rejected_path.with_suffix(".again")
    with suppress(UserError, OSError):  # a file that cannot be read any more brings nothing back
        settings = checked(entry.Config, other.config, other.connector)
        run(entry, other.paths(), settings, Context(other.workspace.time_zone, mapping=mapping), sink, rejected)
    rejected.unlink(missing_ok=True)
    return sink.close()


def replaced_by(row: Import, store: Store) -> dict[str, pl.Series]:
    """Return the ids of an import's rows that were delivered before or again, by table."""
    found = {}
    for table in store.delivered(row.workspace.slug, row.batch):
        t = store.table(table, row.workspace.slug)
        asked = t.filter((t.batch == row.batch) & (t.deliveries > 1)).select("id")
        found[table] = pl.Series(store.engine.fetch(store.engine.sql(asked))["id"]).cast(pl.String)
    return found


class MissingSink(StoreSink):
    """Appends, under the batch of an earlier import, those of its rows that are wanted back; crosses them off."""

    def __init__(self, store: Store, other: Import, wanted: dict[str, pl.Series]) -> None:
        super().__init__(store, other.workspace.slug, other.batch)
        self.wanted, self.found = wanted, dict[str, list[pl.Series]]()

    def append(self, table: str, rows: pa.Table) -> Appended:
        ids = pl.Series(rows["id"]).cast(pl.String)
        missing = ids.is_in(self.wanted.get(table, pl.Series([], dtype=pl.String)).implode())
        if not missing.any():
            return Appended(rows.num_rows, 0, rows.num_rows)
        self.found.setdefault(table, []).append(ids.filter(missing))
        return super().append(table, rows.filter(missing.to_arrow()))

    def close(self) -> int:
        """Cross off what was found; return how many rows that are."""
        count = 0
        for table, series in self.found.items():
            ids = pl.concat(series).unique()
            count += len(ids)
            self.wanted[table] = self.wanted[table].filter(~self.wanted[table].is_in(ids.implode()))
        return count


def forget_uploads(age: timedelta) -> int:
    """Delete uploads older than `age`: files, rejected records, drafts; return how many uploads."""
    old = Import.objects.exclude(upload="").filter(started_at__lt=timezone.now() - age)
    idle = [row for row in old.select_related("job", "workspace") if not row.is_busy]
    for row in idle:
        drop(row)
        row.rejected_path.unlink(missing_ok=True)
        if row.state == Import.State.DRAFT:
            row.delete()
    return len(idle)
