"""Question types of Qualtrics as ours."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from percorso.surveys.exchange._qualtrics_logic import several
from percorso.surveys.exchange.building import LOST, Texts
from percorso.surveys.exchange.format import scale_question
from percorso.surveys.questions._parts import OTHER

if TYPE_CHECKING:
    from percorso.surveys.exchange._qualtrics import Reader

MOST_PARTS = 40
Payload = dict[str, Any]


@dataclass
class Asked:
    """One question.

    values : our ids or scores by the numbers of choices. columns : which columns of answers are its own, by what follows
    the question's id there, and of which part. own_texts : choices whose texts are asked apart.
    """

    type: str
    settings: dict[str, Any] = field(default_factory=dict)
    metric: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=lambda: {"": ""})
    own_texts: list[str] = field(default_factory=list)


@dataclass
class Part(Asked):
    """One of the questions that a question becomes."""

    name: str = ""
    text: Texts = field(default_factory=dict)


Parts = list[Part]


def _checks(payload: Payload) -> dict[str, Any]:
    return several(several(payload.get("Validation")).get("Settings"))


def _whole(value: Any) -> int:
    return int(value) if str(value or "").isdecimal() else 0


def _with_text(payload: Payload) -> list[str]:
    """Return the choices beside which one can write."""
    choices = several(payload.get("Choices"))
    order = [str(one) for one in payload.get("ChoiceOrder") or choices]
    return [n for n in order if several(choices.get(n)).get("TextEntry") in ("true", "on", True)]


def _offered(reader: "Reader", payload: Payload, kind: str, settings: dict[str, Any]) -> Asked:
    own = _with_text(payload)
    found = reader.options(payload, other=own[0] if own else "")
    settings |= {"options": found.parts}
    columns = {"": ""}
    if own:
        settings |= {"other": True, "other_text": reader.texts(payload, "Choices", own[0], "Display")}
        columns[f"_{own[0]}_TEXT"] = OTHER
    if kind == "choices":
        columns |= {f"_{n}": part for n, part in found.ids.items() if part != OTHER}
    return Asked(kind, settings, values=dict(found.ids), columns=columns, own_texts=own[1:])


def _one(reader: "Reader", payload: Payload, shown: str) -> Asked:
    return _offered(reader, payload, "choice", {"look": "menu"} if payload.get("Selector") == "DL" else {})


def _many(reader: "Reader", payload: Payload, shown: str) -> Asked:
    checks = _checks(payload)
    limits = {"least": _whole(checks.get("MinChoices")), "most": _whole(checks.get("MaxChoices"))}
    asked = _offered(reader, payload, "choices", {key: value for key, value in limits.items() if value})
    alone = [n for n, one in several(payload.get("Choices")).items() if several(one).get("ExclusiveAnswer")]
    asked.settings |= {"alone": [asked.values[n] for n in alone if n in asked.values]} if alone else {}
    return asked


def _nps(reader: "Reader", payload: Payload, shown: str) -> Asked:
    low, high = (reader.texts(payload, "ColumnLabels", n, "Display") for n in ("0", "2"))
    high = high or reader.texts(payload, "ColumnLabels", "1", "Display")
    kind, metric, settings = scale_question(shown, 0, 10)
    choices = several(payload.get("Choices"))
    told = {n: str(several(one).get("Display", n)) for n, one in choices.items()}
    values = {n: int(text) for n, text in told.items() if text.isdecimal()}
    ends = {key: value for key, value in (("low", low), ("high", high)) if value}
    return Asked(kind, settings | ends, metric, values or {str(n): n for n in range(11)})


def _matrix(reader: "Reader", payload: Payload, shown: str) -> Asked:
    rows, columns = reader.options(payload), reader.options(payload, "Answers")
    if _with_text(payload):
        reader.builder.note(LOST, question=shown, setting="Allow Text Entry")
    plain = [{key: value for key, value in part.items() if key != "score"} for part in rows.parts]
    binds = {f"_{n}": row for n, row in rows.ids.items()}
    return Asked("matrix", {"rows": plain, "columns": columns.parts}, values=dict(columns.ids), columns=binds)


def _ranking(reader: "Reader", payload: Payload, shown: str) -> Asked:
    found = reader.options(payload)
    items = [{key: value for key, value in part.items() if key != "score"} for part in found.parts]
    return Asked("ranking", {"items": items}, columns={f"_{n}": item for n, item in found.ids.items()})


def _scale(reader: "Reader", payload: Payload, text: str) -> Asked:
    """Return a slider with one handle, or stars."""
    given = several(payload.get("Configuration"))
    binds = {"": "", **{f"_{n}": "" for n in several(payload.get("Choices"))}}
    stars = _whole(given.get("StarCount"))
    if payload.get("Selector") == "STAR" and 3 <= stars <= 10:
        return Asked("stars", {"most": stars}, columns=binds)
    try:
        low, high = int(float(given.get("CSSliderMin") or 0)), int(float(given.get("CSSliderMax") or 100))
    except (TypeError, ValueError):
        low, high = 0, 100
    kind, metric, settings = scale_question(text, low, high)
    if _whole(given.get("NumDecimals")) and kind == "number":
        settings.pop("step", None)
    return Asked(kind, settings, metric, columns=binds)


def _free(reader: "Reader", payload: Payload, shown: str) -> Asked:
    checks, binds = _checks(payload), {"": "", "_TEXT": ""}
    if checks.get("ContentType") == "ValidNumber":
        ends = several(checks.get("ValidNumber"))
        limits = {"least": _float(ends.get("Min")), "most": _float(ends.get("Max"))}
        return Asked("number", {key: value for key, value in limits.items() if value is not None}, columns=binds)
    if checks.get("Type") == "ContentType" and checks.get("ContentType"):
        reader.builder.note(LOST, question=shown, setting=str(checks["ContentType"]))
    longest = _whole(checks.get("MaxChars") or checks.get("TotalChars"))
    settings: dict[str, Any] = {"lines": 1 if payload.get("Selector") == "SL" else 4}
    return Asked("text", settings | ({"longest": min(10_000, longest)} if longest else {}), columns=binds)


def _float(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _statement(reader: "Reader", payload: Payload, shown: str) -> Asked:
    return Asked("statement", columns={})


def _file(reader: "Reader", payload: Payload, shown: str) -> Asked:
    return Asked("file", columns={})


MAKERS = {
    "MC": _one, "MC.MAVR": _many, "MC.MAHR": _many, "MC.MACOL": _many, "MC.MSB": _many, "MC.NPS": _nps,
    "Matrix.Likert": _matrix, "Matrix.Bipolar": _matrix, "RO": _ranking, "Slider": _scale, "TE": _free,
    "DB": _statement, "FileUpload": _file,
}  # fmt: skip


def splits(payload: Payload) -> Callable[["Reader", Payload], Parts] | None:
    """Return how a question of several is taken apart; None for one that is not."""
    kind, selector = payload.get("QuestionType"), payload.get("Selector")
    n = len(several(payload.get("Choices")))
    if kind == "Matrix" and payload.get("SubSelector") == "MultipleAnswer":
        return _rows_of_ticks if n <= MOST_PARTS else None
    if kind == "Matrix" and selector in ("TE", "CS"):
        return _cells if n * len(several(payload.get("Answers"))) <= MOST_PARTS else None
    if kind == "TE" and selector == "FORM":
        return _lines
    if kind == "CS" or (kind == "Slider" and n > 1):
        return _numbers if n <= MOST_PARTS else None
    return None


def _rows_of_ticks(reader: "Reader", payload: Payload) -> Parts:
    columns = reader.options(payload, "Answers")
    return [
        Part(
            "choices", {"options": columns.parts}, values=dict(columns.ids), name=n, text=text,
            columns={f"_{n}": "", **{f"_{n}_{m}": part for m, part in columns.ids.items()}},
        )
        for n, text in _labels(reader, payload)
    ]  # fmt: skip


def _cells(reader: "Reader", payload: Payload) -> Parts:
    parts: Parts = []
    kind = "number" if payload.get("Selector") == "CS" else "text"
    settings = {"lines": 1} if kind == "text" else {}
    for n, text in _labels(reader, payload):
        for m, other in _labels(reader, payload, "Answers"):
            both = {key: f"{told}: {other[key]}" if key in other else told for key, told in text.items()} or other
            columns = {f"_{n}_{m}": "", f"_{n}_{m}_TEXT": ""}
            parts.append(Part(kind, dict(settings), columns=columns, name=f"{n}_{m}", text=both))
    return parts


def _lines(reader: "Reader", payload: Payload) -> Parts:
    return [
        Part("text", {"lines": 1}, columns={f"_{n}": "", f"_{n}_TEXT": ""}, name=n, text=text)
        for n, text in _labels(reader, payload)
    ]


def _numbers(reader: "Reader", payload: Payload) -> Parts:
    parts: Parts = []
    for n, text in _labels(reader, payload):
        one = Asked("number")
        if payload.get("QuestionType") == "Slider":
            one = _scale(reader, payload, next(iter(text.values()), ""))
        parts.append(Part(one.type, dict(one.settings), one.metric, columns={f"_{n}": ""}, name=n, text=text))
    return parts


def _labels(reader: "Reader", payload: Payload, where: str = "Choices") -> list[tuple[str, Texts]]:
    choices = several(payload.get(where))
    order = [str(one) for one in payload.get(where.removesuffix("s") + "Order") or choices]
    return [(n, reader.texts(payload, where, n, "Display")) for n in order if n in choices]
