"""How many requests one address, one token may make in a minute.

Counted in the memory of each process, because the public pages must cost no query: of n processes each allows as much.
"""

from collections import Counter
from math import ceil
from threading import Lock
from time import monotonic

from django.http import HttpRequest

from percorso.surveys.origins import address_of

SECONDS = 60
# A whole office answers from one address; a gateway opens all links of all mails from one.
READ_PER_ADDRESS = 1200
SENT_PER_ADDRESS = 600
PER_TOKEN = 120
MOST_KEYS = 100_000


class Window:
    """Counts by key over the last minute: this minute's, and the part of the last one's that is still within."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._minute, self._now, self._before = 0, Counter[str](), Counter[str]()
        self._lock = Lock()

    def wait(self, key: str, now: float | None = None) -> int:
        """Count one request; return how many seconds to wait before the next when it was one too many, else 0."""
        minute, passed = divmod(monotonic() if now is None else now, SECONDS)
        with self._lock:
            self._turn(int(minute))
            counted = self._now[key] + self._before[key] * (1 - passed / SECONDS)
            if counted > self.most - 1:
                return ceil(SECONDS - passed)
            self._now[key] += 1
            return 0

    def _turn(self, minute: int) -> None:
        if minute != self._minute or len(self._now) > MOST_KEYS:
            self._before = self._now if minute <= self._minute + 1 else Counter()
            self._now, self._minute = Counter(), minute


READING, SENDING, TOKENS = Window(READ_PER_ADDRESS), Window(SENT_PER_ADDRESS), Window(PER_TOKEN)


def too_many(request: HttpRequest, token: str) -> int:
    """Return after how many seconds this may be asked again; 0 when it may be asked now."""
    window = SENDING if request.method == "POST" else READING
    return window.wait(address_of(request)) or (TOKENS.wait(token) if token else 0)
