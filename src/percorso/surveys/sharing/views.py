"""The page of links of a survey: address, codes to print, kiosk, and the widget for a site."""

from typing import Any

from csp.decorators import csp_replace
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.surveys.definition import Question
from percorso.surveys.identity import earlier_counts, secret_of
from percorso.surveys.links import kiosk_link, open_link
from percorso.surveys.models import Survey
from percorso.surveys.respond.languages import language_of, written
from percorso.surveys.respond.shown import Sheet
from percorso.surveys.sharing.actions import change_sites, change_widget, end_earlier_secret, renew_secret
from percorso.surveys.sharing.codes import SIZES, TYPES, Code
from percorso.surveys.sharing.forms import PlaceForm, SecretForm, SitesForm, WidgetForm
from percorso.surveys.sharing.ways import left_out, worked_out, worked_out_of
from percorso.surveys.sharing.widget import only_here, tag_of, widget_of
from percorso.surveys.tabs import tabs_of

PAPERS = ("a4", "a6")


def survey_of(workspace: Workspace, slug: str) -> Survey:
    """Return a survey of the workspace, or 404."""
    rows = Survey.objects.select_related("workspace", "live")
    found: Survey = get_object_or_404(rows, workspace=workspace, slug=slug)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def survey_share(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Show every way to a survey without a message; keep the sites (`do=sites`) and the widget (`do=widget`)."""
    found = survey_of(workspace, survey)
    do = request.POST.get("do", "")
    sites = SitesForm(request.POST if do == "sites" else None, initial={"sites": "\n".join(found.sites)})
    widget = WidgetForm(request.POST if do == "widget" else None, widget_of(found))
    if do == "sites" and sites.is_valid():
        change_sites(found, sites.cleaned_data["sites"], by=request.user)
        messages.success(request, gettext("The sites were changed."))
        return redirect("survey_share", workspace.slug, survey)
    if do == "widget" and widget.is_valid():
        change_widget(found, widget.widget(), by=request.user)
        messages.success(request, gettext("The widget was changed. Sites show it so within five minutes."))
        return redirect("survey_share", workspace.slug, survey)
    place = PlaceForm(request.GET or None, found)
    wrong = bool(sites.errors or widget.errors)
    context = _shown(request, found, place) | {"sites": sites, "widget": widget, "place": place}
    return render(request, "surveys/sharing/share.html", context, status=400 if wrong else 200)


@require_POST
@member("manage")
def survey_share_secret(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponseBase:
    """Renew the secret that other sites sign with (`days` in which the present one counts as well), or `end` the earlier."""
    found, form = survey_of(workspace, survey), SecretForm(request.POST)
    if "end" in request.POST:
        end_earlier_secret(found, by=request.user)
        messages.success(request, gettext("The earlier secret is not believed any more."))
    elif form.is_valid():
        renew_secret(found, days=form.cleaned_data["days"], by=request.user)
        messages.success(request, gettext("There is a new secret. Give it to your servers."))
    else:
        return HttpResponseBadRequest()
    return redirect(reverse("survey_share", args=[workspace.slug, survey]) + "#share-signed")


def _shown(request: MemberRequest, survey: Survey, place: PlaceForm) -> dict[str, Any]:
    told = place.told() if place.is_bound else {}
    code = _code(survey, told)
    query = request.GET.urlencode()
    base = reverse("survey_share_code", args=[survey.workspace.slug, survey.slug, "FORM"])
    files = [
        {"form": form.upper(), "centimetres": size // 10, "href": f"{base.replace('FORM', form)}?size={size}&{query}"}
        for form in TYPES
        for size in SIZES
    ]
    poster = reverse("survey_share_poster", args=[survey.workspace.slug, survey.slug])
    return {
        "survey": survey,
        "tabs": tabs_of(survey, "survey_share", request.membership),
        "address": open_link(survey, **told),
        "code": code.inline(),
        "files": files,
        "posters": [{"name": paper.upper(), "href": f"{poster}?paper={paper}&{query}"} for paper in PAPERS],
        "kiosk": kiosk_link(survey, **{name: told[name] for name in ("place", "lang") if name in told}),
        "tag": tag_of(survey),
        **_secret(request, survey),
        **_kiosk(survey),
        "only_here": only_here(),
    }


def _secret(request: MemberRequest, survey: Survey) -> dict[str, Any]:
    if survey.anonymous:
        return {"secret": ""}
    renewing = SecretForm() if request.membership.may("manage") else None
    until = survey.earlier_until if earlier_counts(survey) else None
    return {"secret": secret_of(survey), "renewing": renewing, "earlier_until": until}


def _kiosk(survey: Survey) -> dict[str, Any]:
    """Return why a kiosk cannot show the survey, and what it leaves out; of the draft, while nothing is published."""
    definition = survey.live.definition if survey.live else survey.definition
    worked = worked_out_of(survey.live) if survey.live else worked_out(definition)

    def named(question: Question) -> str:
        return definition.tell(question.text, definition.language) or question.id

    reasons = [gettext(reason.template).format(question=named(reason.question)) for reason in worked.reasons]
    return {"kiosk_reasons": reasons, "kiosk_leaves_out": [named(question) for question in left_out(definition)]}


def _code(survey: Survey, told: dict[str, str]) -> Code:
    title = survey.definition.tell(survey.definition.title, "") or survey.name
    return Code(open_link(survey, channel="qr", **told), title)


@require_safe
@member("edit")
def survey_share_code(request: MemberRequest, workspace: Workspace, survey: str, form: str) -> HttpResponse:
    """Give the QR code as a file to print (`?size=` millimetres, `?place=`, `?campaign=`)."""
    found = survey_of(workspace, survey)
    size = request.GET.get("size", str(SIZES[1]))
    if form not in TYPES or size not in map(str, SIZES):
        raise Http404("no such code")
    content = _code(found, PlaceForm(request.GET, found).told()).content(form, int(size))
    answer = HttpResponse(content, content_type=TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.slug}-{int(size) // 10}cm.{form}"'
    return answer


@require_safe
@member("edit")
def survey_share_poster(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponse:
    """Show a poster to print (`?paper=a4|a6`, `?lang=`, `?place=`, `?campaign=`)."""
    found = survey_of(workspace, survey)
    paper = request.GET.get("paper", PAPERS[0])
    if paper not in PAPERS:
        raise Http404("no such paper")
    definition = found.live.definition if found.live else found.definition
    language = language_of(definition, [request.GET.get("lang", "")], "")
    sheet = Sheet(found, definition, language)
    told = PlaceForm(request.GET, found).told()
    context = {
        "survey": found,
        "paper": paper,
        "language": written(language),
        "title": sheet.tell(definition.title) or found.name,
        "code": _code(found, told).inline(),
        "address": open_link(found),
    }
    return render(request, "surveys/sharing/poster.html", context)


@require_safe
@csp_replace({"frame-ancestors": ["'self'"]})
@xframe_options_sameorigin
@member("edit")
def survey_share_preview(request: MemberRequest, workspace: Workspace, survey: str) -> HttpResponse:
    """Show a page such as a shop has, with the widget open on it: the draft, which keeps nothing."""
    found = survey_of(workspace, survey)
    title = found.definition.tell(found.definition.title, "") or found.name
    return render(
        request, "surveys/sharing/preview.html", {"survey": found, "widget": widget_of(found), "title": title}
    )
