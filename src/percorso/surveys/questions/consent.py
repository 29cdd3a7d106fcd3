import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from pydantic import Field

from percorso.i18n import mark
from percorso.surveys.question import NOT_OFFERED, Column, QuestionType, Refused, Settings, Tell
from percorso.surveys.questions._parts import Text, as_map

if TYPE_CHECKING:
    from percorso.surveys.definition import Question


class ConsentSettings(Settings):
    """What is agreed to."""

    agreement: Text = Field(
        default_factory=dict, description="The text agreed to, beside the tick; the question's text when empty."
    )


class ConsentQuestion(QuestionType):
    """The answer is ``{"agreed": true, "version": …}``: the version is that of the text that was read and ticked."""

    label = mark("Consent")
    about = mark("A tick beside a text that somebody agrees to; the answer says which version of the text it was.")
    icon = "shield-check"
    Config = ConsentSettings

    def shown(self, question: "Question", value: Any, tell: Tell) -> dict[str, Any]:
        # Told as texts are, so that it is the version in the language that is read, whatever the text recalls.
        version = tell({language: version_of(text) for language, text in _texts(question).items()})
        agreed = bool(as_map(value).get("agreed"))
        return {"value": value, "agreement": tell(question.config.agreement), "version": version, "agreed": agreed}

    def parse(self, question: "Question", text: str) -> Any:
        versions = {version_of(one) for one in _texts(question).values()}
        if text not in versions:
            raise Refused(NOT_OFFERED)
        return {"agreed": True, "version": text}

    def facts(self, question: "Question", value: Any) -> list[dict[str, Any]]:
        return [{"option": "agreed"}] if as_map(value).get("agreed") else []

    def readable(self, question: "Question", value: Any, tell: Tell) -> str:
        return gettext("Agreed") if as_map(value).get("agreed") else ""

    def columns(self, question: "Question", tell: Tell) -> Sequence[Column]:
        text = tell(question.text)
        return [
            Column(question.id, text, "flag", {}),
            Column(
                f"{question.id}.version", gettext("{question}: version of the text").format(question=text), "text", {}
            ),
        ]

    def cells(self, question: "Question", value: Any) -> list[Any]:
        return [as_map(value).get("agreed"), as_map(value).get("version")]


def version_of(text: str) -> str:
    """Return the version of a text: the first sixteen figures of its SHA-256."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def _texts(question: "Question") -> dict[str, str]:
    """Return the text agreed to, by language."""
    agreement = {language: text for language, text in question.config.agreement.items() if text}
    return agreement or question.text
