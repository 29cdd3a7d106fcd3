"""What runs later and on a clock: sending invitations, reminding, looking for what triggers wait for."""

import percorso.surveys.exchange.jobs
import percorso.surveys.results.jobs  # noqa: F401 registers its own
from percorso.base.jobs import Rule, check, job
from percorso.base.models import Job
from percorso.i18n import mark
from percorso.surveys.inviting import actions, reminding, sending, triggers
from percorso.surveys.models import Distribution


@job(actions.INVITE, mark("Invitations to a survey"), local=True)
def invite(row: Job, distribution: int) -> int:
    """Invite the audience of a distribution; begun again, it goes on where it was."""
    found = Distribution.objects.select_related("survey__workspace", "survey__live").get(pk=distribution)
    return actions.carry_out(row, found)


@job(actions.GO_ON, mark("Invitations that wait"), every=Rule(minutes=10))
def invite_waiting(row: Job) -> int:
    """Ask the contact policy again for who had to wait, and for what triggers found; end what was stopped."""
    actions.end_stopped()
    return sending.let_out_waiting(lambda: check(row))


@job("remind", mark("Reminders of surveys"), every=Rule(minutes=30))
def remind(row: Job) -> int:
    """Remind those who have not answered."""
    return reminding.remind(lambda: check(row))


@job("invite_by_triggers", mark("Invitations after orders, tickets and events"), every=Rule(minutes=10), local=True)
def invite_by_triggers(row: Job) -> int:
    """Look for what happened, and invite who is to be asked about it."""
    found = triggers.look(lambda: check(row))
    if found:
        sending.let_out_waiting(lambda: check(row))
    return found
