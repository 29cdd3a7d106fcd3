"""Pages of reports: schedules, previews, what was sent, and leaving by a link in a mail."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts import audit
from percorso.accounts.access import MemberRequest, member, public
from percorso.accounts.models import Workspace
from percorso.accounts.zones import zone_names
from percorso.analytics.calendar import zone
from percorso.base.words import last_day
from percorso.insights.boards.queries import may_see, visible
from percorso.insights.boards.shown import withheld
from percorso.insights.boards.views import tabs
from percorso.insights.models import Report, ReportIssue
from percorso.insights.reports import actions
from percorso.insights.reports.content import content_of, versions_of
from percorso.insights.reports.forms import ReportForm, recipient_forms
from percorso.insights.reports.leaving import told_by
from percorso.insights.reports.mail import file_name, subject_of
from percorso.insights.reports.printing import MISSING, can_print, pdf_of
from percorso.insights.reports.queries import deliveries_of, issues, reports
from percorso.insights.reports.schedule import next_slot, period_on

ISSUES = 20
LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)


@require_safe
@member("edit")
def report_list(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List the reports."""
    now = timezone.now()
    rows = [{"report": r, "next_at": _next(r, now)} for r in reports(workspace) if may_see(request.membership, r.board)]
    context = {"rows": rows, "tabs": tabs(workspace, "boards_reports", True), **_problems()}
    return render(request, "insights/reports/list.html", context)


def _next(report: Report, now: Any) -> Any:
    """Return when a report goes out next to its first recipient in time; None when it does not."""
    zones = {recipient["time_zone"] for recipient in report.recipients} if report.active else set()
    return min((next_slot(report, name, now) for name in zones), default=None)


def _problems() -> dict[str, Any]:
    """Return what keeps mails from going out as they should."""
    return {
        "pdf_problem": "" if can_print() else gettext(MISSING),
        "kept_in_folder": not actions.mails_go_out(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def report_new(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Make a report of a board."""
    boards = visible(request.membership)
    asked = next((b for b in boards if b.slug == request.GET.get("board")), None)
    initial = model_to_dict(Report()) | ({"board": asked.pk, "name": asked.name} if asked else {})
    form = ReportForm(_data(request), boards=boards, initial=initial | _typed(request))
    return _form(request, workspace, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def report_change(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Change a report."""
    found = _report(request, workspace, pk)
    form = ReportForm(_data(request), instance=found, boards=visible(request.membership), initial=_typed(request))
    return _form(request, workspace, form, _report(request, workspace, pk))


def _data(request: HttpRequest) -> Any:
    """Return what was sent to be saved; a press on “more rows” saves nothing."""
    return request.POST if request.method == "POST" and "more" not in request.POST else None


def _typed(request: HttpRequest) -> dict[str, Any]:
    """Return what was typed before a press on “more rows”."""
    if "more" not in request.POST:
        return {}
    ticks = {name: name in request.POST for name in ("attach_pdf", "active")}
    return request.POST.dict() | ticks


def _form(request: MemberRequest, workspace: Workspace, form: ReportForm, report: Report | None) -> HttpResponseBase:
    """Show the form of a report, or do what it asks."""
    usual = {"email": "", "language": workspace.language, "time_zone": workspace.time_zone}
    mine = usual | {"email": request.user.email, "language": request.user.language or workspace.language}
    recipients = recipient_forms(_data(request), request.POST, report.recipients if report else [mine], usual)
    if form.is_valid() and recipients.is_valid():
        values = form.cleaned_data | {"recipients": recipients.recipients()}
        if report is None:
            report = actions.make_report(values.pop("board"), by=request.user, **values)
        else:
            actions.change_report(report, by=request.user, **values)
        messages.success(request, gettext("The report was saved."))
        return redirect("boards_report", workspace.slug, report.pk)
    context = {"form": form, "recipients": recipients, "report": report, "zones": zone_names(), **_problems()}
    return render(request, "insights/reports/form.html", context, status=400 if _data(request) else 200)


def _report(request: HttpRequest, workspace: Workspace, pk: int) -> Report:
    rows = Report.objects.select_related("board__segment", "board__workspace", "workspace", "by")
    found = get_object_or_404(rows, workspace=workspace, pk=pk)
    if not may_see(request.membership, found.board):  # type: ignore[attr-defined]
        raise Http404(pk)
    return found


@require_safe
@member("edit")
def report(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show one report: its schedule, its recipients, what was sent."""
    found, now = _report(request, workspace, pk), timezone.now()
    listed = Paginator(issues(found), ISSUES).get_page(request.GET.get("page"))
    context = {
        "report": found,
        "recipients": [
            r | {"next_at": next_slot(found, r["time_zone"], now) if found.active else None} for r in found.recipients
        ],
        "page": listed,
        "issues": [{"issue": issue, "deliveries": deliveries_of(issue), "failed": _failed(issue)} for issue in listed],
        **_problems(),
    }
    return render(request, "insights/reports/report.html", context)


def _failed(issue: ReportIssue) -> bool:
    """Whether some mails of an issue did not arrive."""
    return any(state not in (actions.SENT, actions.WAITING) for state in issue.deliveries.values())


@require_safe
@member("edit")
def preview(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show what would be sent today, in one of the languages."""
    found = _report(request, workspace, pk)
    issue = _draft(request, found)
    others = [code for code in LANGUAGES if code != issue.language]
    return _shown(request, issue, {"report": found, "draft": True, "others": others, **_problems()})


@require_safe
@member("edit")
def preview_pdf(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Give the PDF that would be sent today."""
    return _pdf(request, _draft(request, _report(request, workspace, pk)))


def _draft(request: HttpRequest, report: Report) -> ReportIssue:
    """Return today's issue, not kept, in the language asked for or that of the first recipient."""
    first = (report.recipients or [{}])[0]
    asked = request.GET.get("language") or first.get("language") or report.workspace.language
    language = asked if asked in LANGUAGES else "en"
    day = timezone.now().astimezone(zone(report.workspace.time_zone)).date()
    period = period_on(report, day)
    made = ReportIssue(workspace=report.workspace, report=report, name=report.name, language=language)
    made.first_day, made.last_day, made.made_at = period.start, last_day(period), timezone.now()
    made.time_zone = first.get("time_zone", report.workspace.time_zone)
    made.content = content_of(report, made.first_day, made.last_day, language)
    made.versions = versions_of(report)
    return made


@require_POST
@member("edit")
def send(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Send a report now: to all recipients, or (``to=me``) only to who asks."""
    found = _report(request, workspace, pk)
    recipients = found.recipients
    if request.POST.get("to") == "me":
        mine = next((r for r in recipients if r["email"] == request.user.email), {})
        usual = {"language": request.user.language or workspace.language, "time_zone": workspace.time_zone}
        recipients = [usual | mine | {"email": request.user.email}]
    actions.send_now(found, recipients, by=request.user)
    text = ngettext("{count} mail is on its way.", "{count} mails are on their way.", len(recipients))
    messages.success(request, text.format(count=len(recipients)))
    return redirect("boards_report", workspace.slug, pk)


@require_POST
@member("edit")
def report_remove(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Send a report no more."""
    actions.remove_report(_report(request, workspace, pk), by=request.user)
    messages.success(request, gettext("The report was removed."))
    return redirect("boards_reports", workspace.slug)


@require_safe
@member("see")
def issue(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show an issue as it was made."""
    found = _issue(request, workspace, pk)
    return _shown(request, found, {"report": found.report, "pdf_problem": _problems()["pdf_problem"]})


@require_safe
@member("see")
def issue_pdf(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Give the PDF of an issue, made of what it holds."""
    return _pdf(request, _issue(request, workspace, pk))


@require_POST
@member("edit")
def issue_again(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Send an issue to those whom it did not reach."""
    found = _issue(request, workspace, pk)
    actions.send_again(found, by=request.user)
    messages.success(request, gettext("The mails that failed are sent again."))
    return redirect("boards_report", workspace.slug, found.report_id)


def _issue(request: HttpRequest, workspace: Workspace, pk: int) -> ReportIssue:
    """Return an issue that was made, of a board that the person may see; editors see those of boards that are gone."""
    rows = ReportIssue.objects.select_related("report__board", "workspace")
    found = get_object_or_404(rows, workspace=workspace, pk=pk)
    membership = request.membership  # type: ignore[attr-defined]
    allowed = may_see(membership, found.report.board) if found.report else membership.may("edit")
    if not found.content or not allowed:
        raise Http404(pk)
    return found


def _shown(request: MemberRequest, issue: ReportIssue, context: dict[str, Any]) -> HttpResponse:
    """Show what an issue holds, all of it in the language of the issue."""
    cards = withheld(issue.content["cards"], request.membership.may("personal"))
    with translation.override(issue.language):
        figures = render_to_string("insights/boards/cards.html", {"cards": cards, "link": None})
    told = {"issue": issue, "content": issue.content, "figures": figures, "subject": subject_of(issue)}
    return render(request, "insights/reports/issue.html", told | context)


def _pdf(request: MemberRequest, issue: ReportIssue) -> HttpResponse:
    with translation.override(issue.language):
        issue.content["cards"] = withheld(issue.content["cards"], request.membership.may("personal"))
    name = file_name(issue)
    made = pdf_of(issue)
    audit.record("downloaded", issue.workspace, by=request.user, target=name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Leave a report: whoever has a mail may, signed in or not; mail programs press the button without our cookie."""
    told = told_by(token)
    if told is None:
        return render(request, "insights/reports/leave.html", {"over": True}, status=403)
    report, email = told
    if request.method == "POST":
        actions.leave_report(report, email)
    context = {"report": report, "email": email, "left": request.method == "POST"}
    return render(request, "insights/reports/leave.html", context)
