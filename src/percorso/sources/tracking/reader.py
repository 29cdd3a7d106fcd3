"""A process that reads calls while many come: those who send them wait for the threads of this one, and reading is most of it.

It knows nothing and keeps nothing: it is told which part of a file to read, and tells what the lines say.
"""

import gc
import logging
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from percorso.sources.tracking.lines import Line, read_line
from percorso.sources.tracking.reading import Read, read

log = logging.getLogger("percorso.tracking")
PIECE_BYTES = 16 << 20
COMMAND = (sys.executable, "-m", "percorso.sources.tracking.reader")
BROKEN = (OSError, EOFError, pickle.UnpicklingError)
ByWorkspace = dict[str, Read]


class Piece(NamedTuple):
    """Whole lines of a file: from a byte to another."""

    path: Path
    start: int
    stop: int

    def lines(self) -> dict[str, list[Line]]:
        """Return the lines by workspace."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            raw = file.read(self.stop - self.start)
        made: dict[str, list[Line]] = {}
        for one in raw.splitlines(keepends=True):
            if not one.endswith(b"\n"):
                break  # cut off by a crash: never acknowledged
            try:
                line = read_line(one)
            except (msgspec.DecodeError, UnicodeDecodeError):
                log.exception("a line of the spool cannot be read")
            else:
                made.setdefault(line.workspace, []).append(line)
        return made


def pieces_of(path: Path) -> Iterator[Piece]:
    """Yield a file as pieces of some megabytes."""
    with path.open("rb") as file:
        end = os.fstat(file.fileno()).st_size
        while (start := file.tell()) < end:
            file.seek(PIECE_BYTES, os.SEEK_CUR)
            file.readline()
            yield Piece(path, start, min(file.tell(), end))


class Reader:
    """Reads pieces in a process of its own, one while its caller is busy with the one before."""

    def __init__(self, idle_seconds: float = 60.0) -> None:
        self.idle_seconds = idle_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._asked_at = 0.0

    def read(self, pieces: Sequence[Piece]) -> Iterator[ByWorkspace | None]:
        """Yield what each piece says; None: that is to be read by the caller."""
        try:
            for number, piece in enumerate(pieces):
                if number == 0:
                    self._ask(piece)
                if number + 1 < len(pieces):
                    self._ask(pieces[number + 1])
                yield self._answer(piece)
        except BROKEN:
            log.exception("the process that reads calls has ended")
            self.close()
            while True:
                yield None

    def _ask(self, piece: Piece) -> None:
        self._asked_at = time.monotonic()
        if self._process is None:
            self._process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        pickle.dump(piece, self._process.stdin)
        self._process.stdin.flush()

    def _answer(self, piece: Piece) -> ByWorkspace | None:
        assert self._process is not None
        assert self._process.stdout is not None
        told, made = pickle.load(self._process.stdout)
        if told != piece:
            # Somebody asked and did not wait for the answer: it must not be taken for that of another piece.
            raise EOFError(told)
        return made  # type: ignore[no-any-return]

    def rest(self) -> None:
        """End the process when nothing was asked of it for a while."""
        if self._process is not None and time.monotonic() - self._asked_at > self.idle_seconds:
            self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):  # what was not taken any more
                    stream.close()  # type: ignore[union-attr]
            process.wait()


def _serve(asked: IO[bytes], told: IO[bytes]) -> None:
    """Read what is asked for until nobody asks any more."""
    while True:
        try:
            piece = pickle.load(asked)
        except EOFError:
            return
        made: ByWorkspace | None
        try:
            made = {workspace: read(lines) for workspace, lines in piece.lines().items()}
        except Exception:
            # Which line it is, the caller finds out.
            log.exception("a piece of the spool cannot be read")
            made = None
        pickle.dump((piece, made), told, protocol=5)
        told.flush()


if __name__ == "__main__":
    # Rows by the ten thousand, none of which refers to itself, would be looked through again and again.
    gc.disable()
    # What is printed by mistake must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(sys.stdin.buffer, answers)
