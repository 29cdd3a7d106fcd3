"""A survey of SurveyJS as a definition."""

from typing import Any

from pydantic import ValidationError

from percorso.i18n import mark
from percorso.surveys.definition import Definition, Question
from percorso.surveys.exchange._surveyjs_write import OURS, write_question, write_survey
from percorso.surveys.exchange.building import BECAME, UNKNOWN_TYPE, UNREAD, Builder, pieces
from percorso.surveys.exchange.expressions import NotExpressed, read_condition
from percorso.surveys.exchange.format import BadFile, Read, language_of, plain_text, scale_question

DEEPEST = 20
LOST = mark("“{question}”: “{setting}” has no counterpart here and was left out.")
LOST_SURVEY = mark("“{setting}” of the survey has no counterpart here and was left out.")
NO_COUNTERPART = ("enableIf", "requiredIf", "validators", "choicesByUrl", "defaultValue", "setValueExpression", "choicesVisibleIf", "correctAnswer")  # fmt: skip
NO_COUNTERPART_SURVEY = ("triggers", "calculatedValues", "completedHtmlOnCondition", "navigateToUrl", "maxTimeToFinish")
SHAPED = ("type", "name", "title")


class Reader:
    """Reads one survey."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.language = language_of(content.get("locale") or "en")
        self.found = {self.language: None}
        self.builder = Builder([self.language])

    def read(self) -> Read:
        """Return the survey; as it was written here when nobody changed it since."""
        if (whole := self._unchanged()) is not None:
            return Read(whole)
        pages = self.content.get("pages")
        for i, page in enumerate(pages if isinstance(pages, list) else [self.content], 1):
            if isinstance(page, dict):
                self._page(page, i)
        for setting in NO_COUNTERPART_SURVEY:
            if self.content.get(setting):
                self.builder.note(LOST_SURVEY, setting=setting)
        title, thanks = self.text(self.content.get("title")), self.text(self.content.get("completedHtml"))
        self.builder.languages = list(self.found)
        progress = bool(self.content.get("showProgressBar", self.content.get("progressBarLocation", False)))
        return self.builder.finish(title=title, thanks=thanks, progress=progress)

    def _unchanged(self) -> Definition | None:
        """Return the definition that lies beside, when it says what the survey says."""
        try:
            pages = [
                {**page[OURS], "questions": [one[OURS] for one in page["elements"]]} for page in self.content["pages"]
            ]
            whole = Definition.model_validate({**self.content["percorsoSurvey"], "pages": pages})
            return whole if write_survey(whole) == self.content else None
        except (KeyError, TypeError, ValidationError):
            return None

    def text(self, given: Any) -> dict[str, str]:
        """Return a text by language."""
        several = given if isinstance(given, dict) else {"default": given} if given else {}
        made = {}
        for code, one in several.items():
            language = self.language if code == "default" else language_of(code)
            if plain := plain_text(one) if isinstance(one, str | int | float) else "":
                made[language] = plain
                self.found[language] = None
        return made

    def _page(self, page: dict[str, Any], number: int) -> None:
        title = self.text(page.get("title")) if page is not self.content else {}
        name = str(page.get("name") or f"page{number}")
        more = {"randomise": page.get("questionsOrder") == "random", "title": title}
        condition = self._condition(page, name)
        self.builder.page(name, **more, **({"show_if": condition} if condition else {}))
        self._elements(page.get("elements"), [], 0)

    def _elements(self, elements: Any, around: list[Any], depth: int) -> None:
        if depth > DEEPEST:
            raise BadFile(mark("Panels lie in panels, too many deep. Put their questions on pages."))
        for element in elements if isinstance(elements, list) else []:
            if not isinstance(element, dict):
                continue
            if element.get("type") == "panel":
                condition = self._condition(element, str(element.get("name") or "panel"))
                self._elements(element.get("elements"), [*around, *([condition] if condition else [])], depth + 1)
            else:
                self._element(element, around)

    def _condition(self, part: dict[str, Any], name: str) -> Any:
        text = part.get("visibleIf")
        if not text:
            return None
        try:
            return read_condition(str(text), self.builder.ids, self.builder.values).model_dump(
                mode="json", by_alias=True, exclude_none=True
            )
        except (NotExpressed, ValidationError, IndexError, RecursionError):
            self.builder.note(UNREAD, question=self._shown(part, name), condition=str(text)[:200])
            return None

    def _shown(self, part: dict[str, Any], name: str) -> str:
        return next(iter(self.text(part.get("title")).values()), name)[:80]

    def _element(self, element: dict[str, Any], around: list[Any]) -> None:
        name, kind = str(element.get("name") or f"question{self.builder.asked + 1}"), str(element.get("type"))
        shown = self._shown(element, name)
        if kind == "multipletext":
            for item in element.get("items") or []:
                if isinstance(item, dict):
                    item = {"type": "text", **item, "name": f"{name}_{item.get('name')}"}
                    self._element(item | {"visibleIf": element.get("visibleIf")}, around)
            return
        maker = _MAKERS.get(kind)
        if maker is None:
            self.builder.note(UNKNOWN_TYPE, question=shown, type=kind)
            return
        own = self._condition(element, name)
        conditions = [*around, *([own] if own else [])]
        text = self.text(element.get("title")) or {self.language: name}
        type_, values, ids = maker(self, element, next(iter(text.values())))
        if type_ == "statement":
            text = self.text(element.get("html")) or text
        values |= {
            "help": self.text(element.get("description")),
            "required": bool(element.get("isRequired")) or None,
            "show_if": conditions[0] if len(conditions) == 1 else {"all": conditions} if conditions else None,
        }
        text, values = self._with_ours(element, type_, text, values)
        key = self.builder.add(name, values.pop("type", type_), text, **values)
        if key is not None:
            self.builder.values[key] = ids
        for setting in NO_COUNTERPART:
            if element.get(setting) not in (None, [], "", {}):
                self.builder.note(LOST, question=shown, setting=setting)

    def _with_ours(
        self, element: dict[str, Any], type_: str, text: dict[str, str], values: dict[str, Any]
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """Return what lies beside a question that nobody changed since it was written here."""
        try:
            ours = Question.model_validate(element.get(OURS))
            if write_question(ours, self.language) != element:
                return text, values
        except (ValidationError, KeyError, TypeError):
            return text, values
        for told in (ours.text, ours.help):
            self.found |= dict.fromkeys(told)
        kept = ours.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return ours.text, {k: v for k, v in kept.items() if k not in ("id", "text", "show_if")} | {
            "show_if": values["show_if"]
        }

    def pieces(self, several: Any) -> Any:
        """Return options of SurveyJS: values, or values with texts."""
        given = []
        for one in several if isinstance(several, list) else []:
            value = one.get("value") if isinstance(one, dict) else one
            told = one.get("text") if isinstance(one, dict) else None
            plain = ("true" if value else "false") if isinstance(value, bool) else str(value)
            text = self.text(told) or ({self.language: plain} if not isinstance(one, dict) else {})
            given.append((plain, text))
        return pieces(given)


Made = tuple[str, dict[str, Any], dict[str, str]]


def _rating(reader: Reader, element: dict[str, Any], text: str) -> Made:
    values: list[Any] = [one.get("value") if isinstance(one, dict) else one for one in element.get("rateValues") or []]
    if values and not all(isinstance(one, int) for one in values):
        return _choice(reader, {**element, "choices": element["rateValues"]}, text)
    low = min(values) if values else _whole(element.get("rateMin"), 1)
    high = max(values) if values else _whole(element.get("rateMax"), low + _whole(element.get("rateCount"), 5) - 1)
    labels = {
        one["value"]: told
        for one in element.get("rateValues") or []
        if isinstance(one, dict) and (told := reader.text(one.get("text")))
    }
    ends = {
        "low": reader.text(element.get("minRateDescription")),
        "high": reader.text(element.get("maxRateDescription")),
    }
    look = element.get("rateType") or element.get("rateDisplayMode")
    if look == "stars" and low == 1 and 3 <= high <= 10:
        settings: dict[str, Any] = {"most": high, "labels": labels, **ends}
        return "stars", {"settings": settings}, {}
    if look == "smileys" and low == 1 and high in (3, 5):
        return "emoji", {"settings": {"points": high, "labels": labels, **ends}}, {}
    kind, metric, settings = scale_question(text, low, high)
    if kind == "csat":
        settings |= {"labels": labels}
    return kind, {"metric": metric, "settings": settings | (ends if kind != "number" else {})}, {}


def _whole(value: Any, usual: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else usual


def _choice(reader: Reader, element: dict[str, Any], text: str) -> Made:
    found = reader.pieces(element.get("choices"))
    look = {"look": "menu"} if element.get("type") == "dropdown" else {}
    return "choice", {"settings": {"options": found.parts, **look, **_other(reader, element)}}, found.ids


def _other(reader: Reader, element: dict[str, Any]) -> dict[str, Any]:
    if not (element.get("showOtherItem") or element.get("hasOther")):
        return {}
    return {"other": True, "other_text": reader.text(element.get("otherText"))}


def _choices(reader: Reader, element: dict[str, Any], text: str) -> Made:
    found = reader.pieces(element.get("choices"))
    limits = {
        "least": _whole(element.get("minSelectedChoices"), 0),
        "most": _whole(element.get("maxSelectedChoices"), 0),
    }
    alone = {}
    if element.get("showNoneItem") or element.get("hasNone"):
        found.parts.append({"id": "none", "text": reader.text(element.get("noneText"))})
        alone = {"alone": ["none"]}
    return "choices", {"settings": {"options": found.parts, **limits, **alone, **_other(reader, element)}}, found.ids


def _free(reader: Reader, element: dict[str, Any], text: str) -> Made:
    kind = element.get("inputType")
    if kind in ("number", "range"):
        limits = {ours: element.get(theirs) for ours, theirs in (("least", "min"), ("most", "max"), ("step", "step"))}
        return "number", {"settings": {k: v for k, v in limits.items() if isinstance(v, int | float)}}, {}
    if kind in ("date", "datetime-local"):
        ends = {"earliest": element.get("min"), "latest": element.get("max")}
        return "date", {"settings": {k: str(v)[:10] for k, v in ends.items() if v}}, {}
    longest = _whole(element.get("maxLength"), 0)
    settings = {"longest": min(longest, 10_000)} if longest > 0 else {}
    lines = 1 if element.get("type") == "text" else min(20, max(1, _whole(element.get("rows"), 4)))
    return "text", {"settings": {"lines": lines, **settings}}, {}


def _boolean(reader: Reader, element: dict[str, Any], text: str) -> Made:
    if element.get("renderAs") == "checkbox":
        return "consent", {"settings": {"agreement": reader.text(element.get("label"))}}, {}
    labels = {"yes": reader.text(element.get("labelTrue")), "no": reader.text(element.get("labelFalse"))}
    options = [{"id": key, "text": labels[key], "score": score} for key, score in (("yes", 1), ("no", 0))]
    return "choice", {"settings": {"options": options}}, {"true": "yes", "false": "no"}


def _matrix(reader: Reader, element: dict[str, Any], text: str) -> Made:
    rows, columns = reader.pieces(element.get("rows")), reader.pieces(element.get("columns"))
    return "matrix", {"settings": {"rows": rows.parts, "columns": columns.parts}}, columns.ids


def _ranking(reader: Reader, element: dict[str, Any], text: str) -> Made:
    found = reader.pieces(element.get("choices"))
    places = _whole(element.get("maxSelectedChoices"), 0) if element.get("selectToRankEnabled") else 0
    return "ranking", {"settings": {"items": found.parts, "places": places}}, found.ids


def _statement(reader: Reader, element: dict[str, Any], text: str) -> Made:
    return "statement", {}, {}


def _file(reader: Reader, element: dict[str, Any], text: str) -> Made:
    size = _whole(element.get("maxSize"), 0)
    return "file", {"settings": {"megabytes": min(50, size / 1_000_000)} if size else {}}, {}


def _as_text(reader: Reader, element: dict[str, Any], text: str) -> Made:
    reader.builder.note(BECAME, question=text[:80], type=str(element.get("type")))
    return "text", {}, {}


_MAKERS = {
    "rating": _rating, "radiogroup": _choice, "dropdown": _choice, "imagepicker": _choice, "buttongroup": _choice,
    "checkbox": _choices, "tagbox": _choices, "text": _free, "comment": _free, "boolean": _boolean,
    "matrix": _matrix, "ranking": _ranking, "html": _statement, "file": _file, "matrixdynamic": _as_text,
    "matrixdropdown": _as_text, "paneldynamic": _as_text, "signaturepad": _as_text,
}  # fmt: skip
