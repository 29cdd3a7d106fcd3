"""Reports over the REST interface: which there are, and making an issue of one."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.utils import timezone
from ninja import Query as Asked
from ninja import Router, Schema, Status
from pydantic import Field

from percorso.accounts.bearer import READ, WRITE, KeyRequest
from percorso.analytics.calendar import zone
from percorso.analytics.query import Period
from percorso.base.rest import Page, Paging, Problem, Strict, example, page_of
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.boards.shown import withheld
from percorso.insights.models import Report, ReportIssue
from percorso.insights.reports import actions, queries
from percorso.insights.reports.schedule import period_on

router = Router()
FIRST_YEAR, LAST_YEAR = 1970, 2199


class ReportOut(Schema):
    """A report: which board it sends, and when."""

    id: int
    name: str
    board: str = Field(description="slug of the board")
    period: str
    every: str = Field(description="day, week or month")
    weekday: int = Field(description="0 Monday … 6 Sunday, of a weekly report")
    day: int = Field(description="day of the month, of a monthly report")
    hour: int = Field(description="in the time zone of each recipient")
    active: bool
    recipients: int


class IssueIn(Strict):
    """Which days, and in which language; without days those of the report."""

    first: date | None = Field(None, alias="from", description="first day")
    last: date | None = Field(None, alias="to", description="last day, inside of the period")
    language: Literal["en", "pt-br", "it"] = "en"


class IssueOut(Schema):
    """An issue as it was made: it stays so, whatever happens to facts and definitions."""

    id: int
    report: int
    name: str
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    language: str
    time_zone: str
    made_at: datetime
    versions: dict[str, int] = Field(description="version of each indicator's definition")
    cards: list[dict[str, Any]] = Field(description="what each card shows, written in the language")


REPORT: dict[str, Any] = {
    "id": 1,
    "name": "Service desk",
    "board": "service-desk",
    "period": "last_month",
    "every": "month",
    "weekday": 0,
    "day": 1,
    "hour": 8,
    "active": True,
    "recipients": 2,
}
ASKED: dict[str, Any] = {"from": "2026-01-01", "to": "2026-01-31", "language": "en"}
ISSUE: dict[str, Any] = {
    "id": 1,
    "report": 1,
    "name": "Service desk",
    "from": "2026-01-01",
    "to": "2026-01-31",
    "language": "en",
    "time_zone": "America/Sao_Paulo",
    "made_at": "2026-02-01T08:00:00Z",
    "versions": {},
    "cards": [
        {
            "id": "0c4e7b12",
            "kind": "text",
            "width": 4,
            "title": "",
            "key": "",
            "personal": False,
            "text": "What we learned",
        }
    ],
}


@router.get(
    "/reports", auth=READ, response=Page[ReportOut], summary="Reports", operation_id="list_reports",
    openapi_extra=example({"items": [REPORT], "next": None}),
)  # fmt: skip
def list_reports(request: KeyRequest, paging: Asked[Paging]) -> dict[str, Any]:
    """The boards that are sent by mail, the newest report first; addresses are not told."""
    rows = queries.reports(request.auth.workspace).order_by("-id")
    if after := paging.after():
        rows = rows.filter(pk__lt=after[0])
    found = page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))
    return found | {"items": [_report(report) for report in found["items"]]}


@router.post(
    "/reports/{id}/issues", auth=WRITE, response={201: IssueOut}, by_alias=True, summary="Make an issue of a report",
    operation_id="make_report_issue", openapi_extra=example(ISSUE, 201, asked=ASKED),
)  # fmt: skip
def make_report_issue(request: KeyRequest, id: int, issue: IssueIn) -> Status[dict[str, Any]]:
    """Make an issue with the figures of now and keep it; nothing is sent."""
    if not 0 < id < 2**63:
        raise Problem(404)
    rows = Report.objects.filter(workspace=request.auth.workspace).select_related("board__segment", "workspace")
    report = rows.filter(pk=id).first()
    if report is None:
        raise Problem(404, mark("There is no such report. See GET /reports."))
    made = actions.keep_issue(report, _period(issue, report), issue.language, by=str(request.auth))
    return Status(201, _issue(made, request.auth.personal))


def _period(issue: IssueIn, report: Report) -> Period:
    tz = report.workspace.time_zone
    if issue.first is None and issue.last is None:
        return period_on(report, timezone.now().astimezone(zone(tz)).date())
    if issue.first is None or issue.last is None:
        raise BadQuestion(mark("Give both days, from and to, or none."))
    for day in (issue.first, issue.last):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise BadQuestion(mark("{text} is out of reach. Give days from 1970 to 2199."), text=day.isoformat())
    if issue.last < issue.first:
        text = mark("The period ends on {last}, before it starts on {first}. Swap the two days.")
        raise BadQuestion(text, first=issue.first.isoformat(), last=issue.last.isoformat())
    return Period(issue.first, issue.last + timedelta(days=1), tz)


def _report(report: Report) -> dict[str, Any]:
    names = ("id", "name", "period", "every", "weekday", "day", "hour", "active")
    told = {name: getattr(report, name) for name in names}
    return told | {"board": report.board.slug, "recipients": len(report.recipients)}


def _issue(issue: ReportIssue, personal: bool) -> dict[str, Any]:
    names = ("id", "name", "language", "time_zone", "made_at", "versions")
    told = {name: getattr(issue, name) for name in names}
    days = {"report": issue.report_id, "first": issue.first_day, "last": issue.last_day}
    return told | days | {"cards": withheld(issue.content["cards"], personal)}
