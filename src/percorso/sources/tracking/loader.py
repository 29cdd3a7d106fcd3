"""What waits in the spool becomes facts, a fraction of a second later."""

import logging
import threading
from collections.abc import Iterator
from itertools import islice

import msgspec
from django.db import connections
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.base.owner import store
from percorso.customers.identity.book import believed
from percorso.sources.models import RefusedCall, Source
from percorso.sources.tracking.lines import Line, read_line
from percorso.sources.tracking.rows import Said, Unreadable, claims_of, row_of, table_of
from percorso.sources.tracking.spool import Spool, locked, spool

log = logging.getLogger("percorso.tracking")
PAUSE_SECONDS = 0.5
AT_ONCE = 50_000
MOST_REFUSED = 10_000


def load(waiting: Spool | None = None) -> int:
    """Load what waits; return how many calls it was.

    A file whose loading is broken off is loaded again: an event counts once by its id.
    """
    waiting = waiting or spool()
    waiting.turn()
    count = 0
    for path in waiting.ready():
        try:
            with path.open("rb") as file, locked(file):
                count += _load_file(file)
                waiting.loaded(path)
        except (BlockingIOError, FileNotFoundError):
            continue  # another process loads it
    return count


def _load_file(file: Iterator[bytes]) -> int:
    count, whole = 0, _whole_lines(file)
    while lines := list(islice(whole, AT_ONCE)):
        _load(lines)
        count += len(lines)
    return count


def _whole_lines(file: Iterator[bytes]) -> Iterator[Line]:
    for raw in file:
        if not raw.endswith(b"\n"):
            return  # cut off by a crash: never acknowledged
        try:
            yield read_line(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            log.exception("a line of the spool cannot be read")


def _load(lines: list[Line]) -> None:
    by_workspace: dict[str, list[Line]] = {}
    for line in lines:
        by_workspace.setdefault(line.workspace, []).append(line)
    for workspace, own in by_workspace.items():
        _load_of(workspace, own)


def _load_of(workspace: str, lines: list[Line]) -> None:
    rows, said, refused = [], [], []
    for line in lines:
        if line.refused:
            refused.append(line)
            continue
        try:
            row, what = row_of(line)
        except Unreadable as error:
            line.refused = f"unreadable: {error}"[:200]
            refused.append(line)
            continue
        said.append(what)
        if row is not None:
            rows.append(row)
    customers = _resolved(workspace, said)
    if rows:
        store().append("events", table_of(rows, customers), workspace=workspace)
    _note(lines, refused)


def _resolved(workspace: str, said: list[Said]) -> dict[str, str]:
    """Return which customers the identities are, by all that was ever claimed of them."""
    owner = Workspace.objects.filter(slug=workspace).first()
    if owner is None:
        return {}
    return believed(
        owner, [claim for one in said for claim in claims_of(one)], {i for one in said for i in one.ids[:1]}
    )


def _note(lines: list[Line], refused: list[Line]) -> None:
    """Keep what was refused for somebody to look at, and when each source was heard last."""
    RefusedCall.objects.bulk_create(
        [
            RefusedCall(source_id=line.source, reason=line.refused, body=bytes(line.call).decode("utf-8", "replace"))
            for line in refused
        ]
    )
    for source in {line.source for line in lines}:
        Source.objects.filter(pk=source).update(heard_at=timezone.now())
    for source in {line.source for line in refused}:
        own = RefusedCall.objects.filter(source=source)
        for oldest in own.order_by("-pk").values_list("pk", flat=True)[MOST_REFUSED : MOST_REFUSED + 1]:
            own.filter(pk__lte=oldest).delete()


class SpoolLoader(threading.Thread):
    """Loads what waits until it is told to end."""

    def __init__(self) -> None:
        super().__init__(name="percorso-spool-loader", daemon=True)
        self.over = threading.Event()

    def run(self) -> None:
        """Load until the end; what cannot be loaded now is tried again."""
        while not self.over.wait(PAUSE_SECONDS):
            try:
                load()
            except Exception:
                log.exception("the spool cannot be loaded")
                connections.close_all()
        connections.close_all()

    def end(self, wait_seconds: float | None = None) -> None:
        """Load no more, and wait for what is at hand."""
        self.over.set()
        self.join(wait_seconds)
