"""What was told of somebody, trait by trait, each with when it was so: the last one told holds, whatever came first.

A history is ``{trait: [[microseconds since 1970, value], …]}``, the oldest first. It is bounded: of many times that the same
was told one after the other, those in between are left out first.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

MOST_TRAITS = 100
# So often everything is kept as it was told; then what says nothing new is left out, and at last what is oldest.
KEPT_WHOLE, MOST_TOLD = 10, 50
LONGEST_NAME, LONGEST_VALUE = 100, 2000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

History = dict[str, list[list[Any]]]


class Change(NamedTuple):
    """A trait that became another one; `before` is None where nothing was told before."""

    at: datetime
    trait: str
    before: Any
    after: Any


def tell(told: History, traits: Mapping[str, Any], at: datetime) -> None:
    """Note in a history that these were the traits at an instant; what is too long or one too many is left out."""
    moment = (at - EPOCH) // timedelta(microseconds=1)
    for name, value in traits.items():
        if len(name) > LONGEST_NAME or len(_text(value)) > LONGEST_VALUE:
            continue
        if name not in told and len(told) >= MOST_TRAITS:
            continue
        several = told.setdefault(name, [])
        if [moment, value] not in several:
            several.append([moment, value])
            several.sort(key=lambda one: (one[0], _text(one[1])))
            _bound(several)


def now(told: Mapping[str, list[list[Any]]]) -> dict[str, Any]:
    """Return the traits as they were told last; one that was taken back (null) is not among them."""
    return {name: several[-1][1] for name, several in told.items() if several and several[-1][1] is not None}


def first_told(told: Mapping[str, list[list[Any]]]) -> datetime | None:
    """Return the first instant of which anything was told."""
    moments = [several[0][0] for several in told.values() if several]
    return EPOCH + timedelta(microseconds=min(moments)) if moments else None


def together(histories: list[History]) -> History:
    """Return the history of one customer who was told of under several identities."""
    made: History = {}
    for told in histories:
        for name, several in told.items():
            made.setdefault(name, []).extend(several)
    for several in made.values():
        several.sort(key=lambda one: (one[0], _text(one[1])))
    return made


def changes(told: Mapping[str, list[list[Any]]]) -> list[Change]:
    """Return what became something else, the newest first; the first that was told of a trait is no change."""
    made = []
    for name, several in told.items():
        for (_, before), (moment, after) in pairwise(several):
            if before != after:
                made.append(Change(EPOCH + timedelta(microseconds=moment), name, before, after))
    return sorted(made, key=lambda change: (change.at, change.trait), reverse=True)


def _bound(several: list[list[Any]]) -> None:
    while len(several) > KEPT_WHOLE:
        same = (i for i in range(1, len(several) - 1) if several[i - 1][1] == several[i][1] == several[i + 1][1])
        found = next(same, None)
        if found is None:
            break
        del several[found]
    del several[:-MOST_TOLD]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
