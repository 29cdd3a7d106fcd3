"""Questions as the surveys ready to send ask them."""

from typing import Any

from percorso.surveys.bank._words import LIKELY, SATISFACTION, UNLIKELY, WHY, Text
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Page, Question


def page(key: str, *questions: Question, title: Text | None = None, when: Condition | None = None) -> Page:
    """Return a page; `when` says for whom it is shown."""
    return Page(id=key, title=title or {}, questions=list(questions), show_if=when)


def recommend(key: str, text: Text, *, metric: str = "nps", aspect: str = "") -> Question:
    """Return an eleven-point question for the will to recommend."""
    ends = {"low": UNLIKELY, "high": LIKELY}
    return Question(id=key, type="nps", text=text, metric=metric, aspect=aspect, required=True, settings=ends)


def why(key: str = "why", text: Text = WHY) -> Question:
    """Return an open question that may be left out."""
    return Question(id=key, type="text", text=text)


def satisfied(key: str, text: Text, *, metric: str = "csat", required: bool = True) -> Question:
    """Return a question for satisfaction on 1 to 5, each value with its words."""
    return Question(id=key, type="csat", text=text, metric=metric, required=required, settings={"labels": SATISFACTION})


def rated(
    key: str, text: Text, *, metric: str, low: Text, high: Text, highest: int = 7, required: bool = True, **more: Any
) -> Question:
    """Return a question on a scale from 1 to `highest` whose ends have words."""
    settings = {"lowest": 1, "highest": highest, "low": low, "high": high}
    return Question(id=key, type="csat", text=text, metric=metric, required=required, settings=settings, **more)


def chosen(key: str, text: Text, options: list[dict[str, Any]], **more: Any) -> Question:
    """Return a question of which one option is chosen; `more` are fields of the question."""
    settings = {"options": options} | more.pop("settings", {})
    return Question(id=key, type="choice", text=text, settings=settings, **more)
