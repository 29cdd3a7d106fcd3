"""A whole response at once, as programs send it: validated exactly as on the page, kept once."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import translation
from django.utils.crypto import salted_hmac

from percorso.i18n import mark
from percorso.surveys.answering import Closed, Coming, begin, save_page
from percorso.surveys.definition import Definition, Question
from percorso.surveys.flow import steps
from percorso.surveys.models import Response, Survey
from percorso.surveys.question import NOT_OFFERED, QUESTIONS, REQUIRED, Refused
from percorso.surveys.written import not_known, without_personal

SALT = "percorso.surveys.submitting"
KEY_BYTES = 15
UNKNOWN = mark("This survey has no such question.")
NOT_ASKED = mark("With these answers this question is not asked.")
NO_FILES = mark("Files can be given on the survey's page only.")
NOTHING = (None, "", [], {})


class NotFitting(Exception):
    """Answers that cannot be kept: why, by question."""

    def __init__(self, refused: Mapping[str, Refused]) -> None:
        super().__init__(", ".join(refused))
        self.refused = refused


class Different(Exception):
    """A response of the same id has other answers."""


@dataclass(frozen=True)
class Sent:
    """What a program sends besides the answers.

    key : its own id of the response, by which it is kept once; empty for none. customer : an id of the facts, `traits`
    what is known of it: what conditions ask. started_at : when somebody began; None when nobody knows: then no time taken
    is kept.
    """

    channel: str
    language: str
    key: str = ""
    customer: str = ""
    traits: Mapping[str, Any] = field(default_factory=dict)
    started_at: datetime | None = None


def submit(survey: Survey, answers: Mapping[str, Any], sent: Sent) -> tuple[Response, bool]:
    """Keep a whole response; return it and whether it is new.

    Parameters
    ----------
    answers : by question, in the form that they are kept in (docs/surveys.md); questions left out are not answered.

    Raises
    ------
    Closed : the survey takes no answers. NotFitting : answers that the page would refuse.
    Different : the program sent other answers under the same id.
    """
    earlier = _earlier(survey, sent)
    if earlier is not None:
        return _the_same(earlier, answers), False
    if not survey.is_open or survey.live is None:
        raise Closed("closed")
    given = read_answers(survey.live.definition, answers, _known(survey, sent))
    try:
        with transaction.atomic():
            return _keep(survey, given, sent), True
    except IntegrityError:
        # The same response at the same moment: the other request has kept it.
        earlier = _earlier(survey, sent)
        if earlier is None:
            raise
        return _the_same(earlier, answers), False


def read_answers(definition: Definition, answers: Mapping[str, Any], traits: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers as they are kept.

    Raises
    ------
    NotFitting : some cannot be kept, are missing, or are of questions that are not asked.
    """
    refused = {key: Refused(UNKNOWN) for key in answers if definition.question(key) is None}
    given: dict[str, Any] = {}
    for question in definition.questions():
        if answers.get(question.id) in NOTHING:
            continue
        try:
            given[question.id] = _read(question, answers[question.id])
        except Refused as problem:
            refused[question.id] = problem
    asked = {q.id: q for step in steps(definition, given, traits, "") for q in step.questions}
    refused |= {key: Refused(NOT_ASKED) for key in given if key not in asked}
    needed = [q.id for q in asked.values() if q.required and QUESTIONS[q.type].answerable]
    refused |= {key: Refused(REQUIRED) for key in needed if key not in given and key not in refused}
    if refused or not asked:
        raise NotFitting(refused)
    return given


def _read(question: Question, value: Any) -> Any:
    """Return one answer, read by its type from the fields that the page would send."""
    kind = QUESTIONS[question.type]
    if question.type == "file":
        raise Refused(NO_FILES)
    # Numbers and days are written as JSON has them, whatever the language.
    with translation.override("en"):
        found = kind.read(question, _fields(question.id, value), question.id) if kind.answerable else None
    if found in NOTHING or not _is_whole(value, found):
        raise Refused(NOT_OFFERED)
    return found


def _fields(name: str, value: Any) -> QueryDict:
    """Return the fields of a form that an answer of any type would come from."""
    fields = QueryDict(mutable=True)
    if isinstance(value, dict) and "option" in value:
        fields[name], fields[f"{name}.other"] = _plain(value["option"]), _plain(value.get("text", ""))
    elif isinstance(value, dict):
        fields[name] = _plain(value.get("version", ""))
        fields.update({f"{name}.{key}": _plain(one) for key, one in value.items()})
    elif isinstance(value, list):
        own = next((one for one in value if isinstance(one, dict)), {})
        ids = [_plain(one.get("option", "") if isinstance(one, dict) else one) for one in value]
        fields.setlist(name, ids)
        fields.update({f"{name}.{key}": str(place) for place, key in enumerate(ids, start=1)})
        fields[f"{name}.other"] = _plain(own.get("text", ""))
    else:
        fields[name] = _plain(value)
    return fields


def _plain(value: Any) -> str:
    """Return a value as a form would send it; what no form could send becomes what no type takes."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else repr(value)


def _is_whole(value: Any, found: Any) -> bool:
    """Whether nothing of a value was overlooked when it was read."""
    if isinstance(value, dict):
        return isinstance(found, dict) and found.keys() == value.keys()
    if isinstance(value, list):
        return isinstance(found, list) and len(found) == len(value)
    return not isinstance(found, dict)


def _keep(survey: Survey, given: Mapping[str, Any], sent: Sent) -> Response:
    coming = Coming(channel=sent.channel, language=sent.language, shown_at=sent.started_at, context={"by": "program"})
    response = begin(survey, coming)
    if sent.key:
        response.key = _key(survey, sent.key)
    response.customer = "" if survey.anonymous or not_known(survey, sent.customer) else sent.customer
    response.traits = dict(_known(survey, sent))
    *_, last = steps(response.version.definition, given, response.traits, response.key)
    save_page(response, last, given)
    if sent.started_at is None:
        # Nobody knows how long it took: it was not answered in no time.
        response.seconds = None
        response.marks = [key for key in response.marks if key != "fast"]
        response.save(update_fields=["seconds", "marks"])
    return response


def _known(survey: Survey, sent: Sent) -> Mapping[str, Any]:
    """Return the traits that may be kept: none of who shall not be known."""
    return {} if survey.anonymous or not_known(survey, sent.customer) else sent.traits


def _key(survey: Survey, key: str) -> str:
    """Return the key of a program's response: the same for the same id, and guessed by nobody."""
    made = salted_hmac(SALT, f"{survey.pk} {key}", algorithm="sha256").digest()[:KEY_BYTES]
    return urlsafe_b64encode(made).decode()


def _earlier(survey: Survey, sent: Sent) -> Response | None:
    if not sent.key:
        return None
    mine = survey.responses.filter(key=_key(survey, sent.key))
    return mine.select_related("survey", "version").first()


def _the_same(earlier: Response, answers: Mapping[str, Any]) -> Response:
    try:
        definition = earlier.version.definition
        given = read_answers(definition, answers, earlier.traits)
        same = without_personal(earlier, definition.questions(), given) == earlier.answers
    except NotFitting:
        same = False
    if not same:
        raise Different
    return earlier
