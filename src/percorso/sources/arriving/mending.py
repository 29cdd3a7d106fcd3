"""A refused call judged once more, as it came or as somebody mended it: by all that an arriving call is judged by."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from percorso.i18n import mark
from percorso.sources.models import RefusedCall
from percorso.sources.tracking.calls import (
    LONGEST_ID,
    MOST_BYTES_A_BATCH,
    MOST_CALLS_A_BATCH,
    UNREADABLE,
    Envelope,
    Head,
    judged,
    read_envelope,
    read_head,
)
from percorso.sources.tracking.lines import finished, opening, read_line
from percorso.sources.tracking.names import names_of
from percorso.sources.tracking.rows import Unreadable, row_of

# With another messageId than it came with a call could count twice.
OTHER_ID = "other_message_id"
MENDING_REASONS = {
    OTHER_ID: mark("The messageId must stay as it came, so that the call counts once."),
    "batch_too_large": mark("A batch may have 500 KB; this one is larger."),
    "no_calls": mark("There is no call in this batch."),
}


class Refusal(NamedTuple):
    """Why a call is not taken: a key of `REASONS` or `MENDING_REASONS`, more of it, and its number in a batch (from 1)."""

    reason: str
    detail: str = ""
    number: int = 0


class Judgement(NamedTuple):
    """The lines of the spool that calls make, and why some make none."""

    lines: list[bytes]
    refusals: list[Refusal]


def judge(slug: str, call: RefusedCall) -> Judgement:
    """Judge a call as it came."""
    return _judged(slug, call, call.body.encode(), _opening(slug, call), f"refused-{call.pk}")


def judge_mended(slug: str, call: RefusedCall, text: str) -> Judgement:
    """Judge what somebody wrote in place of a call: JSON of a call, or of the batch that it was, if that could not be read."""
    body = _compact(text.encode())
    if call.kind or not (envelope := _batch(body)):
        return _judged(slug, call, body, _opening(slug, call), message_id(call) or f"refused-{call.pk}")
    if len(body) > MOST_BYTES_A_BATCH:
        return Judgement([], [Refusal("batch_too_large")])
    calls = envelope.batch or ()
    if not calls:
        return Judgement([], [Refusal("no_calls")])
    around = {name: raw for name, raw in (("sent", envelope.sentAt), ("context", envelope.context)) if raw}
    start, made = opening(_known(slug, call) | around), Judgement([], [])
    for number, one in enumerate(calls, 1):
        if number > MOST_CALLS_A_BATCH:
            made.refusals.append(Refusal("too_many", "", number))
            break
        lines, refusals = _judged(slug, call, bytes(one), start, f"refused-{call.pk}-{number}")
        made.lines.extend(lines)
        made.refusals.extend(refusal._replace(number=number) for refusal in refusals)
    return made


def message_id(call: RefusedCall) -> str:
    """Return the messageId that a call came with; empty where it has none, or none that can be kept."""
    head = _head(call.body.encode())
    found = "" if head is None or head.messageId is None else str(head.messageId).strip()
    return found if len(found) <= LONGEST_ID else ""


def _judged(slug: str, call: RefusedCall, body: bytes, start: bytes, own_id: str) -> Judgement:
    head, problem = judged(body, call.kind or None)
    if head is None or problem:
        return Judgement([], [Refusal(problem, _unlike(body) if problem == "not_json" else "")])
    told, known = "" if head.messageId is None else str(head.messageId).strip(), message_id(call)
    if told and known and told != known:
        return Judgement([], [Refusal(OTHER_ID, known)])
    if (call.kind or head.type) == "track" and not names_of(slug).admit((head.event or "").strip()):
        return Judgement([], [Refusal("too_many_names")])
    line = finished(start, body, {} if told else {"id": own_id})
    try:
        # What a call says beyond its head is else read only when it is loaded.
        row_of(read_line(line))
    except (Unreadable, *UNREADABLE) as error:
        return Judgement([], [Refusal("unreadable", str(error))])
    return Judgement([line], [])


def _unlike(body: bytes) -> str:
    """Return in what JSON is unlike a call, as the reader says it."""
    try:
        read_head(body)
    except UNREADABLE as error:
        return str(error)
    return ""


def _head(body: bytes) -> Head | None:
    try:
        return read_head(body)
    except UNREADABLE:
        return None


def _batch(body: bytes) -> Envelope | None:
    """Return a batch; None for what is none."""
    try:
        found = read_envelope(body)
    except UNREADABLE:
        return None
    return None if found.batch is None else found


def _compact(body: bytes) -> bytes:
    """Return JSON without the spaces that make it readable: they count for the size of a call."""
    try:
        return msgspec.json.format(body, indent=-1)
    except UNREADABLE:
        return body


def _known(slug: str, call: RefusedCall) -> dict[str, Any]:
    known: dict[str, Any] = {"workspace": slug, "source": call.source_id, "received": call.at.timestamp()}
    return known | ({"kind": call.kind} if call.kind else {})


def _opening(slug: str, call: RefusedCall) -> bytes:
    told: Sequence[str] = [name for name in ("sent", "context") if getattr(call, name)]
    return opening(_known(slug, call) | {name: msgspec.Raw(getattr(call, name).encode()) for name in told})
