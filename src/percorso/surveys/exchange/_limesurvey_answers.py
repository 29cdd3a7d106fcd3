"""Responses of LimeSurvey (.lsr)."""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from percorso.i18n import mark
from percorso.surveys.exchange._limesurvey import rows_of
from percorso.surveys.exchange.format import Answered, Bind, Read, language_of
from percorso.surveys.exchange.grid import Grid, read_time

# Survey, group and question before the code; since version 7 the ids of question and parts: Q12_S34, Q12_Cother.
COLUMN = re.compile(r"_?\d+X\d+X(?P<rest>.+)")
NEW_COLUMN = re.compile(r"_?Q(?P<qid>\d+)(?P<parts>(?:_S\d+|_R\d+|_?C[a-z]+|comment|other|#\d)*)")
PART = re.compile(r"_S(?P<sub>\d+)|_R(?P<answer>\d+)|_?C?(?P<word>[a-z]+)|#(?P<scale>\d)")
# What LimeSurvey writes for the time of a response of a survey that keeps no times.
NO_DATE = "1980-01-01 00:00:00"
NO_DATES = mark("Responses whose times LimeSurvey did not keep (its “Date stamp” was off) are left out: {n}.")


class Columns:
    """Which question a column belongs to."""

    def __init__(self, read: Read, root: Element | None) -> None:
        self.read = read
        self.rankings = {q.id for q in read.definition.questions() if q.type == "ranking"}
        self.codes: dict[str, str] = {}
        self.places: dict[str, str] = {}
        if root is not None:
            self._parts(root)

    def _parts(self, root: Element) -> None:
        """Learn codes and places of what columns name by ids."""
        n: dict[str, int] = {}
        tables = (("subquestions", "qid", "title", "parent_qid", "question_order"), ("answers", "aid", "code", "qid", "sortorder"))  # fmt: skip
        for table, key, code, parent, order in tables:
            seen: set[str] = set()
            for row in sorted(rows_of(root, table), key=lambda one: int(one.get(order) or 0)):
                mine = f"{'S' if key == 'qid' else 'R'}{row.get(key)}"
                if mine in seen:
                    continue
                seen.add(mine)
                self.codes[mine] = row.get(code, "")
                of = f"{table} {row.get(parent)}"
                n[of] = n.get(of, 0) + 1
                self.places[mine] = str(n[of])

    def bind(self, name: str) -> Bind | None:
        """Return what a column is about; None for a column that is no answer."""
        # Names of elements cannot have the sign before a scale.
        name = re.sub(r"-(\d)$", r"#\1", name)
        if old := COLUMN.fullmatch(name):
            rest = old["rest"]
            cuts = range(len(rest), 0, -1)
            return next((b for n in cuts if (b := self.read.binds.get(f"{rest[:n]}/{rest[n:]}"))), None)
        new = NEW_COLUMN.fullmatch(name)
        if new is None:
            return None
        whole = self.read.binds.get(f"{new['qid']}/")
        if whole is not None and whole.question in self.rankings and (part := PART.match(new["parts"])):
            place = self.places.get(part[0].removeprefix("_"), "")
            return self.read.binds.get(f"{new['qid']}/{place}")
        return self.read.binds.get(f"{new['qid']}/{self._rest(new['parts'])}")

    def _rest(self, parts: str) -> str:
        """Return the parts of a column's name as names were before."""
        rest = ""
        for part in PART.finditer(parts):
            if part["sub"] or part["answer"]:
                code = self.codes.get(part[0].removeprefix("_"), "")
                rest += f"_{code}" if rest else code
            else:
                rest += f"#{part['scale']}" if part["scale"] else part["word"]
        return rest


def read_responses(read: Read, root: Element, zone: str, questionnaire: Element | None = None) -> None:
    """Add the responses of a file of them; `questionnaire` tells the codes of what newer columns name by ids."""
    grid, columns, undated = Grid(read), Columns(read, questionnaire), 0
    for row in rows_of(root, "responses"):
        submitted = row.get("submitdate", "")
        times = [read_time(_dated(row.get(name, "")), "year", zone) for name in ("submitdate", "datestamp")]
        touched = times[0] or times[1]
        if touched is None or not row.get("id"):
            undated += submitted == NO_DATE
            grid.untimed += submitted != NO_DATE
            continue
        cells = [_cell(read, columns, name, text) for name, text in row.items()]
        language = row.get("startlanguage", "")
        read.responses.append(
            Answered(
                key=row["id"], answers=grid.answers(one for one in cells if one is not None), completed_at=touched,
                started_at=read_time(_dated(row.get("startdate", "")), "year", zone),
                language=language_of(language) if language else "", complete=bool(submitted),
            )
        )  # fmt: skip
    grid.end()
    if undated:
        read.note(NO_DATES, n=undated)


def _dated(text: str) -> str:
    return "" if text.strip() == NO_DATE else text


def _cell(read: Read, columns: Columns, name: str, text: str) -> tuple[Bind, str] | None:
    """Return which question a cell answers; places of a ranking hold the item, we the item's place."""
    bind = columns.bind(name) if text else None
    if bind is None:
        return None
    if bind.question in columns.rankings and bind.part:
        values: Mapping[str, str] = read.values.get(bind.question, {})
        return (Bind(bind.question, values[text]), bind.part) if text in values else None
    if text.endswith(" 00:00:00"):
        return bind, text.removesuffix(" 00:00:00")
    return bind, text
