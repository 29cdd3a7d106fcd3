import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from percorso.i18n import mark
from percorso.surveys.exchange.building import Builder, pieces
from percorso.surveys.exchange.format import Answered, Bind, Column, File, Format, Read, scale_question
from percorso.surveys.exchange.grid import Grid, key_of, order_of, read_time, table_of, tell_order
from percorso.surveys.questions._parts import OTHER

TIMES = re.compile(
    r"timestamp|carimbo de data|informazioni cronologiche|submitted at|submit date|enddate|end date|recordeddate|data de envio",
    re.IGNORECASE,
)
STARTS = re.compile(r"start date|startdate|started at", re.IGNORECASE)
KEYS = ("#", "responseid", "response id", "token", "response_id", "id da resposta")
TECHNICAL = re.compile(r"network id|tags|ip ?address|score|status|progress|user ?agent|stage date|ending|response type|e-?mail|user ?name", re.IGNORECASE)  # fmt: skip
# Who reads the day before the month: by the names of times in Portuguese and Italian.
DAY_NAMES = re.compile(r"carimbo|informazioni|data de", re.IGNORECASE)
# A question with rows, as Google Forms names its columns.
ROW = re.compile(r"(?P<question>.+?)\s*\[(?P<row>[^\[\]]+)\]\s*")
# Whether a response of Typeform is whole; one that is not has a time of its last page only.
STATES, STAGES = ("response type",), ("stage date (utc)",)
NO_TIMES = mark("No column says when somebody answered: choose it, or its answers cannot be imported.")
MOST_OPTIONS = 30
KINDS = {
    "leave": mark("Leave out"), "key": mark("Id of the response"), "time": mark("Time of the response"),
    "start": mark("Beginning of the response"), "nps": mark("Recommendation, 0 to 10 (NPS)"),
    "csat": mark("Rating scale (CSAT)"), "choice": mark("Single choice"), "choices": mark("Multiple choice"),
    "option": mark("Option of a multiple choice"),
    "row": mark("Row of a matrix"),
    "text": mark("Open text"), "number": mark("Number"), "date": mark("Date"),
}  # fmt: skip


class TableFormat(Format):
    label = mark("Answers as CSV")
    about = mark("Answers of Typeform, Google Forms or others, one response a line: what each column asks is guessed, and you correct it.")  # fmt: skip

    def fits(self, file: File) -> bool:
        return b"\x00" not in file.content[:1000] and not file.content[:100].lstrip().startswith((b"{", b"<", b"PK"))

    def read(self, file: File) -> Read:
        return self.guess(file, {}, "UTC")

    def guess(self, file: File, kinds: Mapping[int, str], zone: str) -> Read:
        header, rows = _header(table_of(file))
        cells = [[row[i].strip() if i < len(row) else "" for row in rows] for i in range(len(header))]
        guessed = _kinds(header, cells)
        found = [kinds.get(i) if kinds.get(i) in KINDS else guessed[i] for i in range(len(header))]
        builder = Builder()
        binds = _questions(builder, header, [str(kind) for kind in found], cells)
        read = builder.finish(title={"en": file.name.rpartition(".")[0]})
        read.columns = [
            Column(i, name[:200], str(kind), list(dict.fromkeys(filter(None, cells[i])))[:3])
            for i, (name, kind) in enumerate(zip(header, found, strict=True))
        ]
        _responses(read, (header, rows), [str(kind) for kind in found], binds, zone)
        return read


def _header(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Return names and rows; answers of Qualtrics have three lines of names: short ones, texts, ids."""
    if len(rows) > 2 and any("ImportId" in cell for cell in rows[2]):
        return rows[1], rows[3:]
    return rows[0], rows[1:]


def _kinds(header: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    """Return what all columns are taken for: options have a column each in Typeform, rows of a matrix in Google Forms."""
    kinds = [_kind(name, values) for name, values in zip(header, cells, strict=True)]
    ticks = [bool(set(filter(None, values))) and set(filter(None, values)) == {name.strip()} for name, values in zip(header, cells, strict=True)]  # fmt: skip
    rows = [ROW.fullmatch(name) for name in header]
    for i, kind in enumerate(kinds):
        near = [j for j in (i - 1, i + 1) if 0 <= j < len(kinds)]
        own = header[i].strip().casefold() == OTHER and i > 0 and kinds[i - 1] == "option"
        if (ticks[i] and any(ticks[j] for j in near)) or own:
            kinds[i] = "option"
        match, beside = rows[i], [found for j in near if (found := rows[j])]
        if match and kind in ("choice", "csat", "text") and any(one["question"] == match["question"] for one in beside):
            kinds[i] = "row" if not any(";" in value for value in cells[i]) else "choices"
    return kinds


def _kind(name: str, values: Sequence[str]) -> str:
    """Return what a column is taken for."""
    given = [value for value in values if value]
    if TIMES.search(name):
        return "time"
    if STARTS.search(name):
        return "start"
    if name.strip().casefold() in KEYS:
        return "key"
    if not given or (len(name) < 40 and TECHNICAL.search(name) and "?" not in name):
        return "leave"
    if all(re.fullmatch(r"-?\d{1,9}(\.0)?", value) for value in given):
        numbers = [int(float(value)) for value in given]
        if min(numbers) >= 0 and max(numbers) <= 10:
            return "nps" if scale_question(name, 0, 10)[0] == "nps" else "csat"
        return "number"
    if all(re.fullmatch(r"-?\d+([.,]\d+)?", value) for value in given):
        return "number"
    if all(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in given):
        return "date"
    return _worded(given)


def _worded(given: Sequence[str]) -> str:
    """Return what a column of words is: few different ones, again and again, are options."""
    different = set(given)
    parts = [part.strip() for value in given for part in re.split(r"[;,]", value)]
    again = len(set(parts)) <= min(MOST_OPTIONS, len(parts) // 2) and max(map(len, parts)) <= 60
    if again and len(set(parts)) < len(different):
        return "choices"
    few = len(different) <= min(MOST_OPTIONS, len(given) // 2) or (len(different) <= 2 < len(given))
    return "choice" if few and max(map(len, different)) <= (80 if len(given) > 20 else 25) else "text"


def _questions(
    builder: Builder, header: Sequence[str], kinds: Sequence[str], cells: Sequence[Sequence[str]]
) -> dict[int, Bind]:
    """Ask what the columns ask; return which questions they belong to."""
    binds: dict[int, Bind] = {}
    at = 0
    while at < len(header):
        kind, end = kinds[at], at + 1
        if kind in ("option", "row"):
            while end < len(header) and kinds[end] == kind and _same(header[at], header[end], kind):
                end += 1
            binds |= (_options if kind == "option" else _matrix)(builder, header, cells, range(at, end))
        elif kind not in ("leave", "key", "time", "start") and (key := _add(builder, header[at], kind, cells[at], at)):
            binds[at] = Bind(key)
        at = end
    return binds


def _same(first: str, second: str, kind: str) -> bool:
    one, other = ROW.fullmatch(first), ROW.fullmatch(second)
    return kind == "option" or bool(one and other and one["question"] == other["question"])


def _options(
    builder: Builder, header: Sequence[str], cells: Sequence[Sequence[str]], columns: range
) -> dict[int, Bind]:
    """Ask one question of columns that are its options; one whose cells differ is for texts of one's own."""
    own = [i for i in columns if set(filter(None, cells[i])) - {header[i].strip()}]
    plain = [i for i in columns if i not in own]
    found = pieces([(header[i], {"en": header[i][:1000]}) for i in plain], taken=[OTHER])
    settings = {"options": found.parts, **({"other": True} if own else {})}
    text = " / ".join(header[i] for i in plain)[:200]
    key = builder.add(text[:60], "choices", {"en": text}, settings=settings)
    if key is None:
        return {}
    builder.values[key] = found.ids
    return {i: Bind(key, OTHER if i in own else found.ids[header[i]]) for i in columns}


def _matrix(builder: Builder, header: Sequence[str], cells: Sequence[Sequence[str]], columns: range) -> dict[int, Bind]:
    """Ask one question of columns that are its rows."""
    named = [ROW.fullmatch(header[i]) for i in columns]
    labels = [match["row"] if match else header[i] for i, match in zip(columns, named, strict=True)]
    text = next((match["question"] for match in named if match), header[columns[0]])
    given = sorted({value for i in columns for value in cells[i] if value}, key=_by_number)
    rows = pieces([(label, {"en": label[:1000]}) for label in labels])
    scales = pieces([(value, {"en": value[:1000]}) for value in given][:20])
    key = builder.add(text[:60], "matrix", {"en": text}, settings={"rows": rows.parts, "columns": scales.parts})
    if key is None:
        return {}
    builder.values[key] = scales.ids
    return {i: Bind(key, rows.ids[label]) for i, label in zip(columns, labels, strict=True)}


def _by_number(value: str) -> tuple[float, str]:
    match = re.match(r"-?\d+", value)
    return (float(match[0]) if match else 0.0, value)


def _add(builder: Builder, name: str, kind: str, values: Sequence[str], number: int) -> str | None:
    given = [value for value in values if value]
    settings: dict[str, object] = {}
    if kind == "csat":
        numbers = [int(float(value)) for value in given if re.fullmatch(r"-?\d{1,3}(\.0)?", value)]
        low, high = min(numbers, default=1), max(numbers, default=5)
        low = 1 if 1 <= low <= 5 else low
        ceiling = next((top for top in (5, 7, 10) if high <= top), high)
        settings = {"lowest": low, "highest": max(ceiling, low + 1)}
    if kind in ("choice", "choices"):
        parts = [p.strip() for v in given for p in re.split(r"[;,]", v)] if kind == "choices" else given
        found = pieces([(one, {"en": one[:1000]}) for one in dict.fromkeys(filter(None, parts))][:300])
        settings = {"options": found.parts}
        key = builder.add(f"{name[:60]}", kind, {"en": name}, settings=settings)
        if key is not None:
            builder.values[key] = found.ids
        return key
    wanted = name if name not in builder.ids else f"{name} {number}"
    return builder.add(wanted[:200], kind, {"en": name or f"#{number + 1}"}, metric="nps" if kind == "nps" else "", settings=settings)  # fmt: skip


def _responses(
    read: Read,
    table: tuple[Sequence[str], list[list[str]]],
    kinds: Sequence[str],
    binds: Mapping[int, Bind],
    zone: str,
) -> None:
    header, rows = table
    if "time" not in kinds:
        read.note(NO_TIMES)
        return
    at = {kind: kinds.index(kind) for kind in ("time", "start", "key") if kind in kinds}
    plain = [name.strip().casefold() for name in header]
    at |= {kind: plain.index(name) for kind, names in (("state", STATES), ("stage", STAGES)) for name in names if name in plain}  # fmt: skip
    times = [row[at["time"]] for row in rows if len(row) > at["time"]]
    order = order_of(times, "day" if DAY_NAMES.search(header[at["time"]]) else "month")
    tell_order(read, times, order)
    grid, seen = Grid(read), Counter[str]()

    def cell(row: Sequence[str], kind: str) -> str:
        return row[at[kind]].strip() if kind in at and at[kind] < len(row) else ""

    def instant(row: Sequence[str], kind: str) -> datetime | None:
        clock = "UTC" if kind in at and "utc" in plain[at[kind]] else zone
        return read_time(cell(row, kind), order, clock)

    for row in rows:
        state = cell(row, "state").casefold()
        ended = instant(row, "time")
        completed = ended or (instant(row, "stage") or instant(row, "start") if state else None)
        if completed is None:
            grid.untimed += 1
            continue
        answers = grid.answers((bind, row[i]) for i, bind in binds.items() if i < len(row))
        key = cell(row, "key") or key_of(row, seen)
        is_whole = ended is not None and state in ("", "completed")
        read.responses.append(Answered(key, answers, completed, instant(row, "start"), complete=is_whole))
    grid.end()
