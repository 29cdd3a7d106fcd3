"""Lines on their way into the store: on the disk before they are acknowledged, loaded soon after, never lost.

All requests that wait are written and flushed together by one thread, so that a flush costs each of them little. A file
is loaded once its writer has left it; a process that was killed leaves its file to the next one. The last line of a file
may be cut off: it was never acknowledged.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from percorso.config import data_folder

NEW, WRITING, READY = ".new", ".writing", ".ready"
MOST_BYTES = 2 << 30
FILE_BYTES = 64 << 20
PATIENCE_SECONDS = 20.0
STALE_SECONDS = 3600


class SpoolFull(Exception):
    """More waits than the spool holds; what came is not kept and must be sent again."""


class SpoolBroken(Exception):
    """The disk did not take what came; it must be sent again."""


class _Ticket:
    """One request's lines, and what became of them."""

    __slots__ = ("error", "lines", "written")

    def __init__(self, lines: bytes) -> None:
        self.lines, self.error = lines, ""
        self.written = threading.Lock()
        self.written.acquire()


class Spool:
    """The files of one folder: this process appends to one of them."""

    def __init__(self, folder: Path | None = None, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder or data_folder() / "spool"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.most_bytes = most_bytes
        self._waiting: list[_Ticket] = []
        self._some = threading.Condition()
        self._turning = threading.Lock()
        self._file: IO[bytes] | None = None
        self._path = self.folder
        self._bytes = 0
        self._stored = sum(path.stat().st_size for path in self.folder.iterdir())
        self._thread: threading.Thread | None = None

    def put(self, lines: bytes) -> None:
        """Keep whole lines; return when they are on the disk.

        Raises
        ------
        SpoolFull, SpoolBroken : they are not kept.
        """
        if self._stored + self._bytes > self.most_bytes:
            self._stored = sum(path.stat().st_size for path in self.folder.glob(f"*{READY}"))
            if self._stored + self._bytes > self.most_bytes:
                raise SpoolFull
        ticket = _Ticket(lines)
        with self._some:
            if self._thread is None:
                self._thread = threading.Thread(target=self._write, name="percorso-spool", daemon=True)
                self._thread.start()
            self._waiting.append(ticket)
            self._some.notify()
        if not ticket.written.acquire(timeout=PATIENCE_SECONDS) or ticket.error:
            raise SpoolBroken(ticket.error or "the disk takes too long")

    def turn(self) -> None:
        """Leave the file that is written, so that it can be loaded; nothing when it is empty."""
        with self._turning:
            if self._file is None or self._bytes == 0:
                return
            self._path.rename(self._path.with_suffix(READY))
            self._file.close()
            self._file, self._stored, self._bytes = None, self._stored + self._bytes, 0

    def ready(self) -> list[Path]:
        """Return the files to load, the oldest first; also those of processes that are gone."""
        for path in self.folder.glob(f"*{WRITING}"):
            self._take_over(path)
        for path in self.folder.glob(f"*{NEW}"):
            # Empty, of a process that was killed just then; or of one that renames it just now.
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time.time() - STALE_SECONDS:
                    path.unlink()
        return sorted(self.folder.glob(f"*{READY}"))

    def loaded(self, path: Path) -> None:
        """Forget a file whose lines are in the store."""
        self._stored -= min(self._stored, path.stat().st_size)
        path.unlink()

    def _take_over(self, path: Path) -> None:
        if self._file is not None and self._path == path:
            return
        try:
            with path.open("rb") as file, locked(file):
                path.rename(path.with_suffix(READY))
        except (BlockingIOError, FileNotFoundError):
            return  # its writer lives, or has just left it

    def _write(self) -> None:
        while True:
            with self._some:
                while not self._waiting:
                    self._some.wait()
                tickets, self._waiting = self._waiting, []
            error = self._keep(b"".join(ticket.lines for ticket in tickets))
            for ticket in tickets:
                ticket.error = error
                ticket.written.release()

    def _keep(self, lines: bytes) -> str:
        try:
            with self._turning:
                file = self._file or self._opened()
                rest = memoryview(lines)
                while rest:
                    rest = rest[file.write(rest) :]
                os.fdatasync(file.fileno())
                self._file, self._bytes = file, self._bytes + len(lines)
            if self._bytes > FILE_BYTES:
                self.turn()
        except OSError as error:
            self._drop()
            return str(error)
        return ""

    def _opened(self) -> IO[bytes]:
        path = self.folder / f"{time.time_ns():020}-{os.getpid()}{NEW}"
        file = path.open("xb", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Only now: who finds a file without a lock takes it over.
        path = path.rename(path.with_suffix(WRITING))
        # The name must outlive a power cut too.
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._path = path
        return file

    def _drop(self) -> None:
        """Leave a file that could not be written to: a line may be cut off in it, and more may not follow that."""
        with self._turning:
            if self._file is not None:
                if self._path.exists():
                    self._path.rename(self._path.with_suffix(READY))
                self._file.close()
            self._file, self._bytes = None, 0


@contextmanager
def locked(file: IO[bytes]) -> Iterator[None]:
    """Hold a file that no living process holds.

    Raises
    ------
    BlockingIOError : another process, or this one, holds it.
    """
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


_spool: Spool | None = None
_making = threading.Lock()


def spool() -> Spool:
    """Return this process's spool in the data folder."""
    global _spool
    with _making:
        if _spool is None or _spool.folder != data_folder() / "spool":
            _spool = Spool()
        return _spool
