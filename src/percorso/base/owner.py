"""The process that owns the data folder, and how others ask it.

DuckDB lets one process open its file. Whoever opens it (the server, an import, a measurement) also listens on a socket
in the data folder, so that further commands are carried out there instead of being refused: two imports at once, a
measurement while the server runs.
"""

import hashlib
import json
import os
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from percorso.analytics.store import Store
from percorso.analytics.tables import Table
from percorso.config import data_folder, setting
from percorso.errors import StoreBusy, UserError
from percorso.i18n import mark

SOCKET_PATH_LIMIT = 100
Run = Callable[["Request", Callable[[str], None], threading.Event], int]

_lock = threading.Lock()
_store: Store | None = None
# What looks at rows on their way into the facts; the app that has something to say sets it when it is ready.
entering: Callable[[Table, pa.Table, str], pa.Table] | None = None


class Request:
    """One command that another process asks for: its words, where it was typed, and what its terminal can show."""

    def __init__(self, words: list[str], folder: str, columns: int, colour: bool, language: str = "en") -> None:
        self.words, self.folder, self.columns, self.colour, self.language = words, folder, columns, colour, language

    def dump(self) -> bytes:
        return json.dumps(vars(self)).encode() + b"\n"


def analytics_url() -> str:
    """Return where the facts are: the URL of the settings, or the DuckDB file in the data folder."""
    return str(setting("ANALYTICS_URL")) or str(data_folder() / "facts.duckdb")


def store(memory: str | None = None) -> Store:
    """Return this process's store, opened at the first call; `memory` is what the engine may use, else the setting's.

    Raises
    ------
    StoreBusy : another process owns the data folder; `ask_owner` reaches it.
    """
    global _store
    with _lock:
        if _store is None:
            _store = Store.open(analytics_url(), memory_limit=memory or str(setting("MEMORY")))
            _store.keep_rows()
            _store.entering = entering
        return _store


def close() -> None:
    """Close this process's store."""
    global _store
    with _lock:
        if _store is not None:
            _store.close()
        _store = None


def socket_path() -> Path:
    """Return where the owner listens: in the data folder, or for very long paths under a name made of it."""
    path = data_folder() / "owner.sock"
    if len(str(path)) < SOCKET_PATH_LIMIT:
        return path
    name = hashlib.sha256(str(path).encode()).hexdigest()[:24]
    return Path(tempfile.gettempdir()) / f"percorso-{os.getuid()}-{name}.sock"


@contextmanager
def hosting(run: Run, memory: str | None = None) -> Iterator[None]:
    """Own the data folder and carry out the commands of other processes meanwhile; waits for them at the end."""
    store(memory)
    guests: list[threading.Thread] = []
    server = _listen()
    accepting = threading.Thread(target=_accept, args=(server, run, guests), daemon=True)
    accepting.start()
    try:
        yield
    finally:
        socket_path().unlink(missing_ok=True)
        server.close()
        for guest in guests:
            guest.join()
        close()


def _listen() -> socket.socket:
    path = socket_path()
    # A process that was killed leaves its socket behind; the store's lock, which we hold, says that it is gone.
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        server.bind(str(path))
    finally:
        os.umask(before)
    server.listen(16)
    return server


def _accept(server: socket.socket, run: Run, guests: list[threading.Thread]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        guest = threading.Thread(target=_serve, args=(connection, run), daemon=True)
        guests.append(guest)
        guest.start()


def _serve(connection: socket.socket, run: Run) -> None:
    """Carry out one command; its output goes back line by line, at the end its exit code."""
    stop = threading.Event()
    with connection, connection.makefile("rwb") as wire:
        request = Request(**json.loads(wire.readline()))
        sending = threading.Lock()

        def send(kind: str, value: object) -> None:
            try:
                with sending:
                    wire.write(json.dumps({kind: value}).encode() + b"\n")
                    wire.flush()
            except (OSError, ValueError):
                stop.set()

        threading.Thread(target=_watch, args=(connection, stop), daemon=True).start()
        send("exit", run(request, lambda text: send("out", text), stop))


def _watch(connection: socket.socket, stop: threading.Event) -> None:
    """Set `stop` when the other process goes away (Ctrl-C)."""
    try:
        while connection.recv(64):
            pass
    except OSError:
        pass
    stop.set()


def ask_owner(request: Request, write: Callable[[str], None]) -> int | None:
    """Have the owner carry out a command and `write` what it says; return its exit code, None when no owner listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(str(socket_path()))
        except OSError:
            return None
        with connection.makefile("rwb") as wire:
            wire.write(request.dump())
            wire.flush()
            for line in wire:
                message = json.loads(line)
                if "exit" in message:
                    return int(message["exit"])
                write(message["out"])
    raise UserError(
        mark("The process that owns the data folder stopped before it had finished. Run the command again.")
    )


def busy() -> bool:
    """Return whether another process owns the data folder."""
    try:
        store()
    except StoreBusy:
        return True
    return False
