"""Runs an import: reads ahead in one thread, stores in another, keeps what was rejected, counts everything."""

import errno
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol, TypeVar

import numpy as np
import polars as pl
import pyarrow as pa

from percorso.analytics.engines.base import Appended
from percorso.analytics.rows import to_arrow
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.connector import Connector, Context, Piece
from percorso.sources.ids import Occurrences
from percorso.sources.readers import Format
from percorso.sources.report import Counts, Progress, Rejected, Report

T = TypeVar("T")
SHOWN_ROWS, SHOWN_REJECTS = 5, 100
# Rows of one append: the group of rows of the default engine's file. Portions of another size leave small groups behind
# that are read and written again: half as fast.
AT_ONCE = 122_880


class Sink(Protocol):
    """Where rows go: `append` stores them, or pretends to."""

    def append(self, table: str, rows: pa.Table) -> Appended: ...


class StoreSink:
    """Appends to a store."""

    def __init__(self, store: Store, workspace: str, batch: str) -> None:
        self.store, self.workspace, self.batch = store, workspace, batch

    def append(self, table: str, rows: pa.Table) -> Appended:
        return self.store.append(table, rows, workspace=self.workspace, batch=self.batch)


class DrySink:
    """Checks rows as a store would, and counts ids that come again; stores nothing."""

    def __init__(self) -> None:
        self.seen: dict[str, Occurrences] = {}

    def append(self, table: str, rows: pa.Table) -> Appended:
        to_arrow(TABLES[table], rows, "")
        keys = pl.Series(rows["id"]).hash().to_numpy().astype(np.uint64)
        repeated = int((self.seen.setdefault(table, Occurrences()).count(keys) > 0).sum())
        return Appended(rows.num_rows, rows.num_rows - repeated, repeated)


class RejectedFile:
    """The file of rejected records; made with the first of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.out: IO[str] | None = None

    def write(self, rejected: Sequence[Rejected]) -> None:
        """Append records and hand them to the system, so that a killed process loses none."""
        if not rejected:
            return
        if self.out is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.out = self.path.open("w", encoding="utf-8")
        self.out.writelines(record.as_json() + "\n" for record in rejected)
        self.out.flush()

    def close(self) -> None:
        if self.out is not None:
            self.out.close()


def run(
    connector: Connector,  # type: ignore[type-arg]
    files: Sequence[Path],
    config: Format,
    context: Context,
    sink: Sink,
    rejected_path: Path,
    *,
    progress: Callable[[Progress], None] | None = None,
    saved: Callable[[Report], None] | None = None,
    stop: threading.Event | None = None,
) -> Report:
    """Import `files` through `connector` into `sink`.

    Parameters
    ----------
    context : what the connector is told; its mapping, warnings and problems are in the report.
    rejected_path : where rejected records are kept, as JSON Lines.
    progress : called after every piece. saved : called with the report so far, after rows were stored.
    stop : set by another thread (or a signal) to stop after the piece at hand.

    Returns
    -------
    Report : `state` is ``done``, ``stopped``, or ``failed`` when a file could not be read to its end.

    Raises
    ------
    UserError : nothing can be read, or the disk is full; what was stored by then stays.
    """
    began = time.monotonic()
    work = Work(Report(bytes_total=sum(path.stat().st_size for path in files)), sink, RejectedFile(rejected_path))
    report = work.report
    try:
        for piece in ahead(connector.read(files, config, context)):
            work.take(piece)
            work.store(AT_ONCE)
            report.bytes_done = min(sum(context.position.values()), report.bytes_total)
            if saved:
                saved(report)
            if progress:
                progress(_progress(report, context))
            if stop is not None and stop.is_set():
                report.state = "stopped"
                break
        work.store()
    except OSError as error:
        raise full_disk(error) from error
    finally:
        work.close(context, time.monotonic() - began)
    if report.state == "done":
        report.state = "failed" if report.problems else "done"
        report.bytes_done = report.bytes_total
        if progress:
            progress(_progress(report, context))
    return report


@dataclass
class Work:
    """An import under way: what is said of it, where rows go, and rows that wait for company."""

    report: Report
    sink: Sink
    rejected: RejectedFile
    waiting: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    def take(self, piece: Piece) -> None:
        """Keep what was rejected; line up what is to be stored."""
        report = self.report
        self.rejected.write(piece.rejected)
        report.records += piece.records
        report.rejected += len(piece.rejected)
        report.rejects += piece.rejected[: SHOWN_REJECTS - len(report.rejects)]
        for table, frame in piece.tables.items():
            if frame.height:
                self.waiting.setdefault(table, []).append(frame)
                first = report.first.setdefault(table, [])
                if len(first) < SHOWN_ROWS:
                    first += [_filled(row) for row in frame.head(SHOWN_ROWS - len(first)).to_dicts()]

    def store(self, least: int = 1) -> None:
        """Store the rows of each table for which at least so many wait, in portions of `AT_ONCE`."""
        for table in [t for t, frames in self.waiting.items() if sum(f.height for f in frames) >= least]:
            # One chunk: an engine that reads in parallel would make a group of rows of each.
            rows = pl.concat(self.waiting.pop(table), how="diagonal_relaxed", rechunk=True)
            whole = rows.height - rows.height % least
            for start in range(0, whole, AT_ONCE):
                self._append(table, rows[start : min(start + AT_ONCE, whole)])
            if whole < rows.height:
                self.waiting[table] = [rows[whole:]]

    def _append(self, table: str, rows: pl.DataFrame) -> None:
        appended = self.sink.append(table, rows.to_arrow(compat_level=pl.CompatLevel.oldest()))
        counts = self.report.tables.setdefault(table, Counts())
        counts.rows += appended.rows
        counts.new += appended.new
        counts.repeated += appended.repeated

    def close(self, context: Context, seconds: float) -> None:
        """Complete the report with what the connector told."""
        self.rejected.close()
        report = self.report
        report.rejected_file = self.rejected.path if self.rejected.out else None
        report.warnings, report.problems = context.warnings, context.problems
        report.mapping, report.columns = context.mapping, context.columns
        report.seconds = seconds


def _filled(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


def _progress(report: Report, context: Context) -> Progress:
    file = next(reversed(context.position), Path())
    return Progress(report.rows, report.rejected, report.bytes_done, report.bytes_total, file.name)


def full_disk(error: OSError) -> UserError:
    """The sentence for a write that failed."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return UserError(
            mark("The disk is full: what was stored by now is kept. Free some space and run the same command again.")
        )
    return UserError(
        mark("{file} cannot be written: {reason}."), file=str(error.filename or ""), reason=error.strerror or str(error)
    )


def ahead(items: Iterator[T], depth: int = 1) -> Iterator[T]:
    """Yield `items`, computed by another thread up to `depth` of them ahead."""
    ready: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(depth)
    over = threading.Event()

    def work() -> None:
        try:
            for item in items:
                if not _put(ready, (item, None), over):
                    return
            _put(ready, (None, None), over)
        except BaseException as error:
            _put(ready, (None, error), over)

    worker = threading.Thread(target=work, name="percorso-import", daemon=True)
    worker.start()
    try:
        while True:
            item, error = ready.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        over.set()
        worker.join()


def _put(ready: "queue.Queue[T]", item: T, over: threading.Event) -> bool:
    """Hand over an item; False when nobody waits any more."""
    while not over.is_set():
        try:
            ready.put(item, timeout=0.1)
        except queue.Full:
            continue
        return True
    return False
