import json
from collections.abc import Mapping

from percorso.i18n import mark
from percorso.surveys.exchange._qualtrics import Reader
from percorso.surveys.exchange.format import NO_ANSWERS, Answered, BadFile, Bind, File, Format, Read, language_of
from percorso.surveys.exchange.grid import Grid, order_of, read_time, table_of
from percorso.surveys.exchange.reading import json_of, starts_like_json

# The line of a table of answers that holds the ids, after names and texts.
IDS = 2


class QualtricsFormat(Format):
    label = mark("Qualtrics")
    about = mark("A questionnaire as .qsf, and its answers as CSV with three lines of names, as values or as texts.")

    def fits(self, file: File) -> bool:
        content = json_of(file) if starts_like_json(file) else None
        return isinstance(content, dict) and "SurveyElements" in content

    def read(self, file: File) -> Read:
        content = json_of(file)
        if not isinstance(content.get("SurveyElements"), list):
            raise BadFile(mark("“{file}” has no elements of a survey. Export it again."), file=file.name)
        return Reader(content).read()

    def answers(self, read: Read, file: File, zone: str) -> None:
        rows = table_of(file)
        ids = [_import_id(cell) for cell in rows[IDS]] if len(rows) > IDS else []
        binds = {i: read.binds[one] for i, one in enumerate(ids) if one in read.binds}
        if not binds:
            raise BadFile(NO_ANSWERS, file=file.name)
        at = {one: i for i, one in enumerate(ids)}
        body = rows[IDS + 1 :]
        order = order_of(row[at["endDate"]] for row in body if "endDate" in at and len(row) > at["endDate"])
        grid = Grid(read)
        for row in body:
            one = _answered(row, at, binds, grid, (order, zone))
            if one is None:
                grid.untimed += 1
            else:
                read.responses.append(one)
        grid.end()


def _import_id(cell: str) -> str:
    try:
        return str(json.loads(cell)["ImportId"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""


def _answered(
    row: list[str], at: Mapping[str, int], binds: Mapping[int, Bind], grid: Grid, clock: tuple[str, str]
) -> Answered | None:
    def cell(name: str) -> str:
        return row[at[name]].strip() if name in at and at[name] < len(row) else ""

    completed = read_time(cell("endDate"), *clock) or read_time(cell("recordedDate"), *clock)
    key = cell("_recordId")
    if completed is None or not key:
        return None
    return Answered(
        key=key,
        answers=grid.answers((bind, row[i]) for i, bind in binds.items() if i < len(row)),
        completed_at=completed,
        started_at=read_time(cell("startDate"), *clock),
        language=language_of(cell("userLanguage")) if cell("userLanguage") else "",
        customer=cell("externalDataReference"),
        complete=cell("finished").casefold() not in ("0", "false"),
    )
