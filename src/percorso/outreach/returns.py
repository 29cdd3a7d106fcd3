"""What comes back: reports of mail servers (RFC 3464), complaints (RFC 5965), and what gateways and providers tell."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, message_from_string
from email.message import Message
from email.policy import compat32
from typing import Any, Literal

from percorso.outreach.marks import MARK
from percorso.outreach.statuses import is_hard, status_in

# Of a report no more is read than this; the rest is the mail that came back.
READ_BYTES = 500_000
COMPLAINTS = ("abuse", "fraud", "opt-out", "other")
Kind = Literal["bounced", "delayed", "delivered", "complained"]


@dataclass(frozen=True)
class Return:
    """What came back about one recipient of one message.

    `ids` : texts that name the message, the surest first. `status` : as RFC 3463 has it, or the three digits.
    `hard` : there is no such address.
    """

    kind: Kind
    ids: tuple[str, ...]
    address: str = ""
    status: str = ""
    told: str = ""
    hard: bool = field(default=False)


def is_report(content_type: str, failed_recipients: str = "") -> bool:
    """Whether a mail's headers look like a report, without reading all of it."""
    return "multipart/report" in content_type.lower() or bool(failed_recipients)


def returns_in(raw: bytes) -> list[Return]:
    """Return what a mail reports; empty when it is no report (an answer of a person, an absence note).

    A mail that breaks off or is not as the standards say gives what can be read of it.
    """
    mail = message_from_bytes(raw[:READ_BYTES], policy=compat32)
    parts = list(mail.walk())
    ids = tuple(_ids(mail, parts))
    for part in parts:
        kind = part.get_content_type()
        if kind in ("message/delivery-status", "message/global-delivery-status"):
            return [found for block in _blocks(part) if (found := _delivery(block, ids))]
        if kind == "message/feedback-report":
            return [found for block in _blocks(part) if (found := _complaint(block, ids))]
    return _old_exim(mail, parts, ids)


def _delivery(block: Message, ids: tuple[str, ...]) -> Return | None:
    """Read what a report says of one recipient; None for the part about the server."""
    action = _text(block, "Action").lower()
    address = _text(block, "Final-Recipient", "Original-Recipient").rpartition(";")[2].strip()
    if not action or not address:
        return None
    diagnostic = _text(block, "Diagnostic-Code")
    status = status_in(_text(block, "Status"), diagnostic)
    told = diagnostic.partition(";")[2].strip() or diagnostic
    if action != "failed":
        kind: Kind = "delayed" if action == "delayed" else "delivered"
        return Return(kind, ids, address, status, told)
    return Return("bounced", ids, address, status, told, is_hard(status))


def _complaint(block: Message, ids: tuple[str, ...]) -> Return | None:
    kind = _text(block, "Feedback-Type").lower()
    if kind not in COMPLAINTS:
        return None
    return Return("complained", ids, _text(block, "Original-Rcpt-To").strip("<> "), told=kind)


def _old_exim(mail: Message, parts: list[Message], ids: tuple[str, ...]) -> list[Return]:
    """Read a report as Exim wrote them before 4.90: the recipients in a header, the reason in the text."""
    text = next((_decoded(part) for part in parts if part.get_content_type() == "text/plain"), "")
    said = text.partition("------")[0]
    status = status_in(said)
    told = " ".join(said.split())[-300:]
    addresses = [address.strip() for address in _text(mail, "X-Failed-Recipients").split(",")]
    return [Return("bounced", ids, address, status, told, is_hard(status)) for address in addresses if address]


def _ids(mail: Message, parts: list[Message]) -> Iterator[str]:
    """Yield the texts that may name the message: of the copy, of the headers that refer to it, of the whole report."""
    for part in parts[1:]:
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            yield _text(message_from_string(_decoded(part), policy=compat32), "Message-ID")
        elif part.get("Message-ID"):
            yield _text(part, "Message-ID")
    yield _text(mail, "In-Reply-To")
    yield _text(mail, "References")
    for part in parts:
        if part.get_content_maintype() == "text" and (found := MARK.search(_decoded(part))):
            yield found.group()


def _blocks(part: Message) -> list[Message]:
    """Return the groups of fields of a report's part; groups after an empty line that the parser left as text too."""
    payload: Any = part.get_payload()
    blocks = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    left = "\n\n".join(_decoded(block).strip() for block in blocks)
    return [*blocks, *(message_from_string(text, policy=compat32) for text in left.split("\n\n") if text)]


def _text(part: Message, *names: str) -> str:
    found = next((str(part[name]) for name in names if part.get(name)), "")
    return " ".join(found.split())


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
