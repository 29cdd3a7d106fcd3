"""Responses of Formbricks, as its interface gives them: answers by question, choices by their texts."""

from typing import Any

from percorso.surveys.definition import Question
from percorso.surveys.exchange.format import Answered, Bind, Read, language_of
from percorso.surveys.exchange.grid import Grid, read_time
from percorso.surveys.questions._parts import OTHER, found
from percorso.surveys.questions.consent import version_of

Cells = list[tuple[Bind, str]]


def add_responses(read: Read, several: list[Any], zone: str) -> None:
    """Add responses to what was read."""
    grid = Grid(read)
    for one in several:
        if not isinstance(one, dict) or not isinstance(one.get("data"), dict):
            continue
        at = read_time(str(one.get("updatedAt") or one.get("createdAt") or ""), "year", zone)
        if at is None or not one.get("id"):
            grid.untimed += 1
            continue
        given = one.get("language")
        language = language_of(given) if given and given != "default" else read.definition.language
        cells = [cell for name, value in one["data"].items() for cell in _cells(read, str(name), value, language)]
        read.responses.append(
            Answered(
                key=str(one["id"]), answers=grid.answers(cells), completed_at=at,
                started_at=read_time(str(one.get("createdAt") or ""), "year", zone),
                language=language, customer=_customer(one.get("contact")), complete=bool(one.get("finished")),
            )
        )  # fmt: skip
    grid.end()


def _customer(contact: Any) -> str:
    """Return whose response it is: the id that the own systems gave, none for Formbricks' own."""
    return str(contact.get("userId") or "") if isinstance(contact, dict) else ""


def _cells(read: Read, name: str, value: Any, language: str) -> Cells:
    """Return an answer as cells."""
    if isinstance(value, list) and name not in read.binds:
        # The lines of an address, or what is known of a person, by their places.
        parts = [(read.binds.get(f"{name} {i}"), str(one)) for i, one in enumerate(value)]
        return [(part, text) for part, text in parts if part is not None]
    bind = read.binds.get(name)
    question = read.definition.question(bind.question) if bind else None
    if bind is None or question is None:
        return []
    if isinstance(value, dict):
        rows = getattr(question.config, "rows", [])
        named = [(found(rows, str(row)), str(one)) for row, one in value.items()]
        return [(Bind(question.id, row), one) for row, one in named if row]
    if question.type == "consent":
        return [(bind, _agreed(read, question, language))] if value == "accepted" else []
    several = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    if question.type == "ranking":
        items = [found(question.config.items, one) for one in several]
        return [(Bind(question.id, item), str(n)) for n, item in enumerate(items, 1) if item]
    if question.type in ("choice", "choices"):
        return [cell for one in several for cell in _chosen(read, question, one)]
    return [(bind, one) for one in several]


def _chosen(read: Read, question: Question, text: str) -> Cells:
    """Return a choice; what is none of the options was written beside “other”."""
    key = read.values.get(question.id, {}).get(text) or found(question.config.pieces(), text)
    if not text.strip():
        return []
    if question.config.other and (key is None or key == OTHER):
        return [(Bind(question.id, OTHER), text)]
    return [(Bind(question.id, key), "1") if key and question.type == "choices" else (Bind(question.id), text)]


def _agreed(read: Read, question: Question, language: str) -> str:
    return version_of(read.definition.tell(question.config.agreement or question.text, language))
