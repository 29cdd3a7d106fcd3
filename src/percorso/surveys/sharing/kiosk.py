"""What a kiosk sends: answers that were given while nobody knew whether there was a network."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints

from percorso.surveys.answering import Closed, Coming, begin, read_page, save_page
from percorso.surveys.flow import Step, steps
from percorso.surveys.models import Response, Survey, Version
from percorso.surveys.question import LONGEST_ANSWER, cleaned
from percorso.surveys.questions._parts import OTHER
from percorso.surveys.respond.forms import LONGEST_TOLD

SALT = "percorso.surveys.sharing.kiosk"
KEY_BYTES = 15
MOST_ANSWERS = 20
# A device's clock may be wrong, but nobody answered longer ago than devices keep answers.
LONGEST_WAIT = timedelta(days=90)
# What begins the name, in a response's context, of an answer that could not be kept.
NOT_TAKEN = "not taken"
NOTHING: tuple[object, ...] = (None, "", [], {})
Short = Annotated[str, StringConstraints(max_length=LONGEST_TOLD)]


class Given(BaseModel):
    """One respondent's answers.

    fields : the form, urlencoded. at, started : seconds since 1970 by the device's clock. page : the last one that was
    answered by somebody who went away before the end; empty when it was answered to the end.
    """

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{16,40}$")]
    version: int = Field(ge=1)
    language: Annotated[str, StringConstraints(max_length=20)]
    at: FiniteFloat
    started: FiniteFloat
    fields: Annotated[str, StringConstraints(max_length=200_000)]
    page: Annotated[str, StringConstraints(max_length=40)] = ""


class Batch(BaseModel):
    """What a device sends. now : its clock at this moment, so that a wrong one does no harm. place : where it stands."""

    model_config = ConfigDict(extra="forbid")

    now: FiniteFloat
    place: Short = ""
    answers: list[Given] = Field(max_length=MOST_ANSWERS)


@dataclass(frozen=True)
class Moment:
    """When one response was begun and given."""

    started: datetime
    at: datetime


@dataclass(frozen=True)
class Became:
    """What became of one response: ``kept``, ``closed`` (try later), ``refused``; how many of its answers were not taken."""

    state: str
    not_taken: int = 0


def keep_all(survey: Survey, batch: Batch) -> dict[str, Became]:
    """Keep answers, each once; return by key what became of it."""
    now = timezone.now()
    done: dict[str, Became] = {}
    for given in batch.answers:
        try:
            done[given.key] = _keep(survey, given, _moment(survey, given, batch.now, now), batch.place)
        except Closed:
            done[given.key] = Became("closed")
    return done


def _moment(survey: Survey, given: Given, told_now: float, now: datetime) -> Moment:
    """Return the times by our clock: as long ago as they were by the device's."""
    longest = LONGEST_WAIT.total_seconds()
    ago = min(max(told_now - given.at, 0), longest)
    took = min(max(given.at - given.started, 0), longest)
    at = max(now - timedelta(seconds=ago), survey.created_at)
    return Moment(at - timedelta(seconds=took), at)


def _keep(survey: Survey, given: Given, when: Moment, place: str) -> Became:
    """Keep one response, when there is anything to keep. Sent again, it is the one that there is."""
    key = _key(survey, given.key)
    if survey.responses.filter(key=key).exists():
        return Became("kept")
    version = survey.versions.filter(number=given.version).first()
    if version is None:
        return Became("refused")
    context = {"kiosk": True} | ({"place": place.replace("\x00", "")} if place else {})
    response = begin(survey, Coming(channel="kiosk", language=_language(version, given), context=context))
    response.key, response.version, response.started_at = key, version, when.started
    fields = QueryDict(given.fields)
    last = _read(response, fields, given.page)
    if last is None:
        return Became("refused")
    not_taken = _not_taken(response, fields)
    # Where staff read what else is known of a response; no figure counts it.
    response.context |= {f"{NOT_TAKEN}.{question}": text for question, text in not_taken.items()}
    try:
        with transaction.atomic():
            save_page(response, last, response.answers, at=when.at)
    except IntegrityError:
        # The same answers at the same moment: the other request has kept them.
        if not survey.responses.filter(key=key).exists():
            raise
    return Became("kept", len(not_taken))


def _read(response: Response, fields: QueryDict, until: str) -> Step | None:
    """Read the answers page by page, as the page does; return the last step, None when nothing was answered.

    The respondent has gone: an answer that cannot be kept is left out, and the others stay.
    """
    last = None
    # Fields for numbers send them with a point, whatever the language of the page.
    with translation.override("en"):
        for page in response.version.definition.pages:
            # What is shown depends on the pages before.
            step = next((s for s in _steps(response) if s.page.id == page.id), None)
            if step is None:
                continue
            last = step
            answers, refused = read_page(response, shown(step), fields)
            fitting = {name: value for name, value in answers.items() if name not in refused and value not in NOTHING}
            response.answers = response.answers | fitting
            if page.id == until:
                break
    return last if response.answers else None


def _not_taken(response: Response, fields: QueryDict) -> dict[str, str]:
    """Return what was given to questions that have no answer now, as it was sent, by question."""
    given: dict[str, list[str]] = {}
    for name, values in fields.lists():
        question = name.partition(".")[0]
        # A text of one's own beside an option that was not chosen is none.
        if name.endswith(f".{OTHER}") and OTHER not in fields.getlist(question):
            continue
        given.setdefault(question, []).extend(text for value in values if (text := cleaned(value)))
    asked = {question.id for question in response.version.definition.questions()}
    left = {question: "; ".join(texts) for question, texts in given.items() if texts and question in asked}
    return {question: text[:LONGEST_ANSWER] for question, text in left.items() if question not in response.answers}


def _steps(response: Response) -> list[Step]:
    return list(steps(response.version.definition, response.answers, {}, response.key))


def shown(step: Step) -> Step:
    """Return a step as a kiosk shows it: without files, which it has none of."""
    return replace(step, questions=tuple(q for q in step.questions if q.type != "file"))


def _language(version: Version, given: Given) -> str:
    return given.language if given.language in version.definition.languages else version.definition.language


def _key(survey: Survey, key: str) -> str:
    """Return the key of a device's response: the same for the same one, and guessed by nobody."""
    made = salted_hmac(SALT, f"{survey.pk} {key}", algorithm="sha256").digest()[:KEY_BYTES]
    return urlsafe_b64encode(made).decode()
