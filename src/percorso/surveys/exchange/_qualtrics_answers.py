"""Answers of Qualtrics: a CSV with three lines of names, of which the third holds ids."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from percorso.i18n import mark
from percorso.surveys.exchange.format import NO_ANSWERS, Answered, BadFile, Bind, File, Read, language_of
from percorso.surveys.exchange.grid import Grid, key_of, order_of, read_time, table_of, tell_order

# The line that holds the ids, after names and texts.
IDS = 2
OLD_IDS = re.compile(r"'ImportId': '([^']+)'")
KEYS = ("_recordId", "responseId")
TRIALS = ("1", "2", "9", "17", "survey preview", "survey test")
TRIALS_LEFT_OUT = mark("Responses of previews and tests are left out: {n}.")


@dataclass(frozen=True)
class Line:
    """One response, and where its cells are."""

    cells: list[str]
    at: Mapping[str, int]

    def get(self, *names: str) -> str:
        """Return the first cell of these that there is; empty for none."""
        found = (self.cells[self.at[name]].strip() for name in names if self.at.get(name, 10**6) < len(self.cells))
        return next(filter(None, found), "")


def add_answers(read: Read, file: File, zone: str) -> None:
    """Add responses to what was read.

    Raises
    ------
    BadFile : the table holds no answers to this questionnaire.
    """
    rows = table_of(file)
    known = [_column(cell) for cell in rows[IDS]] if len(rows) > IDS else []
    binds = {i: read.binds[one] for i, (one, _) in enumerate(known) if one in read.binds}
    if not binds:
        raise BadFile(NO_ANSWERS, file=file.name)
    at = {one: i for i, (one, _) in enumerate(known) if one}
    clock = next((own for _, own in known if own), zone)
    lines = [Line(row, at) for row in rows[IDS + 1 :]]
    ends = [line.get("endDate", "recordedDate") for line in lines]
    order = order_of(ends)
    tell_order(read, ends, order)
    grid, seen, trials = Grid(read), Counter[str](), 0
    for line in lines:
        if line.get("status").casefold() in TRIALS:
            trials += 1
            continue
        one = _answered(line, binds, grid, (order, clock), line.get(*KEYS) or key_of(line.cells, seen))
        if one is None:
            grid.untimed += 1
        else:
            read.responses.append(one)
    grid.end()
    if trials:
        read.note(TRIALS_LEFT_OUT, n=trials)


def _column(cell: str) -> tuple[str, str]:
    """Return the id of a column as answers are known by, and the clock of its times."""
    try:
        told = json.loads(cell)
        name, choice = str(told["ImportId"]), told.get("choiceId")
        clock = {"Z": "UTC"}.get(str(told.get("timeZone") or ""), str(told.get("timeZone") or ""))
        return (f"{name}_{choice}" if choice and not name.endswith(f"_{choice}") else name), clock
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        match = OLD_IDS.search(cell)
        # Exports of before 2017 part the ids by dashes.
        return (match[1].replace("-", "_") if match else ""), ""


def _answered(line: Line, binds: Mapping[int, Bind], grid: Grid, clock: tuple[str, str], key: str) -> Answered | None:
    ends = [read_time(line.get(name), *clock) for name in ("endDate", "recordedDate", "endedDate")]
    completed: datetime | None = next(filter(None, ends), None)
    if completed is None:
        return None
    language = line.get("userLanguage")
    return Answered(
        key=key,
        answers=grid.answers((bind, line.cells[i]) for i, bind in binds.items() if i < len(line.cells)),
        completed_at=completed,
        started_at=read_time(line.get("startDate"), *clock),
        language=language_of(language) if language else "",
        customer=line.get("externalDataReference"),
        complete=line.get("finished").casefold() not in ("0", "false"),
    )
