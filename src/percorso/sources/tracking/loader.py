"""What waits in the spool becomes facts, a fraction of a second later."""

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import msgspec
from django.db import DataError, connections
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.base.owner import store
from percorso.customers.identity.book import believed
from percorso.customers.identity.told import keep_told
from percorso.sources.models import RefusedCall, Source
from percorso.sources.tracking.erased import without_erased
from percorso.sources.tracking.lines import Line, read_line
from percorso.sources.tracking.names import renew_names
from percorso.sources.tracking.rows import Said, Unreadable, claims_of, row_of, table_of
from percorso.sources.tracking.spool import Spool, locked, spool
from percorso.sources.tracking.tally import add_counts, counted, tally
from percorso.sources.tracking.violations import count_violations

log = logging.getLogger("percorso.tracking")
PAUSE_SECONDS = 0.5
AT_ONCE = 50_000
MOST_REFUSED = 10_000
# What a call may do to those who read it that is not foreseen: it must not hold up all others for good.
NOT_FORESEEN = (ValueError, TypeError, OverflowError, RecursionError, DataError)
MOST_ALONE = 20


def load(waiting: Spool | None = None) -> int:
    """Load what waits; return how many calls it was.

    A file whose loading is broken off is loaded again: an event counts once by its id.
    """
    tally.write()
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
        _load_of_all(workspace, own)
    renew_names(by_workspace)


def _load_of_all(workspace: str, lines: list[Line]) -> None:
    """Load lines; when one of them cannot be loaded, find out which it is and load all others.

    When that is so of many, it is not they who are wrong: all are kept to be loaded later.
    """
    todo, alone = [lines], 0
    while todo:
        some = todo.pop()
        try:
            _load_of(workspace, some)
        except NOT_FORESEEN as error:
            if len(some) > 1:
                todo += [some[len(some) // 2 :], some[: len(some) // 2]]
                continue
            alone += 1
            if alone > MOST_ALONE:
                raise
            log.exception("a call cannot be loaded")
            _note(some, [(some[0], "unreadable", str(error))])


def _load_of(workspace: str, lines: list[Line]) -> None:
    rows, said, refused, sources = [], [], [], []
    lines = without_erased(workspace, lines)
    for line in lines:
        if line.refused:
            refused.append((line, line.refused, ""))
            continue
        try:
            row, what = row_of(line)
        except Unreadable as error:
            refused.append((line, "unreadable", str(error)))
            continue
        said.append(what)
        sources.append(line.source)
        if row is not None:
            rows.append(row)
    owner = Workspace.objects.filter(slug=workspace).first()
    customers = _resolved(owner, said, sources) if owner else {}
    if rows:
        store().append("events", table_of(rows, customers), workspace=workspace)
    if owner:
        keep_told(owner, said)
    if owner and rows:
        count_violations(owner, rows)
    _note(lines, refused)


def _resolved(owner: Workspace, said: list[Said], sources: list[int]) -> dict[str, str]:
    """Return which customers the identities are, by all that was ever claimed of them, now also by these sources."""
    names = dict(Source.objects.filter(pk__in=set(sources)).values_list("pk", "name"))
    claims = {
        claim: names.get(source, "") for one, source in zip(said, sources, strict=True) for claim in claims_of(one)
    }
    return believed(owner, claims.keys(), {i for one in said for i in one.ids[:1]}, claims)


def _note(lines: list[Line], refused: list[tuple[Line, str, str]]) -> None:
    """Keep what was refused for somebody to look at (a line, its reason, more of it), count all, and note who was heard."""
    now = timezone.now()
    there = set(Source.objects.filter(pk__in={line.source for line in lines}).values_list("pk", flat=True))
    Source.objects.filter(pk__in=there).update(heard_at=now)
    _keep([entry for entry in refused if entry[0].source in there])
    reasons = {id(line): reason for line, reason, _ in refused}
    add_counts(Counter(counted(line.source, reasons.get(id(line), ""), line.received) for line in lines))


def _keep(refused: list[tuple[Line, str, str]]) -> None:
    newest: Counter[int] = Counter()
    kept = []
    for line, reason, detail in reversed(refused):
        newest[line.source] += 1
        if newest[line.source] <= MOST_REFUSED:
            kept.append(_refused_call(line, reason, detail))
    RefusedCall.objects.bulk_create(reversed(kept), batch_size=500)
    for source in newest:
        own = RefusedCall.objects.filter(source=source)
        for oldest in own.order_by("-pk").values_list("pk", flat=True)[MOST_REFUSED : MOST_REFUSED + 1]:
            own.filter(pk__lte=oldest).delete()


def _refused_call(line: Line, reason: str, detail: str) -> RefusedCall:
    def text(raw: msgspec.Raw) -> str:
        return bytes(raw).decode("utf-8", "replace")

    at = datetime.fromtimestamp(line.received, UTC)
    kept = {"kind": line.kind, "sent": text(line.sent), "context": text(line.context), "body": text(line.call)}
    return RefusedCall(source_id=line.source, reason=reason, detail=detail[:200], at=at, **kept)


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
        tally.write()
        connections.close_all()

    def end(self, wait_seconds: float | None = None) -> None:
        """Load no more, and wait for what is at hand."""
        self.over.set()
        self.join(wait_seconds)
