"""Reads of what was sent: distributions with their counts, rules, single invitations, and what a sending would do."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.base.models import Job
from percorso.customers.segments.counting import size
from percorso.outreach import contact
from percorso.outreach.channel_accounts import Way, ways
from percorso.outreach.contact import Ask
from percorso.outreach.policy import WAITS
from percorso.surveys.inviting.actions import UNDER_WAY, key_of
from percorso.surveys.inviting.people import Invitee, audience_of, rule_for
from percorso.surveys.inviting.sending import PURPOSE, reference_of
from percorso.surveys.models import Distribution, Invitation, Survey, Trigger

# So many people of an audience are looked at before it is sent; it tells enough.
MOST_COUNTED = 2000
State = Invitation.State
SENT = (State.SENT, State.STARTED, State.ANSWERED)
# What an anonymous survey tells of one person: that a message went out, and nothing of what they did.
SECRET = (State.STARTED, State.ANSWERED)


@dataclass
class Counts:
    """What became of the invitations of one distribution or rule."""

    invited: int = 0
    waiting: int = 0
    sent: int = 0
    failed: int = 0
    started: int = 0
    answered: int = 0
    cancelled: int = 0
    # Messages that may still go out: to who waits, and reminders.
    to_come: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, state: str, because: str, n: int) -> None:
        """Count `n` invitations of a state."""
        if state == State.REFUSED:
            self.refused[because] += n
            return
        self.invited += n
        self.sent += n * (state in SENT)
        self.waiting += n * (state == State.WAITING)
        self.failed += n * (state == State.FAILED)
        self.started += n * (state in SECRET)
        self.answered += n * (state == State.ANSWERED)
        self.cancelled += n * (state == State.CANCELLED)

    @property
    def n_refused(self) -> int:
        return self.refused.total()


@dataclass(frozen=True)
class Sending:
    """A distribution as its list shows it: counts, and the job while it is under way."""

    distribution: Distribution
    counts: Counts
    job: Job | None = None


@dataclass
class Forecast:
    """What sending to an audience would do now: how many people there are, how many were looked at, and what of them."""

    people: int = 0
    looked: int = 0
    reached: int = 0
    waits: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def allowed(self) -> int:
        return self.reached - self.waits - sum(n for key, n in self.refused.items() if key != "no_address")


def channels(workspace: Workspace) -> list[Way]:
    """Return the channels that messages go out by, or could."""
    return ways(workspace)


def distributions(survey: Survey) -> QuerySet[Distribution]:
    """Return the distributions of a survey, the newest first."""
    return survey.distributions.select_related("made_by", "survey")


def sendings(rows: Sequence[Distribution]) -> list[Sending]:
    """Return distributions with what became of them, in two queries."""
    counts: dict[int, Counts] = {row.pk: Counts() for row in rows}
    anonymous = {row.pk: row.survey.anonymous and row.remind_days is not None for row in rows}
    found = Invitation.objects.filter(distribution__in=[row.pk for row in rows]).order_by()
    more = Q(state=State.WAITING) | Q(
        state__in=(State.SENT, State.STARTED), expires_at__gt=timezone.now(), distribution__remind_days__isnull=False,
        reminders__lt=F("distribution__most_reminders"),
    )  # fmt: skip
    grouped = found.values_list("distribution", "state", "because")
    for pk, state, because, n, to_come in grouped.annotate(n=Count("pk"), to_come=Count("pk", filter=more)):
        counts[pk].add(state, because, n)
        # Of an anonymous survey nobody can tell from the page whether all have answered.
        counts[pk].to_come += n if anonymous[pk] and state in SENT else to_come
    under_way = [key_of(row) for row in rows if row.state in UNDER_WAY]
    jobs = {job.key: job for job in Job.objects.filter(key__in=under_way)} if under_way else {}
    return [Sending(row, counts[row.pk], jobs.get(key_of(row))) for row in rows]


def rules(survey: Survey) -> list[tuple[Trigger, Counts]]:
    """Return the rules of a survey with what became of their invitations, in two queries."""
    rows = list(survey.triggers.select_related("segment", "survey__workspace"))
    counts: dict[int, Counts] = {row.pk: Counts() for row in rows}
    found = Invitation.objects.filter(trigger__in=list(counts)).order_by() if counts else Invitation.objects.none()
    for pk, state, because, n in found.values_list("trigger", "state", "because").annotate(n=Count("pk")):
        counts[pk].add(state, because, n)
    return [(row, counts[row.pk]) for row in rows]


def invitations(
    survey: Survey, *, state: str = "", distribution: int | None = None, q: str = ""
) -> QuerySet[Invitation]:
    """Return single invitations, the newest first. `state` : a state, or ``expired``."""
    rows = Invitation.objects.filter(survey=survey).select_related("distribution", "trigger").defer("traits")
    over = Q(state__in=(State.SENT, State.STARTED), expires_at__lte=timezone.now())
    if state == "expired":
        rows = rows.filter(over)
    elif state == State.SENT and survey.anonymous:
        rows = rows.filter(state__in=SENT)
    elif state in SECRET and survey.anonymous:
        rows = rows.none()
    elif state in State.values:
        rows = rows.filter(state=state)
    if distribution is not None:
        rows = rows.filter(distribution=distribution)
    if q:
        rows = rows.filter(Q(address__icontains=q) | Q(name__icontains=q) | Q(customer__icontains=q))
    return rows


def state_of(invitation: Invitation, survey: Survey) -> Invitation.State:
    """Return the state that may be told; of an anonymous survey not whether the person has answered."""
    state = State(invitation.state)
    return State.SENT if survey.anonymous and state in SECRET else state


def forecast(survey: Survey, channel: str, audience: Mapping[str, Any]) -> Forecast:
    """Return what the contact policy would say now, of `MOST_COUNTED` people at most. Nothing of it is kept.

    Raises
    ------
    BadQuestion : see `people.audience_of`.
    """
    found = Forecast(people=_people(survey.workspace, audience))
    asked: list[Invitee] = []
    for people in audience_of(survey, channel, audience):
        asked += people[: MOST_COUNTED - len(asked)]
        if len(asked) >= MOST_COUNTED:
            break
    found.looked = len(asked)
    reached = [one for one in asked if one.address]
    found.reached = len(reached)
    found.refused["no_address"] = len(asked) - len(reached)
    asks = [_ask(survey, channel, one, str(n)) for n, one in enumerate(reached)]
    with transaction.atomic():
        decisions = contact.decide(survey.workspace, asks, timezone.now())
        transaction.set_rollback(True)
    for decision in decisions:
        if decision.allowed:
            continue
        if decision.because in WAITS and decision.wait_until:
            found.waits += 1
        else:
            found.refused[decision.because] += 1
    return found


def _people(workspace: Workspace, audience: Mapping[str, Any]) -> int:
    if "people" in audience:
        return len(audience["people"])
    return size(workspace, rule_for(workspace, audience.get("segment"))).count


def _ask(survey: Survey, channel: str, one: Invitee, key: str) -> Ask:
    return Ask(
        key=key,
        channel=channel,
        purpose=PURPOSE,
        address=one.address,
        customer="" if survey.anonymous else one.customer,
        reference=reference_of(survey),
        gap_days=survey.gap_days,
        share=survey.share,
        priority=survey.priority,
    )
