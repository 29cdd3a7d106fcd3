"""Signed links by which a recipient leaves a report without signing in."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from percorso.insights.models import Report

SALT = "percorso.insights.reports.leaving"


def leave_link(report: Report, email: str) -> str:
    """Return the address under which `email` leaves the report; it works as long as they receive it."""
    token = signing.dumps({"report": report.pk, "email": email}, salt=SALT)
    return settings.PUBLIC_URL + reverse("boards_report_leave", args=[token])


def told_by(token: str) -> tuple[Report, str] | None:
    """Return the report and the recipient that a link names; None when it is not ours or the report is gone."""
    try:
        told = signing.loads(token, salt=SALT)
        report = Report.objects.select_related("workspace").filter(pk=told["report"]).first()
        return (report, str(told["email"])) if report else None
    except (signing.BadSignature, KeyError, TypeError):
        return None
