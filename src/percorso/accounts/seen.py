"""When each browser was last seen: noted every few minutes, since a write at every page would slow all of them."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic

from allauth.account.internal.flows.login import get_authentication_records
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

NOTED_EVERY_SECONDS = 300
KEPT = 10_000


class LastSeen:
    """Middleware: notes that a browser in which somebody signed in was seen, from which address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._noted: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and self._is_due(request.session.session_key or ""):
            self._note(request)
        return self.get_response(request)

    def _is_due(self, key: str) -> bool:
        now = monotonic()
        with self._lock:
            if now - self._noted.get(key, -NOTED_EVERY_SECONDS) < NOTED_EVERY_SECONDS:
                return False
            self._noted[key] = now
            self._noted.move_to_end(key)
            while len(self._noted) > KEPT:
                self._noted.popitem(last=False)
            return True

    def _note(self, request: HttpRequest) -> None:
        # Only who came through a sign-in has a row to keep up.
        if get_authentication_records(request, request.user):
            UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())
