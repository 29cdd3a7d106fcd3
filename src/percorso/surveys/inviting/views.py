"""Sending a survey: the form with its count and preview, what was sent, rules, single invitations."""

from typing import Any

from csp.decorators import csp_replace
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext, pgettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.base import words
from percorso.customers.models import Segment
from percorso.errors import BadQuestion
from percorso.surveys.inviting import actions, queries, shown, triggers
from percorso.surveys.inviting.forms import RuleForm, SendForm
from percorso.surveys.inviting.letters import Words
from percorso.surveys.inviting.words import SHORT, SUBJECT, WORDS, usual
from percorso.surveys.models import Distribution, Invitation, Survey, Trigger
from percorso.surveys.question import cleaned
from percorso.surveys.tabs import tabs_of

SENDINGS = 20
ROWS = 50


def survey_of(workspace: Workspace, slug: str) -> Survey:
    """Return a survey of the workspace, or 404."""
    rows = Survey.objects.select_related("workspace", "live")
    found: Survey = get_object_or_404(rows, workspace=workspace, slug=slug)
    return found


def told(error: BadQuestion) -> str:
    """Return what is wrong, in the language of the page."""
    return gettext(error.message).format(**error.params)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def survey_send(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Show how a survey is sent; look what a sending would do (`do=look`), try it (`do=test`), send it (`do=send`)."""
    found = survey_of(workspace, survey)
    posted = request.method == "POST"
    form = SendForm(request.POST if posted else None, request.FILES if posted else None, survey=found)
    seen: dict[str, Any] = {}
    if posted and form.is_valid():
        do = request.POST.get("do", "look")
        try:
            if do == "send":
                return _sent(request, found, form)
            if do == "test":
                _tested(request, found, form)
            seen = _looked(request, found, form)
        except BadQuestion as error:
            form.add_error(None, told(error))
    return _page(request, found, form, RuleForm(None, survey=found), seen)


def _sent(request: MemberRequest, survey: Survey, form: SendForm) -> HttpResponseBase:
    values = form.cleaned_data
    actions.make_distribution(
        survey, channel=values["channel"], audience=values["to"], subject=form.written("subject"), words=form.written("words"),
        send_at=values["send_at"], remind_days=values["remind_days"], most_reminders=values["most_reminders"],
        by=request.user,
    )  # fmt: skip
    text = (
        gettext("The invitations will go out at that time.")
        if values["send_at"]
        else gettext("The invitations are on their way.")
    )
    messages.success(request, text)
    return redirect("survey_send", survey.workspace.slug, survey.slug)


def _tested(request: MemberRequest, survey: Survey, form: SendForm) -> None:
    channel, to = form.cleaned_data["channel"], request.POST.get("test_to", "").strip() or request.user.email
    actions.send_test(
        survey, channel=channel, subject=form.written("subject"), words=form.written("words"),
        language=_language(request, form), to=to, by=request.user,
    )  # fmt: skip
    messages.success(request, gettext("A test is on its way to {address}.").format(address=to))


def _looked(request: MemberRequest, survey: Survey, form: SendForm) -> dict[str, Any]:
    """Return what sending would do, and what people would get."""
    channel, language = form.cleaned_data["channel"], _language(request, form)
    subject, body = form.written("subject"), form.written("words")
    letter = actions.example_letter(survey, channel, Words(subject, body), language)
    return {
        "forecast": shown.forecast(queries.forecast(survey, channel, form.cleaned_data["to"]), channel),
        "letter": shown.letter_text(letter),
        "letter_href": shown.letter_link(survey, channel, subject, body, language),
        "letter_language": language,
    }


def _language(request: MemberRequest, form: SendForm) -> str:
    asked = request.POST.get("language", "")
    return asked if asked in form.languages else form.languages[0]


def _page(
    request: MemberRequest, survey: Survey, form: SendForm, rule_form: RuleForm, seen: dict[str, Any]
) -> HttpResponse:
    page = Paginator(queries.distributions(survey), SENDINGS).get_page(request.GET.get("page"))
    segments = dict(Segment.objects.filter(workspace=survey.workspace).values_list("pk", "name"))
    ways = {way.channel.key: way.sends for way in queries.channels(survey.workspace)}
    languages = [text | _usual(text["language"]) for text in form.texts()]
    context = {
        "survey": survey,
        "tabs": tabs_of(survey, "survey_send", request.membership),
        "form": form,
        "languages": languages,
        "channels": [key for key, sends in ways.items() if sends],
        "all_set_up": all(ways.values()),
        "page": page,
        "sendings": [shown.sending(row, segments) for row in queries.sendings(list(page))],
        "rules": [shown.rule(rule, counts, ways.get(rule.channel, False)) for rule, counts in queries.rules(survey)],
        "rule_form": rule_form,
        "event_names": triggers.event_names(survey.workspace),
        "test_to": request.POST.get("test_to", "") or request.user.email,
        **seen,
    }
    wrong = (form.is_bound and bool(form.errors)) or (rule_form.is_bound and bool(rule_form.errors))
    return render(request, "surveys/inviting/send.html", context, status=400 if wrong else 200)


def _usual(language: str) -> dict[str, str]:
    """Return the usual words of a language, which stand in the empty fields."""
    return {
        "usual_subject": usual(SUBJECT, language),
        "usual_words": usual(WORDS, language),
        "usual_short": usual(SHORT, language),
    }


@require_POST
@member("edit")
def survey_send_count(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponse:
    """Return what the form would do now, as the part of the page that shows it."""
    found = survey_of(workspace, survey)
    form = SendForm(request.POST, request.FILES, survey=found)
    context: dict[str, Any] = {"workspace": workspace, "survey": found, "form": form}
    form.is_valid()
    if not {"channel", "people", "segment", "audience"} & set(form.errors):
        channel = form.cleaned_data["channel"]
        try:
            context["forecast"] = shown.forecast(queries.forecast(found, channel, form.cleaned_data["to"]), channel)
        except BadQuestion as error:
            context["problem"] = told(error)
    return render(request, "surveys/inviting/forecast.html", context)


@require_safe
@csp_replace({"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "frame-ancestors": ["'self'"]})
@xframe_options_sameorigin
@member("edit")
def survey_send_letter(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponse:
    """Show a mail that is being written, in a frame; it may hold styles, as mails do, and nothing else."""
    found = survey_of(workspace, survey)
    letter = shown.told_letter(found, request.GET.get("letter", ""))
    if letter is None:
        raise Http404("no such letter")
    said = Words(letter["subject"], letter["words"])
    return HttpResponse(actions.example_letter(found, letter["channel"], said, letter["language"]).html)


@require_POST
@member("edit")
def survey_send_stop(request: MemberRequest, workspace: Workspace, survey: str, pk: int) -> HttpResponseBase:
    """Stop a distribution."""
    found = get_object_or_404(
        Distribution.objects.select_related("survey__workspace"), survey=survey_of(workspace, survey), pk=pk
    )
    actions.stop_distribution(found, by=request.user)
    messages.success(request, gettext("Nothing more is sent. What has gone out can still be answered."))
    return redirect("survey_send", workspace.slug, survey)


@require_POST
@member("edit")
def survey_rule_new(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Add a rule that invites by itself."""
    found = survey_of(workspace, survey)
    form = RuleForm(request.POST, survey=found)
    if not form.is_valid():
        return _page(request, found, SendForm(None, None, survey=found), form, {})
    values = form.cleaned_data
    actions.make_rule(
        found, event=values["event"], name=values["name"].strip(), after_hours=values["after_hours"],
        share=values["share"] / 100, channel=values["by_channel"], segment=values["only"],
        remind_days=values["remind_after"], most_reminders=values["at_most"], by=request.user,
    )  # fmt: skip
    messages.success(request, gettext("The rule works from now on. What happened before invites nobody."))
    return redirect("survey_send", workspace.slug, survey)


@require_POST
@member("edit")
def survey_rule_switch(request: MemberRequest, workspace: Workspace, survey: str, pk: int) -> HttpResponseBase:
    """Let a rule rest, or work again."""
    found = _rule(workspace, survey, pk)
    actions.switch_rule(found, not found.enabled, by=request.user)
    messages.success(request, gettext("The rule works.") if found.enabled else gettext("The rule rests."))
    return redirect("survey_send", workspace.slug, survey)


@require_POST
@member("edit")
def survey_rule_remove(request: MemberRequest, workspace: Workspace, survey: str, pk: int) -> HttpResponseBase:
    """Remove a rule."""
    actions.remove_rule(_rule(workspace, survey, pk), by=request.user)
    messages.success(request, gettext("The rule was removed. Its invitations stay."))
    return redirect("survey_send", workspace.slug, survey)


def _rule(workspace: Workspace, survey: str, pk: int) -> Trigger:
    rows = Trigger.objects.select_related("survey__workspace")
    found: Trigger = get_object_or_404(rows, survey__workspace=workspace, survey__slug=survey, pk=pk)
    return found


@require_safe
@member("personal")
def survey_invitations(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponse:
    """List single invitations: to whom, what became of each, and why some were not sent."""
    found = survey_of(workspace, survey)
    asked, q, only = (
        request.GET.get("state", ""),
        cleaned(request.GET.get("q", ""))[:100],
        request.GET.get("sending", ""),
    )
    number = int(only) if only.isascii() and only.isdecimal() and len(only) < 18 else None
    rows = queries.invitations(found, state=asked, distribution=number, q=q)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    states = [s for s in Invitation.State if not (found.anonymous and s in queries.SECRET)]
    choices = [(str(s.value), str(s.label)) for s in states] + [("expired", pgettext("an invitation", "Expired"))]
    context = {
        "survey": found,
        "tabs": tabs_of(found, "survey_send", request.membership),
        "page": page,
        "lines": [shown.invitation(row, found) for row in page],
        "states": [{"value": value, "label": label, "chosen": value == asked} for value, label in choices],
        "text": q,
        "only": number,
        "filtered": bool(asked or q or number),
        "may_edit": request.membership.may("edit"),
    }
    return render(request, "surveys/inviting/invitations.html", context)


@require_POST
@member("edit")
def survey_invitation_again(request: MemberRequest, workspace: Workspace, survey: str, pk: int) -> HttpResponseBase:
    """Send one invitation again."""
    found = _invitation(workspace, survey, pk)
    try:
        sent = actions.send_again(found, by=request.user)
    except BadQuestion as error:
        messages.error(request, told(error))
        return redirect("survey_invitations", workspace.slug, survey)
    if sent:
        messages.success(request, gettext("It is sent again, if the contact policy allows it."))
    else:
        messages.error(
            request, gettext("It cannot be sent again: it is answered, or nothing may be sent to the address.")
        )
    return redirect("survey_invitations", workspace.slug, survey)


@require_POST
@member("edit")
def survey_invitation_cancel(request: MemberRequest, workspace: Workspace, survey: str, pk: int) -> HttpResponseBase:
    """Cancel one invitation."""
    done = actions.cancel_invitation(_invitation(workspace, survey, pk), by=request.user)
    n = int(done)
    messages.success(
        request,
        ngettext("{n} invitation was cancelled.", "{n} invitations were cancelled.", n).format(n=words.count(n)),
    )
    return redirect("survey_invitations", workspace.slug, survey)


def _invitation(workspace: Workspace, survey: str, pk: int) -> Invitation:
    rows = Invitation.objects.select_related("survey__workspace", "survey__live")
    found: Invitation = get_object_or_404(rows, survey__workspace=workspace, survey__slug=survey, pk=pk)
    return found
