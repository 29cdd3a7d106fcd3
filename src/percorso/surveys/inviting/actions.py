"""What people do about sending: distributions, tests, rules, single invitations."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from percorso.accounts import audit
from percorso.accounts.models import Person
from percorso.base import jobs
from percorso.base.models import Job
from percorso.customers.forgotten import MARK
from percorso.customers.models import Segment
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.outreach.messages import queue_message
from percorso.outreach.models import Message
from percorso.surveys.inviting.letters import Letter, Links, To, Words, letter_of
from percorso.surveys.inviting.people import Reach
from percorso.surveys.inviting.reminding import remind_some
from percorso.surveys.inviting.sending import counted, distribute, leave_line
from percorso.surveys.inviting.words import EXAMPLE_NAME
from percorso.surveys.models import Distribution, Invitation, Survey, Trigger

INVITE, GO_ON = "invite", "invite_waiting"
TEST = "test"
FIRST = 9
State = Invitation.State
By = Person | str
UNDER_WAY = (Distribution.State.WAITING, Distribution.State.RUNNING)


@transaction.atomic
def make_distribution(
    survey: Survey,
    *,
    channel: str,
    audience: Mapping[str, Any],
    subject: Mapping[str, str],
    words: Mapping[str, str],
    by: Person | str,
    send_at: datetime | None = None,
    remind_days: int | None = None,
    most_reminders: int = 1,
) -> Distribution:
    """Send a survey to an audience, now or at an instant; a job does it.

    Raises
    ------
    BadQuestion : the survey takes no answers, or the channel is not set up.
    """
    refuse_visitor(by)
    check_ready(survey, channel)
    made = Distribution.objects.create(
        survey=survey, channel=channel, audience=dict(audience), subject=dict(subject), words=dict(words),
        send_at=max(send_at or timezone.now(), timezone.now()), remind_days=remind_days,
        most_reminders=most_reminders if remind_days else 0, made_by=by if isinstance(by, Person) else None,
    )  # fmt: skip
    jobs.enqueue(
        INVITE, workspace=survey.workspace.slug, key=key_of(made), run_at=made.send_at, by=str(by), distribution=made.pk
    )
    audit.record("survey_sent", survey.workspace, by=by, target=survey.name, distribution=made.pk, channel=channel)
    return made


def refuse_visitor(by: Person | str) -> None:
    """Refuse whoever looks at the demo company: strangers must not make it write to anybody.

    Raises
    ------
    BadQuestion : it is they.
    """
    if isinstance(by, Person) and by.is_demo:
        raise BadQuestion(mark("The demo company sends nothing. In a workspace of your own this goes out."))


def check_ready(survey: Survey, channel: str) -> None:
    """Look whether a survey can be sent.

    Raises
    ------
    BadQuestion : it takes no answers, or the channel is not set up.
    """
    if not survey.is_open:
        raise BadQuestion(mark("Publish the survey first: nobody could answer it now."))
    if not Reach(survey.workspace, channel).is_set_up:
        raise BadQuestion(mark("The channel {channel} is not set up. An owner does that in the settings."), channel=channel)  # fmt: skip


def key_of(distribution: Distribution) -> str:
    """Return the key of the job of a distribution."""
    return f"{INVITE}:{distribution.pk}"


def carry_out(row: Job, distribution: Distribution) -> int:
    """Invite the audience of a distribution, for its job; stopped or impossible, the distribution says so."""
    if distribution.state not in UNDER_WAY:
        return 0
    try:
        return distribute(distribution, lambda share, n: jobs.check(row, share))
    except (jobs.Stopped, BadQuestion):
        end_distribution(distribution)
        raise


@transaction.atomic
def end_distribution(distribution: Distribution) -> None:
    """Let nothing more of a distribution out, reminders neither; what was sent stays sent."""
    mine = Distribution.objects.filter(pk=distribution.pk)
    mine.update(state=Distribution.State.STOPPED, audience=counted(distribution.audience))
    _cancel(distribution.survey, distribution.invitations.filter(state=State.WAITING))


def _cancel(survey: Survey, rows: QuerySet[Invitation]) -> int:
    """Cancel invitations and give up their places in the line of the contact policy; return how many."""
    addresses = set(rows.values_list("address", flat=True))
    found = rows.update(state=State.CANCELLED)
    leave_line(survey, addresses)
    return found


def end_stopped() -> None:
    """End distributions whose job was stopped or has failed for good on the page of jobs."""
    for distribution in Distribution.objects.filter(state__in=UNDER_WAY, send_at__lte=timezone.now()):
        job = Job.objects.filter(key=key_of(distribution)).first()
        if job is not None and job.state in (Job.State.STOPPED, Job.State.FAILED):
            end_distribution(distribution)


@transaction.atomic
def stop_distribution(distribution: Distribution, *, by: By) -> None:
    """Stop a distribution: nobody more is invited, who waits gets nothing, and nobody is reminded."""
    survey = distribution.survey
    job = Job.objects.filter(key=key_of(distribution)).first()
    if job is not None:
        jobs.stop(job)
    # One that is running is ended by its job too, at the next person; messages that wait are held back when they would leave.
    end_distribution(distribution)
    audit.record("survey_sending_stopped", survey.workspace, by=by, target=survey.name, distribution=distribution.pk)


@transaction.atomic
def send_test(
    survey: Survey,
    *,
    channel: str,
    subject: Mapping[str, str],
    words: Mapping[str, str],
    language: str,
    to: str,
    by: By,
) -> Message:
    """Send somebody what an invitation will look like; its links open the preview, and nothing of it counts.

    Raises
    ------
    BadQuestion : the channel is not set up, or the address is none.
    """
    refuse_visitor(by)
    letter = example_letter(survey, channel, Words(subject, words), language, test=True)
    message = queue_message(
        survey.workspace, channel=channel, purpose=TEST, address=to, subject=letter.subject, text=letter.text,
        html=letter.html, language=language, reference=f"test:{secrets.token_hex(4)}", exempt=True, priority=FIRST,
    )  # fmt: skip
    audit.record("survey_tried", survey.workspace, by=by, target=survey.name, channel=channel)
    return message


def example_letter(survey: Survey, channel: str, words: Words, language: str, *, test: bool = False) -> Letter:
    """Return an invitation to somebody who does not exist; its links open the preview."""
    preview = reverse("survey_preview", args=[survey.workspace.slug, survey.slug])
    link = f"{settings.PUBLIC_URL}{preview}?lang={language}"
    definition = survey.live.definition if survey.live else survey.definition
    to = To(language, {"name": EXAMPLE_NAME})
    return letter_of(survey, definition, channel, words, to, Links(link, link), test=test)


@transaction.atomic
def make_rule(
    survey: Survey,
    *,
    event: str,
    name: str,
    after_hours: int,
    share: float,
    channel: str,
    segment: Segment | None,
    by: By,
    remind_days: int | None = None,
    most_reminders: int = 1,
) -> Trigger:
    """Invite by itself from now on: what happened before invites nobody."""
    refuse_visitor(by)
    made = Trigger.objects.create(
        survey=survey, event=event, name=name, after_hours=after_hours, share=share, channel=channel, segment=segment,
        remind_days=remind_days, most_reminders=most_reminders if remind_days else 0, looked_until=timezone.now(),
    )  # fmt: skip
    audit.record("survey_rule_made", survey.workspace, by=by, target=survey.name, event=event, name=name)
    return made


@transaction.atomic
def switch_rule(trigger: Trigger, enabled: bool, *, by: By) -> None:
    """Let a rule rest, or work again; what happened while it rested invites nobody."""
    if enabled and not trigger.enabled:
        trigger.looked_until = timezone.now()
    trigger.enabled = enabled
    trigger.save(update_fields=["enabled", "looked_until"])
    survey = trigger.survey
    audit.record(
        "survey_rule_changed", survey.workspace, by=by, target=survey.name, event=trigger.event, enabled=enabled
    )


@transaction.atomic
def remove_rule(trigger: Trigger, *, by: By) -> None:
    """Remove a rule; its invitations stay, those that still wait are cancelled."""
    survey = trigger.survey
    _cancel(survey, trigger.invitations.filter(state=State.WAITING))
    audit.record("survey_rule_removed", survey.workspace, by=by, target=survey.name, event=trigger.event)
    trigger.delete()


def send_again(invitation: Invitation, *, by: By) -> bool:
    """Send an invitation once more: a reminder to whom it reached, else as if it were new; false when that cannot be.

    The contact policy is asked as always: who is suppressed gets nothing.
    """
    refuse_visitor(by)
    survey = invitation.survey
    check_ready(survey, invitation.channel)
    if invitation.state in (State.SENT, State.STARTED):
        sent = bool(remind_some(survey, [invitation.pk], asked_for=True))
    else:
        again = Invitation.objects.filter(pk=invitation.pk, state__in=(State.REFUSED, State.FAILED, State.CANCELLED))
        values = {"state": State.WAITING, "because": "", "message": None, "send_at": timezone.now()}
        sent = bool(again.exclude(address="").exclude(address__startswith=MARK).update(**values))
        jobs.enqueue(GO_ON, workspace=survey.workspace.slug)
    if sent:
        audit.record(
            "survey_invitation_sent_again", survey.workspace, by=by, target=survey.name, invitation=invitation.pk
        )
    return sent


@transaction.atomic
def cancel_invitation(invitation: Invitation, *, by: By) -> bool:
    """Let an invitation be answered no more; false when it is over already."""
    open_states = (State.WAITING, State.SENT, State.STARTED)
    survey = invitation.survey
    found = _cancel(survey, Invitation.objects.filter(pk=invitation.pk, state__in=open_states))
    if found:
        audit.record(
            "survey_invitation_cancelled", survey.workspace, by=by, target=survey.name, invitation=invitation.pk
        )
    return bool(found)
