"""Putting a definition together from what another system's questionnaire says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from percorso.i18n import mark
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import MOST_QUESTIONS, Question
from percorso.surveys.exchange.format import Read, made, option_ids, question_id

FORWARD = mark("“{question}”: it is shown depending on a question that is not asked before; it is now always shown.")
UNREAD = mark("“{question}”: the condition “{condition}” cannot be expressed; it is now always shown.")
NOT_FITTING = mark("“{question}” was left out: {why}.")
TOO_MANY = mark("Only the first {most} questions were carried over.")
UNKNOWN_TYPE = mark("“{question}” was left out: there is no type like “{type}”.")
BECAME = mark("“{question}” is of the type “{type}”; it became an open text.")

Texts = dict[str, str]


@dataclass
class Piece:
    """Options, rows or columns: by the value of the other system our id; and what settings hold of them."""

    ids: dict[str, str] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)


def pieces(given: Sequence[tuple[str, Texts]]) -> Piece:
    """Return options made of values and their texts."""
    first = dict(reversed(given))
    order = list(dict.fromkeys(value for value, _ in given))
    ids = dict(zip(order, option_ids(order), strict=True))
    parts = [{"id": ids[value], **({"text": first[value]} if first[value] else {})} for value in order]
    return Piece(ids, parts)


class Builder:
    """Collects pages and questions, and gives the definition.

    ids : our ids by the other system's names. values : our ids of options by question, by the other system's values.
    """

    def __init__(self, read_languages: Sequence[str] = ("en",)) -> None:
        self.ids: dict[str, str] = {}
        self.values: dict[str, dict[str, str]] = {}
        self.pages: list[dict[str, Any]] = []
        self.notes: list[tuple[str, dict[str, Any]]] = []
        self.languages = list(dict.fromkeys(read_languages)) or ["en"]
        self.asked = 0

    def note(self, template: str, **params: Any) -> None:
        """Add to what could not be carried over."""
        self.notes.append((template, params))

    def page(self, name: str, **values: Any) -> None:
        """Begin a page."""
        taken = {page["id"] for page in self.pages}
        self.pages.append({"id": question_id(name, taken, "p"), "questions": [], **values})

    def add(self, name: str, kind: str, text: Texts, **values: Any) -> str | None:
        """Add a question to the last page; return its id, None when it does not fit."""
        if not self.pages:
            self.page("page1")
        shown = next(iter(text.values()), "") or name
        if self.asked >= MOST_QUESTIONS:
            self.note(TOO_MANY, most=MOST_QUESTIONS)
            return None
        key = question_id(name, set(self.ids.values()))
        content = {
            "id": key,
            "type": kind,
            "text": text,
            **{k: v for k, v in values.items() if v not in (None, "", {}, [])},
        }
        try:
            Question.model_validate(content)
        except ValidationError as error:
            self.note(NOT_FITTING, question=shown[:80], why=error.errors()[0]["msg"])
            return None
        self.ids[name] = key
        self.asked += 1
        self.pages[-1]["questions"].append(content)
        return key

    def finish(self, **values: Any) -> Read:
        """Return what was read: pages are cut where a question depends on one of the same page."""
        content = {"language": self.languages[0], "languages": self.languages, "pages": self._cut(), **values}
        found = Read(made(content), values=self.values)
        for template, params in self.notes:
            found.note(template, **params)
        return found

    def _cut(self) -> list[dict[str, Any]]:
        cut: list[dict[str, Any]] = []
        known: set[str] = set()
        taken = {page["id"] for page in self.pages}
        for page in self.pages:
            self._hold(page, known)
            part = {**page, "questions": []}
            here: set[str] = set()
            for question in page["questions"]:
                if _asks(question) & here:
                    cut.append(part)
                    known |= here
                    key = question_id(page["id"], taken, "p")
                    taken.add(key)
                    part, here = {**page, "id": key, "title": {}, "questions": []}, set()
                self._hold(question, known)
                part["questions"].append(question)
                here.add(question["id"])
            known |= here
            cut.append(part)
        return [page for page in cut if page["questions"]]

    def _hold(self, part: dict[str, Any], known: set[str]) -> None:
        """Drop a condition on what is not asked before."""
        if _asks(part) - known:
            text = part.get("text") or part.get("title") or {}
            self.note(FORWARD, question=next(iter(text.values()), part["id"])[:80])
            part.pop("show_if", None)


def _asks(part: Mapping[str, Any]) -> set[str]:
    """Return the ids that a part's condition asks about."""
    found = part.get("show_if")
    if not found:
        return set()
    condition = found if isinstance(found, Condition) else Condition.model_validate(found)
    return condition.questions()
