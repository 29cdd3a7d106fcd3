"""Places in a JSON object, written as JSONPath writes them: ``$.order.items[0].price``, ``$['a.b']``; no search."""

import re
from collections.abc import Sequence
from typing import Any

from percorso.errors import BadQuestion
from percorso.i18n import mark

STEP = re.compile(r"""\.([^.\[\]'"\s]+)|\[(\d{1,6}|\*)\]|\['([^']*)'\]|\["([^"]*)"\]""")
LONGEST = 300
# The whole body, and one of its records.
ROOTS = ("$", "@")
EVERY = "*"
Step = str | int


def steps_of(path: str) -> list[Step]:
    """Return the steps of a path after its first character; `EVERY` stands for all elements of a list.

    Examples
    --------
    >>> steps_of("$.order.items[0]['unit price']")
    ['order', 'items', 0, 'unit price']

    Raises
    ------
    BadQuestion : it is no path.
    """
    rest, found, at = path[1:], [], 0
    while path[:1] in ROOTS and len(path) <= LONGEST and (match := STEP.match(rest, at)):
        name, number, single, double = match.groups()
        found.append(name or single or double or (EVERY if number == EVERY else int(number)))
        at = match.end()
    if path[:1] not in ROOTS or len(path) > LONGEST or at < len(rest):
        raise BadQuestion(
            mark("{path} is no place in a call. Write it such as {example}."), path=path[:80], example="$.order.id"
        )
    return found


def value_at(found: Any, steps: Sequence[Step]) -> Any:
    """Return what stands at a place, None when nothing does."""
    for step in steps:
        if isinstance(step, int) and isinstance(found, list) and step < len(found):
            found = found[step]
        elif isinstance(step, str) and isinstance(found, dict):
            found = found.get(step)
        else:
            return None
    return found


def elements_at(found: Any, steps: Sequence[Step]) -> list[Any]:
    """Return the elements at a place with `EVERY` in it, or the one value that stands there."""
    if EVERY not in steps:
        one = value_at(found, steps)
        return [] if one is None else [one]
    at = list(steps).index(EVERY)
    several = value_at(found, steps[:at])
    return [e for one in several for e in elements_at(one, steps[at + 1 :])] if isinstance(several, list) else []
