from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from percorso.i18n import mark
from percorso.surveys.question import Column, QuestionType, Tell

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


class StatementQuestion(QuestionType):
    label = mark("Statement")
    about = mark("A text between questions; nothing to answer. An empty line begins a paragraph.")
    icon = "note"
    answerable = False

    def columns(self, question: "Question", tell: Tell) -> Sequence[Column]:
        return []

    def cells(self, question: "Question", value: Any) -> list[Any]:
        return []
