"""The REST interface to alerts: what is watched, its preview on the past, and the alarms."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from ninja import Query, Router, Schema, Status
from pydantic import Field

from percorso.accounts.bearer import READ, WRITE, KeyRequest
from percorso.accounts.models import Workspace
from percorso.base.rest import Page, Paging, Problem, Strict, example, page_of
from percorso.customers.models import Segment
from percorso.i18n import mark
from percorso.insights.alerting import actions, examples, queries
from percorso.insights.alerting.expected import false_a_month
from percorso.insights.alerting.looking import look, today
from percorso.insights.alerting.sentences import sentence_of
from percorso.insights.alerting.shown import said
from percorso.insights.alerts import ALERTS
from percorso.insights.models import Alarm, Finding, Watch

router = Router()
Setting = str | float | int | bool | None
Grain = Literal["day", "week", "month"]
Key = Literal[tuple(ALERTS)]  # type: ignore[valid-type]
LONGEST_SNOOZE = 366


class WatchTried(Strict):
    """An alert to try on the past."""

    alert: Key = Field(description="kind of the alert")
    name: str = Field("", max_length=80, description="empty: that of the kind")
    indicators: list[str] = Field(
        default_factory=list, max_length=100, description="keys, see GET /indicators; none: those of the overview"
    )
    config: dict[str, Setting] = Field(
        default_factory=dict, description="settings of the kind; `by`: the column that a mix is made up by"
    )
    segment: str | None = Field(None, max_length=60, description="slug of a segment; null: all customers")
    grain: Grain = Field("day", description="coarser by itself where a day or week holds too few facts")


class WatchIn(WatchTried):
    """An alert."""

    active: bool = False
    people: list[str] = Field(default_factory=list, max_length=100, description="e-mail addresses of members")


class WatchChange(Strict):
    """What shall be different; what is not sent stays."""

    name: str = Field("", min_length=1, max_length=80)
    indicators: list[str] = Field(default_factory=list, max_length=100)
    config: dict[str, Setting] = Field(default_factory=dict)
    segment: str | None = Field(None, max_length=60)
    grain: Grain = "day"
    active: bool = False
    people: list[str] = Field(default_factory=list, max_length=100)


class WatchOut(Schema):
    """An alert that is kept."""

    id: int
    name: str
    alert: str
    indicators: list[str]
    config: dict[str, Setting]
    segment: str | None
    grain: Grain
    active: bool
    snoozed_until: date | None
    people: list[str]
    created_at: datetime

    @staticmethod
    def resolve_segment(row: Watch) -> str | None:
        return row.segment.slug if row.segment else None

    @staticmethod
    def resolve_people(row: Watch) -> list[str]:
        return sorted(person.email for person in row.people.all())


class MessageOut(Schema):
    """One message that would have been told."""

    day: date = Field(description="the day at whose end it was known")
    sentence: str
    indicators: list[str]
    direction: Literal["up", "down"]
    chance: float = Field(description="of as much in one step when nothing has changed")


class PreviewOut(Schema):
    """What an alert would have told in the last twelve months."""

    days: int
    messages: list[MessageOut]
    false_a_month: float | None = Field(
        description="about how many messages by chance alone, estimated from the limits; null: the kind is no test"
    )


class ContributorOut(Schema):
    """A group that moved the figure."""

    column: str
    value: str
    before: float | None
    after: float | None
    share: float | None = Field(description="of the move that it explains")


class FindingOut(Schema):
    """One indicator that moved."""

    watch: int
    indicator: str
    direction: Literal["up", "down"]
    good: bool | None
    day: date
    since: date | None
    chance: float | None
    sentence: str
    contributors: list[ContributorOut]
    closed_at: datetime | None

    @staticmethod
    def resolve_watch(row: Finding) -> int:
        return row.watch_id

    @staticmethod
    def resolve_sentence(row: Finding) -> str:
        return sentence_of(row)


class AlarmOut(Schema):
    """Findings that have one cause, as far as can be seen."""

    id: int
    day: date
    told_at: datetime
    closed_at: datetime | None
    snoozed_until: date | None
    findings: list[FindingOut]

    @staticmethod
    def resolve_findings(row: Alarm) -> list[Finding]:
        return list(row.findings.all())


class AlarmsAsked(Paging):
    """Which alarms are wanted."""

    state: Literal["open", "closed"] | None = Field(None, description="without it all")


class Snooze(Strict):
    """Until when something is snoozed."""

    days: int = Field(ge=0, le=LONGEST_SNOOZE, description="0 ends a snooze")


@router.get(
    "/watches", auth=READ, response=Page[WatchOut], summary="Alerts", operation_id="list_watches",
    openapi_extra=example({"items": [examples.WATCH], "next": None}),
)  # fmt: skip
def list_watches(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """What is watched, the newest first."""
    rows = queries.watches(request.auth.workspace).order_by("-id")
    if after := paging.after():
        rows = rows.filter(pk__lt=after[0])
    return page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))


@router.post(
    "/watches", auth=WRITE, response={201: WatchOut}, summary="Make an alert", operation_id="make_watch",
    openapi_extra=example(examples.WATCH, 201, asked=examples.ASKED),
)  # fmt: skip
def make_watch(request: KeyRequest, watch: WatchIn) -> Status[Watch]:
    """Watch something. What is already so when it is switched on is shown, and told to nobody."""
    given = _values(request.auth.workspace, watch.dict())
    return Status(201, actions.make_watch(request.auth.workspace, by=str(request.auth), **given))


@router.post(
    "/watches/preview", auth=READ, response=PreviewOut, summary="Try an alert on the past", operation_id="preview_watch",
    openapi_extra=example(examples.PREVIEW, asked=examples.TRIED),
)  # fmt: skip
def preview_watch(request: KeyRequest, watch: WatchTried) -> dict[str, Any]:
    """What the alert would have told in the last twelve months; nothing is kept.

    It is answered when all is looked at: with all indicators over many facts that may take half a minute.
    """
    workspace = request.auth.workspace
    tried = Watch(workspace=workspace, **_values(workspace, watch.dict()))
    actions.refuse_wrong_watch(tried)
    seen = look([tried], today(workspace))
    for _, error in seen.failed:
        raise error
    told = [
        {
            "day": message.told,
            "sentence": said(tried, seen.owners[message.lead][1], message.lead),
            "indicators": list(dict.fromkeys(one.series.indicator for _, one in message.members)),
            "direction": message.lead.firing.direction,
            "chance": message.lead.firing.chance,
        }
        for message in seen.in_a_year()
    ]
    return {"days": 365, "messages": told, "false_a_month": false_a_month(tried, seen)}


@router.get(
    "/watches/{id}", auth=READ, response=WatchOut, summary="One alert", operation_id="get_watch",
    openapi_extra=example(examples.WATCH),
)  # fmt: skip
def get_watch(request: KeyRequest, id: int) -> Watch:
    """One alert."""
    return _watch(request, id)


@router.patch(
    "/watches/{id}", auth=WRITE, response=WatchOut, summary="Change an alert", operation_id="change_watch",
    openapi_extra=example(examples.WATCH | {"active": False}, asked={"active": False}),
)  # fmt: skip
def change_watch(request: KeyRequest, id: int, change: WatchChange) -> Watch:
    """Change what is sent; all else stays. Switched off, its alarms are closed."""
    given = _values(request.auth.workspace, change.dict(exclude_unset=True))
    actions.change_watch(_watch(request, id), by=str(request.auth), **given)
    return _watch(request, id)


@router.post(
    "/watches/{id}/snooze", auth=WRITE, response=WatchOut, summary="Snooze an alert", operation_id="snooze_watch",
    openapi_extra=example(examples.WATCH, asked={"days": 0}),
)  # fmt: skip
def snooze_watch(request: KeyRequest, id: int, snooze: Snooze) -> Watch:
    """Tell nothing of an alert for some days; what it finds is kept."""
    found = _watch(request, id)
    actions.snooze_watch(found, _until(request, snooze), by=str(request.auth))
    return found


@router.delete(
    "/watches/{id}", auth=WRITE, response={204: None}, summary="Remove an alert", operation_id="remove_watch"
)
def remove_watch(request: KeyRequest, id: int) -> Status[None]:
    """Take an alert away, with all that it has found."""
    actions.remove_watch(_watch(request, id), by=str(request.auth))
    return Status(204, None)


@router.get(
    "/alarms", auth=READ, response=Page[AlarmOut], summary="Alarms", operation_id="list_alarms",
    openapi_extra=example({"items": [examples.ALARM], "next": None}),
)  # fmt: skip
def list_alarms(request: KeyRequest, asked: Query[AlarmsAsked]) -> dict[str, Any]:
    """What the alerts have found, the newest first."""
    rows = queries.alarms(request.auth.workspace).order_by("-id")
    if asked.state is not None:
        rows = rows.filter(closed_at__isnull=asked.state == "open")
    if after := asked.after():
        rows = rows.filter(pk__lt=after[0])
    return page_of(rows[: asked.limit + 1], asked.limit, lambda row: (row.pk,))


@router.get(
    "/alarms/{id}", auth=READ, response=AlarmOut, summary="One alarm", operation_id="get_alarm",
    openapi_extra=example(examples.ALARM),
)  # fmt: skip
def get_alarm(request: KeyRequest, id: int) -> Alarm:
    """One alarm."""
    return _alarm(request, id)


@router.post(
    "/alarms/{id}/snooze", auth=WRITE, response=AlarmOut, summary="Snooze an alarm", operation_id="snooze_alarm",
    openapi_extra=example(examples.ALARM, asked={"days": 0}),
)  # fmt: skip
def snooze_alarm(request: KeyRequest, id: int, snooze: Snooze) -> Alarm:
    """Put an alarm aside for some days; if it is still open then, people are told again."""
    found = _alarm(request, id)
    actions.snooze_alarm(found, _until(request, snooze), by=str(request.auth))
    return found


@router.post(
    "/alarms/{id}/close", auth=WRITE, response={204: None}, summary="Close an alarm", operation_id="close_alarm"
)
def close_alarm(request: KeyRequest, id: int) -> Status[None]:
    """Close an alarm whose cause is known."""
    actions.close_alarm(_alarm(request, id), by=str(request.auth))
    return Status(204, None)


def _watch(request: KeyRequest, id: int) -> Watch:
    found = queries.watches(request.auth.workspace).filter(pk=id).first() if abs(id) < 2**63 else None
    if found is None:
        raise Problem(404, mark("There is no alert {id}."), id=id)
    return found


def _alarm(request: KeyRequest, id: int) -> Alarm:
    found = queries.alarms(request.auth.workspace).filter(pk=id).first() if abs(id) < 2**63 else None
    if found is None:
        raise Problem(404, mark("There is no alarm {id}."), id=id)
    return found


def _until(request: KeyRequest, snooze: Snooze) -> date | None:
    return today(request.auth.workspace) + timedelta(days=snooze.days) if snooze.days else None


def _values(workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent with the segment and the people that it names.

    Raises
    ------
    Problem : there is no such segment or member.
    """
    if slug := given.get("segment"):
        given["segment"] = Segment.objects.filter(workspace=workspace, slug=slug).first()
        if given["segment"] is None:
            raise Problem(422, mark("There is no segment {segment}. It may have been removed."), segment=slug)
    elif "segment" in given:
        given["segment"] = None
    if "people" in given:
        members = {person.email: person for person in queries.people(workspace)}
        for email in given["people"]:
            if email.lower() not in members:
                raise Problem(422, mark("{email} is not a member of this workspace."), email=email)
        given["people"] = [members[email.lower()] for email in given["people"]]
    return given
