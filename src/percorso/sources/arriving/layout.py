"""JSON set out for people to read: line by line, also when it is broken."""

import json
import re

import msgspec

from percorso.customers.privacy.escapes import unescaped
from percorso.sources.tracking.calls import UNREADABLE

# What is indented more than this is hard to read and slow to show.
LONGEST, DEEPEST = 200_000, 40
_part = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s"\[\]{}:,]+', re.DOTALL)


def readable(text: str) -> str:
    """Return JSON with its lines set apart, its numbers as they came.

    Of JSON that is a text (what was kept of a call that is none) that text, set apart as far as it is JSON.
    """
    try:
        made = msgspec.json.format(text.encode(), indent=2).decode()
        if made.startswith('"'):
            return _set_apart(str(msgspec.json.decode(text)))
    except UNREADABLE:
        return text
    return unescaped(made if len(made) <= LONGEST else text)


def _set_apart(text: str) -> str:
    """Return a text with the JSON before its mistake set apart, and what follows as it came."""
    if "\n" in text.strip() or len(text) > LONGEST:
        return text
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return _lines(text[: error.pos]) + text[error.pos :]
    except RecursionError:
        pass
    return text


def _lines(text: str) -> str:
    made, depth = list[str](), 0
    for found in _part.finditer(text):
        part = found[0]
        if part in "]}":
            depth -= 1
            if len(made) > 1 and made[-1].startswith("\n") and made[-2] in ("{", "["):
                made[-1] = part
            else:
                made += [_line(depth), part]
        elif part in "[{,":
            depth += part != ","
            made += [part, _line(depth)]
        else:
            made.append(": " if part == ":" else part)
    return "".join(made)


def _line(depth: int) -> str:
    return "\n" + "  " * min(depth, DEEPEST)
