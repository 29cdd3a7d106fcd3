"""What waits in the spool becomes facts, a fraction of a second later."""

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

import msgspec
from django.db import DataError, connections
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.base.owner import store
from percorso.customers.identity.book import believed
from percorso.customers.identity.told import keep_told
from percorso.customers.privacy.erased import decided
from percorso.customers.privacy.escapes import unescaped
from percorso.sources.models import RefusedCall, Source
from percorso.sources.tracking.counted import counted
from percorso.sources.tracking.lines import Line
from percorso.sources.tracking.names import renew_names
from percorso.sources.tracking.reader import ByWorkspace, Piece, Reader, pieces_of
from percorso.sources.tracking.reading import Read, Refused, read
from percorso.sources.tracking.rows import with_customers
from percorso.sources.tracking.spool import Spool, locked, spool
from percorso.sources.tracking.tally import add_counts, tally
from percorso.sources.tracking.violations import count_violations

log = logging.getLogger("percorso.tracking")
PAUSE_SECONDS = 0.5
# More is read by a process of its own, which ends when there was nothing for it for a while.
MUCH_BYTES = 2 << 20
IDLE_SECONDS = 120.0
# After so many calls the next ones are looked for at once.
MANY = 10_000
MOST_REFUSED = 10_000
# What a call may do to those who read it that is not foreseen: it must not hold up all others for good.
NOT_FORESEEN = (ValueError, TypeError, OverflowError, RecursionError, DataError)
MOST_ALONE = 20


def load(waiting: Spool | None = None, reader: Reader | None = None) -> int:
    """Load what waits; return how many calls it was. Where much waits, the reader reads it.

    A file whose loading is broken off is loaded again: an event counts once by its id.
    """
    tally.write()
    waiting = waiting or spool()
    waiting.turn()
    with ExitStack() as held:
        paths = [path for path in waiting.ready() if _is_held(path, held)]
        pieces = [piece for path in paths for piece in pieces_of(path)]
        much = sum(piece.stop - piece.start for piece in pieces) > MUCH_BYTES
        told = reader.read(pieces) if reader is not None and much else repeat(None)
        count, done = 0, 0
        for path in paths:
            own = sum(piece.path == path for piece in pieces)
            for piece, reads in zip(pieces[done : done + own], told, strict=False):
                count += _load_lines(piece.lines()) if reads is None else _load_read(piece, reads)
            done += own
            waiting.loaded(path)
    return count


def _is_held(path: Path, held: ExitStack) -> bool:
    """Hold a file until all is loaded; return whether that can be: another process may load it."""
    try:
        held.enter_context(locked(held.enter_context(path.open("rb"))))
    except (BlockingIOError, FileNotFoundError):
        return False
    return path.exists()  # who held it until now may have loaded it


def _load_lines(lines: Mapping[str, list[Line]]) -> int:
    for workspace, own in lines.items():
        _load_of_all(workspace, own)
    renew_names(lines)
    return sum(map(len, lines.values()))


def _load_read(piece: Piece, reads: ByWorkspace) -> int:
    count = 0
    for workspace, made in reads.items():
        try:
            _store(workspace, made)
        except NOT_FORESEEN:
            _load_of_all(workspace, piece.lines()[workspace])
        count += made.counts.total()
    renew_names(reads)
    return count


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
            _note(_unreadable(some[0], str(error)))


def _unreadable(line: Line, detail: str) -> Read:
    counts = Counter([counted(line.source, "unreadable", line.received)])
    return Read(refused=[(line, "unreadable", detail)], counts=counts)


def _load_of(workspace: str, lines: list[Line]) -> None:
    _store(workspace, read(lines))


def _store(workspace: str, made: Read) -> None:
    known = decided(workspace)
    if known.marks and (gone := known.erased(made.named)):
        made = made.without(gone)
    owner = known.workspace
    customers = _resolved(owner, made) if owner else {}
    if made.events is not None:
        store().append("events", with_customers(made.events, customers), workspace=workspace)
    if owner:
        keep_told(owner, made.said)
    if owner and made.events is not None:
        count_violations(owner, made.events)
    _note(made)


def _resolved(owner: Workspace, made: Read) -> dict[str, str]:
    """Return which customers the identities are, by all that was ever claimed of them, now also by these sources."""
    names = dict(Source.objects.filter(pk__in=set(made.claims.values())).values_list("pk", "name"))
    claims = {claim: names.get(source, "") for claim, source in made.claims.items()}
    return believed(owner, claims.keys(), made.people, claims)


def _note(made: Read) -> None:
    """Keep what was refused for somebody to look at, count all, and note who was heard."""
    there = set(Source.objects.filter(pk__in=made.sources).values_list("pk", flat=True))
    Source.objects.filter(pk__in=there).update(heard_at=timezone.now())
    _keep([entry for entry in made.refused if entry[0].source in there])
    add_counts(made.counts)


def _keep(refused: list[Refused]) -> None:
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
        return unescaped(bytes(raw).decode("utf-8", "replace"))

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
        with closing(Reader(IDLE_SECONDS)) as reader:
            pause = PAUSE_SECONDS
            while not self.over.wait(pause):
                try:
                    pause = 0.0 if load(reader=reader) > MANY else PAUSE_SECONDS
                    reader.rest()
                except Exception:
                    pause = PAUSE_SECONDS
                    log.exception("the spool cannot be loaded")
                    connections.close_all()
        tally.write()
        connections.close_all()

    def end(self, wait_seconds: float | None = None) -> None:
        """Load no more, and wait for what is at hand."""
        self.over.set()
        self.join(wait_seconds)
