"""The REST interface to surveys: writing and publishing them, their responses, and answering from own apps."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from ninja import P, Path, Query, Router, Status
from pydantic import ValidationError

from percorso.accounts.bearer import READ, WRITE, KeyRequest
from percorso.base.reasons import reason_of
from percorso.base.rest import Page, Paging, Problem, example, page_of
from percorso.i18n import mark
from percorso.surveys import examples
from percorso.surveys.answering import Closed
from percorso.surveys.bank import TEMPLATES
from percorso.surveys.definition import Definition
from percorso.surveys.editing import actions
from percorso.surveys.links import open_link
from percorso.surveys.models import Response, Survey
from percorso.surveys.question import without_words
from percorso.surveys.schemas import (
    DefinitionIn,
    DefinitionOut,
    KeptOut,
    ResponseIn,
    ResponseOut,
    SurveyChange,
    SurveyIn,
    SurveyOut,
    TemplateOut,
    Wanted,
    Which,
)  # fmt: skip
from percorso.surveys.submitting import Different, NotFitting, Sent, submit

router = Router()
FIRST_YEAR, LAST_YEAR = 1970, 2199
MOST_ERRORS = 100
Slug = Path[str, P(example="after-delivery", max_length=80, description="the survey's slug")]
SETTINGS = ("touchpoint", "closes_at", "least_answers", "gap_days", "share", "priority", "expires_days")


@router.get(
    "/survey-templates", auth=READ, response=Page[TemplateOut], summary="Surveys ready to send",
    operation_id="list_survey_templates", openapi_extra=example({"items": [examples.TEMPLATE], "next": None}),
)  # fmt: skip
def list_survey_templates(request: KeyRequest) -> dict[str, Any]:
    """Surveys ready to send, all of them at once, each in three languages."""
    every = [
        {
            "key": key, "label": gettext(t.label), "about": gettext(t.about), "population": t.population,
            "anonymous": t.anonymous, "indicators": list(t.indicators), "languages": list(t.languages),
        }
        for key, t in TEMPLATES.items()
    ]  # fmt: skip
    return {"items": every, "next": None}


@router.get(
    "/surveys", auth=READ, response=Page[SurveyOut], summary="Surveys", operation_id="list_surveys",
    openapi_extra=example({"items": [examples.LIVE], "next": None}),
)  # fmt: skip
def list_surveys(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Surveys, the newest first."""
    rows = request.auth.workspace.surveys.select_related("live").order_by("-id")
    if after := paging.after():
        rows = rows.filter(pk__lt=after[0])
    found = page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))
    return found | {"items": [_told(survey) for survey in found["items"]]}


@router.post(
    "/surveys", auth=WRITE, response={201: SurveyOut}, summary="Make a survey", operation_id="make_survey",
    openapi_extra=example(examples.SURVEY, 201, asked=examples.ASKED),
)  # fmt: skip
def make_survey(request: KeyRequest, survey: SurveyIn) -> Status[dict[str, Any]]:
    """Make a draft that nobody sees until it is published."""
    if survey.template is not None and survey.definition is not None:
        raise Problem(422, mark("Give a template or a definition, not both."))
    template = _template(survey.template) if survey.template is not None else None
    values = {"population": survey.population or (template.population if template else "customer")}
    values["anonymous"] = survey.anonymous if survey.anonymous is not None else bool(template and template.anonymous)
    values |= _settings(survey.dict(exclude_unset=True))
    definition = template.make(request.auth.workspace.name) if template else None
    if survey.definition is not None:
        definition = _definition(survey.definition)
    made = actions.make_survey(
        request.auth.workspace, name=survey.name, definition=definition, by=str(request.auth), **values
    )
    return Status(201, _told(made))


@router.get(
    "/surveys/{slug}", auth=READ, response=SurveyOut, summary="One survey", operation_id="get_survey",
    openapi_extra=example(examples.LIVE),
)  # fmt: skip
def get_survey(request: KeyRequest, slug: Slug) -> dict[str, Any]:
    """One survey."""
    return _told(survey_of(request, slug))


@router.patch(
    "/surveys/{slug}", auth=WRITE, response=SurveyOut, summary="Change a survey", operation_id="change_survey",
    openapi_extra=example(examples.SURVEY | {"gap_days": 30}, asked={"gap_days": 30}),
)  # fmt: skip
def change_survey(request: KeyRequest, slug: Slug, change: SurveyChange) -> dict[str, Any]:
    """Change the settings that are sent; what it asks is changed by its definition."""
    found, given = survey_of(request, slug), change.dict(exclude_unset=True)
    values = _settings(given) | ({"name": given["name"]} if "name" in given else {})
    actions.change_settings(found, by=str(request.auth), **values)
    return _told(found)


@router.get(
    "/surveys/{slug}/definition", auth=READ, response=DefinitionOut, summary="What a survey asks",
    operation_id="get_survey_definition",
    openapi_extra=example({"version": None, "definition": examples.DEFINITION}),
)  # fmt: skip
def get_survey_definition(request: KeyRequest, slug: Slug, which: Query[Which]) -> dict[str, Any]:
    """The draft, or a version as it was published."""
    found = survey_of(request, slug)
    if which.version is None:
        return {"version": None, "definition": found.draft}
    version = found.versions.filter(number=which.version).first()
    if version is None:
        raise Problem(404, mark("There is no version {version} of it."), version=which.version)
    return {"version": version.number, "definition": version.content}


@router.put(
    "/surveys/{slug}/definition", auth=WRITE, response=DefinitionOut, summary="Change what a survey asks",
    operation_id="change_survey_definition",
    openapi_extra=example({"version": None, "definition": examples.DEFINITION}, asked={"definition": examples.DEFINITION}),
)  # fmt: skip
def change_survey_definition(request: KeyRequest, slug: Slug, body: DefinitionIn) -> dict[str, Any]:
    """Put another draft in the place of the one there is; respondents see it when it is published."""
    found = survey_of(request, slug)
    actions.change_draft(found, _definition(body.definition), by=str(request.auth))
    return {"version": None, "definition": found.draft}


@router.post(
    "/surveys/{slug}/publish", auth=WRITE, response=SurveyOut, summary="Publish a survey", operation_id="publish_survey",
    openapi_extra=example(examples.LIVE),
)  # fmt: skip
def publish_survey(request: KeyRequest, slug: Slug) -> dict[str, Any]:
    """Make the draft the version that respondents see from now on; a draft becomes live by it."""
    found = survey_of(request, slug)
    try:
        actions.publish(found, by=str(request.auth))
    except actions.NotReady as error:
        errors = [{"where": problem.at, "detail": problem.says} for problem in error.problems]
        raise Problem(409, mark("It cannot be published yet: see errors."), errors=errors) from error
    return _told(found)


@router.post(
    "/surveys/{slug}/pause", auth=WRITE, response=SurveyOut, summary="Pause a survey", operation_id="pause_survey",
    openapi_extra=example(examples.LIVE | {"state": "paused", "open": False}),
)  # fmt: skip
def pause_survey(request: KeyRequest, slug: Slug) -> dict[str, Any]:
    """Take no answers until it is opened again."""
    return _changed(request, slug, "pause")


@router.post(
    "/surveys/{slug}/close", auth=WRITE, response=SurveyOut, summary="Close a survey", operation_id="close_survey",
    openapi_extra=example(examples.LIVE | {"state": "closed", "open": False}),
)  # fmt: skip
def close_survey(request: KeyRequest, slug: Slug) -> dict[str, Any]:
    """Take no answers any more."""
    return _changed(request, slug, "close")


@router.post(
    "/surveys/{slug}/reopen", auth=WRITE, response=SurveyOut, summary="Open a survey again", operation_id="reopen_survey",
    openapi_extra=example(examples.LIVE),
)  # fmt: skip
def reopen_survey(request: KeyRequest, slug: Slug) -> dict[str, Any]:
    """Take answers again, paused or closed as it was."""
    return _changed(request, slug, "reopen")


@router.get(
    "/surveys/{slug}/responses", auth=READ, response=Page[ResponseOut], summary="Responses", operation_id="list_responses",
    openapi_extra=example({"items": [examples.RESPONSE], "next": None}),
)  # fmt: skip
def list_responses(request: KeyRequest, slug: Slug, wanted: Query[Wanted]) -> dict[str, Any]:
    """Responses, the newest first. Of an anonymous survey single ones are given to nobody: ask for figures."""
    survey = survey_of(request, slug)
    if survey.anonymous:
        raise Problem(403, mark("This survey is anonymous: single answers are shown to nobody. Ask for figures."))
    rows = survey.responses.select_related("version").order_by("-id")
    if wanted.completed is not None:
        rows = rows.filter(completed_at__isnull=not wanted.completed)
    if after := wanted.after():
        rows = rows.filter(pk__lt=after[0])
    found = page_of(rows[: wanted.limit + 1], wanted.limit, lambda row: (row.pk,))
    return found | {"items": [_response(row, request.auth.personal) for row in found["items"]]}


@router.post(
    "/surveys/{slug}/responses", auth=WRITE, response={201: KeptOut}, summary="Answer a survey",
    operation_id="make_response", openapi_extra=example(examples.RESPONSE | {"new": True}, 201, asked=examples.RESPONSE_ASKED),
)  # fmt: skip
def make_response(request: KeyRequest, slug: Slug, response: ResponseIn) -> Status[dict[str, Any]]:
    """Answer the published version from an app of yours, in one go; validated exactly as on the survey's page.

    What is answered 201 is kept. With an `id` of your own a response that may or may not have arrived is simply sent
    again: `new` says whether it was there already.
    """
    survey = survey_of(request, slug)
    if survey.anonymous and (response.customer or response.traits):
        raise Problem(422, mark("This survey is anonymous: leave customer and traits out."))
    refuse_far(response.started_at)
    try:
        kept, new = submit(survey, response.answers, _sent(survey, response))
    except Closed as error:
        raise Problem(409, mark("The survey takes no answers now.")) from error
    except Different as error:
        raise Problem(409, mark("A response with this id is kept already, with other answers.")) from error
    except NotFitting as error:
        errors = [
            {"where": f"body.answers.{key}", "detail": gettext(problem.template).format(**problem.params)}
            for key, problem in error.refused.items()
        ]
        raise Problem(
            422, mark("Nothing was kept. See errors for what does not fit, and where."), errors=errors
        ) from error
    return Status(201, _response(kept, request.auth.personal and not survey.anonymous) | {"new": new})


def survey_of(request: KeyRequest, slug: str) -> Survey:
    """Return the survey of the key's workspace that a program names.

    Raises
    ------
    Problem : there is none.
    """
    found = request.auth.workspace.surveys.select_related("workspace", "live").filter(slug=slug).first()
    if found is None:
        raise Problem(404, mark("There is no survey {slug}."), slug=slug)
    return found


def _template(key: str) -> Any:
    if key not in TEMPLATES:
        raise Problem(422, mark("There is no template {key}. See GET /survey-templates."), key=key)
    return TEMPLATES[key]


def _changed(request: KeyRequest, slug: str, how: str) -> dict[str, Any]:
    found = survey_of(request, slug)
    _, after, _ = actions.CHANGES[how]
    if found.state == after and (how != "reopen" or found.is_open):
        return _told(found)
    actions.change_state(found, how, by=str(request.auth))
    return _told(found)


def _definition(given: dict[str, Any]) -> Definition:
    """Return what a program gives as a definition.

    Raises
    ------
    Problem : it is none (422); `errors` say where.
    """
    try:
        return Definition.model_validate(given)
    except ValidationError as error:
        errors = [
            {"where": ".".join(map(str, ("body", "definition", *each["loc"]))), "detail": reason_of(each)}
            for each in error.errors(include_url=False, include_input=False)[:MOST_ERRORS]
        ]
        raise Problem(422, mark("See errors for what does not fit, and where."), errors=errors) from error


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    refuse_far(given.get("closes_at"))
    return {name: given[name] for name in SETTINGS if name in given}


def refuse_far(at: datetime | None) -> None:
    """Refuse instants that no database keeps, and such without an offset."""
    if at is None:
        return
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise Problem(422, mark("{text} is out of reach. Give days from 1970 to 2199."), text=at.isoformat())
    if timezone.is_naive(at):
        raise Problem(422, mark("Give an instant with its offset, such as 2026-03-31T23:30:00Z."))


def _sent(survey: Survey, given: ResponseIn) -> Sent:
    language = given.language or (survey.live.definition.language if survey.live else "en")
    return Sent(
        channel=given.channel, language=language, key=given.id, customer=given.customer, traits=given.traits,
        started_at=given.started_at,
    )  # fmt: skip


def _told(survey: Survey) -> dict[str, Any]:
    draft = survey.definition
    names = ("slug", "name", "state", "population", "anonymous", "created_at", "changed_at", *SETTINGS)
    return {name: getattr(survey, name) for name in names} | {
        "language": draft.language,
        "languages": draft.languages,
        "version": survey.live.number if survey.live else None,
        "unpublished": survey.live is None or survey.live.content != survey.draft,
        "open": survey.is_open,
        "address": open_link(survey),
    }


def _response(row: Response, personal: bool) -> dict[str, Any]:
    names = (
        "language", "channel", "started_at", "changed_at", "completed_at", "seconds", "marks", "left_out", "over_quota",
    )  # fmt: skip
    asked = {question.id: question for question in row.version.definition.questions()}
    answers = {key: value if personal else without_words(asked[key], value) for key, value in row.answers.items()}
    return {name: getattr(row, name) for name in names} | {
        "response": row.key,
        "version": row.version.number,
        "customer": (row.customer or None) if personal else None,
        "answers": {key: value for key, value in answers.items() if value is not None},
        "completed": row.completed_at is not None,
    }
