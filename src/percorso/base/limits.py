"""How many requests may be made in a minute, by whatever they are counted by: an address, a token.

Counted in the memory of each process, because public pages must cost no query: of n processes each allows as much.
"""

from collections import Counter
from ipaddress import ip_address, ip_network
from math import ceil
from threading import Lock
from time import monotonic

from django.conf import settings
from django.http import HttpRequest

SECONDS = 60
MOST_KEYS = 100_000
# One household or one phone has a whole network of this size.
IPV6_PREFIX = 64


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


def address_of(request: HttpRequest) -> str:
    """Return the address that a request came from; `PERCORSO_PROXIES` says how many entries of X-Forwarded-For are ours.

    An IPv6 address is told by its network: the rest of it changes as its owner likes.
    """
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    given = told[-trusted] if 0 < trusted <= len(told) else request.META.get("REMOTE_ADDR", "")
    if ":" not in given:
        return given
    try:
        address = ip_address(given.strip("[]"))
    except ValueError:
        return given
    return str(ip_network((address, IPV6_PREFIX), strict=False).network_address)
