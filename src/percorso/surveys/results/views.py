"""Pages of what was answered: the live page, the answers one by one, and the switches that leave some out."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.base import jobs, words
from percorso.errors import UserError
from percorso.surveys.models import Response, Survey
from percorso.surveys.results import actions, queries, single
from percorso.surveys.results.forms import ReasonForm, SoughtForm, WantedForm
from percorso.surveys.results.page import Results, Wanted
from percorso.surveys.results.scope import Scope, scope_of
from percorso.surveys.suspicion import MARKS
from percorso.surveys.tabs import tabs_of

LIVE_SECONDS = 15
# More marked responses than these are left out by a job.
AT_ONCE = 200


def _survey(workspace: Workspace, slug: str) -> Survey:
    return get_object_or_404(queries.survey_of(workspace, slug))


def _around(request: MemberRequest, survey: Survey, here: str) -> dict[str, Any]:
    return {"survey": survey, "tabs": tabs_of(survey, here, request.membership), "here": request.get_full_path()}


def _scope(request: MemberRequest, survey: Survey) -> tuple[Scope, bool]:
    """Return what may be shown, and whether there is enough of it."""
    until = queries.whole_steps(survey) if survey.anonymous else None
    scope = scope_of(survey, request.membership, get_language() or "en", until)
    return scope, until is not None or not survey.anonymous


@require_safe
@member("see")
def survey(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponse:
    """Show what was answered so far; the page renews itself."""
    found = _survey(workspace, survey)
    scope, enough = _scope(request, found)
    context = _around(request, found, "survey")
    if not enough:
        return render(request, "surveys/results/few.html", context)
    if not queries.is_counted(scope) and (not request.htmx or request.htmx.boosted) and "whole" not in request.GET:
        n = queries.responses(scope).count()
        return render(request, "surveys/results/survey.html", context | {"any": True, "counting": n})
    results = Results(scope, Wanted())
    columns = results.choices()
    results.wanted = WantedForm(request.GET).wanted([name for name, _ in columns], len(results.measured))
    context |= {
        "results": results,
        "columns": columns,
        "rows": results.breakdown(workspace) if results.wanted.by else results.channels,
        "reads": scope.reads,
        "any": bool(results.groups),
        # What is over changes no more, but for what is on its way into the figures.
        "live_seconds": LIVE_SECONDS if found.is_open or results.on_their_way else 0,
        "invited": bool(results.sent),
        "page": results.comments["page"] if scope.reads and results.groups else None,
    }
    return render(request, "surveys/results/survey.html", context)


@require_POST
@member("edit")
def survey_mark(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Leave all responses with a mark out of the figures, or count them again."""
    found = _survey(workspace, survey)
    key, left_out = request.POST.get("mark", ""), request.POST.get("left_out") == "1"
    if key not in MARKS:
        raise Http404(key)
    marked = actions.marked_by(found, key, left_out=left_out)
    if found.anonymous and len(marked) < found.least_answers:
        messages.error(
            request,
            gettext("So few responses cannot be left out: the figures before and after would tell what they were."),
        )
    elif len(marked) > AT_ONCE:
        jobs.enqueue("switch_mark", workspace=workspace.slug, by=request.user.email, survey=found.pk, mark=key, left_out=left_out)  # fmt: skip
        messages.success(request, gettext("This takes a while; the figures follow."))
    else:
        n = actions.switch_mark(found, key, left_out=left_out, by=request.user)
        done = (
            ngettext("{n} response is left out of the figures.", "{n} responses are left out of the figures.", n)
            if left_out
            else ngettext("{n} response counts again.", "{n} responses count again.", n)
        )
        messages.success(request, done.format(n=words.count(n)))
    return redirect("survey", workspace.slug, found.slug)


@require_safe
@member("personal")
def survey_answers(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponse:
    """List single responses; those of an anonymous survey are shown to nobody."""
    found = _survey(workspace, survey)
    context = _around(request, found, "survey_answers")
    if found.anonymous:
        return render(request, "surveys/results/anonymous.html", context)
    scope, _ = _scope(request, found)
    sought = SoughtForm(request.GET).sought()
    page = Paginator(single.found(scope, sought), single.ROWS).get_page(request.GET.get("page"))
    context |= {
        "page": page,
        "lines": [single.line_of(response) for response in page],
        "sought": sought,
        "filtered": any(vars(sought).values()),
        "states": [(key, gettext(label)) for key, label in single.STATES.items()],
        "marks": [(key, gettext(label)) for key, label in MARKS.items()],
        "versions": [version.number for version in scope.versions],
        "languages": _languages(scope),
    }
    return render(request, "surveys/results/answers.html", context)


def _languages(scope: Scope) -> list[tuple[str, str]]:
    codes = {code for version in scope.versions for code in version.definition.languages}
    return sorted(
        ((code, words.locale().languages.get(code.partition("-")[0], code)) for code in codes), key=lambda p: p[1]
    )


def _response(workspace: Workspace, survey: str, key: str) -> Response:
    """Return a response that may be shown; 404 for all of an anonymous survey."""
    rows = actions.with_all().filter(survey__workspace=workspace, survey__slug=survey, survey__anonymous=False)
    return get_object_or_404(rows, key=key)


@require_safe
@member("personal")
def survey_answer(request: MemberRequest, workspace: Workspace, survey: str, key: str) -> HttpResponse:
    """Show one response with all that was asked, in the version that was answered."""
    response = _response(workspace, survey, key)
    scope, _ = _scope(request, response.survey)
    context = _around(request, response.survey, "survey_answers") | {
        "line": single.line_of(response),
        "response": response,
        "replies": single.replies(response, scope.language),
        "told": single.context_of(response),
        "took": single.took(response),
        "notes": single.notes_of(response),
        "erased": actions.is_erased(response),
        "forms": {do: ReasonForm(auto_id=f"{do}-%s") for do in ("leave", "count", "erase")},
    }
    return render(request, "surveys/results/answer.html", context)


@require_POST
@member("edit")
def survey_answer_change(request: MemberRequest, workspace: Workspace, survey: str, key: str) -> HttpResponseBase:
    """Leave a response out, count it again or erase it (``do``), for a reason."""
    response = _response(workspace, survey, key)
    form = ReasonForm(request.POST)
    made = {"leave_out": actions.leave_out, "count": actions.count_again, "erase": actions.erase}
    do = made.get(request.POST.get("do", ""))
    if do is None:
        raise Http404
    href = reverse("survey_answer", args=[workspace.slug, survey, key])
    if not form.is_valid():
        messages.error(request, gettext("Give a reason."))
        return redirect(href)
    try:
        do(response, reason=form.cleaned_data["reason"], by=request.user)
    except UserError as error:
        messages.error(request, gettext(error.message).format(**error.params))
        return redirect(href)
    done = {
        "leave_out": gettext("The response is left out of the figures."),
        "count": gettext("The response counts again."),
        "erase": gettext("The answers are erased."),
    }
    messages.success(request, done[request.POST["do"]])
    return redirect(href)
