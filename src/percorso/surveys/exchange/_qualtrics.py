"""A questionnaire of Qualtrics (.qsf) as a definition."""

import re
from typing import Any

from percorso.surveys.exchange.building import BECAME, UNKNOWN_TYPE, UNREAD, Builder, Piece, pieces
from percorso.surveys.exchange.format import Bind, Read, language_of, plain_text, scale_question
from percorso.surveys.questions._parts import OTHER

LOCATOR = re.compile(r"q://(?P<question>QID\d+)/(?P<what>\w+)(?:/(?P<choice>[\w-]+))?")
LIMITS = {"GreaterThanOrEqual": "at_least", "LessThanOrEqual": "at_most", "GreaterThan": "at_most", "LessThan": "at_least"}  # fmt: skip


def _several(given: Any) -> dict[str, Any]:
    """Return what is an object, or a list of the same."""
    if isinstance(given, list):
        return {str(i): one for i, one in enumerate(given)}
    return given if isinstance(given, dict) else {}


class Reader:
    """Reads one questionnaire."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.entry = _several(content.get("SurveyEntry"))
        elements = [one for one in content["SurveyElements"] if isinstance(one, dict)]
        self.questions = {
            str(one.get("PrimaryAttribute")): one["Payload"]
            for one in elements
            if one.get("Element") == "SQ" and isinstance(one.get("Payload"), dict)
        }
        self.blocks = [
            b for one in elements if one.get("Element") == "BL" for b in _several(one.get("Payload")).values()
        ]
        self.flow = [one.get("Payload") for one in elements if one.get("Element") == "FL"]
        self.language = language_of(self.entry.get("SurveyLanguage") or "EN")
        self.found = {self.language: None}
        self.builder = Builder()
        self.binds: dict[str, Bind] = {}
        self.others: dict[str, str] = {}

    def read(self) -> Read:
        """Return the questionnaire; blocks become pages."""
        for block in self._ordered():
            self.builder.page(str(block.get("ID") or "page").removeprefix("BL_"))
            for one in _several(block.get("BlockElements")).values():
                if one.get("Type") == "Page Break":
                    self.builder.page("page")
                elif (key := str(one.get("QuestionID"))) in self.questions:
                    self._question(key, self.questions[key])
        self.builder.languages = list(self.found)
        title = str(self.entry.get("SurveyName") or "")
        read = self.builder.finish(title={self.language: title} if title else {})
        read.binds = self.binds
        return read

    def _ordered(self) -> list[dict[str, Any]]:
        blocks = [one for one in self.blocks if isinstance(one, dict) and one.get("Type") != "Trash"]
        wanted: list[str] = []
        stack = list(self.flow)
        while stack:
            one = stack.pop(0)
            if isinstance(one, dict):
                wanted += [str(one["ID"])] if "ID" in one else []
                stack = [*_several(one.get("Flow")).values(), *stack]
        return sorted(
            blocks, key=lambda b: wanted.index(str(b.get("ID"))) if str(b.get("ID")) in wanted else len(wanted)
        )

    def texts(self, payload: dict[str, Any], *path: str) -> dict[str, str]:
        """Return a text of a question by language."""
        made = {}
        for code, content in [("", payload), *_several(payload.get("Language")).items()]:
            for step in path:
                content = _several(content).get(step)
            if isinstance(content, str | int | float) and (plain := plain_text(content)):
                language = language_of(code) if code else self.language
                made[language] = plain
                self.found[language] = None
        return made

    def options(self, payload: dict[str, Any], where: str = "Choices", *, other: bool = False) -> Piece:
        """Return choices in their order, by their numbers; the one with a text of its own apart when `other`."""
        choices = _several(payload.get(where))
        order = [str(one) for one in payload.get(where.removesuffix("s") + "Order") or choices]
        own = next((n for n in order if _several(choices.get(n)).get("TextEntry") in ("true", True)), None)
        given = [(n, self.texts(payload, where, n, "Display")) for n in order if n in choices]
        found = pieces([pair for pair in given if not (other and pair[0] == own)])
        if other and own is not None:
            found.ids[own] = OTHER
            self.others[str(payload.get("QuestionID"))] = own
        return found

    def _question(self, key: str, payload: dict[str, Any]) -> None:
        kind, selector = str(payload.get("QuestionType")), str(payload.get("Selector"))
        text = self.texts(payload, "QuestionText") or {self.language: str(payload.get("DataExportTag") or key)}
        shown = next(iter(text.values()))[:80]
        if kind == "TE" and selector == "FORM":
            for n in _several(payload.get("Choices")):
                label = self.texts(payload, "Choices", n, "Display")
                if (added := self.builder.add(f"{key}_{n}", "text", label or text, settings={"lines": 1})) is not None:
                    self.binds[f"{key}_{n}"] = Bind(added)
            return
        maker = _MAKERS.get(f"{kind}.{selector}") or _MAKERS.get(kind)
        if maker is None:
            self.builder.note(UNKNOWN_TYPE, question=shown, type=f"{kind} {selector}")
            return
        type_, values, found = maker(self, payload, shown)
        force = _several(_several(payload.get("Validation")).get("Settings")).get("ForceResponse")
        values |= {"required": force == "ON", "show_if": self._condition(payload, shown)}
        name = str(payload.get("DataExportTag") or key)
        added = self.builder.add(key if name in self.builder.ids else name, type_, text, **values)
        if added is None:
            return
        self.builder.ids[key] = added
        recoded = {str(new): found.ids[n] for n, new in _several(payload.get("RecodeValues")).items() if n in found.ids}
        self.builder.values[added] = found.ids | recoded
        self._bind(key, added, type_, payload)

    def _bind(self, key: str, added: str, type_: str, payload: dict[str, Any]) -> None:
        """Say which columns of answers are this question's."""
        self.binds[key] = Bind(added)
        if type_ == "text":
            self.binds[f"{key}_TEXT"] = Bind(added)
        if type_ in ("matrix", "ranking", "choices"):
            rows = self.options(payload, other=type_ == "choices").ids
            self.binds |= {f"{key}_{n}": Bind(added, row) for n, row in rows.items() if row != OTHER}
        elif type_ in ("csat", "number"):
            self.binds |= {f"{key}_{n}": Bind(added) for n in _several(payload.get("Choices"))}
        if key in self.others:
            self.binds[f"{key}_{self.others[key]}_TEXT"] = Bind(added, OTHER)

    def _condition(self, payload: dict[str, Any], shown: str) -> Any:
        logic = payload.get("DisplayLogic")
        if not logic:
            return None
        groups = [group for n, group in _several(logic).items() if n.isdigit()]
        steps = [one for group in groups for n, one in _several(group).items() if n.isdigit()]
        joins = {str(one.get("Conjuction") or one.get("Conjunction")) for one in steps[1:] if isinstance(one, dict)}
        made = [self._compared(one) for one in steps]
        if len(groups) != 1 or len(joins) > 1 or not made or None in made:
            told = "; ".join(plain_text(one.get("Description")) for one in steps if isinstance(one, dict))
            self.builder.note(UNREAD, question=shown, condition=told[:200])
            return None
        return made[0] if len(made) == 1 else {"any" if joins == {"Or"} else "all": made}

    def _compared(self, one: Any) -> Any:
        """Return one comparison; None when conditions cannot say it."""
        match = LOCATOR.match(str(_several(one).get("ChoiceLocator") or _several(one).get("LeftOperand") or ""))
        key = self.builder.ids.get(match["question"]) if match else None
        if match is None or key is None:
            return None
        operator, right = str(one.get("Operator")), one.get("RightOperand")
        if operator in ("Selected", "NotSelected") and match["choice"]:
            value = self.builder.values[key].get(match["choice"], match["choice"])
            chosen = {"question": key, "is": [value]}
            return chosen if operator == "Selected" else {"not": chosen}
        if operator in ("Empty", "NotEmpty"):
            return {"question": key, "answered": operator == "NotEmpty"}
        if operator == "EqualTo":
            return {"question": key, "is": [str(right)]}
        try:
            limited = {"question": key, LIMITS[operator]: float(str(right))}
        except (KeyError, ValueError):
            return None
        given = {"question": key, "answered": True}
        return limited if operator.endswith("Equal") else {"all": [given, {"not": limited}]}


Made = tuple[str, dict[str, Any], Piece]


def _one(reader: Reader, payload: dict[str, Any], text: str) -> Made:
    return _offered(reader, payload, "choice", {"look": "menu"} if payload.get("Selector") == "DL" else {})


def _many(reader: Reader, payload: dict[str, Any], text: str) -> Made:
    return _offered(reader, payload, "choices", {})


def _offered(reader: Reader, payload: dict[str, Any], kind: str, more: dict[str, Any]) -> Made:
    found = reader.options(payload, other=True)
    settings: dict[str, Any] = {"options": found.parts, **more}
    if own := reader.others.get(str(payload.get("QuestionID"))):
        settings |= {"other": True, "other_text": reader.texts(payload, "Choices", own, "Display")}
    return kind, {"settings": settings}, found


def _nps(reader: Reader, payload: dict[str, Any], text: str) -> Made:
    ends = {"low": reader.texts(payload, "ColumnLabels", "0", "Display"), "high": reader.texts(payload, "ColumnLabels", "2", "Display")}  # fmt: skip
    kind, metric, settings = scale_question(text, 0, 10)
    return kind, {"metric": metric, "settings": settings | {k: v for k, v in ends.items() if v}}, Piece()


def _matrix(reader: Reader, payload: dict[str, Any], text: str) -> Made:
    if payload.get("SubSelector") not in ("SingleAnswer", "DL", None):
        return _as_text(reader, payload, text)
    rows, columns = reader.options(payload), reader.options(payload, "Answers")
    return "matrix", {"settings": {"rows": rows.parts, "columns": columns.parts}}, columns


def _ranking(reader: Reader, payload: dict[str, Any], text: str) -> Made:
    found = reader.options(payload)
    return "ranking", {"settings": {"items": found.parts}}, Piece()


def _slider(reader: Reader, payload: dict[str, Any], text: str) -> Made:
    given = _several(payload.get("Configuration"))
    try:
        low, high = int(given.get("CSSliderMin", 0)), int(given.get("CSSliderMax", 100))
    except (TypeError, ValueError):
        low, high = 0, 100
    kind, metric, settings = scale_question(text, low, high)
    return kind, {"metric": metric, "settings": settings}, Piece()


def _free(reader: Reader, payload: dict[str, Any], text: str) -> Made:
    content = _several(_several(payload.get("Validation")).get("Settings")).get("ContentType")
    if content == "ValidNumber":
        return "number", {}, Piece()
    return "text", {"settings": {"lines": 1 if payload.get("Selector") == "SL" else 4}}, Piece()


def _statement(reader: Reader, payload: dict[str, Any], text: str) -> Made:
    return "statement", {}, Piece()


def _file(reader: Reader, payload: dict[str, Any], text: str) -> Made:
    return "file", {}, Piece()


def _as_text(reader: Reader, payload: dict[str, Any], text: str) -> Made:
    told = f"{payload.get('QuestionType')} {payload.get('Selector')} {payload.get('SubSelector') or ''}".strip()
    reader.builder.note(BECAME, question=text, type=told)
    return "text", {}, Piece()


_MAKERS = {
    "MC": _one, "MC.MAVR": _many, "MC.MAHR": _many, "MC.MACOL": _many, "MC.MSB": _many, "MC.NPS": _nps,
    "Matrix": _as_text, "Matrix.Likert": _matrix, "RO": _ranking, "Slider": _slider, "TE": _free, "DB": _statement,
    "FileUpload": _file, "CS": _as_text, "SBS": _as_text, "Draw": _as_text, "PGR": _as_text,
}  # fmt: skip
