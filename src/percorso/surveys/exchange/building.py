"""Putting a definition together from what another system's questionnaire says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from percorso.base.reasons import reason_of
from percorso.i18n import mark
from percorso.surveys.definition import MOST_QUESTIONS, Question
from percorso.surveys.exchange.format import Read, made, option_ids, question_id
from percorso.surveys.exchange.logic import Jump, Said, asked_of, every, pass_over
from percorso.surveys.exchange.recall import Recalls, texts_in

FORWARD = mark("“{question}”: it is shown depending on a question that is not asked before; it is now always shown.")
UNREAD = mark("“{question}”: the condition “{condition}” cannot be expressed; it is now always shown.")
NOT_FITTING = mark("“{question}” was left out. {why}")
TOO_MANY = mark("Only the first {most} questions were carried over.")
UNKNOWN_TYPE = mark("“{question}” was left out: there is no type like “{type}”.")
BECAME = mark("“{question}” is of the type “{type}”; it became an open text.")
SEVERAL = mark("“{question}” is of the type “{type}”; it became several questions ({n}).")
LOST = mark("“{question}”: “{setting}” has no counterpart here and was left out.")
LOST_SURVEY = mark("“{setting}” of the survey has no counterpart here and was left out.")
OWN_TEXT = mark("“{question}”: what is written beside “{option}” is asked in a question of its own.")
NO_PLACE = mark("“{question}” recalls what is not known here: {places}. There it says nothing.")
COMMENTS = mark("“{question}”: the comments beside its answers are asked in questions of their own.")
HIDDEN = mark("“{question}” was left out: it is hidden.")
JUMP = mark("“{question}”: the jump to “{to}” cannot be expressed; what follows is always shown.")
NEVER = mark("“{question}” was left out: nobody comes to it.")
PICTURES = mark("“{question}”: pictures, videos and links in the text were left out.")
SHOWN_MEDIA = re.compile(r"(?i)<(img|video|audio|iframe|embed|object|a\s)[^>]*>")

MOST_PLACES = 3
Texts = dict[str, str]


@dataclass
class Piece:
    """Options, rows or columns: by the value of the other system our id; and what settings hold of them."""

    ids: dict[str, str] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)


def pieces(
    given: Sequence[tuple[str, Texts]], scores: Mapping[str, float] | None = None, taken: Sequence[str] = ()
) -> Piece:
    """Return options made of values and their texts; `scores` by value; ids in `taken` are not given away."""
    first = dict(reversed(given))
    order = list(dict.fromkeys(value for value, _ in given))
    ids = dict(zip(order, option_ids(order, taken), strict=True))
    parts: list[dict[str, Any]] = []
    for value in order:
        text = {"text": first[value]} if first[value] else {}
        score = {"score": scores[value]} if scores and value in scores else {}
        parts.append({"id": ids[value], **text, **score})
    return Piece(ids, parts)


class Builder:
    """Collects pages and questions, and gives the definition.

    ids : our ids by the other system's names. values : our ids of options by question, by the other system's values.
    places : where questions and pages stand, by the other system's names. recalls : how its texts recall answers.
    """

    def __init__(self, read_languages: Sequence[str] = ("en",)) -> None:
        self.ids: dict[str, str] = {}
        self.values: dict[str, dict[str, str]] = {}
        self.pages: list[dict[str, Any]] = []
        self.places: dict[str, tuple[int, int]] = {}
        self.jumps: list[tuple[Jump, str, str]] = []
        self.notes: list[tuple[str, dict[str, Any]]] = []
        self.quotas: list[dict[str, Any]] = []
        self.languages = list(dict.fromkeys(read_languages)) or ["en"]
        self.recalls: Recalls | None = None
        self.asked = 0

    def note(self, template: str, **params: Any) -> None:
        """Add to what could not be carried over."""
        self.notes.append((template, params))

    def note_media(self, html: Any, shown: str) -> None:
        """Note what a text shows beside its words."""
        if isinstance(html, str) and SHOWN_MEDIA.search(html):
            self.note(PICTURES, question=shown)

    def page(self, name: str, **values: Any) -> None:
        """Begin a page."""
        taken = {page["id"] for page in self.pages}
        self.pages.append({"id": question_id(name, taken, "p"), "questions": [], **values})

    def here(self) -> tuple[int, int]:
        """Return where the next question will stand."""
        return (len(self.pages) - 1, len(self.pages[-1]["questions"])) if self.pages else (0, 0)

    def place(self, name: str) -> None:
        """Remember that what follows has a name, to which one can jump."""
        self.places.setdefault(name, self.here())

    def jump(self, when: Said | None, to: str, *, shown: str, goal: str = "") -> None:
        """Go to a named place when a condition holds; `shown` and `goal` are how notes call both ends."""
        self.jumps.append((Jump(when, self.here(), to), shown, goal or to))

    def add(self, name: str, kind: str, text: Texts, **values: Any) -> str | None:
        """Add a question to the last page; return its id, None when it does not fit."""
        if not self.pages:
            self.page("page1")
        shown = next(iter(text.values()), "") or name
        if self.asked >= MOST_QUESTIONS:
            self.note(TOO_MANY, most=MOST_QUESTIONS)
            return None
        key = question_id(name, {question["id"] for page in self.pages for question in page["questions"]})
        content = {
            "id": key,
            "type": kind,
            "text": text,
            **{k: v for k, v in values.items() if v not in (None, "", {}, [])},
        }
        try:
            Question.model_validate(content)
        except ValidationError as error:
            self.note(NOT_FITTING, question=shown[:80], why=reason_of(error.errors()[0]))
            return None
        self.place(name)
        self.ids[name] = key
        self.asked += 1
        self.pages[-1]["questions"].append(content)
        return key

    def finish(self, **values: Any) -> Read:
        """Return what was read: pages are cut where a question depends on one of the same page."""
        for jump, shown, goal in self.jumps:
            if not pass_over(self.pages, jump, self.places):
                self.note(JUMP, question=shown, to=goal)
        self._recall(values)
        content = {"language": self.languages[0], "languages": self.languages, "pages": self._cut(), **values}
        asked = {question["id"] for page in content["pages"] for question in page["questions"]}
        content["quotas"] = [one for one in self.quotas if asked_of({"show_if": one["when"]}) <= asked]
        found = Read(made(content), values=self.values)
        for template, params in self.notes:
            found.note(template, **params)
        return found

    def _recall(self, values: dict[str, Any]) -> None:
        """Write places in texts as ours."""
        if self.recalls is None:
            return
        parts = [values, *self.pages, *(question for page in self.pages for question in page["questions"])]
        for part in parts:
            for text in texts_in(part):
                shown, lost = next(iter(text.values()), "")[:80], list[str]()
                for language, told in text.items():
                    text[language] = self.recalls.put(told, lost.append)
                if lost:
                    names = list(dict.fromkeys(lost))
                    more = " …" if len(names) > MOST_PLACES else ""
                    self.note(NO_PLACE, question=shown, places=", ".join(names[:MOST_PLACES])[:200] + more)

    def _cut(self) -> list[dict[str, Any]]:
        cut: list[dict[str, Any]] = []
        known: set[str] = set()
        taken = {page["id"] for page in self.pages}
        for page in self.pages:
            questions = self._reached(page)
            self._hold(page, known)
            part = {**page, "questions": []}
            here: set[str] = set()
            for question in questions:
                if asked_of(question) & here:
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

    def _reached(self, page: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the questions of a page that anybody can come to."""
        never = page.pop("never", False)
        reached = []
        for question in page["questions"]:
            if question.pop("never", False) or never:
                self.note(NEVER, question=next(iter(question["text"].values()), question["id"])[:80])
            else:
                reached.append(question)
        return reached

    def _hold(self, part: dict[str, Any], known: set[str]) -> None:
        """Drop a condition on what is not asked before."""
        if asked_of(part) - known:
            text = part.get("text") or part.get("title") or {}
            self.note(FORWARD, question=next(iter(text.values()), part["id"])[:80])
            part.pop("show_if", None)


def shown_if(*conditions: Said | None) -> dict[str, Said]:
    """Return conditions as the value that a page or a question takes; nothing for none."""
    made_of = every(conditions)
    return {"show_if": made_of} if made_of else {}
