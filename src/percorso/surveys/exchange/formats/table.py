import re
from collections import Counter
from collections.abc import Mapping, Sequence

from percorso.i18n import mark
from percorso.surveys.exchange.building import Builder, pieces
from percorso.surveys.exchange.format import Answered, Bind, Column, File, Format, Read, scale_question
from percorso.surveys.exchange.grid import Grid, key_of, order_of, read_time, table_of

TIMES = re.compile(
    r"timestamp|carimbo de data|informazioni cronologiche|submitted at|submit date|enddate|end date|recordeddate|data de envio",
    re.IGNORECASE,
)
STARTS = re.compile(r"start date|startdate|started at", re.IGNORECASE)
KEYS = ("#", "responseid", "response id", "token", "response_id", "id da resposta")
TECHNICAL = re.compile(r"network id|tags|ip ?address|score|status|progress|user ?agent|stage date|ending|response type|e-?mail", re.IGNORECASE)  # fmt: skip
NO_TIMES = mark("No column says when somebody answered: choose it, or its answers cannot be imported.")
MOST_OPTIONS = 30
KINDS = {
    "leave": mark("Leave out"), "key": mark("Id of the response"), "time": mark("Time of the response"),
    "start": mark("Beginning of the response"), "nps": mark("Recommendation, 0 to 10 (NPS)"),
    "csat": mark("Rating scale (CSAT)"), "choice": mark("Single choice"), "choices": mark("Multiple choice"),
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
        found = [kinds.get(i) if kinds.get(i) in KINDS else _kind(name, cells[i]) for i, name in enumerate(header)]
        builder, binds = Builder(), {}
        for i, kind in enumerate(found):
            if kind not in ("leave", "key", "time", "start") and (
                key := _add(builder, header[i], str(kind), cells[i], i)
            ):
                binds[i] = Bind(key)
        read = builder.finish(title={"en": file.name.rpartition(".")[0]})
        read.columns = [
            Column(i, name[:200], str(kind), list(dict.fromkeys(filter(None, cells[i])))[:3])
            for i, (name, kind) in enumerate(zip(header, found, strict=True))
        ]
        _responses(read, rows, [str(kind) for kind in found], binds, zone)
        return read


def _header(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Return names and rows; answers of Qualtrics have three lines of names: short ones, texts, ids."""
    if len(rows) > 2 and any("ImportId" in cell for cell in rows[2]):
        return rows[1], rows[3:]
    return rows[0], rows[1:]


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


def _responses(read: Read, rows: list[list[str]], kinds: Sequence[str], binds: Mapping[int, Bind], zone: str) -> None:
    if "time" not in kinds:
        read.note(NO_TIMES)
        return
    at = {kind: kinds.index(kind) for kind in ("time", "start", "key") if kind in kinds}
    order, grid, seen = order_of(row[at["time"]] for row in rows if len(row) > at["time"]), Grid(read), Counter[str]()

    def cell(row: Sequence[str], kind: str) -> str:
        return row[at[kind]].strip() if kind in at and at[kind] < len(row) else ""

    for row in rows:
        completed = read_time(cell(row, "time"), order, zone)
        if completed is None:
            grid.untimed += 1
            continue
        answers = grid.answers((bind, row[i]) for i, bind in binds.items() if i < len(row))
        key = cell(row, "key") or key_of(row, seen)
        started = read_time(cell(row, "start"), order, zone)
        read.responses.append(Answered(key, answers, completed, started))
    grid.end()
