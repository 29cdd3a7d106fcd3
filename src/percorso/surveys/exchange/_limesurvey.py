"""A questionnaire of LimeSurvey (.lss) as a definition."""

from collections import defaultdict
from typing import Any
from xml.etree.ElementTree import Element

from percorso.surveys.exchange._limesurvey_logic import RECALLED, quota_condition, read_relevance, recalled, said_by
from percorso.surveys.exchange._limesurvey_types import limits, made, words
from percorso.surveys.exchange.building import (
    COMMENTS,
    HIDDEN,
    LOST,
    LOST_SURVEY,
    SEVERAL,
    UNKNOWN_TYPE,
    UNREAD,
    Builder,
    Piece,
    Texts,
    pieces,
    shown_if,
)  # fmt: skip
from percorso.surveys.exchange.expressions import NotExpressed
from percorso.surveys.exchange.format import Bind, Read, language_of, plain_text, question_id
from percorso.surveys.exchange.logic import Said, answered, chosen
from percorso.surveys.exchange.recall import Recalls
from percorso.surveys.questions._parts import OTHER

Row = dict[str, str]
MOST_CELLS = 30
# What changes how a question is asked, with what it is when it changes nothing.
ATTRIBUTES = {
    "random_order": "0", "answer_order": "normal", "random_group": "", "array_filter": "", "array_filter_exclude": "",
    "em_validation_q": "", "em_validation_sq": "", "equals_num_value": "", "prefix": "",
}  # fmt: skip
SETTINGS = {"surveyls_url": "", "surveyls_policy_notice": ""}


def rows_of(root: Element, name: str) -> list[Row]:
    """Return the rows of one of the tables in a file."""
    return [{cell.tag: cell.text or "" for cell in row} for row in root.findall(f"{name}/rows/row")]


class Reader:
    """Reads one questionnaire: of any version, with texts in the tables or beside them."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.settings = next(iter(rows_of(root, "surveys")), {})
        self.language = language_of(self.settings.get("language") or "en")
        codes = [language_of(one.text) for one in root.findall("languages/language")]
        self.builder = Builder([self.language, *codes])
        self.builder.recalls = Recalls(RECALLED, lambda found: recalled(found, self.builder.ids))
        self.binds: dict[str, Bind] = {}
        self.parts: dict[str, tuple[str, str]] = {}
        self.known: dict[str, dict[str, Any]] = {}
        self.answers = self._joined("answers", "answer_l10ns", "aid")
        self.subs = self._joined("subquestions", "question_l10ns", "qid")
        self.attributes: dict[str, dict[str, str]] = defaultdict(dict)
        self.conditions: dict[str, list[Row]] = defaultdict(list)
        for row in rows_of(root, "conditions"):
            self.conditions[row.get("qid", "")].append(row)
        for row in rows_of(root, "question_attributes"):
            if row.get("value"):
                self.attributes[row.get("qid", "")].setdefault(row.get("attribute", ""), row["value"])

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

    def texts(self, rows: list[Row], name: str) -> Texts:
        """Return the texts of rows that differ in language only."""
        told = {language_of(row.get("language") or self.language): plain_text(row.get(name)) for row in rows}
        return {language: text for language, text in told.items() if text}

    def read(self) -> Read:
        """Return the questionnaire; groups become pages."""
        told = rows_of(self.root, "surveys_languagesettings")
        several = [{**row, "language": row.get("surveyls_language", "")} for row in told]
        self._statement("welcome", self.texts(several, "surveyls_welcometext"))
        questions = self._joined("questions", "question_l10ns", "qid")
        for gid, group in _grouped(self._joined("groups", "group_l10ns", "gid"), "gid", "group_order").items():
            self._group(gid, group, questions)
        self._losses(several)
        self._quotas()
        progress = {"progress": False} if self.settings.get("showprogress") == "N" else {}
        thanks = self.texts(several, "surveyls_endtext")
        read = self.builder.finish(title=self.texts(several, "surveyls_title"), thanks=thanks, **progress)
        read.binds = self.binds
        return read

    def _statement(self, name: str, text: Texts) -> None:
        if text:
            if not self.builder.pages:
                self.builder.page(name)
            self.builder.add(name, "statement", text)

    def _group(self, gid: str, group: list[Row], questions: list[Row]) -> None:
        title = self.texts(group, "group_name")
        shown = next(iter(title.values()), gid)
        condition = self._condition(group[0].get("grelevance", ""), shown)
        self.builder.page(f"g{gid}", title=title, **shown_if(condition))
        if group[0].get("randomization_group"):
            self.builder.note(LOST, question=shown, setting="randomization_group")
        self._statement(f"g{gid}_about", self.texts(group, "description"))
        mine = [row for row in questions if row.get("gid") == gid and row.get("parent_qid", "0") in ("", "0")]
        for rows in _grouped(mine, "qid", "question_order").values():
            self._question(rows)

    def _losses(self, several: list[Row]) -> None:
        """Note what the survey has that none here can have."""
        lost = [name for name, usual in SETTINGS.items() if any(row.get(name, "") != usual for row in several)]
        lost += ["anonymized"] if self.settings.get("anonymized") == "Y" else []
        lost += [table for table in ("defaultvalues", "assessments", "tokens") if rows_of(self.root, table)]
        for name in lost:
            self.builder.note(LOST_SURVEY, setting=name)

    def _quotas(self) -> None:
        members: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for row in rows_of(self.root, "quota_members"):
            members[row.get("quota_id", "")][row.get("qid", "")].append(row.get("code", ""))
        for row in rows_of(self.root, "quota"):
            if row.get("active", "1") != "1":
                continue
            name, limit = row.get("name", ""), row.get("qlimit", "")
            when = quota_condition(members[row.get("id", "")], self.known)
            if when is None or not limit.isdecimal() or int(limit) < 1:
                self.builder.note(LOST_SURVEY, setting=f"quota: {name}")
                continue
            key = question_id(name, [one["id"] for one in self.builder.quotas], "quota")
            self.builder.quotas.append({"id": key, "when": when, "limit": int(limit)})

    def _pieces(self, rows: list[Row], text: str, taken: tuple[str, ...] = ()) -> Piece:
        answers = text == "answer"
        codes = _grouped(rows, "code" if answers else "title", "sortorder" if answers else "question_order")
        scores = {code: float(several[0].get("assessment_value") or 0) for code, several in codes.items()}
        scored = answers and any(scores.values()) and self.settings.get("assessments") != "N"
        given = [(code, self.texts(several, text)) for code, several in codes.items()]
        return pieces(given, scores if scored else None, taken)

    def _question(self, rows: list[Row]) -> None:
        row, text = rows[0], self.texts(rows, "question")
        code, kind, qid = row.get("title", ""), row.get("type", ""), row.get("qid", "")
        text = text or {self.language: code}
        shown = next(iter(text.values()))[:80]
        self.builder.note_media(row.get("question"), shown)
        if self.attributes[qid].get("hidden") == "1":
            self.builder.note(HIDDEN, question=shown)
            return
        self._attributes(qid, shown)
        # Before version 1.92 conditions stood in a table; since then it only repeats the expression.
        relevance = row["relevance"] if "relevance" in row else said_by(self.conditions[qid])
        condition = self._condition(relevance, shown)
        subs = [one for one in self.subs if one.get("parent_qid") == qid]
        if kind in ("Q", "K"):
            self._lines(row, self._pieces(subs, "question"), (text, condition, shown))
        elif kind in (":", ";"):
            self._cells(row, subs, (text, condition, shown))
        elif kind == "1":
            self._twice(row, subs, (text, condition, shown))
        else:
            self._usual(rows, subs, (text, condition, shown))

    def _usual(self, rows: list[Row], several: list[Row], about: tuple[Texts, Said | None, str]) -> None:
        row, (text, condition, shown) = rows[0], about
        code, kind, qid = row.get("title", ""), row.get("type", ""), row.get("qid", "")
        attributes = self.attributes[qid]
        has_own = row.get("other") == "Y"
        taken = (OTHER,) if has_own else ()
        subs = self._pieces(several, "question", taken)
        offered = self._pieces([one for one in self.answers if one.get("qid") == qid], "answer", taken)
        own: dict[str, Any] = {"other": True} if has_own else {}
        if has_own and attributes.get("other_replace_text"):
            own["other_text"] = {self.language: plain_text(attributes["other_replace_text"])}
        found = made(kind, subs, offered, own, self.builder.languages)
        if found is None:
            self.builder.note(UNKNOWN_TYPE, question=shown, type=kind)
            return
        type_, settings, values = found
        settings |= limits(kind, attributes, values)
        if type_ == "number" and attributes.get("suffix"):
            settings["unit"] = {self.language: plain_text(attributes["suffix"])[:40]}
        key = self.builder.add(
            code, type_, text, help=self.texts(rows, "help"), required=row.get("mandatory") == "Y",
            settings=settings, **shown_if(condition),
        )  # fmt: skip
        if key is None:
            return
        self.builder.ids[self._sgqa(row)] = key
        self.builder.values[key] = values
        self.known[qid] = {"id": key, "values": values}
        self._bind(row, key, type_, (subs, offered))
        self._comments(row, key, (subs, condition, shown))

    def _sgqa(self, row: Row, rest: str = "") -> str:
        """Return the old name of a question or a part of it, which expressions may still use."""
        return f"{row.get('sid', '')}X{row.get('gid', '')}X{row.get('qid', '')}{rest}"

    def _put(self, row: Row, rest: str, bind: Bind) -> None:
        """Say which column of responses belongs to what."""
        self.binds[f"{row.get('qid', '')}/{rest}"] = bind

    def _bind(self, row: Row, key: str, type_: str, found: tuple[Piece, Piece]) -> None:
        subs, offered = found
        code = row.get("title", "")
        self._put(row, "", Bind(key))
        if row.get("other") == "Y":
            self._put(row, "other", Bind(key, OTHER))
            self.parts |= {f"{code}_other": (key, OTHER), self._sgqa(row, "other"): (key, OTHER)}
        if type_ in ("matrix", "choices"):
            for sub, part in subs.ids.items():
                self._put(row, sub, Bind(key, part))
                if type_ == "choices":
                    self.parts |= {f"{code}_{sub}": (key, part), self._sgqa(row, sub): (key, part)}
        if type_ == "ranking":
            for place in range(1, len((offered if offered.parts else subs).parts) + 1):
                self._put(row, str(place), Bind(key, str(place)))

    def _comments(self, row: Row, key: str, about: tuple[Piece, Said | None, str]) -> None:
        """Ask for the comments that answers of some types have, each in a question of its own."""
        kind, (subs, condition, shown) = row.get("type", ""), about
        if kind == "O":
            comments: dict[str, Said] = {"": answered(key)}
        elif kind == "P":
            comments = {code: chosen(key, [part]) for code, part in subs.ids.items()}
        else:
            return
        self.builder.note(COMMENTS, question=shown)
        told = words("comment", self.builder.languages)
        labels = {part["id"]: part.get("text", {}) for part in subs.parts}
        for code, when in comments.items():
            label = labels.get(subs.ids.get(code, ""), {})
            text = {
                language: f"{label[language]}: {one}" if language in label else one for language, one in told.items()
            }
            name = f"{row.get('title')}_{code}comment" if code else f"{row.get('title')}_comment"
            added = self.builder.add(name, "text", text, settings={"lines": 2}, **shown_if(condition, when))
            if added is not None:
                self.builder.values[added] = {}
                self._put(row, f"{code}comment", Bind(added))

    def _lines(self, row: Row, subs: Piece, about: tuple[Texts, Said | None, str]) -> None:
        """Ask several short texts or numbers one by one."""
        text, condition, shown = about
        type_ = "text" if row.get("type") == "Q" else "number"
        self.builder.note(SEVERAL, question=shown, type=row.get("type"), n=len(subs.parts))
        self._statement(f"{row.get('title')}_about", text)
        for sub, part in zip(subs.ids, subs.parts, strict=True):
            settings = {"lines": 1} if type_ == "text" else {}
            self._one(row, (f"{row.get('title')}_{sub}", sub), type_, part.get("text") or text, settings, condition)

    def _one(
        self, row: Row, names: tuple[str, str], type_: str, text: Texts, settings: dict[str, Any], when: Said | None
    ) -> None:
        """Ask one cell of a question that has several; `names`: in expressions, and in columns after the question."""
        name, rest = names
        key = self.builder.add(name, type_, text, settings=settings, **shown_if(when))
        if key is not None:
            self.builder.values[key] = {}
            self.builder.ids[self._sgqa(row, rest)] = key
            self._put(row, rest, Bind(key))

    def _cells(self, row: Row, subs: list[Row], about: tuple[Texts, Said | None, str]) -> None:
        """Ask the cells of an array of texts or numbers one by one; of one with ticks, each row."""
        text, condition, shown = about
        down, across = (
            self._pieces([one for one in subs if (one.get("scale_id") or "0") == scale], "question") for scale in "01"
        )
        kind, code = row.get("type", ""), row.get("title", "")
        ticks = kind == ":" and self.attributes[row.get("qid", "")].get("multiflexible_checkbox") == "1"
        n = len(down.parts) * (1 if ticks else len(across.parts))
        if n > MOST_CELLS:
            self.builder.note(UNKNOWN_TYPE, question=shown, type=kind)
            return
        self.builder.note(SEVERAL, question=shown, type=kind, n=n)
        self._statement(f"{code}_about", text)
        for sub, part in zip(down.ids, down.parts, strict=True):
            label = part.get("text") or text
            if ticks:
                self._ticks(row, sub, label, across, condition)
                continue
            for column, other in zip(across.ids, across.parts, strict=True):
                both = {k: f"{told}: {other.get('text', {}).get(k, column)}" for k, told in label.items()}
                type_, settings = ("number", {}) if kind == ":" else ("text", {"lines": 1})
                self._one(row, (f"{code}_{sub}_{column}", f"{sub}_{column}"), type_, both, settings, condition)

    def _ticks(self, row: Row, sub: str, label: Texts, across: Piece, when: Said | None) -> None:
        name = f"{row.get('title')}_{sub}"
        key = self.builder.add(name, "choices", label, settings={"options": across.parts}, **shown_if(when))
        if key is not None:
            self.builder.values[key] = across.ids
            for column, part in across.ids.items():
                self._put(row, f"{sub}_{column}", Bind(key, part))
                self.parts[f"{name}_{column}"] = (key, part)

    def _twice(self, row: Row, several: list[Row], about: tuple[Texts, Said | None, str]) -> None:
        """Ask an array with two scales as two matrices."""
        text, condition, shown = about
        qid, subs = row.get("qid", ""), self._pieces(several, "question")
        self.builder.note(SEVERAL, question=shown, type="1", n=2)
        for scale, header in (("0", "dualscale_headerA"), ("1", "dualscale_headerB")):
            rows = [one for one in self.answers if one.get("qid") == qid and (one.get("scale_id") or "0") == scale]
            columns, told = self._pieces(rows, "answer"), plain_text(self.attributes[qid].get(header))
            mine = {k: f"{one} ({told})" if told else one for k, one in text.items()}
            settings = {"rows": subs.parts, "columns": columns.parts}
            required = row.get("mandatory") == "Y"
            name = f"{row.get('title')}_{scale}"
            key = self.builder.add(name, "matrix", mine, settings=settings, required=required, **shown_if(condition))
            if key is not None:
                self.builder.values[key] = columns.ids
                for sub, part in subs.ids.items():
                    self._put(row, f"{sub}#{scale}", Bind(key, part))

    def _attributes(self, qid: str, shown: str) -> None:
        """Note what a question's attributes ask for that none here can do."""
        for name, usual in ATTRIBUTES.items():
            if self.attributes[qid].get(name, usual) not in (usual, ""):
                self.builder.note(LOST, question=shown, setting=name)

    def _condition(self, text: str, shown: str) -> Said | None:
        try:
            return read_relevance(text, self.builder.ids, self.builder.values, self.parts)
        except NotExpressed:
            self.builder.note(UNREAD, question=shown, condition=text[:200])
            return None


def _grouped(rows: list[Row], key: str, order: str) -> dict[str, list[Row]]:
    """Return rows by a key, in their order."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda one: int(one.get(order) or 0) if (one.get(order) or "0").isdigit() else 0):
        found.setdefault(row.get(key, ""), []).append(row)
    return found
