"""What large surveys have counted, kept for a while: their pages renew themselves, and counting all anew takes seconds."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from percorso.surveys.results.scope import Scope

KEPT_SECONDS = 30.0
MOST_KEPT = 200

_kept: OrderedDict[tuple[int, str], tuple[float, Any]] = OrderedDict()
_lock = threading.Lock()


def kept(scope: Scope, question: str, make: Callable[[], Any]) -> Any:
    """Return what `make` gives; of a large survey, what it gave in the last `KEPT_SECONDS`."""
    if not scope.large:
        return make()
    key, now = (scope.survey.pk, question), time.monotonic()
    with _lock:
        made, found = _kept.get(key, (0.0, None))
    if found is not None and now - made < KEPT_SECONDS:
        return found
    found = make()
    with _lock:
        _kept[key] = (time.monotonic(), found)
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def forget(survey: int) -> None:
    """Forget what was kept of a survey: somebody left responses out, and wants to see it."""
    with _lock:
        for key in [key for key in _kept if key[0] == survey]:
            del _kept[key]
