"""Who is whom over the REST interface: claims of programs, decisions, what waits for one."""

from datetime import datetime
from typing import Any, Literal

from ninja import P, Path, Query, Router, Schema, Status
from pydantic import Field

from percorso.accounts.bearer import PERSONAL, WRITE, KeyRequest
from percorso.base.rest import Page, Paging, Problem, Strict, cursor_of, example, page_of
from percorso.customers import queries as people
from percorso.customers.actions import note_view
from percorso.customers.identity import actions, queries
from percorso.customers.identity.belonging import Claim, rank_of
from percorso.customers.identity.book import believed, identities_of, known_customers
from percorso.customers.identity.shown import kind_of
from percorso.customers.models import IdentityClaim, IdentityDecision
from percorso.i18n import mark

router = Router()
Id = Path[str, P(example="c1", description="the customer's id; any text, percent-encoded")]
Kind = Literal["email", "phone", "card", "external", "anonymous"]
NAMED = "an id of your own, or one of email:… phone:… card:… external:<system>:… anonymous:…"

CLAIM: dict[str, Any] = {
    "one": "c1", "other": "card:AB1234", "joins": False, "source": "write program", "counts": True, "created_at": "2026-01-01T15:00:00Z",
}  # fmt: skip
IDENTITIES: dict[str, Any] = {
    "customer": "c1",
    "identities": [
        {"identity": "c1", "kind": "id", "facts": 1, "claims": [CLAIM]},
        {"identity": "card:AB1234", "kind": "card", "facts": 0, "claims": [CLAIM]},
    ],
}
DECISION: dict[str, Any] = {
    "id": 1, "one": "c1", "other": "crm-77", "apart": False, "note": "same person at the counter", "by": "write program",
    "created_at": "2026-01-01T15:00:00Z", "undone_at": None, "undone_by": "",
}  # fmt: skip
ASKED = {name: DECISION[name] for name in ("one", "other", "note")}


class ClaimIn(Strict):
    """That two identities are one customer's, as a system of yours knows it."""

    one: str = Field(min_length=1, max_length=300, pattern=r"\S", description=NAMED)
    other: str = Field(min_length=1, max_length=300, pattern=r"\S", description=NAMED)
    joins: bool = Field(
        False, description="two ids of your own are one customer, called `one` from now on; else the one that tells less belongs to the other"
    )  # fmt: skip


class ClaimOut(Schema):
    one: str
    other: str
    joins: bool
    source: str
    counts: bool = Field(description="false: a person set it aside")
    created_at: datetime

    @staticmethod
    def resolve_created_at(row: IdentityClaim) -> datetime:
        return row.at

    @staticmethod
    def resolve_counts(row: IdentityClaim) -> bool:
        return row.undone_at is None


class Believed(Schema):
    """The customer that each identity is by now."""

    customers: dict[str, str]


class IdentityOut(Schema):
    identity: str
    kind: str = Field(description="id, email, phone, card, external or anonymous")
    facts: int
    claims: list[ClaimOut]


class IdentitiesOut(Schema):
    customer: str
    identities: list[IdentityOut]


class DecisionIn(Strict):
    """What a person decided, through your program."""

    one: str = Field(min_length=1, max_length=300, pattern=r"\S", description="what the customer is called from now on")
    other: str = Field(min_length=1, max_length=300, pattern=r"\S")
    apart: bool = Field(False, description="they are not one, whatever sources say")
    note: str = Field("", max_length=300)


class DecisionOut(Schema):
    """A decision; of several that contradict each other the latest holds."""

    id: int
    one: str
    other: str
    apart: bool
    note: str
    by: str
    created_at: datetime
    undone_at: datetime | None
    undone_by: str

    @staticmethod
    def resolve_created_at(row: IdentityDecision) -> datetime:
        return row.at


class Wanted(Paging):
    """Which identities that wait are wanted."""

    kind: Kind = "email"


class WaitingOut(Schema):
    """Customers that share an identity, or one customer that the rules do not give it to."""

    identity: str
    customers: list[str]


@router.post(
    "/identities/claims", auth=WRITE, response={201: Believed}, summary="Claim that identities are one customer's",
    operation_id="claim_identities",
    openapi_extra=example({"customers": {"c1": "c1", "card:AB1234": "c1"}}, 201, asked={"one": "c1", "other": "card:AB1234"}),
)  # fmt: skip
def claim_identities(request: KeyRequest, claim: ClaimIn) -> Status[dict[str, Any]]:
    """Tell that two identities are one customer's; the facts follow. What the workspace's rules let wait, waits for a person."""
    _personal(request)
    made = Claim(claim.one.strip(), claim.other.strip(), claim.joins)
    if not made.joins and rank_of(made.one) == rank_of(made.other):
        raise Problem(400, mark("Two identities of one kind are one customer only when you say that they join."))
    customers = believed(request.auth.workspace, [made], list(made[:2]), {made: request.auth.name})
    return Status(201, {"customers": customers})


@router.get(
    "/customers/{path:id}/identities", auth=PERSONAL, response=IdentitiesOut, summary="One customer's identities",
    operation_id="list_customer_identities", openapi_extra=example(IDENTITIES),
)  # fmt: skip
def list_customer_identities(request: KeyRequest, id: Id) -> dict[str, Any]:
    """Every identity of a customer, and what was claimed of it."""
    workspace = request.auth.workspace
    if people.shown(workspace, id) is None:
        raise Problem(404, mark("There is no customer {id}."), id=id)
    note_view(workspace, id, by=str(request.auth))
    facts = queries.identities_of_facts(workspace, id)
    every = list(dict.fromkeys([id, *identities_of(workspace, id)[: queries.MOST_IDENTITIES], *facts]))
    claims = list(queries.claims_about(workspace, every)[: 5 * queries.MOST_IDENTITIES])
    return {
        "customer": known_customers(workspace, [id]).get(id, id),
        "identities": [
            {"identity": one, "kind": kind_of(one) or "id", "facts": facts.get(one, 0), "claims": [c for c in claims if one in (c.one, c.other)]}
            for one in every
        ],
    }  # fmt: skip


@router.get(
    "/identities/waiting", auth=PERSONAL, response=Page[WaitingOut], summary="Identities that wait for a decision",
    operation_id="list_waiting_identities", openapi_extra=example({"items": [], "next": None}),
)  # fmt: skip
def list_waiting(request: KeyRequest, wanted: Query[Wanted]) -> dict[str, Any]:
    """What several customers were named with, and nobody decided yet."""
    after = wanted.after((str,))
    found, following = queries.waiting(request.auth.workspace, wanted.kind, wanted.limit, after[0] if after else "")
    items = [{"identity": one.identity, "customers": list(one.customers)} for one in found]
    return {"items": items, "next": cursor_of(following) if following else None}


@router.post(
    "/identities/decisions", auth=WRITE, response={201: DecisionOut}, summary="Decide that customers are one, or are not",
    operation_id="decide_identities", openapi_extra=example(DECISION, 201, asked=ASKED),
)  # fmt: skip
def decide(request: KeyRequest, decision: DecisionIn) -> Status[IdentityDecision]:
    """Merge two customers, or say that they are not one; the facts follow. `apart` also splits an identity off a customer."""
    _personal(request)
    workspace, by = request.auth.workspace, str(request.auth)
    if decision.apart:
        actions.part_customers(workspace, [decision.one, decision.other], by=by, note=decision.note)
    else:
        actions.merge_customers(workspace, decision.one, [decision.other], by=by, note=decision.note)
    return Status(201, queries.decided(workspace).filter(one=decision.one, other=decision.other)[0])


@router.get(
    "/identities/decisions", auth=PERSONAL, response=Page[DecisionOut], summary="Decisions about identities",
    operation_id="list_identity_decisions", openapi_extra=example({"items": [DECISION], "next": None}),
)  # fmt: skip
def list_decisions(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """What people and programs decided, the newest first."""
    rows = queries.decided(request.auth.workspace)
    if after := paging.after():
        rows = rows.filter(pk__lt=after[0])
    return page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))


@router.delete(
    "/identities/decisions/{id}", auth=WRITE, response={204: None}, summary="Undo a decision about identities",
    operation_id="undo_identity_decision",
)  # fmt: skip
def undo(request: KeyRequest, id: int) -> Status[None]:
    """Take a decision back: what held before holds again. Done twice, it is done once."""
    _personal(request)
    found = queries.decided(request.auth.workspace).filter(pk=id).first() if abs(id) < 2**63 else None
    if found is None:
        raise Problem(404, mark("There is no decision {id}."), id=id)
    actions.undo_decision(found, by=str(request.auth))
    return Status(204, None)


def _personal(request: KeyRequest) -> None:
    if not request.auth.personal:
        raise Problem(403, mark("This key may not read personal data. Use one that may."))
