"""Reads of reports and their issues."""

from typing import Any

from django.db.models import Max, QuerySet
from django.utils.translation import gettext

from percorso.accounts.models import Workspace
from percorso.i18n import mark
from percorso.insights.models import Report, ReportIssue
from percorso.insights.reports.actions import FAILED, REFUSED, SENT, WAITING

STATES = {
    WAITING: ("quiet", mark("waiting")),
    SENT: ("good", mark("sent")),
    FAILED: ("warn", mark("failed")),
    REFUSED: ("bad", mark("refused")),
}


def reports(workspace: Workspace) -> QuerySet[Report]:
    """Return the reports of a workspace, each with when its last issue was made (`last_at`)."""
    found = Report.objects.filter(workspace=workspace).select_related("board", "by", "workspace")
    return found.annotate(last_at=Max("issues__made_at"))


def issues(report: Report) -> QuerySet[ReportIssue]:
    """Return the issues of a report, the newest first, without what they hold."""
    return report.issues.defer("content")


def deliveries_of(issue: ReportIssue) -> list[dict[str, Any]]:
    """Return how each mail of an issue went: address, tone and word of the state, what the mail server said."""
    told = []
    for email, state in issue.deliveries.items():
        name, _colon, said = state.partition(": ")
        tone, word = STATES.get(name, ("quiet", name))
        told.append({"email": email, "tone": tone, "word": gettext(word), "said": said, "state": name})
    return told
