"""Pages around the editor: the list of surveys, a new one, its settings, its states."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.base import columns, drawing
from percorso.errors import BadQuestion
from percorso.surveys.bank import TEMPLATES
from percorso.surveys.bank._template import Template
from percorso.surveys.definition import Definition
from percorso.surveys.editing import actions
from percorso.surveys.editing.editor import survey_of, told
from percorso.surveys.editing.forms import NewForm, SettingsForm
from percorso.surveys.editing.queries import RECENT_DAYS, recent
from percorso.surveys.editing.queries import surveys as listed
from percorso.surveys.models import Survey
from percorso.surveys.question import cleaned
from percorso.surveys.tabs import tabs_of

ROWS = 50
# What most begin with stands first.
USUAL = ("nps", "csat", "ces", "fcr", "enps", "sps")
TONES = {"live": "good", "paused": "warn", "draft": "quiet", "closed": "quiet"}


@require_safe
@member("see")
def surveys(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List the surveys."""
    state, text = request.GET.get("state", ""), cleaned(request.GET.get("q", ""))[:100]
    state = state if state in Survey.State.values else ""
    page = Paginator(listed(workspace, state, text), ROWS).get_page(request.GET.get("page"))
    filtered, lately = bool(state or text), recent(workspace)
    context = {
        "page": page,
        "lines": [_line(survey, lately.get(survey.slug, [])) for survey in page],
        "states": [{"value": v, "label": label, "chosen": v == state} for v, label in Survey.State.choices],
        "text": text,
        "filtered": filtered,
        "any": filtered or bool(page.object_list),
        "days": RECENT_DAYS,
        "templates": _templates(workspace),
    }
    return render(request, "surveys/editing/list.html", context)


def _line(survey: Survey, lately: Sequence[int]) -> dict[str, Any]:
    asked = survey.asked  # type: ignore[attr-defined]
    answered = survey.asked_answered  # type: ignore[attr-defined]
    over = survey.state == Survey.State.LIVE and not survey.is_open
    return {
        "survey": survey,
        "state": pgettext("a survey", "Over") if over else survey.get_state_display(),
        "tone": "quiet" if over else TONES[survey.state],
        "rate": round(100 * answered / asked) if asked else None,
        "touchpoint": columns.value_name("touchpoint", survey.touchpoint) if survey.touchpoint else "",
        # Times tell who answered an anonymous survey.
        "lately": 0 if survey.anonymous else sum(lately),
        # Today is not over.
        "spark": None if survey.anonymous else drawing.spark(lately[:-1], (), ()),
    }


def _templates(workspace: Workspace, chosen: str = "") -> list[dict[str, Any]]:
    base = reverse("survey_new", args=[workspace.slug])
    return [
        {
            "key": key, "name": gettext(one.label), "about": gettext(one.about), "chosen": key == chosen,
            "href": f"{base}?template={key}", "population": Survey.Population(one.population).label,
            "anonymous": one.anonymous,
        }
        for key, one in sorted(TEMPLATES.items(), key=lambda pair: (*USUAL, pair[0]).index(pair[0]))
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def survey_new(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Choose a template or nothing (`?template=`, empty for a blank survey), then say a name and languages."""
    key = request.POST.get("template", request.GET.get("template", "-"))
    template = TEMPLATES.get(key)
    if template is None and key != "":
        return render(request, "surveys/editing/choose.html", {"templates": _templates(workspace)})
    form = NewForm(request.POST or None, workspace, template)
    if request.method == "POST" and form.is_valid():
        try:
            made = _make(workspace, form, template, request)
        except BadQuestion as error:
            form.add_error(None, told(error))
        else:
            messages.success(request, gettext("The survey is a draft: nobody sees it until you publish it."))
            return redirect("survey_edit", workspace.slug, made.slug)
    context = {"form": form, "template": template, "key": key, "name": gettext(template.label) if template else ""}
    return render(request, "surveys/editing/new.html", context, status=400 if form.errors else 200)


def _make(workspace: Workspace, form: NewForm, template: Template | None, request: MemberRequest) -> Survey:
    codes, name = form.all_languages(), form.cleaned_data["name"]
    if template is None:
        blank = Definition(language=codes[0], languages=codes, title={codes[0]: name})
        population = form.cleaned_data["population"] or Survey.Population.CUSTOMER
        return actions.make_survey(workspace, name=name, by=request.user, definition=blank, population=population)
    definition = template.make(workspace.name).model_copy(update={"language": codes[0], "languages": codes})
    return actions.make_survey(
        workspace, name=name, by=request.user, definition=definition, population=template.population,
        anonymous=template.anonymous,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def survey_settings(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Show and change how a survey is called, looks, opens and closes, and how often it may ask."""
    found = survey_of(workspace, survey)
    with timezone.override(ZoneInfo(workspace.time_zone)):
        form = SettingsForm(request.POST or None, survey_of(workspace, survey))
        if request.method == "POST" and form.is_valid():
            try:
                actions.change_settings(found, by=request.user, **form.values())
            except BadQuestion as error:
                form.add_error(None, told(error))
            else:
                messages.success(request, gettext("The settings were changed."))
                return redirect("survey_settings", workspace.slug, survey)
        answers = found.responses.count()
        over = found.closes_at is not None and found.closes_at <= timezone.now()
        context = {
            "survey": found,
            "tabs": tabs_of(found, "survey_settings", request.membership),
            "form": form,
            "answers": answers,
            "versions": found.versions.all()[:20],
            "may_pause": found.state == Survey.State.LIVE and not over,
            "may_close": found.state in (Survey.State.LIVE, Survey.State.PAUSED) and not over,
            "may_reopen": found.state in (Survey.State.PAUSED, Survey.State.CLOSED)
            or (over and found.live_id is not None),
        }
        return render(request, "surveys/editing/settings.html", context, status=400 if form.errors else 200)


DONE: Mapping[str, Callable[[], str]] = {
    "pause": lambda: gettext("The survey is paused: its pages say so, and take no answers."),
    "close": lambda: gettext("The survey is closed. Its answers stay."),
    "reopen": lambda: gettext("The survey takes answers again."),
}


@require_POST
@member("edit")
def survey_state(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Pause, close or reopen a survey."""
    found, how = survey_of(workspace, survey), request.POST.get("how", "")
    if how in actions.CHANGES:
        try:
            actions.change_state(found, how, by=request.user)
            messages.success(request, DONE[how]())
        except BadQuestion as error:
            messages.error(request, told(error))
    return redirect("survey_settings", workspace.slug, survey)


@require_POST
@member("edit")
def survey_copy(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Make another survey that asks the same."""
    try:
        made = actions.copy_survey(survey_of(workspace, survey), by=request.user)
    except BadQuestion as error:
        messages.error(request, told(error))
        return redirect("survey_settings", workspace.slug, survey)
    messages.success(request, gettext("This is the copy, a draft. The other survey stays as it is."))
    return redirect("survey_edit", workspace.slug, made.slug)


@require_POST
@member("edit")
def survey_remove(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Remove a survey that nobody has answered."""
    try:
        actions.remove_survey(survey_of(workspace, survey), by=request.user)
    except BadQuestion as error:
        messages.error(request, told(error))
        return redirect("survey_settings", workspace.slug, survey)
    messages.success(request, gettext("The survey was removed."))
    return redirect("surveys", workspace.slug)
