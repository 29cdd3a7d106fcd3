"""Conditions of other systems, put together: and, or, not; and jumps as conditions of what they pass over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from percorso.surveys.conditions import Condition

END = "the end"
# Conditions in letters; jumps over jumps over jumps would grow without end.
LONGEST = 20_000
Said = dict[str, Any]
Position = tuple[int, int]


def every(conditions: Sequence[Said | None]) -> Said | None:
    """Return the condition that all of these hold; None when there are none."""
    return _joined("all", conditions)


def some(conditions: Sequence[Said | None]) -> Said | None:
    """Return the condition that one of these holds; None when there are none."""
    return _joined("any", conditions)


def negated(condition: Said) -> Said:
    """Return the condition that another does not hold."""
    return condition["not"] if set(condition) == {"not"} else {"not": condition}


def chosen(question: str, values: Sequence[Any]) -> Said:
    """Return the condition that one of these was chosen."""
    return {"question": question, "is": list(values)}


def answered(question: str, *, is_answered: bool = True) -> Said:
    """Return the condition that a question was answered, or was not."""
    return {"question": question, "answered": is_answered}


def compared(question: str, sign: str, limit: float) -> Said:
    """Return the condition that an answer is above or below a limit: ``>=``, ``<=``, ``>``, ``<``."""
    about = {"question": question}
    if sign in (">=", "<="):
        return {**about, "at_least" if sign == ">=" else "at_most": limit}
    other = {**about, "at_most" if sign == ">" else "at_least": limit}
    return {"all": [{**about, "answered": True}, {"not": other}]}


def _joined(word: str, conditions: Sequence[Said | None]) -> Said | None:
    given: list[Said] = []
    for one in conditions:
        if one is not None and one not in given:
            given.append(one)
    return given[0] if len(given) == 1 else {word: given} if given else None


def asked_of(part: Mapping[str, Any]) -> set[str]:
    """Return the ids of the questions that a part's condition asks about."""
    found = part.get("show_if")
    if not found:
        return set()
    return (found if isinstance(found, Condition) else Condition.model_validate(found)).questions()


def can_hold_unanswered(condition: Said | None) -> bool:
    """Whether a condition may hold of somebody who was never asked."""
    return condition is None or "not" in str(condition) or "'answered': False" in str(condition)


@dataclass(frozen=True)
class Jump:
    """From one place in a questionnaire to another, when a condition holds; without one from every who comes there."""

    when: Said | None
    start: Position
    to: str


def pass_over(pages: Sequence[dict[str, Any]], jump: Jump, places: Mapping[str, Position]) -> bool:
    """Let what lies between a jump and its goal be shown only when nobody jumps; whether that can be said.

    What nobody can come to gets the key ``never``. Jumps are given in the order of their starts, so that it is known
    who comes to a start.
    """
    goal = (len(pages), 0) if jump.to == END else places.get(jump.to, (-1, 0))
    if goal <= jump.start:
        return goal == jump.start
    from_page = pages[min(jump.start[0], len(pages) - 1)].get("show_if") if pages else None
    when = every([from_page, jump.when]) if can_hold_unanswered(jump.when) else jump.when
    if len(str(when)) > LONGEST:
        return False
    for at, page in enumerate(pages):
        whole = jump.start <= (at, 0) and (at + 1, 0) <= goal
        for part in [page] if whole else _between(page, at, jump.start, goal):
            if when is None:
                part["never"] = True
            else:
                part["show_if"] = every([part.get("show_if"), negated(when)])
    return True


def _between(page: Mapping[str, Any], at: int, start: Position, goal: Position) -> list[dict[str, Any]]:
    return [question for i, question in enumerate(page["questions"]) if start <= (at, i) < goal]
