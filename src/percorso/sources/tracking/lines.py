"""The lines of the spool: a call as it came, and what the server knows of it."""

from typing import Any

import msgspec

NEWLINES = bytes.maketrans(b"\r\n", b"  ")
encode = msgspec.json.Encoder().encode


class Line(msgspec.Struct, omit_defaults=True, rename={"from_": "from"}):
    """One line of the spool.

    source : the key's source. received : seconds since 1970. kind : the type where the address says it. sent, context :
    those of the batch. id : where the call has no messageId. call : as it came. refused : why it is not taken.
    """

    workspace: str
    source: int
    received: float
    kind: str = ""
    sent: msgspec.Raw = msgspec.Raw()
    context: msgspec.Raw = msgspec.Raw()
    id: str = ""
    refused: str = ""
    call: msgspec.Raw = msgspec.Raw()


read_line = msgspec.json.Decoder(Line).decode


def opening(known: dict[str, Any]) -> bytes:
    """Return the beginning of lines that share what the server knows: `finished` makes them whole."""
    return encode(known)[:-1].translate(NEWLINES)


def finished(opening: bytes, call: bytes, own: dict[str, str] | None = None) -> bytes:
    """Return a line; whatever breaks lines inside of a call is no part of a value, for JSON escapes it there."""
    more = b"," + encode(own)[1:-1] if own else b""
    return opening + more + b',"call":' + call.translate(NEWLINES) + b"}\n"
