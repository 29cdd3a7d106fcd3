"""What pages of other sites load: kept for a short time, open to all origins, at addresses that never change."""

from django.http import HttpRequest, HttpResponse

from percorso.base.assets import BUILT, asset

SECONDS_KEPT = 300
SCRIPT = "text/javascript; charset=utf-8"


def script_for_all(request: HttpRequest, name: str) -> HttpResponse:
    """Serve the built script `name`, such that pages that hold its address need never change."""
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse((BUILT / (asset(name) + ".gz" * zipped)).read_bytes(), content_type=SCRIPT)
    if zipped:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    return for_all(answer)


def for_all(answer: HttpResponse) -> HttpResponse:
    """Let pages of any site load it, and keep it for a short time."""
    answer.headers["Cache-Control"] = f"public, max-age={SECONDS_KEPT}"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
