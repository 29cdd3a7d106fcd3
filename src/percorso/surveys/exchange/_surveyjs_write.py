"""A definition as SurveyJS. What SurveyJS has no name for lies beside it under ``percorso``, and is read back."""

from collections.abc import Mapping
from typing import Any

from percorso.surveys.definition import Definition, Page, Question
from percorso.surveys.exchange.expressions import write_condition

OURS = "percorso"


def write_survey(definition: Definition) -> dict[str, Any]:
    """Return the survey as SurveyJS writes it."""
    language = definition.language
    whole = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"pages"})
    made: dict[str, Any] = {
        "locale": language.lower(),
        "title": _text(definition.title, language),
        "completedHtml": _text(definition.thanks, language),
        "showProgressBar": definition.progress,
        "questionsOnPageMode": "standard",
        "pages": [_page(page, language) for page in definition.pages],
    }
    return {**_given(made), "percorsoSurvey": whole}


def _page(page: Page, language: str) -> dict[str, Any]:
    own = page.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"questions"})
    made = {
        "name": page.id,
        "title": _text(page.title, language),
        "visibleIf": write_condition(page.show_if) if page.show_if else None,
        "questionOrder": "random" if page.randomise else None,
        "elements": [write_question(question, language) for question in page.questions],
    }
    return {**_given(made), OURS: own}


def write_question(question: Question, language: str, *, whole: bool = True) -> dict[str, Any]:
    """Return one question as SurveyJS writes it; `whole`: with ours beside it."""
    made = {
        "name": question.id,
        "title": _text(question.text, language),
        "description": _text(question.help, language),
        "isRequired": question.required or None,
        "visibleIf": write_condition(question.show_if) if question.show_if else None,
        **_WRITERS[question.type](question, language),
    }
    own = question.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {**_given(made), **({OURS: own} if whole else {})}


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None and value not in ("", {})}


def _text(text: Mapping[str, str], language: str) -> Any:
    """Return a text by language as SurveyJS has it: the survey's own is called default, others in small letters."""
    if set(text) == {language}:
        return text[language]
    return {"default" if key == language else key.lower(): value for key, value in text.items()}


def _pieces(several: Any, language: str) -> list[dict[str, Any]]:
    return [
        _given({"value": one.id, "text": _text(one.text, language), "score": getattr(one, "score", None)})
        for one in several
    ]


def _rating(question: Question, language: str) -> dict[str, Any]:
    from percorso.surveys.question import QUESTIONS

    low, high = QUESTIONS[question.type].ends(question)  # type: ignore[attr-defined]
    config = question.config
    labels = getattr(config, "labels", {})
    values = [_given({"value": n, "text": _text(labels.get(n, {}), language)}) for n in range(low, high + 1)]
    looks = {"stars": "stars", "emoji": "smileys"}
    return {
        "type": "rating",
        "rateType": looks.get(question.type),
        "rateMin": low,
        "rateMax": high,
        "rateCount": high - low + 1,
        "rateValues": values if labels else None,
        "minRateDescription": _text(config.low, language),
        "maxRateDescription": _text(config.high, language),
    }


def _choice(question: Question, language: str) -> dict[str, Any]:
    config = question.config
    kind = "dropdown" if config.look == "menu" else "radiogroup"
    return {"type": kind, "choices": _pieces(config.options, language), **_other(config, language)}


def _choices(question: Question, language: str) -> dict[str, Any]:
    config = question.config
    return {
        "type": "checkbox",
        "choices": _pieces(config.options, language),
        "minSelectedChoices": config.least or None,
        "maxSelectedChoices": config.most or None,
        **_other(config, language),
    }


def _other(config: Any, language: str) -> dict[str, Any]:
    return {"showOtherItem": config.other or None, "otherText": _text(config.other_text, language)}


def _free(question: Question, language: str) -> dict[str, Any]:
    config = question.config
    if config.lines == 1:
        return {"type": "text", "maxLength": config.longest}
    return {"type": "comment", "rows": config.lines, "maxLength": config.longest}


def _number(question: Question, language: str) -> dict[str, Any]:
    config = question.config
    return {"type": "text", "inputType": "number", "min": config.least, "max": config.most, "step": config.step}


def _date(question: Question, language: str) -> dict[str, Any]:
    settings = question.settings
    return {"type": "text", "inputType": "date", "min": settings.get("earliest"), "max": settings.get("latest")}


def _matrix(question: Question, language: str) -> dict[str, Any]:
    config = question.config
    every = question.required or None
    return {"type": "matrix", "columns": _pieces(config.columns, language), "rows": _pieces(config.rows, language), "eachRowRequired": every}  # fmt: skip


def _ranking(question: Question, language: str) -> dict[str, Any]:
    config = question.config
    some = {"selectToRankEnabled": True, "maxSelectedChoices": config.places} if config.places else {}
    return {"type": "ranking", "choices": _pieces(config.items, language), **some}


def _consent(question: Question, language: str) -> dict[str, Any]:
    return {"type": "boolean", "renderAs": "checkbox", "label": _text(question.config.agreement, language)}


def _statement(question: Question, language: str) -> dict[str, Any]:
    from django.utils.html import escape

    html = {key: f"<p>{escape(text)}</p>" for key, text in question.text.items()}
    return {"type": "html", "html": _text(html, language)}


def _file(question: Question, language: str) -> dict[str, Any]:
    config = question.config
    return {"type": "file", "maxSize": int(config.megabytes * 1_000_000), "acceptedTypes": ",".join(config.endings())}


_WRITERS = {
    **dict.fromkeys(("nps", "csat", "ces", "stars", "emoji"), _rating),
    "choice": _choice,
    "choices": _choices,
    "text": _free,
    "number": _number,
    "date": _date,
    "matrix": _matrix,
    "ranking": _ranking,
    "consent": _consent,
    "statement": _statement,
    "file": _file,
}
