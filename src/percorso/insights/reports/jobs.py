"""What runs later: reports that are due, and their mails."""

from django.utils import timezone

from percorso.base.jobs import Rule, job
from percorso.base.models import Job
from percorso.i18n import mark
from percorso.insights.models import ReportIssue
from percorso.insights.reports import actions


@job("reports_due", mark("Look for reports that are due"), every=Rule(minutes=15))
def reports_due(row: Job) -> int:
    """Make the issues that are due: hours begin at a quarter in every time zone."""
    return actions.line_up_due(timezone.now())


@job(actions.SEND, mark("Send a report"), local=True)
def send_report(row: Job, issue: int) -> dict[str, int]:
    """Send an issue to everybody who does not have it."""
    rows = ReportIssue.objects.select_related("workspace", "report__workspace", "report__by", "report__board__segment")
    found = rows.filter(pk=issue).first()
    return actions.send_issue(found, row) if found else {}
