"""What respondents write in their own words, without what is personal in it: cards, tax numbers, addresses, phones."""

from collections.abc import Iterable, Mapping
from typing import Any

from percorso.customers.privacy.erased import decided
from percorso.customers.privacy.masking import mask, mask_values
from percorso.surveys.definition import Question
from percorso.surveys.models import Response, Survey
from percorso.surveys.question import QUESTIONS


def without_personal(
    response: Response, questions: Iterable[Question], answers: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return answers with their free texts masked, as the workspace decided."""
    kinds = decided(response.survey.workspace.slug).masked
    asked = {question.id: question for question in questions}
    written = {
        key: value for key, value in answers.items()
        if value and key in asked and asked[key].type != "file" and QUESTIONS[asked[key].type].comment(asked[key], value)
    }  # fmt: skip
    masked = {
        key: mask(one, kinds) if isinstance(one, str) else mask_values(one, kinds) for key, one in written.items()
    }
    return {**answers, **masked} if kinds and written else answers


def not_known(survey: Survey, customer: str) -> bool:
    """Whether somebody was erased: what they answer is kept, and not who they are."""
    return bool(customer) and bool(decided(survey.workspace.slug).erased([customer]))
