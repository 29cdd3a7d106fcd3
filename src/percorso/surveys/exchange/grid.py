"""Answers in a table, one response a row: cells become answers as they are kept."""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

from django.utils import translation

from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.instants import Dates, one_instant
from percorso.surveys.definition import Definition, Question
from percorso.surveys.exchange.format import BadFile, Bind, File, Read
from percorso.surveys.exchange.reading import text_of
from percorso.surveys.question import QUESTIONS, Refused
from percorso.surveys.questions._parts import OTHER, found

NOT_CHOSEN = frozenset({"", "0", "n", "no", "false", "não", "-oth-"})
LONGEST_CELL = 1_000_000
MOST_COLUMNS = 2000
AMBIGUOUS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}")
ZONE = re.compile(r"\s*\b(?:(?:GMT|UTC)(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?|(?P<name>[A-Z]{3,4}))$")
# What Google Forms and others write; zones that several countries call the same are not here.
OFFSETS = {
    "EST": "-05:00", "EDT": "-04:00", "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00",
    "PDT": "-07:00", "BRT": "-03:00", "WET": "+00:00", "WEST": "+01:00", "CET": "+01:00", "CEST": "+02:00",
    "EET": "+02:00", "EEST": "+03:00",
}  # fmt: skip
DAY_FIRST = mark("Dates such as “{example}” were read with the day first.")
MONTH_FIRST = mark("Dates such as “{example}” were read with the month first.")
UNREAD = mark("“{question}”: answers such as “{example}” are not possible ones and are left out ({n}).")
NO_TIME = mark("Responses without a time that can be read are left out: {n}.")


def table_of(file: File) -> list[list[str]]:
    """Return the rows of a CSV file, whatever separates its columns.

    Raises
    ------
    BadFile : it is none.
    """
    text = text_of(file)
    first = text[:20_000].partition("\n")[0]
    separator = max(",;\t", key=first.count)
    csv.field_size_limit(LONGEST_CELL)
    try:
        rows = [row for row in csv.reader(StringIO(text, newline=""), delimiter=separator) if any(row)]
    except csv.Error as error:
        raise BadFile(
            mark("“{file}” is not a whole CSV file: {why}. Export it again."), file=file.name, why=str(error)
        ) from error
    if len(rows) < 2 or len(rows[0]) > MOST_COLUMNS:
        raise BadFile(mark("“{file}” has no table of answers: a line of names, then a line for each response."), file=file.name)  # fmt: skip
    return rows


def read_time(text: str, order: str, zone: str) -> datetime | None:
    """Return an instant that a cell names; None for none."""
    plain = ZONE.sub(_offset, text.replace("\u202f", " ").strip())
    try:
        return one_instant(plain, Dates(order, zone)) if plain else None  # type: ignore[arg-type]
    except (UserError, ValueError, TypeError):
        return None


def _offset(found: re.Match[str]) -> str:
    """Return a zone as an offset: ``GMT-3`` and ``EDT``."""
    if found["name"] in OFFSETS:
        return OFFSETS[found["name"]]
    if found["hours"] is None:
        return found[0]
    return f"{found['sign']}{int(found['hours']):02}:{found['minutes'] or '00'}"


def order_of(texts: Iterable[str], usual: str = "month") -> str:
    """Return what comes first in dates like 03/04/2025, as far as they tell: `usual`, unless a figure is above 12."""
    firsts, seconds = _figures(texts)
    if any(n > 12 for n in firsts):
        return "day"
    return "month" if any(n > 12 for n in seconds) else usual


def tell_order(read: Read, texts: Sequence[str], order: str) -> None:
    """Note what was taken for the month where dates do not tell it themselves."""
    firsts, seconds = _figures(texts)
    if firsts and max([*firsts, *seconds]) <= 12 and firsts != seconds:
        example = next(text for text in texts if AMBIGUOUS.match(text.strip()))
        read.note(DAY_FIRST if order == "day" else MONTH_FIRST, example=example)


def _figures(texts: Iterable[str]) -> tuple[list[int], list[int]]:
    pairs = [match for text in texts if (match := AMBIGUOUS.match(text.strip()))]
    return [int(pair[1]) for pair in pairs], [int(pair[2]) for pair in pairs]


class Grid:
    """Makes answers of rows; counts what could not be read and tells it at the end."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self.questions = {question.id: question for question in read.definition.questions()}
        self.unread: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self.untimed = 0

    def answers(self, cells: Iterable[tuple[Bind, str]]) -> dict[str, Any]:
        """Return the answers of one row."""
        answers: dict[str, Any] = {}
        for bind, cell in cells:
            question, text = self.questions.get(bind.question), cell.strip()
            if question is None or not text:
                continue
            try:
                _put(answers, question, bind.part, text, self.read.values.get(question.id, {}))
            except Refused:
                self.unread[question.id] += 1
                self.examples.setdefault(question.id, text[:60])
        return {key: self._whole(key, value) for key, value in answers.items() if value not in (None, "", [], {})}

    def _whole(self, key: str, value: Any) -> Any:
        """Return an answer as it is kept: rankings in order, options in the order of the question."""
        question = self.questions[key]
        if question.type == "ranking" and isinstance(value, dict):
            return sorted(value, key=lambda item: value[item])
        return value

    def end(self) -> None:
        """Tell what was not read."""
        for key, n in self.unread.items():
            shown = _shown(self.read.definition, self.questions[key])
            self.read.note(UNREAD, question=shown, n=n, example=self.examples[key])
        if self.untimed:
            self.read.note(NO_TIME, n=self.untimed)


def _shown(definition: Definition, question: Question) -> str:
    return (definition.tell(question.text, definition.language) or question.id)[:80]


def _put(answers: dict[str, Any], question: Question, part: str, text: str, values: Mapping[str, str]) -> None:
    """Add one cell to the answers."""
    if part:
        _put_part(answers, question, part, text, values)
        return
    if question.type in ("choice", "choices"):
        value: Any = _chosen(question, text, values)
    elif question.type == "file":
        raise Refused(text)
    else:
        with translation.override("en"):
            kind = QUESTIONS[question.type]
            value = kind.parse(question, _plain(text, values)) if kind.answerable else None
    if isinstance(answers.get(question.id), dict) and answers[question.id].get("option") == OTHER:
        return
    answers[question.id] = value


def _plain(text: str, values: Mapping[str, str]) -> str:
    """Return a number without what some systems add: “9 - Very likely”, “9.0”."""
    known = values.get(text, text)
    return known[:-2] if known.endswith(".0") and known[:-2].lstrip("-").isdigit() else known


def _option(question: Question, text: str, values: Mapping[str, str]) -> str | None:
    return values.get(text) or found(question.config.pieces(), text)


def _chosen(question: Question, text: str, values: Mapping[str, str]) -> Any:
    if question.type == "choice":
        key = _option(question, text, values)
        return _given(question, key, text)
    whole = _option(question, text, values)
    texts = [text] if whole else _split(question, text, values)
    keys = [(_option(question, one, values), one) for one in texts]
    made = [_given(question, key, one) for key, one in keys]
    plain = list(dict.fromkeys(one for one in made if isinstance(one, str)))
    return plain + [one for one in made if isinstance(one, dict)][:1]


def _split(question: Question, text: str, values: Mapping[str, str]) -> list[str]:
    """Return what was chosen of several in one cell: separated by semicolons, bars, or commas that are in no option."""
    for sign in (";", "|", "\n"):
        if sign in text:
            return [one.strip() for one in text.split(sign) if one.strip()]
    parts, made = [one.strip() for one in text.split(",")], []
    while parts:
        length = next((n for n in range(len(parts), 0, -1) if _option(question, ", ".join(parts[:n]), values)), 1)
        made.append(", ".join(parts[:length]))
        parts = parts[length:]
    return [one for one in made if one]


def _given(question: Question, key: str | None, text: str) -> Any:
    """Return an option that was chosen; with the text of the cell where it has one of its own."""
    if key is None:
        raise Refused(text)
    return _own(question, text) if key == OTHER else key


def _own(question: Question, text: str) -> dict[str, str]:
    if not question.config.other:
        raise Refused(text)
    return {"option": OTHER, "text": text[:500]}


def _put_part(answers: dict[str, Any], question: Question, part: str, text: str, values: Mapping[str, str]) -> None:
    """Add a cell that is about one row, one option or one item."""
    config = question.config
    if question.type == "matrix":
        column = values.get(text) or found(config.columns, text)
        if column is None or not any(row.id == part for row in config.rows):
            raise Refused(text)
        answers.setdefault(question.id, {})[part] = column
    elif question.type == "ranking":
        if not text.isdigit():
            raise Refused(text)
        answers.setdefault(question.id, {})[part] = int(text)
    elif part == OTHER and question.type == "choice":
        answers[question.id] = _own(question, text)
    elif question.type == "choices":
        kept = [one for one in answers.setdefault(question.id, []) if one != OTHER]
        if part == OTHER:
            answers[question.id] = [*kept, _own(question, text)] if text.casefold() not in ("y", "1") else kept
        elif part not in kept and (text.casefold() not in NOT_CHOSEN or found(config.pieces(), text) == part):
            owns = [one for one in kept if isinstance(one, dict)]
            answers[question.id] = [*(one for one in kept if isinstance(one, str)), part, *owns]
    else:
        raise Refused(text)


def key_of(row: Sequence[str], seen: Counter[str]) -> str:
    """Return a key for a row whose system gives none: equal rows count one by one, and the same when read again."""
    told = hashlib.sha256("\x1f".join(row).encode()).hexdigest()
    seen[told] += 1
    return f"{told}-{seen[told]}"
