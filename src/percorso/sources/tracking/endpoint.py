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

from percorso.config import setting
from percorso.customers.privacy.escapes import unescaped
from percorso.sources.tracking.calls import (
    KINDS,
    MOST_BYTES_A_BATCH,
    MOST_BYTES_A_CALL,
    MOST_CALLS_A_BATCH,
    REASONS,
    SHORT,
    UNREADABLE,
    Envelope,
    Refused,
    judged,
    read_envelope,
)
from percorso.sources.tracking.deep import without_deep_calls
from percorso.sources.tracking.keys import Known, source_of
from percorso.sources.tracking.lines import encode, finished, opening
from percorso.sources.tracking.names import names_of
from percorso.sources.tracking.rate import Buckets
from percorso.sources.tracking.spool import SpoolBroken, SpoolFull, spool
from percorso.sources.tracking.tally import NOBODY, tally

Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], Any]
log = logging.getLogger("percorso.tracking")

SETTINGS = re.compile(r"/v1/projects/([\w-]{1,80})/settings")
OPEN = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Retry-After"),
    ("Cache-Control", "no-store"),
]
PREFLIGHT = [
    *OPEN,
    ("Access-Control-Allow-Methods", "POST, GET, OPTIONS"),
    ("Access-Control-Allow-Headers", "authorization, content-type, content-encoding, x-retry-count"),
    ("Access-Control-Max-Age", "86400"),
]
# A client that is told to wait sends the same again.
WAIT_SECONDS = 5
# How much of a body that is refused as a whole is looked at for its key.
LOOKED_AT_BYTES = 64 << 10
WRITE_KEY = re.compile(rb'"writeKey"\s*:\s*"([\w-]{1,80})"')
# Where it is noted whose request this is, for the count of those that are refused.
SOURCE = "percorso.source"
STATUS = {200: "200 OK", 204: "204 No Content", 400: "400 Bad Request", 401: "401 Unauthorized", 404: "404 Not Found",
          405: "405 Method Not Allowed", 429: "429 Too Many Requests", 503: "503 Service Unavailable"}  # fmt: skip

_buckets = Buckets()


class Answer(NamedTuple):
    """What a request is answered."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class NotTaken(Exception):
    """A request of which nothing is taken: the answer says why. `counts`: it is to be counted as refused."""

    def __init__(self, status: int, code: str, message: str, wait_seconds: int = 0, counts: bool = True) -> None:
        super().__init__(code)
        self.code, self.counts = code, counts
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
            if why.counts:
                tally.count(environ.get(SOURCE, NOBODY), why.code)
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
        raise NotTaken(404, "unknown_path", "There is no such address. Addresses: /v1/track, identify, page, screen, group, alias, batch.", counts=False)  # fmt: skip
    if method != "POST":
        raise NotTaken(405, "post_only", "Send calls with POST.", counts=False)
    return _take(environ, kind)


def _take(environ: Environ, kind: str) -> Answer:
    named = _named(environ)
    body = _body(environ, MOST_BYTES_A_BATCH if kind == "batch" else MOST_BYTES_A_CALL)
    try:
        envelope = _read(body, kind)
    except UNREADABLE as error:
        kept = _keep_unread(environ, body, kind)
        why = f"The body is no JSON object as it should be: {error}"
        raise NotTaken(400, "not_json", why, counts=not kept) from error
    source = named or _source(environ, envelope.writeKey or "")
    if kind == "batch" and envelope.batch is None:
        raise NotTaken(400, "no_batch", "A batch has its calls in a list called batch.")
    calls = [bytes(raw) for raw in envelope.batch or ()] if kind == "batch" else [body]
    lines, refused = _lines(source, calls, envelope if kind == "batch" else None, "" if kind == "batch" else kind)
    if lines:
        _put(lines)
    return Answer(200, _told(refused))


def _read(body: bytes, kind: str) -> Envelope:
    try:
        return read_envelope(body)
    except RecursionError:
        if kind != "batch":
            raise
        return read_envelope(without_deep_calls(body))


def _put(lines: bytes) -> None:
    try:
        spool().put(lines)
    except SpoolFull as error:
        raise NotTaken(
            429, "full", "More waits here than can be kept: send the same again later.", WAIT_SECONDS
        ) from error
    except SpoolBroken as error:
        log.error("calls cannot be kept: %s", error)
        raise NotTaken(503, "not_kept", "This could not be kept: send the same again later.", WAIT_SECONDS) from error


def _lines(source: Known, calls: list[bytes], envelope: Envelope | None, kind: str) -> tuple[bytes, list[Refused]]:
    """Return the lines of calls, and which are refused; those are kept too, for somebody to look at."""
    known: dict[str, Any] = {"workspace": source.workspace, "source": source.id, "received": time.time()}
    known |= {"kind": kind} if kind else {}
    if envelope is not None:
        known |= {"sent": envelope.sentAt} if envelope.sentAt else {}
        known |= {"context": envelope.context} if envelope.context else {}
    start, made, refused, names = opening(known), [], [], names_of(source.workspace)
    for index, call in enumerate(calls):
        head, problem = judged(call, kind or None)
        if index >= MOST_CALLS_A_BATCH:
            problem = "too_many"
        elif not problem and head and (kind or head.type) == "track" and not names.admit((head.event or "").strip()):
            problem = "too_many_names"
        message = str(head.messageId or "").strip() if head else ""
        if problem:
            refused.append(Refused(index, problem, message[:100], call))
            kept = call if problem not in ("not_json", "too_large") else _as_text(call)
            made.append(finished(start, kept, {"refused": problem}))
        else:
            made.append(finished(start, call, None if message else {"id": str(uuid.uuid4())}))
    return b"".join(made), refused


def _told(refused: list[Refused]) -> bytes:
    if not refused:
        return b'{"success":true}'
    told = [{"index": r.index, "messageId": r.message_id, "code": r.code, "message": REASONS[r.code]} for r in refused]
    return encode({"success": True, "rejected": told})


def _as_text(body: bytes) -> bytes:
    """Return what is no JSON, or more than may be kept, as JSON of its beginning."""
    return encode(unescaped(body[:MOST_BYTES_A_CALL].decode("utf-8", "replace")))


def _keep_unread(environ: Environ, body: bytes, kind: str) -> bool:
    """Keep a body that cannot be read for somebody to look at, when it tells whose it is; return whether it does."""
    _look_for_key(environ, body)
    if SOURCE in environ:
        known = {"workspace": environ[SOURCE + ".workspace"], "source": environ[SOURCE], "received": time.time()}
        own = {"refused": "not_json"} | ({} if kind == "batch" else {"kind": kind})
        _put(finished(opening(known), _as_text(body), own))
    return SOURCE in environ


def _look_for_key(environ: Environ, body: bytes) -> None:
    """Note whose request it is, of which only the beginning may be there."""
    if SOURCE not in environ and (found := WRITE_KEY.search(body, 0, LOOKED_AT_BYTES)):
        _source(environ, found[1].decode())


def _named(environ: Environ) -> Known | None:
    """Return the source whose key the header tells; None where there is no such header."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        key = base64.b64decode(token).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        key = ""
    return _source(environ, key)


def _source(environ: Environ, key: str) -> Known:
    """Return the source of a key, noted with the request; one that makes too many requests is told to wait."""
    source = source_of(key) if 0 < len(key) <= 80 else None
    if source is None:
        raise NotTaken(401, "unknown_key", "This write key opens no source: copy it anew from the source's page.")
    environ[SOURCE], environ[SOURCE + ".workspace"] = source.id, source.workspace
    if wait := _buckets.wait(source.id, source.rate):
        raise NotTaken(429, "too_many_requests", "Too many requests: send the same again later.", wait)
    return source


def _body(environ: Environ, most: int) -> bytes:
    told = environ.get("CONTENT_LENGTH") or "0"
    if not told.isdecimal():
        raise NotTaken(400, "bad_length", "The header Content-Length is no number.")
    length = int(told)
    packed = environ.get("HTTP_CONTENT_ENCODING", "").lower()
    if length > most:
        _look_for_key(environ, environ["wsgi.input"].read(LOOKED_AT_BYTES))
        raise _large(most)
    raw = environ["wsgi.input"].read(length or most + 1)
    if packed == "gzip":
        raw = _unpacked(raw, most)
    elif packed not in ("", "identity"):
        raise NotTaken(400, "unknown_encoding", "Send the body as it is, or with Content-Encoding gzip.")
    if len(raw) > most:
        _look_for_key(environ, raw)
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
        raise NotTaken(
            404, "unknown_key", "This write key opens no source: copy it anew from the source's page.", counts=False
        )
    forwarded = environ.get("HTTP_X_FORWARDED_PROTO") if setting("PROXIES") else None
    scheme, host = forwarded or environ.get("wsgi.url_scheme", "http"), environ.get("HTTP_HOST", "")
    own = {"apiKey": key, "apiHost": f"{host}/v1", "protocol": scheme, "type": "browser", "bundlingStatus": "bundled"}
    told = {"integrations": {"Segment.io": own}, "plan": {"track": {}}, "edgeFunction": {}}
    # What the client measures of itself would go to Segment.
    return Answer(200, encode({**told, "metrics": {"sampleRate": 0}}))
