"""Making a survey of what was read, and keeping its responses: many at once, each once."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from pathlib import PurePath

from django.db import transaction
from django.utils.crypto import salted_hmac

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.base import fact_outbox
from percorso.surveys.answering import first_page
from percorso.surveys.definition import Definition
from percorso.surveys.editing.actions import make_survey, stored
from percorso.surveys.exchange.format import Answered, BadFile, Read
from percorso.surveys.exchange.formats.table import NO_TIMES
from percorso.surveys.facts import facts_of
from percorso.surveys.models import Response, Survey, Version
from percorso.surveys.question import comparable
from percorso.surveys.suspicion import marks_of

SALT = "percorso.surveys.exchange"
AT_ONCE = 500
CHANNEL = "import"


def name_of(definition: Definition, file: str) -> str:
    """Return what a survey is called: its title, else the file."""
    return (definition.tell(definition.title, definition.language) or PurePath(file).stem)[:120] or "Survey"


def known_survey(workspace: Workspace, name: str, read: Read) -> Survey | None:
    """Return the survey that was made of the same questionnaire before; None for none.

    Of a table it may be one with fewer options: a later export holds the answers of an earlier one, and new ones.
    """
    content = stored(read.definition)
    several = list(workspace.surveys.filter(name=name).select_related("live", "workspace").order_by("id"))
    same = next((one for one in several if content in (one.draft, one.live and one.live.content)), None)
    if same is not None or not read.columns:
        return same
    return next((one for one in several if one.live and _has_grown(one.live.definition, read.definition)), None)


def _has_grown(earlier: Definition, later: Definition) -> bool:
    """Whether the same is asked, and answers can be counted together."""
    before, now = ({q.id: q for q in one.questions()} for one in (earlier, later))
    return before.keys() == now.keys() and all(comparable(before[key], now[key]) for key in now)


def _grow(survey: Survey, definition: Definition, by: Person | str) -> None:
    """Publish what a later export asks; a draft that nobody changed since becomes the same."""
    earlier, content = survey.live, stored(definition)
    if earlier is None or content in (earlier.content, survey.draft):
        return
    survey.live = Version.objects.create(survey=survey, number=earlier.number + 1, content=content, by=str(by)[:254])
    survey.draft = content if survey.draft == earlier.content else survey.draft
    survey.save(update_fields=["live", "draft", "changed_at"])


@transaction.atomic
def take_survey(workspace: Workspace, read: Read, *, name: str, by: Person | str) -> tuple[Survey, bool]:
    """Return the survey for what was read, and whether it is new; one with responses is published, and paused.

    Nobody can answer it until a person opens it: it was made elsewhere and should be looked at first.

    Raises
    ------
    BadFile : it is a table whose times are not known.
    """
    if read.columns and not read.responses:
        raise BadFile(NO_TIMES)
    survey, new = known_survey(workspace, name, read), False
    if survey is None:
        survey, new = make_survey(workspace, name=name, by=by, definition=read.definition), True
    elif read.columns:
        _grow(survey, read.definition, by)
    if read.responses and survey.live is None:
        survey.live = Version.objects.create(survey=survey, number=1, content=stored(read.definition), by=str(by)[:254])
        survey.state = Survey.State.PAUSED
        survey.save(update_fields=["live", "state", "changed_at"])
    audit.record("survey_imported", workspace, by=by, target=name, responses=len(read.responses))
    return survey, new


def new_responses(survey: Survey, responses: Sequence[Answered]) -> int:
    """Return how many of the responses are not kept yet."""
    keys = [_key(survey, one) for one in responses]
    kept: set[str] = set()
    for at in range(0, len(keys), AT_ONCE):
        kept |= set(survey.responses.filter(key__in=keys[at : at + AT_ONCE]).values_list("key", flat=True))
    return len(set(keys) - kept)


def keep_responses(survey: Survey, responses: Sequence[Answered], told: Callable[[int], None] = lambda _: None) -> int:
    """Keep responses with their facts, those that are not kept yet; return how many that were.

    told : is called with how many were gone through. What is kept stays when it raises.
    """
    n = 0
    for at in range(0, len(responses), AT_ONCE):
        told(at)
        n += _keep(survey, responses[at : at + AT_ONCE])
    return n


@transaction.atomic
def _keep(survey: Survey, responses: Sequence[Answered]) -> int:
    # One import of a survey at a time: what another has kept is seen.
    Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    several = {_key(survey, one): one for one in responses}
    kept = set(survey.responses.filter(key__in=several).values_list("key", flat=True))
    made = [_response(survey, key, one) for key, one in several.items() if key not in kept]
    Response.objects.bulk_create(made)
    rows: dict[str, list[dict[str, object]]] = {}
    for response in made:
        for table, facts in facts_of(response).items():
            rows.setdefault(table, []).extend(facts)
    fact_outbox.put(survey.workspace.slug, rows)
    return len(made)


def _response(survey: Survey, key: str, one: Answered) -> Response:
    version = survey.live
    if version is None or one.completed_at is None:
        raise ValueError("a response needs a version and a time")
    seconds = (one.completed_at - one.started_at).total_seconds() if one.started_at else 0.0
    response = Response(
        survey=survey,
        version=version,
        key=key,
        customer="" if survey.anonymous else one.customer[:254],
        language=one.language or version.definition.language,
        channel=CHANNEL,
        answers=dict(one.answers),
        page=None if one.complete else first_page(version, {}),
        context={"by": CHANNEL},
        # Times without seconds, and one time only, do not say how long it took.
        seconds=seconds if seconds > 0 and one.complete else None,
        started_at=one.started_at or one.completed_at,
        changed_at=one.completed_at,
        completed_at=one.completed_at if one.complete else None,
    )
    response.marks = marks_of(response) if one.complete else []
    return response


def _key(survey: Survey, one: Answered) -> str:
    made = salted_hmac(SALT, f"{survey.pk} {one.key}", algorithm="sha256").digest()[:15]
    return urlsafe_b64encode(made).decode()
