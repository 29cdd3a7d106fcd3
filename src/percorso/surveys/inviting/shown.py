"""What the pages about sending show, in words."""

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext

from percorso.base import words as said
from percorso.base.columns import value_name
from percorso.i18n import mark
from percorso.outreach.channel import CHANNELS
from percorso.outreach.policy import WAITS
from percorso.outreach.shown_policy import HELD
from percorso.surveys.inviting import queries, triggers
from percorso.surveys.inviting.actions import UNDER_WAY
from percorso.surveys.inviting.letters import Letter
from percorso.surveys.inviting.queries import Counts, Forecast, Sending
from percorso.surveys.models import Distribution, Invitation, Survey, Trigger

SALT = "percorso.surveys.letter"
DAY_SECONDS = 24 * 3600
State = Invitation.State
# Why somebody was not sent an invitation; keys of `outreach.policy.REASONS`, and our own.
BECAUSE = {
    "no_address": mark("No address"),
    "bounced": mark("Messages came back"),
    "complained": mark("Reported as unwanted"),
    "unsubscribed": mark("Unsubscribed"),
    "by_hand": mark("On the list of those who get nothing"),
    "paused": mark("Paused by the person"),
    "withdrawn": mark("Consent withdrawn"),
    "no_consent": mark("No consent"),
    "identical": mark("The same message went out less than 12 hours ago"),
    "cap": mark("Too many messages"),
    "channel_cap": mark("Too many messages by this channel"),
    "gap": mark("Asked this survey not long ago"),
    "sample": mark("Not drawn"),
    "queue": mark("Another survey goes first"),
    "unwritable": mark("The text is too long for the channel, or the address is none"),
} | HELD
TONES = {
    State.WAITING: "quiet", State.SENT: "quiet", State.STARTED: "warn", State.ANSWERED: "good", State.REFUSED: "warn",
    State.FAILED: "bad", State.CANCELLED: "quiet",
}  # fmt: skip
DISTRIBUTION_TONES = {
    Distribution.State.WAITING: "quiet", Distribution.State.RUNNING: "warn", Distribution.State.DONE: "good",
    Distribution.State.STOPPED: "quiet",
}  # fmt: skip


def because(key: str) -> str:
    """Return why, in words; the key itself where nobody here knows."""
    return gettext(BECAUSE[key]) if key in BECAUSE else key


def channel_name(key: str) -> str:
    """Return what a channel is called."""
    return gettext(CHANNELS[key].label) if key in CHANNELS else key


def reasons(refused: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return refusals by reason, the most frequent first."""
    rows = [{"label": because(key), "n": n} for key, n in refused.items() if n]
    return sorted(rows, key=lambda row: (-row["n"], row["label"]))


def forecast(found: Forecast, channel: str) -> dict[str, Any]:
    """Return what sending would do, as the page beside the form shows it."""
    cut = found.looked < found.people
    return {
        "people": found.people,
        "allowed": found.allowed,
        "waits": found.waits,
        "reasons": reasons(found.refused),
        "looked": found.looked if cut else 0,
        "channel": channel_name(channel),
        "none": found.people == 0,
    }


def sending(found: Sending, names: Mapping[int, str]) -> dict[str, Any]:
    """Return a distribution as a row of the list."""
    row = found.distribution
    return {
        "distribution": row,
        "tone": DISTRIBUTION_TONES[Distribution.State(row.state)],
        "to": audience(row, names),
        "channel": channel_name(row.channel),
        "reminders": reminders(row),
        "job": found.job,
        "runs": found.job is not None and not found.job.is_over and row.send_at <= timezone.now(),
        "stops": row.state in UNDER_WAY or (row.state == Distribution.State.DONE and found.counts.to_come > 0),
        **counted(found.counts, row.survey),
    }


def counted(counts: Counts, survey: Survey) -> dict[str, Any]:
    """Return counts and the reasons of refusals; of few who were asked anonymously not how many have answered."""
    secret = survey.anonymous and counts.sent < survey.least_answers
    did = {
        name: "–" if secret else said.count(n)
        for name, n in (("started", counts.started), ("answered", counts.answered))
    }
    return {"counts": counts, "reasons": reasons(counts.refused), **did}


def audience(row: Distribution, names: Mapping[int, str]) -> str:
    """Return to whom a distribution went."""
    told = row.audience
    if "segment" in told:
        if told["segment"] is None:
            return gettext("All customers")
        return names.get(told["segment"], gettext("A segment that is gone"))
    n = int(told["list"]) if "list" in told else len(told["people"])
    return ngettext("A list of {n} address", "A list of {n} addresses", n).format(n=said.count(n))


def reminders(row: Distribution | Trigger) -> str:
    """Return how a distribution or a rule reminds; empty when it does not."""
    if row.remind_days is None or row.most_reminders == 0:
        return ""
    days = ngettext("after {n} day", "after {n} days", row.remind_days).format(n=row.remind_days)
    template = ngettext("{n} reminder {days}", "{n} reminders, each {days}", row.most_reminders)
    return template.format(n=row.most_reminders, days=days)


def rule(trigger: Trigger, counts: Counts, deliverable: bool) -> dict[str, Any]:
    """Return a rule as a row of its list."""
    return {
        "rule": trigger,
        "says": sentence(trigger),
        "channel": channel_name(trigger.channel),
        "share": "" if trigger.share >= 1 else gettext("{share} % of them").format(share=round(100 * trigger.share)),
        "only": trigger.segment.name if trigger.segment else "",
        "reminders": reminders(trigger),
        "would": triggers.in_last_month(trigger),
        "dead": not deliverable,
        **counted(counts, trigger.survey),
    }


def sentence(trigger: Trigger) -> str:
    """Return when a rule invites."""
    templates = {
        Trigger.Event.DELIVERED: mark("{hours} after an order was delivered"),
        Trigger.Event.RESOLVED: mark("{hours} after a ticket was resolved"),
        Trigger.Event.CHURNED: mark("{hours} after a customer left"),
        Trigger.Event.HAPPENED: mark("{hours} after the event {name}"),
    }
    hours = trigger.after_hours
    if hours and hours % 24 == 0:
        told = ngettext("{n} day", "{n} days", hours // 24).format(n=hours // 24)
    else:
        told = ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    return gettext(templates[Trigger.Event(trigger.event)]).format(hours=told, name=trigger.name)


def invitation(row: Invitation, survey: Survey) -> dict[str, Any]:
    """Return a single invitation as a row; of an anonymous survey nothing that the person did is told."""
    state = queries.state_of(row, survey)
    expired = state in (State.SENT, State.STARTED) and not row.is_open
    again = {State.SENT, State.STARTED} if not survey.anonymous and not expired else set()
    return {
        "row": row,
        "state": pgettext("an invitation", "Expired") if expired else state.label,
        "tone": "quiet" if expired else TONES[state],
        "because": because(row.because) if row.because else "",
        "waits": state == State.WAITING and row.because in WAITS,
        "may_again": bool(row.address)
        and not row.is_forgotten
        and state in again | {State.REFUSED, State.FAILED, State.CANCELLED},
        "may_cancel": state in (State.WAITING, State.SENT, State.STARTED) and not expired,
        "channel": channel_name(row.channel),
        "language": value_name("language", row.language) if row.language else "",
        # Only who has not answered is reminded: the number would tell who that is.
        "reminders": "–" if survey.anonymous else said.count(row.reminders),
        "scanned": row.scanned and not survey.anonymous,
        "clicked": row.clicked if state == State.SENT and not row.scanned and not survey.anonymous else "",
    }


def letter_link(
    survey: Survey, channel: str, subject: Mapping[str, str], words: Mapping[str, str], language: str
) -> str:
    """Return the address at which a letter that is being written is shown; what it says travels in it, signed."""
    told = {
        "survey": survey.pk,
        "channel": channel,
        "subject": dict(subject),
        "words": dict(words),
        "language": language,
    }
    sealed = signing.dumps(told, salt=SALT, compress=True)
    return reverse("survey_send_letter", args=[survey.workspace.slug, survey.slug]) + f"?letter={sealed}"


def told_letter(survey: Survey, sealed: str) -> dict[str, Any] | None:
    """Return what a letter's address tells; None when it is not ours, or older than a day."""
    try:
        told: dict[str, Any] = signing.loads(sealed, salt=SALT, max_age=DAY_SECONDS)
    except signing.BadSignature:
        return None
    return told if told.get("survey") == survey.pk else None


def letter_text(letter: Letter) -> dict[str, Any]:
    """Return a letter's words for the page."""
    return {"subject": letter.subject, "text": letter.text, "has_html": bool(letter.html), "length": len(letter.text)}
