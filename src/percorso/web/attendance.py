"""Whether anybody is being answered: work that nobody waits for is done while nobody is."""

import time
from collections.abc import Callable, Iterable
from threading import Event, Lock
from typing import Any

PAUSE_SECONDS = 0.1


class Attendance:
    """A WSGI application that knows how many requests are at hand, and when the last one was."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._at_hand, self._last = 0, time.monotonic()
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        with self._lock:
            self._at_hand += 1
        try:
            return self._application(environ, start)
        finally:
            with self._lock:
                self._at_hand -= 1
                self._last = time.monotonic()

    def wait_for_quiet(self, seconds: float, over: Event) -> bool:
        """Wait until there was no request for some seconds; return whether it is so, not when all is over before."""
        while self._at_hand or time.monotonic() - self._last < seconds:
            if over.wait(PAUSE_SECONDS):
                return False
        return not over.is_set()
