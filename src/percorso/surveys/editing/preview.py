"""The preview: the draft as respondents would see it. It can be tried from page to page, and keeps nothing."""

import json
from typing import Any

from csp.decorators import csp_replace
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.surveys.definition import Definition
from percorso.surveys.editing.editor import survey_of
from percorso.surveys.flow import Step, step_after, step_before, steps
from percorso.surveys.models import Survey
from percorso.surveys.question import QUESTIONS, REQUIRED, Refused
from percorso.surveys.respond.forms import Sent, as_typed
from percorso.surveys.respond.languages import language_of
from percorso.surveys.respond.shown import Form, Sheet, page_html, thanks_html

LARGEST = 200_000
SEED = "preview"


@require_http_methods(["GET", "HEAD", "POST"])
@csp_replace({"frame-ancestors": ["'self'"]})
@xframe_options_sameorigin
@member("edit")
def survey_preview(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponse:
    """Show a page of the draft (`?page=`, `?end=1`, `?lang=`; `?whole=1`: all of its questions at once) in a frame.

    What is sent goes on to the next page: the answers so far travel in the form, and nothing is stored.
    """
    found = survey_of(workspace, survey)
    definition = found.definition
    given = Sent(request)
    asked = [given.get("_language") or given.get("_lang"), request.GET.get("lang")]
    language = language_of(definition, [code for code in asked if code], "") if any(asked) else definition.language
    if request.method == "POST":
        return HttpResponse(_sent(request, found, definition, given, language))
    if request.GET.get("whole"):
        definition = definition.model_copy(update={"one_at_a_time": False})
    sheet = Sheet(found, definition, language, key=SEED)
    if request.GET.get("end") or not definition.pages:
        return HttpResponse(thanks_html(sheet))
    wanted = request.GET.get("page", definition.pages[0].id)
    page = next((p for p in definition.pages if p.id == wanted), definition.pages[0])
    # The page that is being written is shown whole, whatever its logic says.
    return HttpResponse(_page(request, sheet, Step(page, tuple(page.questions)), {}))


def _sent(request: MemberRequest, survey: Survey, definition: Definition, given: Sent, language: str) -> str:
    """Return the page after the one that was sent."""
    answers = _carried(given)
    page = next((p for p in definition.pages if p.id == given.get("_page")), None)
    if page is None:
        return thanks_html(Sheet(survey, definition, language, answers=answers, key=SEED))
    here = next(
        (s for s in steps(definition, answers, {}, SEED) if s.page.id == page.id), Step(page, tuple(page.questions))
    )
    sheet = Sheet(survey, definition, language, answers=answers, key=SEED)
    if given.get("_language"):
        return _page(request, sheet, here, answers, Form(values=as_typed(here, given, answers)))
    read, wrong = _read(here, given)
    if given.get("_go") == "back":
        before = step_before(definition, answers | read, {}, SEED, page.id)
        return _page(request, sheet, before or here, answers | read)
    if wrong:
        return _page(request, sheet, here, answers, Form(values=as_typed(here, given, answers), wrong=wrong))
    answers = {key: value for key, value in (answers | read).items() if value is not None}
    sheet = Sheet(survey, definition, language, answers=answers, key=SEED)
    after = step_after(definition, answers, {}, SEED, page.id)
    return _page(request, sheet, after, answers) if after else thanks_html(sheet)


def _page(request: MemberRequest, sheet: Sheet, step: Step, answers: dict[str, Any], form: Form | None = None) -> str:
    shown = form or Form(values=answers)
    carried = Form(shown.values, shown.wrong, action=request.path, seal=json.dumps(answers), token=get_token(request))
    return page_html(sheet, step, carried)


def _carried(given: Sent) -> dict[str, Any]:
    """Return the answers that the form brings back; none when somebody has made them up."""
    text = str(given.get("_seal") or "")
    try:
        found = json.loads(text) if len(text) < LARGEST else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _read(step: Step, given: Sent) -> tuple[dict[str, Any], dict[str, Refused]]:
    answers: dict[str, Any] = {}
    wrong: dict[str, Refused] = {}
    for question in step.questions:
        kind = QUESTIONS[question.type]
        if not kind.answerable or question.type == "file":
            continue
        try:
            answers[question.id] = kind.read(question, given, question.id)
            if question.required and answers[question.id] in (None, "", [], {}):
                wrong[question.id] = Refused(REQUIRED)
        except Refused as refused:
            wrong[question.id] = refused
    return answers, wrong
