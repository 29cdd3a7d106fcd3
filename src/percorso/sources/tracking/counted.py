"""What calls are counted by."""

from typing import NamedTuple

HOUR = 3600


class Counted(NamedTuple):
    """What is counted: calls of a source (or `NOBODY`) that came in an hour (since 1970) and became of so."""

    source: int
    hour: int
    outcome: str


def counted(source: int, outcome: str, received: float) -> Counted:
    """Return what a call counts in; `received` are seconds since 1970."""
    return Counted(source, int(received // HOUR), outcome)
