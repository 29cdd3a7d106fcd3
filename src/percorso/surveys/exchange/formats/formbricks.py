from typing import Any

from percorso.i18n import mark
from percorso.surveys.exchange._formbricks import Reader
from percorso.surveys.exchange._formbricks_answers import add_responses
from percorso.surveys.exchange.format import NO_ANSWERS, BadFile, File, Format, Read
from percorso.surveys.exchange.reading import json_of, starts_like_json


class FormbricksFormat(Format):
    label = mark("Formbricks")
    about = mark("The JSON of a survey, and of its responses as the interface of Formbricks gives them.")

    def fits(self, file: File) -> bool:
        return starts_like_json(file) and _survey(json_of(file)) is not None

    def read(self, file: File) -> Read:
        content = _survey(json_of(file))
        if content is None:
            raise BadFile(mark("“{file}” has no questions of Formbricks."), file=file.name)
        return Reader(content).read()

    def answers(self, read: Read, file: File, zone: str) -> None:
        content = json_of(file) if starts_like_json(file) else None
        several = content.get("data") if isinstance(content, dict) else content
        if not isinstance(several, list):
            raise BadFile(NO_ANSWERS, file=file.name)
        add_responses(read, several, zone)


def _survey(content: Any) -> dict[str, Any] | None:
    """Return the survey in a file: itself, or below “data”."""
    for one in (content, content.get("data") if isinstance(content, dict) else None):
        if isinstance(one, dict) and any(
            isinstance(one.get(key), list) and one[key] for key in ("blocks", "questions")
        ):
            return one
    return None
