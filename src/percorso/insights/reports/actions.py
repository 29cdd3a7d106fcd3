"""Changes of reports: schedules, recipients, issues and their sending."""

import smtplib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from percorso.accounts import audit
from percorso.accounts.actions import notify
from percorso.accounts.models import Person
from percorso.analytics.calendar import zone
from percorso.analytics.query import Period
from percorso.base import jobs
from percorso.base.models import Job
from percorso.base.words import last_day
from percorso.errors import UserError
from percorso.i18n import mark
from percorso.insights.models import Board, Report, ReportIssue
from percorso.insights.reports.content import (
    content_of,
    names_customers,
    readers_of_names,
    versions_of,
    without_names,
)
from percorso.insights.reports.mail import Parts, letter_to, parts_of
from percorso.insights.reports.printing import MISSING, PdfMissing, pdf_of
from percorso.insights.reports.schedule import is_due, period_on

Recipient = dict[str, Any]
WAITING, SENT, FAILED, REFUSED = "waiting", "sent", "failed", "refused"
# A change of these begins the schedule anew: what was due before it is not made up for.
SCHEDULE = ("every", "weekday", "day", "hour", "active")
SEND = "send_report"


@transaction.atomic
def make_report(board: Board, *, by: Person, **values: Any) -> Report:
    """Send a board to some recipients from now on; `values` are the fields of the report."""
    values["recipients"] = _since(values["recipients"], [], timezone.now())
    report = Report.objects.create(workspace=board.workspace, board=board, by=by, **values)
    audit.record("report_made", board.workspace, by=by, target=report.name, recipients=len(report.recipients))
    return report


@transaction.atomic
def change_report(report: Report, *, by: Person, **values: Any) -> Report:
    """Change a report; recipients who are new, and all after a change of the schedule, wait for the next time."""
    now = timezone.now()
    anew = any(name in values and values[name] != getattr(report, name) for name in SCHEDULE)
    if "recipients" in values:
        values["recipients"] = _since(values["recipients"], [] if anew else report.recipients, now)
    changed = {name: value for name, value in values.items() if getattr(report, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(report, name, value)
        report.save(update_fields=list(changed))
        audit.record("report_changed", report.workspace, by=by, target=report.name, changed=sorted(changed))
    return report


@transaction.atomic
def remove_report(report: Report, *, by: Person) -> None:
    """Send it no more; its issues stay."""
    audit.record("report_removed", report.workspace, by=by, target=report.name)
    report.delete()


@transaction.atomic
def leave_report(report: Report, email: str) -> bool:
    """Take a recipient out, who asked for it by the link in a mail; return whether they were one."""
    row = Report.objects.select_for_update().get(pk=report.pk)
    stay = [recipient for recipient in row.recipients if recipient["email"] != email]
    for issue in ReportIssue.objects.filter(report=row).order_by("-id")[:20]:
        if issue.deliveries.get(email, SENT) != SENT:
            del issue.deliveries[email]
            issue.save(update_fields=["deliveries"])
    if len(stay) == len(row.recipients):
        return False
    row.recipients = stay
    row.save(update_fields=["recipients"])
    audit.record("report_left", row.workspace, by=email, target=row.name)
    return True


def send_now(report: Report, recipients: Sequence[Recipient], *, by: Person) -> list[ReportIssue]:
    """Make an issue of today for each language and time zone of some recipients, and line up its mails."""
    day = timezone.now().astimezone(zone(report.workspace.time_zone)).date()
    return [make_issue(report, of, day, by=by) for of in _groups(recipients)]


@transaction.atomic
def make_issue(report: Report, recipients: Sequence[Recipient], day: date, *, by: Person | str) -> ReportIssue:
    """Make an issue for recipients of one language and time zone; a job fills it and sends it."""
    period = period_on(report, day)
    issue = ReportIssue.objects.create(
        workspace=report.workspace,
        report=report,
        name=report.name,
        first_day=period.start,
        last_day=last_day(period),
        language=recipients[0]["language"],
        time_zone=recipients[0]["time_zone"],
        deliveries={recipient["email"]: WAITING for recipient in recipients},
    )
    _line_up(issue, by=by)
    audit.record("report_sent", report.workspace, by=by, target=report.name, recipients=len(recipients))
    return issue


@transaction.atomic
def keep_issue(report: Report, period: Period, language: str, *, by: Person | str) -> ReportIssue:
    """Make an issue of any days and keep it; nothing is sent."""
    tz, days = report.workspace.time_zone, (period.start, last_day(period))
    issue = ReportIssue(workspace=report.workspace, report=report, name=report.name, language=language, time_zone=tz)
    issue.first_day, issue.last_day = days
    issue.content, issue.versions = content_of(report, *days, language), versions_of(report)
    issue.save()
    audit.record("report_sent", report.workspace, by=by, target=report.name, recipients=0)
    return issue


def send_again(issue: ReportIssue, *, by: Person) -> None:
    """Line up the mails of an issue that did not arrive."""
    _line_up(issue, by=by)
    audit.record("report_sent", issue.workspace, by=by, target=issue.name, again=True)


def _line_up(issue: ReportIssue, *, by: Person | str) -> None:
    jobs.enqueue(SEND, workspace=issue.workspace.slug, by=str(by), issue=issue.pk)


def line_up_due(now: datetime) -> int:
    """Make the issues that are due; return how many. Each is made once, however often and wherever this runs."""
    made = 0
    for report in Report.objects.filter(active=True).select_related("workspace", "board__segment"):
        due: dict[date, list[Recipient]] = {}
        for recipient in report.recipients:
            if day := is_due(report, recipient, now):
                due.setdefault(day, []).append(recipient)
        for day, recipients in due.items():
            made += sum(_make_once(report, of, day) for of in _groups(recipients))
    return made


def _make_once(report: Report, recipients: Sequence[Recipient], day: date) -> bool:
    first = recipients[0]
    with jobs.once(f"report:{report.pk}:{day}:{first['language']}:{first['time_zone']}") as new:
        if new:
            make_issue(report, recipients, day, by="percorso")
    return new


def _groups(recipients: Iterable[Recipient]) -> list[list[Recipient]]:
    """Return the recipients by language and time zone: each group gets one issue."""
    found: dict[tuple[str, str], list[Recipient]] = {}
    for recipient in recipients:
        found.setdefault((recipient["language"], recipient["time_zone"]), []).append(recipient)
    return list(found.values())


def _since(asked: Iterable[Recipient], before: Iterable[Recipient], now: datetime) -> list[Recipient]:
    """Return recipients, each with the instant since when they are one."""
    known = {recipient["email"]: recipient.get("since") for recipient in before}
    return [r | {"since": known.get(r["email"]) or now.isoformat()} for r in asked]


def send_issue(issue: ReportIssue, row: Job) -> dict[str, int]:
    """Fill an issue when it is empty, and send it to everybody who does not have it.

    Raises
    ------
    Later : some mails failed and may work later.
    """
    report = issue.report
    if report is None:
        return {}
    _fill(issue, report)
    told: dict[bool, tuple[ReportIssue, Parts]] = {}
    readers = readers_of_names(issue.workspace, issue.deliveries)
    for email in [email for email, state in issue.deliveries.items() if state != SENT]:
        jobs.check(row, doing=email)
        names = email in readers or not names_customers(issue)
        if names not in told:
            read = issue if names else without_names(issue)
            told[names] = read, _parts(read, report)
        issue.deliveries[email] = _delivered(told[names][0], report, email, told[names][1])
        issue.save(update_fields=["deliveries"])
    _tell_or_retry(issue, report, row)
    return {state: _count(issue.deliveries, state) for state in (SENT, FAILED, REFUSED)}


def _fill(issue: ReportIssue, report: Report) -> None:
    """Write what an issue holds, once.

    Raises
    ------
    UserError : the board asks what cannot be answered; every mail of the issue has failed, and says why.
    """
    if issue.content:
        return
    try:
        issue.content = content_of(report, issue.first_day, issue.last_day, issue.language)
    except UserError as error:
        issue.deliveries = dict.fromkeys(issue.deliveries, f"{FAILED}: {error}"[:300])
        issue.save(update_fields=["deliveries"])
        raise
    issue.versions = versions_of(report)
    issue.save(update_fields=["content", "versions"])


def _parts(issue: ReportIssue, report: Report) -> Parts:
    """Draw what all letters share; without Pango they say why there is no PDF."""
    if not report.attach_pdf:
        return parts_of(issue)
    try:
        return parts_of(issue, pdf_of(issue))
    except PdfMissing:
        with translation.override(issue.language):
            return parts_of(issue, pdf_problem=gettext(MISSING))


def _delivered(issue: ReportIssue, report: Report, email: str, parts: Parts) -> str:
    """Send one letter; return how that went."""
    letter = letter_to(issue, report, email, parts)
    letter.connection = get_connection()
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, told = next(iter(error.recipients.values()), (550, b""))
        text = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
        return f"{REFUSED if code >= 500 else FAILED}: {code} {text}"[:300]
    except (smtplib.SMTPException, OSError) as error:
        return f"{FAILED}: {type(error).__name__} {error}"[:300]
    return SENT


def _tell_or_retry(issue: ReportIssue, report: Report, row: Job) -> None:
    """Try again later what may work later; what will not is told to who made the report."""
    failed = _count(issue.deliveries, FAILED)
    if failed and row.attempts <= len(jobs.KINDS[row.name].delays):
        delay = jobs.KINDS[row.name].delays[row.attempts - 1]
        raise jobs.Later(delay, next(s for s in issue.deliveries.values() if s.startswith(FAILED)))
    lost = [email for email, state in issue.deliveries.items() if state.startswith((FAILED, REFUSED))]
    if not lost or report.by is None:
        return
    with jobs.once(f"report-told:{issue.pk}") as new:
        if new:
            text = mark("The report “{report}” did not reach {addresses}.")
            href = reverse("boards_report", args=[issue.workspace.slug, report.pk])
            params = {"report": report.name, "addresses": ", ".join(lost)}
            notify([report.by], issue.workspace, text, params, href=href, tone="bad")


def _count(deliveries: Mapping[str, str], state: str) -> int:
    return sum(1 for found in deliveries.values() if found.startswith(state))


def mails_go_out() -> bool:
    """Whether mails are sent; without a mail server they are kept in a folder."""
    return not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
