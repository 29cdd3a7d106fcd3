"""A survey of SurveyJS as a definition."""

import re
from typing import Any

from pydantic import ValidationError

from percorso.i18n import mark
from percorso.surveys.definition import Definition, Question
from percorso.surveys.exchange._surveyjs_types import MAKERS
from percorso.surveys.exchange._surveyjs_write import OURS, write_question, write_survey
from percorso.surveys.exchange.building import (
    COMMENTS,
    HIDDEN,
    LOST,
    LOST_SURVEY,
    SEVERAL,
    UNKNOWN_TYPE,
    UNREAD,
    Builder,
    shown_if,
)  # fmt: skip
from percorso.surveys.exchange.expressions import NotExpressed, read_condition
from percorso.surveys.exchange.format import BadFile, Read, language_of, plain_text
from percorso.surveys.exchange.logic import END, Jump, Said, answered, asked_of, every
from percorso.surveys.exchange.recall import Recalls
from percorso.surveys.flow import PLACE

DEEPEST = 20
MOST_CELLS = 40
RECALLED = re.compile(r"\{(?P<said>[^{}]+)\}")
NO_COUNTERPART = (
    "enableIf", "requiredIf", "validators", "choicesByUrl", "defaultValue", "defaultValueExpression", "correctAnswer",
    "setValueExpression", "setValueIf", "resetValueIf", "choicesVisibleIf", "choicesEnableIf", "choicesFromQuestion",
    "rowsVisibleIf", "columnsVisibleIf", "minValueExpression", "maxValueExpression", "eachRowUnique", "readOnly",
    "maskType", "choicesOrder", "rowOrder",
)  # fmt: skip
NO_COUNTERPART_SURVEY = (
    "calculatedValues", "completedHtmlOnCondition", "navigateToUrl", "navigateToUrlOnCondition", "timeLimit",
    "timeLimitPerPage", "maxTimeToFinish", "maxTimeToFinishPage", "completedBeforeHtml",
)  # fmt: skip
NOTHING: tuple[Any, ...] = (None, [], "", {}, "none", False)
IN_ORDER: tuple[Any, ...] = (None, "default", "initial")


class Reader:
    """Reads one survey."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.language = language_of(content.get("locale") or "en")
        self.found = {self.language: None}
        self.builder = Builder([self.language])
        self.builder.recalls = Recalls(RECALLED, self._recalled)

    def read(self) -> Read:
        """Return the survey; as it was written here when nobody changed it since."""
        if (whole := self._unchanged()) is not None:
            return Read(whole)
        pages = self.content.get("pages")
        if about := self.text(self.content.get("description")):
            self.builder.page("about")
            self.builder.add("about", "statement", about)
        for i, page in enumerate(pages if isinstance(pages, list) else [self.content], 1):
            if isinstance(page, dict):
                self._page(page, i)
        for setting in NO_COUNTERPART_SURVEY:
            if self.content.get(setting):
                self.builder.note(LOST_SURVEY, setting=setting)
        if self.content.get("questionOrder", self.content.get("questionsOrder")) not in IN_ORDER:
            self.builder.note(LOST_SURVEY, setting="questionOrder")
        for trigger in self.content.get("triggers") or []:
            self._trigger(trigger)
        self.builder.note_media(self.content.get("completedHtml"), "completedHtml")
        title, thanks = self.text(self.content.get("title")), self.text(self.content.get("completedHtml"))
        self.builder.languages = list(self.found)
        bar = self.content.get("showProgressBar", self.content.get("progressBarLocation", False))
        progress = bool(bar) and bar != "off"
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

    def _recalled(self, found: re.Match[str]) -> str:
        """Return our name of a question, or a place that is ours already."""
        said = found["said"]
        ours = PLACE.fullmatch(found[0])
        if ours and (ours[1] == "company" or ours[1].startswith("customer.") or ours[1] in self.builder.ids.values()):
            return said
        return self.builder.ids.get(said.strip(), "")

    def _trigger(self, trigger: Any) -> None:
        """Read what ends or skips; from behind the last question that it asks about."""
        kind = str(trigger.get("type") if isinstance(trigger, dict) else trigger)
        said = str(trigger.get("expression") or "") if isinstance(trigger, dict) else ""
        try:
            if kind not in ("complete", "skip") or not said:
                raise NotExpressed(kind)
            when = self._read(said)
            if not asked_of({"show_if": when}):
                raise NotExpressed(said)
        except NotExpressed:
            self.builder.note(LOST_SURVEY, setting=f"trigger: {kind} {said}"[:200])
            return
        asked = asked_of({"show_if": when})
        last = max(
            (page, i)
            for page, held in enumerate(self.builder.pages)
            for i, question in enumerate(held["questions"])
            if question["id"] in asked
        )
        goal = END if kind == "complete" else str(trigger.get("gotoName"))
        start = (last[0] + 1, 0) if kind == "complete" else (last[0], last[1] + 1)
        self.builder.jumps.append((Jump(when, start, goal), f"trigger: {kind}", goal))

    def _page(self, page: dict[str, Any], number: int) -> None:
        is_page = page is not self.content
        title = self.text(page.get("title")) if is_page else {}
        name = str(page.get("name") or f"page{number}")
        if page.get("visible") is False and is_page:
            self.builder.note(HIDDEN, question=self._shown(page, name))
            return
        order = page.get("questionOrder", page.get("questionsOrder")) if is_page else None
        self.builder.page(name, randomise=order == "random", title=title, **shown_if(self._condition(page, name)))
        self.builder.place(name)
        if is_page and (about := self.text(page.get("description"))):
            self.builder.add(f"{name}_about", "statement", about)
        self._elements(page.get("elements"), [], 0)

    def _elements(self, elements: Any, around: list[Said | None], depth: int) -> None:
        if depth > DEEPEST:
            raise BadFile(mark("Panels lie in panels, too many deep. Put their questions on pages."))
        for element in elements if isinstance(elements, list) else []:
            if not isinstance(element, dict):
                continue
            name = str(element.get("name") or f"question{self.builder.asked + 1}")
            if element.get("visible") is False:
                self.builder.note(HIDDEN, question=self._shown(element, name))
            elif element.get("type") == "panel":
                inner = [*around, self._condition(element, name)]
                self._heading(name, element, inner)
                self._elements(element.get("elements"), inner, depth + 1)
            else:
                self._element(element, name, around)

    def _heading(self, name: str, element: dict[str, Any], around: list[Said | None]) -> None:
        """Say what stands above several questions."""
        title, about = self.text(element.get("title")), self.text(element.get("description"))
        if title or about:
            help_ = about if title else {}
            self.builder.add(f"{name}_title", "statement", title or about, help=help_, **shown_if(*around))

    def _read(self, text: str) -> Said:
        try:
            made = read_condition(text, self.builder.ids, self.builder.values)
        except (ValidationError, IndexError, RecursionError) as error:
            raise NotExpressed(text) from error
        return made.model_dump(mode="json", by_alias=True, exclude_none=True)

    def _condition(self, part: dict[str, Any], name: str) -> Said | None:
        text = part.get("visibleIf")
        if not text:
            return None
        try:
            return self._read(str(text))
        except NotExpressed:
            self.builder.note(UNREAD, question=self._shown(part, name), condition=str(text)[:200])
            return None

    def _shown(self, part: dict[str, Any], name: str) -> str:
        return next(iter(self.text(part.get("title")).values()), name)[:80]

    def _element(self, element: dict[str, Any], name: str, around: list[Said | None]) -> None:
        kind = str(element.get("type"))
        shown = self._shown(element, name)
        if kind in ("multipletext", "matrixdropdown") or (kind == "matrix" and element.get("cellType") == "checkbox"):
            self._several(element, name, [*around, self._condition(element, name)])
            return
        maker = MAKERS.get(kind)
        if maker is None:
            self.builder.note(UNKNOWN_TYPE, question=shown, type=kind)
            return
        condition = every([*around, self._condition(element, name)])
        text = self.text(element.get("title")) or {self.language: name}
        type_, values, ids = maker(self, element, next(iter(text.values())))
        if type_ == "statement":
            self.builder.note_media(element.get("html"), shown)
            text = self.text(element.get("html")) or text
        values |= {
            "help": self.text(element.get("description")),
            "required": bool(
                element.get("isRequired") or element.get("eachRowRequired") or element.get("isAllRowRequired")
            )
            or None,
            "show_if": condition,
        }
        text, values = self._with_ours(element, type_, text, values)
        key = self.builder.add(name, values.pop("type", type_), text, **values)
        if key is not None:
            self.builder.values[key] = ids
            self.builder.ids.setdefault(str(element.get("valueName") or name), key)
            self._comment(element, name, key, condition)
        for setting in NO_COUNTERPART:
            if element.get(setting) not in NOTHING:
                self.builder.note(LOST, question=shown, setting=setting)

    def _comment(self, element: dict[str, Any], name: str, key: str, condition: Said | None) -> None:
        """Ask for the comment beside an answer in a question of its own."""
        if not (element.get("showCommentArea") or element.get("hasComment")):
            return
        self.builder.note(COMMENTS, question=self._shown(element, name))
        text = self.text(element.get("commentText")) or {
            "en": "Your comment",
            "pt": "Seu comentário",
            "it": "Il tuo commento",
        }
        when = every([condition, answered(key)])
        added = self.builder.add(f"{name}-Comment", "text", text, settings={"lines": 2}, **shown_if(when))
        if added is not None:
            self.builder.values[added] = {}

    def _several(self, element: dict[str, Any], name: str, around: list[Said | None]) -> None:
        """Ask what lies in one question there as several."""
        kind, parts = str(element.get("type")), self._parts(element, name)
        shown = self._shown(element, name)
        if not 0 < len(parts) <= MOST_CELLS:
            self.builder.note(UNKNOWN_TYPE, question=shown, type=kind)
            return
        self.builder.note(SEVERAL, question=shown, type=kind, n=len(parts))
        self._heading(name, element, around)
        for part in parts:
            self._element({"isRequired": element.get("isRequired"), **part}, str(part["name"]), around)

    def _parts(self, element: dict[str, Any], name: str) -> list[dict[str, Any]]:
        """Return the questions that a question of several holds, as SurveyJS would write each alone."""
        if element.get("type") == "multipletext":
            given = [one for one in element.get("items") or [] if isinstance(one, dict)]
            return [
                {
                    **one,
                    "type": "text",
                    "name": f"{name}_{one.get('name')}",
                    "title": one.get("title") or one.get("name"),
                }
                for one in given
            ]
        rows = [one if isinstance(one, dict) else {"value": one, "text": one} for one in element.get("rows") or []]
        if element.get("type") == "matrix":
            return [
                {"type": "checkbox", "name": f"{name}_{row['value']}", "title": row.get("text") or row["value"], "choices": element.get("columns")}
                for row in rows
            ]  # fmt: skip
        return [part for column in element.get("columns") or [] for part in self._column(element, name, column, rows)]

    def _column(
        self, element: dict[str, Any], name: str, column: Any, rows: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return one column of a matrix: a matrix where something is chosen, else a question for each row."""
        column = column if isinstance(column, dict) else {"name": str(column)}
        cell = str(column.get("cellType") or element.get("cellType") or "dropdown")
        cell = "dropdown" if cell == "default" else cell
        title = column.get("title") or column.get("name")
        choices = column.get("choices") or element.get("choices")
        if cell in ("dropdown", "radiogroup"):
            told = {"type": "matrix", "name": f"{name}_{column.get('name')}", "title": title}
            return [{**told, "rows": rows, "columns": choices, "visibleIf": column.get("visibleIf")}]
        about = {key: value for key, value in column.items() if key not in ("name", "title", "cellType")}
        return [
            {**about, "type": cell, "name": f"{name}_{row['value']}_{column.get('name')}", "choices": choices,
             "title": self._joined(row.get("text") or row["value"], title)}
            for row in rows
        ]  # fmt: skip

    def _joined(self, first: Any, second: Any) -> dict[str, str]:
        one, other = self.text(first), self.text(second)
        return {
            language: f"{told}: {other.get(language) or next(iter(other.values()), '')}"
            for language, told in one.items()
        }

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
