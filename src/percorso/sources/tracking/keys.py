"""Write keys: which source a call comes from."""

import time
from dataclasses import dataclass
from threading import Lock

from django.db import connections

from percorso.config import setting
from percorso.sources.models import Source

KNOWN_SECONDS = 5.0
MOST_KEYS = 10_000


@dataclass(frozen=True)
class Known:
    """The source of a write key, and how many requests a second it may make."""

    id: int
    workspace: str
    rate: int


_known: dict[str, tuple[float, Known | None]] = {}
_lock = Lock()


def source_of(key: str) -> Known | None:
    """Return the source that a write key opens; a key that was revoked opens none a few seconds later."""
    now = time.monotonic()
    found = _known.get(key)
    if found is not None and now - found[0] < KNOWN_SECONDS:
        return found[1]
    source = _asked(key)
    with _lock:
        if len(_known) >= MOST_KEYS:
            _known.clear()
        _known[key] = now, source
    return source


def forget_keys() -> None:
    """Ask for every key anew: one was made or revoked."""
    with _lock:
        _known.clear()


def _asked(key: str) -> Known | None:
    try:
        row = Source.objects.filter(key=key, revoked_at=None).values_list("pk", "workspace__slug", "rate").first()
    finally:
        # No request of Django's is around that would close it; in a test the connection is the test's.
        if not connections["default"].in_atomic_block:
            connections["default"].close_if_unusable_or_obsolete()
    return Known(row[0], row[1], row[2] or int(str(setting("SOURCE_REQUESTS")))) if row else None
