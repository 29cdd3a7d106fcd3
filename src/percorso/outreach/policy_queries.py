"""Reads for the pages of the contact policy."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from percorso.accounts.models import Workspace
from percorso.outreach.contact import LOST, policy_of
from percorso.outreach.ledger import Sent
from percorso.outreach.models import ContactPolicy, Message, Refusal, Suppression
from percorso.outreach.policy import replay
from percorso.outreach.suppression import standing

LOOK_BACK = timedelta(days=30)
SIMULATED = timedelta(days=90)
# A simulation reads no more than so many messages, the newest.
MOST_SIMULATED = 50_000


@dataclass(frozen=True)
class Simulation:
    """What a policy would have made of the messages of `SIMULATED`: how many there were, and how many it would have held."""

    sent: int
    held: int
    by: list[tuple[str, int]]
    whole: bool


def contact_policy(workspace: Workspace) -> ContactPolicy:
    """Return the policy of a workspace; the usual one where nobody has set it."""
    return ContactPolicy.objects.filter(workspace=workspace).first() or ContactPolicy(workspace=workspace)


def sent_since(workspace: Workspace, since: datetime) -> int:
    """Return how many messages that count were sent."""
    rows = Message.objects.filter(workspace=workspace, sent_at__gt=since, exempt=False)
    return rows.exclude(state__in=LOST).count()


def refused_since(workspace: Workspace, since: datetime) -> list[tuple[str, int]]:
    """Return how many messages were refused, by reason, the most frequent first."""
    rows = Refusal.objects.filter(workspace=workspace, at__gt=since).order_by()
    return sorted(rows.values_list("because").annotate(n=Count("pk")), key=lambda row: (-row[1], row[0]))


def refusals(workspace: Workspace, because: str = "") -> QuerySet[Refusal]:
    """Return refused messages, the newest first. `because`: for one reason only."""
    rows = Refusal.objects.filter(workspace=workspace).order_by("-id")
    return rows.filter(because=because) if because else rows


def suppressions(workspace: Workspace, q: str = "") -> QuerySet[Suppression]:
    """Return the list of those who get nothing, the newest first. `q`: a part of the address."""
    rows = standing(workspace).order_by("-id")
    return rows.filter(address__contains=q.strip().casefold()) if q.strip() else rows


def simulate(workspace: Workspace, row: ContactPolicy, now: datetime) -> Simulation:
    """Return what a policy would have made of the messages of the last `SIMULATED`."""
    rows = Message.objects.filter(workspace=workspace, sent_at__gt=now - SIMULATED, exempt=False)
    fields = ("customer", "address", "channel", "sent_at")
    found = list(rows.exclude(state__in=LOST).order_by("-sent_at").values_list(*fields)[: MOST_SIMULATED + 1])
    messages = [Sent(*values) for values in found[:MOST_SIMULATED] if values[3] is not None]
    told = replay(policy_of(workspace, row).caps, messages)
    held = sorted(((key, n) for key, n in told.items() if key), key=lambda pair: -pair[1])
    return Simulation(len(messages), sum(n for _, n in held), held, len(found) <= MOST_SIMULATED)
