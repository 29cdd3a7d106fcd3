"""One run of a command: where it writes, where it was typed, when to stop; here or in the process that owns the data."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from multiprocessing.util import Finalize
from pathlib import Path
from typing import IO, Any, cast

import rich_click as click
from django.utils import translation
from django.utils.translation import gettext
from rich.console import Console

from percorso.base import owner
from percorso.commands.group import main_group
from percorso.errors import StoreBusy, UserError

FIRST, LAST = 10, 0


@dataclass
class Session:
    """What a command needs to know of whoever typed it."""

    console: Console
    folder: Path
    stop: threading.Event = field(default_factory=threading.Event)
    guest: bool = False
    language: str = "en"


_session: ContextVar[Session] = ContextVar("session")


def session() -> Session:
    """Return the session of the command that runs."""
    return _session.get()


def told(error: UserError) -> str:
    """Return an error's sentence in the language of the person."""
    return gettext(error.message).format(**error.params)


def console() -> Console:
    """Return where the command writes."""
    return session().console


def run(words: list[str], here: Session) -> int:
    """Run one command in session `here` and return its exit code; problems are told, not raised."""
    translation.activate(here.language)
    token = _session.set(here)
    try:
        main_group.main(words, prog_name="percorso", standalone_mode=False)
        return 0
    except UserError as error:
        here.console.print(told(error), markup=False, highlight=False, style="red")
        return 1
    except click.ClickException as error:
        here.console.print(f"{error.format_message()}", markup=False, highlight=False, style="red")
        return 2
    except (click.exceptions.Exit, SystemExit) as ended:
        return int(getattr(ended, "exit_code", None) or getattr(ended, "code", 0) or 0)
    except (click.Abort, KeyboardInterrupt):
        return 130
    finally:
        _session.reset(token)


@contextmanager
def owning(memory: str | None = None) -> Iterator[Any]:
    """Give the store: this process becomes its owner, or is it already. `memory` limits an engine opened for it.

    Raises
    ------
    StoreBusy : another process owns it; `main` asks that one then.
    """
    if session().guest:
        yield owner.store()
        return
    with owner.hosting(run_for_guest, memory):
        yield owner.store()


def run_for_guest(request: owner.Request, write: Callable[[str], None], stop: threading.Event) -> int:
    """Run the command of another process here, in the owner."""
    from django.db import connections  # Django is set up by whoever owns

    console_ = Console(
        file=cast(IO[str], _Writer(write)), force_terminal=request.colour, width=request.columns, legacy_windows=False
    )
    try:
        return run(request.words, Session(console_, Path(request.folder), stop, True, request.language))
    finally:
        connections.close_all()


def own_or_ask(words: list[str], here: Session) -> int:
    """Run a command in this process, or in the one that owns the data folder."""
    if not (owner.socket_path().exists() and needs_store(words)):
        return run(words, here)
    request = owner.Request(words, str(here.folder), here.console.width, here.console.is_terminal, here.language)
    answered = owner.ask_owner(request, lambda text: (sys.stdout.write(text), sys.stdout.flush(), None)[-1])
    return run(words, here) if answered is None else answered


def needs_store(words: list[str]) -> bool:
    """Return whether a command works with facts."""
    return bool(words) and words[0] in ("backup", "demo", "flows", "funnel", "import", "measure", "retention")


def host_forever() -> None:
    """Own the data folder until the process ends (the server does)."""
    stack = ExitStack()
    try:
        stack.enter_context(owner.hosting(run_for_guest))
    except StoreBusy as error:
        sys.stderr.write(f"{error}\n")
        os._exit(3)
    at_end(stack.close, LAST)


def at_end(work: Callable[[], object], priority: int) -> None:
    """Have `work` done when this process ends, the highest priority first."""
    # Granian's processes are multiprocessing's, which know no atexit.
    Finalize(None, work, exitpriority=priority)


class _Writer:
    """A text file that hands what is written to a function."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def write(self, text: str) -> int:
        if text:
            self._write(text)
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return False
