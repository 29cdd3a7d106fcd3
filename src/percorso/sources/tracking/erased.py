"""Calls of people who were erased: nothing of them is taken, not even to be looked at."""

import msgspec

from percorso.customers.privacy.erased import decided
from percorso.sources.tracking.lines import Line


class _Who(msgspec.Struct):
    userId: str | int | float | None = None
    anonymousId: str | int | float | None = None


_read = msgspec.json.Decoder(_Who).decode


def without_erased(workspace: str, lines: list[Line]) -> list[Line]:
    """Return the lines of those who were not erased: by the user's id, by the visitor's where there is no user."""
    known = decided(workspace)
    if not known.marks:
        return lines
    whose = [_identity(line) for line in lines]
    gone = known.erased(set(whose))
    return [line for line, one in zip(lines, whose, strict=True) if one not in gone] if gone else lines


def _identity(line: Line) -> str:
    try:
        who = _read(line.call)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return str(who.userId if who.userId not in (None, "") else who.anonymousId or "").strip()
