"""What percorso tells of its requests: an id, one log line, counts for Prometheus; all under the name of the route."""

import logging
import re
import time
from collections.abc import Callable
from secrets import token_hex

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram, disable_created_metrics

from percorso.web.lines import request_id, route_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
GIVEN_ID = re.compile(r"[\w-]{8,64}")
# Asked every few seconds by machines: counted, not logged.
QUIET = ("static", "health_live", "health_ready", "metrics")

disable_created_metrics()
REQUESTS = Counter("percorso_requests", "Requests answered", ("route", "method", "status"))
SECONDS = Histogram(
    "percorso_request_seconds", "Server time of requests", ("route", "method"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 1, 2.5, 5, 10, 30),
)  # fmt: skip

log = logging.getLogger("percorso.requests")


class Requests:
    """Middleware: gives every request an id, logs one line and counts it, under the name of its route."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began, token = time.perf_counter(), request_id.set(_id_of(request))
        try:
            response = self.get_response(request)
            self._tell(request, response, time.perf_counter() - began)
            response.headers.setdefault("X-Request-ID", request_id.get())
            return response
        finally:
            request_id.reset(token)

    def _tell(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        route = route_of(request)
        method = request.method if request.method in METHODS else "OTHER"
        REQUESTS.labels(route, method, response.status_code).inc()
        SECONDS.labels(route, method).observe(seconds)
        if route not in QUIET:
            values = {"route": route, "method": method, "status": response.status_code, "ms": round(seconds * 1000, 1)}
            log.info("%s %s %s in %s ms", method, route, response.status_code, values["ms"], extra={"values": values})


def _id_of(request: HttpRequest) -> str:
    """Return the id that the reverse proxy gave, when there is one to believe, or a new one."""
    given = request.headers.get("X-Request-ID", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return given if GIVEN_ID.fullmatch(given) else token_hex(8)
