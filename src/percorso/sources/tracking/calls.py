"""What one call says, as far as its acknowledgement needs it, and why some are refused."""

from dataclasses import dataclass

import msgspec

from percorso.i18n import mark

KINDS = ("track", "identify", "page", "screen", "group", "alias")
# Short addresses of the browser's client.
SHORT = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": "batch"}
MOST_BYTES_A_CALL = 32 << 10
MOST_BYTES_A_BATCH = 500 << 10
MOST_CALLS_A_BATCH = 2500
LONGEST_ID = 100
LONGEST_WHO = 254
LONGEST_NAME = 200
# What reading JSON raises: also when it is nested by the thousand.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

REASONS = {
    "not_json": mark("This is no JSON object with the fields of a call."),
    "too_large": mark("A call may have 32 KB; this one is larger."),
    "unknown_type": mark("The field type must be one of: track, identify, page, screen, group, alias."),
    "no_identity": mark("A call needs userId or anonymousId, or both; of up to 254 characters each."),
    "no_event": mark("A track call needs the name of its event, of up to 200 characters."),
    "no_group": mark("A group call needs groupId."),
    "no_previous": mark("An alias call needs previousId and userId."),
    "bad_message_id": mark("A messageId has up to 100 characters."),
    "too_many": mark("A batch may have 2,500 calls; this one comes after them."),
    "too_many_names": mark(
        "The events of this workspace have too many different names: put what varies into properties."
    ),
    "unreadable": mark("A part of it is of another type than it must be."),
}
# Of whole requests, which have no calls that could be told apart.
REQUEST_REASONS = {
    "not_json": REASONS["not_json"],
    "too_large": mark("The body has more than 500 KB, or more than 32 KB for one call."),
    "bad_length": mark("The header Content-Length is no number."),
    "no_batch": mark("A batch has its calls in a list called batch."),
    "bad_gzip": mark("The body says that it is gzip, and is not whole or not gzip at all."),
    "unknown_encoding": mark("The body is compressed in a way other than gzip."),
    "too_many_requests": mark("The source made more requests a second than it may; clients send the same again."),
    "full": mark("More waited here than can be kept; clients send the same again."),
    "not_kept": mark("The disk did not take it; clients send the same again."),
    "unknown_key": mark("The write key opens no source."),
}


class Head(msgspec.Struct):
    """The fields of a call that decide whether it is taken."""

    type: str | None = None
    messageId: str | int | None = None
    userId: str | int | float | None = None
    anonymousId: str | int | float | None = None
    previousId: str | int | float | None = None
    groupId: str | int | float | None = None
    event: str | None = None


class Envelope(msgspec.Struct):
    """What surrounds calls: one call's own fields are read again as `Head`."""

    batch: list[msgspec.Raw] | None = None
    writeKey: str | None = None
    sentAt: msgspec.Raw = msgspec.Raw()
    context: msgspec.Raw = msgspec.Raw()


@dataclass(frozen=True)
class Refused:
    """A call that is not taken: its place in the batch, the reason's name, and what it said."""

    index: int
    code: str
    message_id: str
    body: bytes


read_head = msgspec.json.Decoder(Head).decode
read_envelope = msgspec.json.Decoder(Envelope).decode


def judged(raw: bytes, kind: str | None) -> tuple[Head | None, str]:
    """Return a call's head and an empty text, or what there is of it and the name of the reason why it is refused.

    kind : its type where the address says it.
    """
    if len(raw) > MOST_BYTES_A_CALL:
        return None, "too_large"
    try:
        head = read_head(raw)
    except UNREADABLE:
        return None, "not_json"
    return head, _problem(head, kind or head.type)


def _problem(head: Head, kind: str | None) -> str:
    if kind not in KINDS:
        return "unknown_type"
    if head.messageId is not None and len(str(head.messageId)) > LONGEST_ID:
        return "bad_message_id"
    who, anonymous = _written(head.userId), _written(head.anonymousId)
    if not (who or anonymous) or len(who) > LONGEST_WHO or len(anonymous) > LONGEST_WHO:
        return "no_identity"
    if kind == "track" and not (head.event and head.event.strip() and len(head.event) <= LONGEST_NAME):
        return "no_event"
    if kind == "group" and not _written(head.groupId):
        return "no_group"
    if kind == "alias" and not (_written(head.previousId) and who):
        return "no_previous"
    return ""


def _written(value: str | int | float | None) -> str:
    return "" if value is None else str(value).strip()
