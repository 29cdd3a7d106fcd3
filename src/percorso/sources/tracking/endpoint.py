"""The callable before Django that takes events: decoded, on the disk, acknowledged."""

import base64
import binascii
import logging
import re
import time
import uuid
import zlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from percorso.base.limits import Window
from percorso.sources.tracking.calls import (
    KINDS,
    MOST_BYTES_A_BATCH,
    MOST_BYTES_A_CALL,
    MOST_CALLS_A_BATCH,
    REASONS,
    SHORT,
    Envelope,
    Refused,
    judged,
    read_envelope,
)
from percorso.sources.tracking.keys import Known, source_of
from percorso.sources.tracking.lines import encode, finished, opening
from percorso.sources.tracking.spool import SpoolBroken, SpoolFull, spool

Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], Any]
log = logging.getLogger("percorso.tracking")

SETTINGS = re.compile(r"/v1/projects/([\w-]{1,80})/settings")
OPEN = [("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store")]
PREFLIGHT = [
    *OPEN,
    ("Access-Control-Allow-Methods", "POST, GET, OPTIONS"),
    ("Access-Control-Allow-Headers", "authorization, content-type, content-encoding"),
    ("Access-Control-Max-Age", "86400"),
]
# Of one source; a client that is told to wait sends the same again.
REQUESTS_A_MINUTE = 600_000
WAIT_SECONDS = 5
STATUS = {200: "200 OK", 204: "204 No Content", 400: "400 Bad Request", 401: "401 Unauthorized", 404: "404 Not Found",
          405: "405 Method Not Allowed", 429: "429 Too Many Requests", 503: "503 Service Unavailable"}  # fmt: skip

_requests = Window(REQUESTS_A_MINUTE)


class Answer(NamedTuple):
    """What a request is answered."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class NotTaken(Exception):
    """A request of which nothing is kept: the answer says why."""

    def __init__(self, status: int, code: str, message: str, wait_seconds: int = 0) -> None:
        super().__init__(code)
        body = encode({"success": False, "code": code, "message": message})
        waits = (("Retry-After", str(wait_seconds)), ("X-RateLimit-Reset", str(wait_seconds))) if wait_seconds else ()
        self.answer = Answer(status, body, waits)


class Tracking:
    """A WSGI application that answers ``/v1/…`` itself and hands everything else on."""

    def __init__(self, others: Callable[[Environ, Start], Iterable[bytes]]) -> None:
        self.others = others

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith("/v1/"):
            return self.others(environ, start)
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            start(STATUS[204], PREFLIGHT)
            return [b""]
        try:
            answer = _answered(environ, method, path)
        except NotTaken as why:
            answer = why.answer
        start(STATUS[answer.status], [*OPEN, *answer.headers, ("Content-Type", "application/json"), ("Content-Length", str(len(answer.body)))])  # fmt: skip
        return [answer.body]


def _answered(environ: Environ, method: str, path: str) -> Answer:
    if method == "GET" and (found := SETTINGS.fullmatch(path)):
        return _settings(environ, found[1])
    name = path.removeprefix("/v1/").strip("/")
    kind = SHORT.get(name, name)
    if kind in ("m", "import"):
        kind = "batch" if kind == "import" else kind
    if kind == "m":
        return Answer(200, b'{"success":true}')  # what the browser's client measures of itself
    if kind not in (*KINDS, "batch"):
        raise NotTaken(404, "unknown_path", "There is no such address. Addresses: /v1/track, identify, page, screen, group, alias, batch.")  # fmt: skip
    if method != "POST":
        raise NotTaken(405, "post_only", "Send calls with POST.")
    return _take(environ, kind)


def _take(environ: Environ, kind: str) -> Answer:
    body = _body(environ, MOST_BYTES_A_BATCH if kind == "batch" else MOST_BYTES_A_CALL)
    try:
        envelope = read_envelope(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotTaken(400, "not_json", f"The body is no JSON object as it should be: {error}") from error
    source = _source(environ, envelope)
    if wait := _requests.wait(str(source.id)):
        raise NotTaken(429, "too_many_requests", "Too many requests: send the same again later.", wait)
    calls = [bytes(raw) for raw in envelope.batch or ()] if kind == "batch" else [body]
    if kind == "batch" and envelope.batch is None:
        raise NotTaken(400, "no_batch", "A batch has its calls in a list called batch.")
    lines, refused = _lines(source, calls, envelope if kind == "batch" else None, "" if kind == "batch" else kind)
    try:
        if lines:
            spool().put(lines)
    except SpoolFull as error:
        raise NotTaken(
            429, "full", "More waits here than can be kept: send the same again later.", WAIT_SECONDS
        ) from error
    except SpoolBroken as error:
        log.error("calls cannot be kept: %s", error)
        raise NotTaken(503, "not_kept", "This could not be kept: send the same again later.", WAIT_SECONDS) from error
    return Answer(200, _told(refused))


def _lines(source: Known, calls: list[bytes], envelope: Envelope | None, kind: str) -> tuple[bytes, list[Refused]]:
    """Return the lines of calls, and which are refused; those are kept too, for somebody to look at."""
    known: dict[str, Any] = {"workspace": source.workspace, "source": source.id, "received": time.time()}
    known |= {"kind": kind} if kind else {}
    if envelope is not None:
        known |= {"sent": envelope.sentAt} if envelope.sentAt else {}
        known |= {"context": envelope.context} if envelope.context else {}
    start, made, refused = opening(known), [], []
    for index, call in enumerate(calls):
        head, problem = judged(call, kind or None)
        problem = "too_many" if index >= MOST_CALLS_A_BATCH else problem
        message = str(head.messageId or "") if head else ""
        if problem:
            refused.append(Refused(index, problem, message[:100], call))
            kept = (
                call
                if problem not in ("not_json", "too_large")
                else encode(call[:MOST_BYTES_A_CALL].decode("utf-8", "replace"))
            )
            made.append(finished(start, kept, {"refused": problem}))
        else:
            made.append(finished(start, call, None if message else {"id": str(uuid.uuid4())}))
    return b"".join(made), refused


def _told(refused: list[Refused]) -> bytes:
    if not refused:
        return b'{"success":true}'
    told = [{"index": r.index, "messageId": r.message_id, "code": r.code, "message": REASONS[r.code]} for r in refused]
    return encode({"success": True, "rejected": told})


def _source(environ: Environ, envelope: Envelope) -> Known:
    key = envelope.writeKey or ""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(token).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    source = source_of(key) if 0 < len(key) <= 80 else None
    if source is None:
        raise NotTaken(401, "unknown_key", "This write key opens no source: copy it anew from the source's page.")
    return source


def _body(environ: Environ, most: int) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    packed = environ.get("HTTP_CONTENT_ENCODING", "").lower()
    if length > most:
        raise _large(most)
    raw = environ["wsgi.input"].read(length or most + 1)
    if packed == "gzip":
        raw = _unpacked(raw, most)
    elif packed not in ("", "identity"):
        raise NotTaken(400, "unknown_encoding", "Send the body as it is, or with Content-Encoding gzip.")
    if len(raw) > most:
        raise _large(most)
    return raw


def _unpacked(raw: bytes, most: int) -> bytes:
    """Return what was compressed, as far as it may be taken: a small body can hold gigabytes."""
    reader = zlib.decompressobj(wbits=31)
    try:
        found = reader.decompress(raw, most + 1)
    except zlib.error as error:
        raise NotTaken(400, "bad_gzip", "The body says that it is gzip, and is not.") from error
    if len(found) <= most and not reader.eof:
        raise NotTaken(400, "bad_gzip", "The compressed body is cut off.")
    return found


def _large(most: int) -> NotTaken:
    return NotTaken(400, "too_large", f"The body has more than {most >> 10} KB: send fewer calls at once.")


def _settings(environ: Environ, key: str) -> Answer:
    """Return what the browser's client asks for first: where to send to."""
    if source_of(key) is None:
        raise NotTaken(404, "unknown_key", "This write key opens no source: copy it anew from the source's page.")
    scheme, host = environ.get("wsgi.url_scheme", "http"), environ.get("HTTP_HOST", "")
    own = {"apiKey": key, "apiHost": f"{host}/v1", "protocol": scheme, "type": "browser", "bundlingStatus": "bundled"}
    return Answer(200, encode({"integrations": {"Segment.io": own}, "plan": {"track": {}}, "edgeFunction": {}}))
