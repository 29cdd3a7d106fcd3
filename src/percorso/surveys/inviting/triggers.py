"""Rules that invite by themselves: what happened is looked for in the facts, and each order, ticket … is asked about once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.customers.queries import rule_of
from percorso.customers.segments.counting import remembered
from percorso.customers.segments.queries import values
from percorso.surveys.inviting.happenings import Happening, happenings, how_many
from percorso.surveys.inviting.people import PORTION, Reach, of_customers
from percorso.surveys.inviting.sending import make_invitations
from percorso.surveys.models import Invitation, Survey, Trigger

# Facts come late: imports run at night, mail is read by the hour. What happened so long ago is still looked for; what was
# missed for longer (the survey was paused) is too old to be asked about.
LATE = timedelta(days=3)
LOOKED_BACK = timedelta(days=30)


def look(check: Callable[[], None]) -> int:
    """Make the invitations that are due by all rules that are switched on; return how many things had happened anew."""
    rules = Trigger.objects.filter(enabled=True, survey__state=Survey.State.LIVE)
    found = 0
    for trigger in rules.select_related("survey__workspace", "survey__live", "segment"):
        check()
        if trigger.survey.is_open and Reach(trigger.survey.workspace, trigger.channel).is_set_up:
            found += look_for(trigger, check)
    return found


def look_for(trigger: Trigger, check: Callable[[], None]) -> int:
    """Make the invitations that are due by one rule; return how many things had happened that nobody was asked about.

    The rule remembers until when it has looked only when all invitations are made: killed before that, it looks again, and
    makes those that are missing.
    """
    survey, until = trigger.survey, timezone.now() - timedelta(hours=trigger.after_hours)
    if until <= trigger.looked_until:
        return 0
    start = max(trigger.looked_until, until - LATE)
    happened = happenings(survey.workspace, trigger.event, trigger.name, start, until, rule_of(trigger.segment))
    new = _not_asked(trigger, happened)
    for first in range(0, len(new), PORTION):
        check()
        part = new[first : first + PORTION]
        people = of_customers(survey, trigger.channel, [one.customer for one in part])
        asked = [replace(who, interaction=one.interaction[:254]) for who, one in zip(people, part, strict=True)]
        make_invitations(survey, trigger.channel, asked, trigger=trigger)
    Trigger.objects.filter(pk=trigger.pk, looked_until=trigger.looked_until).update(looked_until=start)
    return len(new)


def _not_asked(trigger: Trigger, happened: list[Happening]) -> list[Happening]:
    """Return what nobody was asked about by this rule, each order or ticket once."""
    new: dict[str, Happening] = {}
    for start in range(0, len(happened), PORTION):
        part = happened[start : start + PORTION]
        keys = [one.interaction[:254] for one in part]
        known = set(
            Invitation.objects.filter(trigger=trigger, interaction__in=keys).values_list("interaction", flat=True)
        )
        new |= {one.interaction: one for one in part if one.interaction[:254] not in known}
    return list(new.values())


def in_last_month(trigger: Trigger) -> int:
    """Return how many invitations a rule would have made in the last 30 days, by its share; the contact policy aside."""
    now: datetime = timezone.now()
    workspace, rule = trigger.survey.workspace, rule_of(trigger.segment)
    asked = f"happened {trigger.event} {trigger.name} {rule!r}"

    def make(facts: object) -> int:
        return how_many(workspace, trigger.event, trigger.name, now - LOOKED_BACK, now, rule)

    return round(int(remembered(workspace, asked, make)) * trigger.share)


def event_names(workspace: Workspace) -> tuple[str, ...]:
    """Return the names of events that there are, the most frequent first."""
    return values(workspace, "events", "name")
