"""What makes a response look suspicious. It is marked, shown and can be left out; it is never removed by itself."""

from collections.abc import Sequence
from typing import Any

from percorso.i18n import mark
from percorso.surveys.models import Response
from percorso.surveys.question import QUESTIONS
from percorso.surveys.questions._scale import Scale

MARKS = {
    "duplicate": mark("The same person seems to have answered before"),
    "straight": mark("All items of a matrix, or all scales, have the same answer"),
    "fast": mark("Answered faster than anybody reads"),
    "bot": mark("Filled in by a program"),
}
SECONDS_A_QUESTION = 1.0
SCALES_ALIKE = 5


def marks_of(response: Response) -> list[str]:
    """Return the keys of `MARKS` that hold of a completed response."""
    found = {"duplicate": _duplicate(response), "straight": _straight(response), "fast": _fast(response)}
    found["bot"] = bool(response.context.get("bot"))
    return [key for key, holds in found.items() if holds]


def _duplicate(response: Response) -> bool:
    if not response.origin or response.survey.repeated:
        return False
    others = Response.objects.filter(survey=response.survey, origin=response.origin, completed_at__isnull=False)
    return others.exclude(pk=response.pk).exists()


def _straight(response: Response) -> bool:
    """Whether many scales of different questions, or all rows of a matrix, were given one value."""
    scales = []
    for question in response.version.definition.questions():
        value = response.answers.get(question.id)
        if question.type == "matrix" and isinstance(value, dict) and _all_alike(list(value.values())):
            return True
        if isinstance(QUESTIONS[question.type], Scale) and value is not None:
            scales.append(value)
    return _all_alike(scales)


def _all_alike(values: Sequence[Any]) -> bool:
    return len(values) >= SCALES_ALIKE and len({str(value) for value in values}) == 1


def _fast(response: Response) -> bool:
    given = len(response.answers)
    return given > 1 and response.seconds is not None and response.seconds < SECONDS_A_QUESTION * given
