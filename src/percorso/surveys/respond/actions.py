"""What a respondent changes: a page of answers, and what a click in a message tells before anybody confirms it."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from percorso.base import fact_outbox
from percorso.surveys.answering import Closed, save_page
from percorso.surveys.facts import sent_message
from percorso.surveys.flow import Step
from percorso.surveys.models import Invitation, Response, new_key
from percorso.surveys.respond import uploads
from percorso.surveys.written import without_personal

# Two values of one link within this time: no person clicks so.
SCANNING = timedelta(seconds=60)
LONGEST_CLICK = 80


@dataclass(frozen=True)
class Filled:
    """One page as it was sent. `invitation`: of an anonymous survey, whose responses do not know it."""

    step: Step
    answers: Mapping[str, Any]
    language: str
    back: bool = False
    invitation: Invitation | None = None
    files: dict[str, tuple[str, UploadedFile]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give each file the key under which it will lie."""
        self.files.update({q: (new_key(), v) for q, v in self.answers.items() if isinstance(v, UploadedFile)})

    @property
    def values(self) -> dict[str, Any]:
        """The answers as they are kept: of a file, where it is and how it is called."""
        named = {q: {"upload": key, "name": file.name} for q, (key, file) in self.files.items()}
        return {**self.answers, **named}


def keep(response: Response, filled: Filled) -> Response:
    """Keep a page, once however often it is sent; return the response, with the key under which it is kept.

    Raises
    ------
    Closed : see `answering.save_page`; not when the same answers were kept before.
    """
    try:
        for key, file in filled.files.values():
            uploads.write(key, file)
        return _kept(response, filled)
    except BaseException:
        uploads.forget([key for key, _ in filled.files.values()])
        raise


def _kept(response: Response, filled: Filled) -> Response:
    known = response.pk is not None
    try:
        _save(response, filled)
    except IntegrityError:
        stored = None if known else _stored(response)
        if stored is None:
            raise
        return _kept(stored, filled)  # the first page was sent twice, and the other one was faster
    except Closed as closed:
        stored = _stored(response) if closed.because == "answered" else None
        if stored is None:
            raise
        sent = without_personal(stored, filled.step.questions, filled.values)
        if any(stored.answers.get(q) != value for q, value in sent.items()):
            raise
        return stored
    return response if response.pk is not None else _stored(response) or response


def _save(response: Response, filled: Filled) -> None:
    other_language = response.pk is not None and response.language != filled.language
    gone = [q for q, value in filled.values.items() if value is None and "upload" in _object(response.answers.get(q))]
    # One more transaction around the core's own is only begun where there is more to keep.
    with transaction.atomic() if filled.files or filled.invitation or other_language or gone else nullcontext():
        if filled.invitation is not None:
            _refuse_used(filled.invitation)
        if other_language:
            Response.objects.filter(pk=response.pk).update(language=filled.language)
        response.language = filled.language
        save_page(response, filled.step, filled.values, filled.invitation, back=filled.back)
        for question, (key, file) in filled.files.items():
            uploads.note_upload(_stored(response) or response, question, key, file)
        for question in gone:
            uploads.drop(response, question)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _refuse_used(invitation: Invitation) -> None:
    """Refuse a second response to an invitation whose first one nobody can tell any more."""
    if not Invitation.objects.select_for_update().get(pk=invitation.pk).is_open:
        raise Closed("answered")


def _stored(response: Response) -> Response | None:
    """Return a response as it is kept: by its key, or the one that its invitation has."""
    kept = Response.objects.select_related("survey__workspace", "version", "invitation")
    found = kept.filter(key=response.key).first()
    if found is None and response.invitation is not None:
        found = kept.filter(invitation=response.invitation).first()
    return found


def note_click(invitation: Invitation, value: str, response: Response | None = None) -> None:
    """Note that a value was clicked in a message: no answer, in no score, until a person sends it.

    Another value within a minute is a gateway that opens every link.
    """
    value = value[:LONGEST_CLICK]
    if invitation.scanned or invitation.clicked == value:
        return
    with transaction.atomic():
        mine = Invitation.objects.select_for_update().get(pk=invitation.pk)
        now = timezone.now()
        if mine.clicked not in ("", value) and mine.clicked_at and now - mine.clicked_at < SCANNING:
            mine.scanned = True
        else:
            mine.clicked, mine.clicked_at = value, now
        _noted(invitation, mine, response)


def mark_scanned(invitation: Invitation) -> None:
    """Note that a program opens the links of an invitation."""
    if invitation.scanned:
        return
    with transaction.atomic():
        mine = Invitation.objects.select_for_update().get(pk=invitation.pk)
        mine.scanned = True
        _noted(invitation, mine, Response.objects.filter(invitation=invitation).first())


def _noted(invitation: Invitation, mine: Invitation, response: Response | None) -> None:
    mine.save(update_fields=["clicked", "clicked_at", "scanned"])
    mine.survey = invitation.survey
    if mine.sent_at is not None and not mine.survey.anonymous:
        fact_outbox.put(mine.survey.workspace.slug, {"messages": [sent_message(mine, response)]})
