"""What large surveys have counted, kept for a while: their pages renew themselves, and counting all anew takes seconds."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from percorso.surveys.results.scope import Scope

KEPT_SECONDS = 30.0
MOST_KEPT = 200
Key = tuple[int, str]

_kept: OrderedDict[Key, tuple[float, Any]] = OrderedDict()
_making: dict[Key, threading.Lock] = {}
_lock = threading.Lock()


def kept(scope: Scope, question: str, make: Callable[[], Any]) -> Any:
    """Return what `make` gives; of a large survey, what it gave in the last `KEPT_SECONDS`. Who asks meanwhile waits for it."""
    if not scope.large:
        return make()
    key = (scope.survey.pk, question)
    with _lock:
        making = _making.setdefault(key, threading.Lock())
    with making:
        fresh, found = _found(key)
        if fresh:
            return found
        found = make()
        with _lock:
            _kept[key] = (time.monotonic(), found)
            _kept.move_to_end(key)
            while len(_kept) > MOST_KEPT:
                _making.pop(_kept.popitem(last=False)[0], None)
    return found


def is_kept(scope: Scope, question: str) -> bool:
    """Whether `kept` gives an answer to a question at once."""
    return _found((scope.survey.pk, question))[0]


def _found(key: Key) -> tuple[bool, Any]:
    with _lock:
        made, found = _kept.get(key, (0.0, None))
    return found is not None and time.monotonic() - made < KEPT_SECONDS, found


def forget(survey: int) -> None:
    """Forget what was kept of a survey: somebody left responses out, and wants to see it."""
    with _lock:
        for key in [key for key in _kept if key[0] == survey]:
            del _kept[key]
