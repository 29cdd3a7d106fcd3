"""Decisions of people about who is whom: each is kept, can be undone, and is told in the audit log."""

from collections.abc import Sequence
from itertools import combinations

from django.db import transaction
from django.utils import timezone

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.base import jobs
from percorso.base.models import Job
from percorso.customers.identity.belonging import Claim, rank_of
from percorso.customers.identity.book import FACTS, believed, known_customers, settle
from percorso.customers.identity.queries import MOST_IDENTITIES, identities_of_facts
from percorso.customers.models import IdentityClaim, IdentityDecision, IdentityRules
from percorso.errors import BadQuestion
from percorso.i18n import mark

REPLAY = "settle_identities"
LONGEST = 300


@transaction.atomic
def merge_customers(workspace: Workspace, one: str, others: Sequence[str], *, by: Person | str, note: str = "") -> None:
    """Decide that some customers are one, which is called `one` from now on; their facts follow.

    Raises
    ------
    BadQuestion : there are not two customers.
    """
    others = [other for other in dict.fromkeys(others) if other != one]
    _checked(one, *others)
    if not others:
        raise BadQuestion(mark("Choose another customer: one cannot be merged with itself."))
    adopt(workspace, [one, *others])
    _decide(workspace, [(one, other) for other in others], apart=False, by=by, note=note)
    audit.record("customers_merged", workspace, by=by, target=one[:254], others=len(others))


@transaction.atomic
def part_customers(workspace: Workspace, customers: Sequence[str], *, by: Person | str, note: str = "") -> None:
    """Decide of some customers that no two of them are one, whatever sources say.

    Raises
    ------
    BadQuestion : there are not two customers.
    """
    customers = list(dict.fromkeys(customers))
    _checked(*customers)
    if len(customers) < 2:
        raise BadQuestion(mark("Choose another customer: one cannot be merged with itself."))
    adopt(workspace, customers)
    _decide(workspace, list(combinations(customers, 2)), apart=True, by=by, note=note)
    audit.record("customers_parted", workspace, by=by, target=customers[0][:254], others=len(customers) - 1)


@transaction.atomic
def split_identity(workspace: Workspace, customer: str, identity: str, *, by: Person | str, note: str = "") -> None:
    """Decide that an identity is not a customer's; its facts leave with it.

    Raises
    ------
    BadQuestion : the customer is called by it, or it is not the customer's.
    """
    _checked(identity)
    if identity == customer:
        raise BadQuestion(mark("The customer is called by this identity. Split off the others instead."))
    adopt(workspace, [customer])
    if known_customers(workspace, [identity]).get(identity) != customer:
        raise BadQuestion(mark("This identity is not one of this customer any more. Load the page again."))
    _decide(workspace, [(customer, identity)], apart=True, by=by, note=note)
    audit.record("identity_split", workspace, by=by, target=customer[:254])


@transaction.atomic
def undo_decision(decision: IdentityDecision, *, by: Person | str) -> None:
    """Take a decision back: what held before it holds again. Done twice, it is done once."""
    if decision.undone_at is not None:
        return
    decision.undone_at, decision.undone_by = timezone.now(), str(by)[:254]
    decision.save(update_fields=["undone_at", "undone_by"])
    settle(decision.workspace, [decision.one, decision.other])
    audit.record("identity_decision_undone", decision.workspace, by=by, target=decision.one[:254])


@transaction.atomic
def set_claim_aside(claim: IdentityClaim, aside: bool, *, by: Person | str) -> None:
    """Let what a source said not count, or count again."""
    if (claim.undone_at is not None) == aside:
        return
    claim.undone_at, claim.undone_by = (timezone.now(), str(by)[:254]) if aside else (None, "")
    claim.save(update_fields=["undone_at", "undone_by"])
    settle(claim.workspace, [claim.one, claim.other])
    action = "identity_claim_set_aside" if aside else "identity_claim_counted"
    audit.record(action, claim.workspace, by=by, target=claim.one[:254])


@transaction.atomic
def change_rules(rules: IdentityRules, *, by: Person | str) -> Job:
    """Keep what may happen to identities without a person, and work all of them out anew by it."""
    rules.save()
    kept = {field: getattr(rules, field) for field in ("alias", "email", "phone", "card", "external", "anonymous")}
    audit.record("identity_rules_changed", rules.workspace, by=by, **kept)
    return replay(rules.workspace)


def replay(workspace: Workspace) -> Job:
    """Work out anew, soon, who everybody is, from all that was claimed and decided; the facts follow."""
    return jobs.enqueue(REPLAY, workspace=workspace.slug)


def adopt(workspace: Workspace, customers: Sequence[str]) -> None:
    """Take over who facts came of before anybody claimed anything: files name a device and whose it is in one row."""
    claims = []
    for customer in customers:
        identities = identities_of_facts(workspace, customer)
        known = known_customers(workspace, identities)
        for identity in list(identities)[:MOST_IDENTITIES]:
            if identity not in (customer, *known) and len(identity) <= LONGEST:
                claims.append(Claim(customer, identity, joins=rank_of(identity) <= rank_of(customer)))
    believed(workspace, claims, customers, dict.fromkeys(claims, FACTS))


def _decide(
    workspace: Workspace, pairs: Sequence[tuple[str, str]], *, apart: bool, by: Person | str, note: str
) -> None:
    for one, other in pairs:
        IdentityDecision.objects.create(
            workspace=workspace, one=one, other=other, apart=apart, by=str(by)[:254], note=note[:300]
        )
    settle(workspace, {i for pair in pairs for i in pair})


def _checked(*identities: str) -> None:
    if any(not identity.strip() or len(identity) > LONGEST for identity in identities):
        raise BadQuestion(mark("An identity has at most 300 characters."))
