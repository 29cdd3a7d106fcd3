"""Parts of pages that are the same for everybody who asks the same: written once, until the answers are other ones."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from django.utils.safestring import SafeString
from django.utils.translation import get_language

from percorso.analytics.result import Result

KEPT = 200

# The answers stay beside what was made of them: as long as an entry lives, no other answer can have their identity.
_kept: OrderedDict[tuple[object, ...], tuple[tuple[Result, ...], SafeString]] = OrderedDict()
_lock = Lock()


def kept(answers: tuple[Result, ...], vary: tuple[object, ...], write: Callable[[], SafeString]) -> SafeString:
    """Return what `write` makes of `answers`; `vary` is all else that it depends on, but for the language."""
    key = (*(id(answer) for answer in answers), get_language(), *vary)
    with _lock:
        found = _kept.get(key)
    if found is not None:
        return found[1]
    made = write()
    with _lock:
        _kept[key] = (answers, made)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made
