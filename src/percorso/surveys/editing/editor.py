"""The editor: one page that shows a part of the draft and takes every change of it, and what belongs to it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.errors import BadQuestion
from percorso.surveys.definition import Definition
from percorso.surveys.editing import actions, draft, shown
from percorso.surveys.editing.checks import answered_questions, problems_of
from percorso.surveys.editing.parts import RULES, exists, first_part, part_of, written
from percorso.surveys.editing.reading import Wrong, act
from percorso.surveys.editing.rules import Rules
from percorso.surveys.editing.shaping import shaped
from percorso.surveys.editing.shown import Typed
from percorso.surveys.models import Survey
from percorso.surveys.tabs import tabs_of

# What only redraws rows of logic that are not finished yet.
ROWS = ("add-row", "remove-row", "forget-rows", "show")
ITEMS = ("add-item", "remove-item", "up-item", "down-item")


def survey_of(workspace: Workspace, slug: str) -> Survey:
    """Return a survey of the workspace, or 404."""
    found: Survey = get_object_or_404(
        Survey.objects.select_related("workspace", "live"), workspace=workspace, slug=slug
    )
    return found


def told(error: BadQuestion) -> str:
    """Return what is wrong, in the language of the page."""
    return gettext(error.message).format(**error.params)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def survey_edit(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Show one part of the draft (`?at=`), and take a change of it."""
    found = survey_of(workspace, survey)
    if request.method == "POST":
        return _changed(request, found)
    at = request.GET.get("at", "")
    definition = found.definition
    if not exists(definition, at) and not _new_quota(definition, at):
        at = first_part(definition)
    return _page(request, found, at)


def _new_quota(definition: Definition, at: str) -> bool:
    return at.startswith("z-") and draft.fresh_id("quota", [z.id for z in definition.quotas]) == at[2:]


def _page(
    request: MemberRequest, survey: Survey, at: str, typed: Typed | None = None, status: int = 200
) -> HttpResponse:
    context = shown.editor(survey, at, typed) | {
        "survey": survey,
        "tabs": tabs_of(survey, "survey_edit", request.membership),
        "here": "survey_edit",
        "person": request.user,
    }
    return render(request, "surveys/editing/editor.html", context, status=status)


def _to(survey: Survey, at: str) -> HttpResponseBase:
    address = reverse("survey_edit", args=[survey.workspace.slug, survey.slug])
    return redirect(f"{address}?{urlencode({'at': at})}")


def _changed(request: MemberRequest, survey: Survey) -> HttpResponseBase:
    """Carry out what a form of the editor asks for."""
    at, do = request.POST.get("at", ""), request.POST.get("do", "show")
    verb = do.partition(":")[0]
    if verb == "save" or verb in ROWS or verb in ITEMS:
        return _saved(request, survey, at, do)
    try:
        if verb == "undo":
            at = actions.undo_draft(survey, by=request.user)
        elif verb == "supersede":
            at = f"q-{actions.supersede_question(survey, at[2:], by=request.user)}"
            messages.success(
                request, gettext("It is a new question now. Answers to the old one stay with the old one.")
            )
        else:
            at = _shaped(survey, at, request)
    except BadQuestion as error:
        messages.error(request, told(error))
    return _to(survey, at)


def _shaped(survey: Survey, at: str, request: MemberRequest) -> str:
    """Add, copy, move or remove a part; return the part to show next."""
    do, order = request.POST["do"], request.POST.get("order", "")
    shown_next = at

    def change(now: Definition) -> Definition:
        nonlocal shown_next
        made, shown_next = shaped(now, at, do, order, actions.taken_ids(survey))
        return made

    actions.edit_draft(survey, change, at=at, by=request.user)
    return shown_next


def _saved(request: MemberRequest, survey: Survey, at: str, do: str) -> HttpResponseBase:
    """Keep what the form of a part says; when it does not fit, show it again as it was typed."""
    given, verb = request.POST, do.partition(":")[0]
    answered, taken = answered_questions(survey), actions.taken_ids(survey)
    stamp = given.get("stamp", "")

    def change(now: Definition) -> Definition:
        made = written(now, at, given, answered, taken | _option_ids(survey), do)
        return _with_items(made, at, do, taken | _option_ids(survey)) if verb in ITEMS else made

    def fits(now: Definition) -> bool:
        return not stamp or actions.stamp_of(part_of(now, at)) == stamp

    try:
        actions.edit_draft(survey, change, at=at, by=request.user, fits=fits, together=verb in ("save", "show"))
    except actions.Meanwhile as error:
        if part_of(survey_now(survey).definition, at) is None:
            messages.error(request, gettext(draft.UNKNOWN))
            return _to(survey, first_part(survey.definition))
        return _page(request, survey, at, _typed(survey, at, given, told(error), meanwhile=True), 409)
    except Wrong as error:
        if verb in ROWS and at.startswith("z-"):
            return _page(request, survey, at, _typed(survey, at, given, "", do=do))
        return _page(request, survey, at, _typed(survey, at, given, told(error), error=error), 400)
    except BadQuestion as error:
        if not exists(survey.definition, at):
            messages.error(request, told(error))
            return _to(survey, first_part(survey.definition))
        return _page(request, survey, at, _typed(survey, at, given, told(error)), 400)
    rules = Rules.read(given, RULES, None).act(do) if verb in (*ROWS, "save") else Rules()
    if any(not row.finished for row in rules.rows):
        return _page(request, survey, at, Typed(rules=rules))
    return _to(survey, at)


def survey_now(survey: Survey) -> Survey:
    """Read the draft again: somebody else has changed it."""
    survey.refresh_from_db(fields=["draft", "changed_at"])
    return survey


def _option_ids(survey: Survey) -> set[str]:
    """Return the ids of everything in lists that any version has had: none is used for something else."""
    found: set[str] = set()
    for version in survey.versions.all():
        for question in version.definition.questions():
            for value in question.settings.values():
                found |= (
                    {one["id"] for one in value if isinstance(one, dict) and "id" in one}
                    if isinstance(value, list)
                    else set()
                )
    return found


def _with_items(definition: Definition, at: str, do: str, taken: set[str]) -> Definition:
    question = draft.question_called(definition, at[2:])
    settings = act(question.settings, question, do, definition.language, taken)
    return draft.put_question(definition, question.model_copy(update={"settings": settings}))


def _typed(
    survey: Survey,
    at: str,
    given: QueryDict,
    said: str,
    *,
    error: Wrong | None = None,
    meanwhile: bool = False,
    do: str = "",
) -> Typed:
    """Return what was typed, to be shown again; settings that cannot be read stay as they were."""
    definition = survey.definition
    question = definition.question(at[2:]) if at.startswith("q-") else None
    if question is not None and meanwhile:
        try:
            question = written(definition, at, given, answered_questions(survey), set()).question(at[2:])
        except BadQuestion:
            question = definition.question(at[2:])
    texts = {name.removeprefix("t."): given[name] for name in given if name.startswith("t.")}
    texts |= {"limit": given["limit"]} if "limit" in given else {}
    rules = Rules.read(given, RULES, None).act(do) if f"{RULES}how" in given else None
    return Typed(rules, question, error.errors if error else {}, said, meanwhile=meanwhile, texts=texts, given=given)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def survey_publish(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Say what publishing changes and what stands in its way, and publish."""
    found = survey_of(workspace, survey)
    problems = problems_of(found, found.definition)
    if request.method == "POST":
        try:
            version = actions.publish(found, by=request.user)
        except actions.NotReady as error:
            messages.error(request, told(error))
            return redirect("survey_publish", workspace.slug, survey)
        said = gettext("Published as version {number}. Who begins from now on sees it.").format(number=version.number)
        messages.success(request, said)
        return _to(found, "")
    context = {
        "survey": found,
        "tabs": tabs_of(found, "survey_edit", request.membership),
        "stopping": [p for p in problems if p.stops],
        "noted": [p for p in problems if not p.stops],
        "unpublished": found.live is None or found.live.content != found.draft,
        "next_number": (found.live.number if found.live else 0) + 1,
    }
    return render(request, "surveys/editing/publish.html", context)
