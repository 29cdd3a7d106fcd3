"""A questionnaire of LimeSurvey (.lss) as a definition, and its responses (.lsr)."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from pydantic import ValidationError

from percorso.surveys.exchange.building import BECAME, UNKNOWN_TYPE, UNREAD, Builder, Piece, pieces
from percorso.surveys.exchange.expressions import NotExpressed, read_condition
from percorso.surveys.exchange.format import Answered, Bind, Read, language_of, plain_text
from percorso.surveys.exchange.grid import Grid, read_time
from percorso.surveys.questions._parts import OTHER

Row = dict[str, str]
COLUMN = re.compile(r"_?\d+X\d+X(?P<rest>.+)")
POINTS = {"A": range(1, 6), "B": range(1, 11)}
WORDS = {"C": ("Y", "U", "N"), "E": ("I", "S", "D")}
LABELS = {"Y": "Yes", "U": "Uncertain", "N": "No", "I": "Increase", "S": "Same", "D": "Decrease"}


def rows_of(root: Element, name: str) -> list[Row]:
    """Return the rows of one of the tables in a file."""
    return [{cell.tag: cell.text or "" for cell in row} for row in root.findall(f"{name}/rows/row")]


class Reader:
    """Reads one questionnaire: of any version, with texts in the tables or beside them."""

    def __init__(self, root: Element) -> None:
        self.root = root
        settings = rows_of(root, "surveys")
        self.language = language_of(settings[0].get("language") if settings else "en")
        codes = [language_of(one.text) for one in root.findall("languages/language")]
        self.builder = Builder([self.language, *codes])
        self.binds: dict[str, Bind] = {}
        self.answers = self._joined("answers", "answer_l10ns", "aid")
        self.subs = self._joined("subquestions", "question_l10ns", "qid")

    def _joined(self, table: str, texts: str, key: str) -> list[Row]:
        """Return rows with their texts, one for each language."""
        beside = rows_of(self.root, texts)
        rows = rows_of(self.root, table)
        if not beside:
            return rows
        by: dict[str, list[Row]] = {}
        for row in beside:
            by.setdefault(row.get(key, ""), []).append(row)
        return [{**row, **more} for row in rows for more in by.get(row.get(key, ""), [{}])]

    def texts(self, rows: list[Row], name: str) -> dict[str, str]:
        """Return the texts of rows that differ in language only."""
        told = {language_of(row.get("language") or self.language): plain_text(row.get(name)) for row in rows}
        return {language: text for language, text in told.items() if text}

    def read(self) -> Read:
        """Return the questionnaire; groups become pages."""
        questions = self._joined("questions", "question_l10ns", "qid")
        for gid, group in _grouped(self._joined("groups", "group_l10ns", "gid"), "gid", "group_order").items():
            self.builder.page(f"g{gid}", title=self.texts(group, "group_name"))
            mine = [row for row in questions if row.get("gid") == gid and row.get("parent_qid", "0") in ("", "0")]
            for rows in _grouped(mine, "qid", "question_order").values():
                self._question(rows)
        told = rows_of(self.root, "surveys_languagesettings")
        several = [{**row, "language": row.get("surveyls_language", "")} for row in told]
        read = self.builder.finish(title=self.texts(several, "surveyls_title"), thanks=self.texts(several, "surveyls_endtext"))  # fmt: skip
        read.binds = self.binds
        return read

    def _pieces(self, rows: list[Row], text: str) -> Piece:
        codes = _grouped(rows, "code" if text == "answer" else "title", "sortorder" if text == "answer" else "question_order")  # fmt: skip
        return pieces([(code, self.texts(several, text)) for code, several in codes.items()])

    def _question(self, rows: list[Row]) -> None:
        row, text = rows[0], self.texts(rows, "question")
        code, kind, qid = row.get("title", ""), row.get("type", ""), row.get("qid", "")
        text = text or {self.language: code}
        shown = next(iter(text.values()))[:80]
        subs = self._pieces([one for one in self.subs if one.get("parent_qid") == qid], "question")
        offered = self._pieces([one for one in self.answers if one.get("qid") == qid], "answer")
        if kind in ("Q", "K"):
            for sub, part in zip(subs.ids, subs.parts, strict=True):
                type_ = "text" if kind == "Q" else "number"
                if (key := self.builder.add(f"{code}_{sub}", type_, part.get("text") or text)) is not None:
                    self.binds[qid + sub] = Bind(key)
            return
        made = _made(kind, subs, offered, row.get("other") == "Y")
        if made is None:
            self.builder.note(UNKNOWN_TYPE, question=shown, type=kind)
            return
        type_, settings, values = made
        if type_ == "text" and kind not in "STU":
            self.builder.note(BECAME, question=shown, type=kind)
        key = self.builder.add(
            code, type_, text, help=self.texts(rows, "help"), required=row.get("mandatory") == "Y",
            settings=settings, show_if=self._condition(row.get("relevance", ""), shown),
        )  # fmt: skip
        if key is not None:
            self.builder.values[key] = values
            self._bind(qid, key, type_, subs, offered)

    def _bind(self, qid: str, key: str, type_: str, subs: Piece, offered: Piece) -> None:
        self.binds[qid] = Bind(key)
        self.binds[f"{qid}other"] = Bind(key, OTHER)
        if type_ in ("matrix", "choices"):
            self.binds |= {qid + code: Bind(key, part) for code, part in subs.ids.items()}
        if type_ == "ranking":
            self.binds |= {f"{qid}{place}": Bind(key, str(place)) for place in range(1, len(offered.parts) + 1)}

    def _condition(self, text: str, shown: str) -> Any:
        if text.strip() in ("", "1"):
            return None
        plain = re.sub(r"!\s*is_empty\(\s*([A-Za-z]\w*)(?:\.NAOK)?\s*\)", r"{\1} notempty", text)
        plain = re.sub(r"is_empty\(\s*([A-Za-z]\w*)(?:\.NAOK)?\s*\)", r"{\1} empty", plain)
        plain = re.sub(r"\b([A-Za-z]\w*)\.NAOK", r"{\1}", plain)
        try:
            made = read_condition(plain, self.builder.ids, self.builder.values)
            return made.model_dump(mode="json", by_alias=True, exclude_none=True)
        except (NotExpressed, ValidationError, RecursionError):
            self.builder.note(UNREAD, question=shown, condition=text[:200])
            return None


def _grouped(rows: list[Row], key: str, order: str) -> dict[str, list[Row]]:
    """Return rows by a key, in their order."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda one: int(one.get(order) or 0) if (one.get(order) or "0").isdigit() else 0):
        found.setdefault(row.get(key, ""), []).append(row)
    return found


def _made(kind: str, subs: Piece, offered: Piece, other: bool) -> tuple[str, dict[str, Any], dict[str, str]] | None:
    """Return type, settings and option ids by code; None for what there is nothing like."""
    own = {"other": True} if other else {}
    known = offered.ids | ({"-oth-": OTHER} if other else {})
    if kind in ("L", "!", "O"):
        return "choice", {"options": offered.parts, **own, **({"look": "menu"} if kind == "!" else {})}, known
    if kind in ("M", "P"):
        return "choices", {"options": subs.parts, **own}, {}
    if kind == "Y":
        return "choice", {}, {"Y": "yes", "N": "no"}
    if kind in ("F", "H"):
        return "matrix", {"rows": subs.parts, "columns": offered.parts}, offered.ids
    if kind in POINTS or kind in WORDS:
        codes = [str(n) for n in POINTS.get(kind, ())] or list(WORDS[kind])
        columns = pieces([(code, {"en": LABELS.get(code, code)}) for code in codes])
        return "matrix", {"rows": subs.parts, "columns": columns.parts}, columns.ids
    if kind == "R":
        return "ranking", {"items": offered.parts}, offered.ids
    plain = {"5": "csat", "N": "number", "D": "date", "X": "statement", "|": "file", "S": "text", "T": "text", "U": "text"}  # fmt: skip
    if kind in plain:
        return plain[kind], {"lines": 1} if kind == "S" else {}, {}
    return ("text", {}, {}) if kind in ("G", "I", "*") else None


def read_responses(read: Read, root: Element, zone: str) -> None:
    """Add the responses of a file of them."""
    grid = Grid(read)
    rankings = {question.id for question in read.definition.questions() if question.type == "ranking"}
    for row in rows_of(root, "responses"):
        at = read_time(row.get("submitdate", ""), "year", zone)
        touched = at or read_time(row.get("datestamp", ""), "year", zone)
        if touched is None or not row.get("id"):
            grid.untimed += 1
            continue
        cells = [_cell(read, rankings, name, text) for name, text in row.items()]
        language = row.get("startlanguage", "")
        read.responses.append(
            Answered(
                key=row["id"], answers=grid.answers(one for one in cells if one is not None), completed_at=touched,
                started_at=read_time(row.get("startdate", ""), "year", zone),
                language=language_of(language) if language else "", complete=at is not None,
            )
        )  # fmt: skip
    grid.end()


def _cell(read: Read, rankings: set[str], name: str, text: str) -> tuple[Bind, str] | None:
    """Return which question a cell answers; places of a ranking hold the item, we the item's place."""
    match = COLUMN.fullmatch(name)
    bind = read.binds.get(match["rest"]) if match else None
    if bind is None or not text:
        return None
    if bind.question in rankings and bind.part:
        values: Mapping[str, str] = read.values.get(bind.question, {})
        return (Bind(bind.question, values[text]), bind.part) if text in values else None
    if text.endswith(" 00:00:00"):
        return bind, text.removesuffix(" 00:00:00")
    return bind, text
