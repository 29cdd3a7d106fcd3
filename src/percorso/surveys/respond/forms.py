"""What a respondent's browser sends, made clean: the form, and what the address tells of how they came."""

import re
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from percorso.i18n import mark
from percorso.surveys.flow import Step
from percorso.surveys.models import Survey
from percorso.surveys.question import QUESTIONS, Refused

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
CHANNEL = re.compile(r"[a-z][a-z0-9_-]{0,39}")
OUR_OWN = ("lang", "frame", "channel", "user", "signature")
# What an address may tell in an anonymous survey: nothing that could be somebody's.
OF_NOBODY = ("channel", "place")
MOST_TOLD = 10
LONGEST_TOLD = 200
# Of one field: more than any question takes.
LONGEST_FIELD = 100_000
# A field that people do not see; who fills it in is a program.
HONEYPOT = "_website"
AGAIN = mark("Please choose the file again; the page was not complete when it was sent.")


class Sent:
    """A form and its files, as question types read them."""

    def __init__(self, request: HttpRequest) -> None:
        self._fields, self._files = request.POST, request.FILES

    def get(self, name: str, default: Any = None) -> Any:
        """Return the last value of a name: a file, or a text without characters that no database keeps."""
        return self._files.get(name) or _clean(self._fields.get(name, default))

    def getlist(self, name: str) -> list[Any]:
        """Return all values of a name."""
        return self._files.getlist(name) or [_clean(value) for value in self._fields.getlist(name)]

    @property
    def by_program(self) -> bool:
        """Whether the field that nobody sees was filled in."""
        return bool(self.get(HONEYPOT))

    @property
    def too_long(self) -> bool:
        """Whether a field holds more than any answer may."""
        return any(len(value) > LONGEST_FIELD for values in self._fields.lists() for value in values[1])


def told_of(parameters: Mapping[str, str], survey: Survey) -> dict[str, str]:
    """Return what an address tells beside answers: `channel`, a place, a campaign; little, and short."""
    asked = {q.id for q in survey.live.definition.questions()} if survey.live else set()
    kept: dict[str, str] = {}
    for name, value in parameters.items():
        if not NAME.fullmatch(name) or name in asked or (name in OUR_OWN and name != "channel"):
            continue
        if survey.anonymous and name not in OF_NOBODY:
            continue
        if name != "channel" or CHANNEL.fullmatch(value):
            kept[name] = _clean(value)[:LONGEST_TOLD]
        if len(kept) == MOST_TOLD:
            break
    return kept


def preselected(parameters: Mapping[str, str], step: Step) -> dict[str, Any]:
    """Return the answers that a link names, for questions of this page that one click can answer; never kept."""
    found: dict[str, Any] = {}
    for question in step.questions:
        kind = QUESTIONS[question.type]
        if kind.one_click and question.id in parameters:
            try:
                found[question.id] = kind.parse(question, _clean(parameters[question.id]).strip())
            except Refused:
                continue
    return found


def as_typed(step: Step, given: Sent, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form shows again: what it sent, as far as it can be read, and what was kept of the rest."""
    values = dict(kept)
    for question in step.questions:
        kind, earlier = QUESTIONS[question.type], kept.get(question.id)
        value = kind.again(question, given, question.id)
        # A browser never fills in a file again: the one that was kept stays.
        values[question.id] = earlier if isinstance(value, UploadedFile) else kind.settled(value, earlier)
    return values


def lost(answers: Mapping[str, Any]) -> dict[str, Refused]:
    """Return what to say of files that came with a page that is shown again: no browser sends them twice by itself."""
    return {name: Refused(AGAIN) for name, value in answers.items() if isinstance(value, UploadedFile)}


def _clean(value: Any) -> Any:
    return value.replace("\x00", "") if isinstance(value, str) else value
