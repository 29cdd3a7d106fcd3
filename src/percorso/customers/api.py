"""The REST interface to customers: only for keys that may read personal data."""

from datetime import UTC, datetime
from typing import Any

from ninja import P, Path, Query, Router, Schema, Status
from pydantic import Field

from percorso.accounts import audit
from percorso.accounts.bearer import PERSONAL, WRITE, KeyRequest
from percorso.base.rest import Page, Paging, Problem, example
from percorso.customers import queries
from percorso.customers.actions import note_view
from percorso.customers.cursor import pack, unpack
from percorso.customers.forgetting import forget_customer
from percorso.customers.privacy.export import collect
from percorso.customers.privacy.subject import subject_of
from percorso.customers.timeline.queries import Wanted, timeline
from percorso.i18n import mark

router = Router()

CUSTOMER: dict[str, Any] = {
    "id": "c1", "name": "Ana Souza", "company": None, "email": "ana@example.com", "country": "BR", "segment": None,
    "language": "pt-BR", "plan": None, "last_at": "2026-01-01T15:00:00Z", "facts": 1,
}  # fmt: skip
DETAILS: dict[str, Any] = {
    "id": "c1", "name": "Ana Souza", "company": None, "email": "ana@example.com", "country": "BR", "region": None,
    "segment": None, "language": "pt-BR", "plan": None, "created_at": "2025-06-01T00:00:00Z",
    "traits": {"email": "ana@example.com"}, "counts": {"answers": 1},
}  # fmt: skip
FACT: dict[str, Any] = {
    "table": "answers", "id": "a1", "at": "2026-01-01T15:00:00Z",
    "row": {
        "customer": "c1", "identity": "c1", "channel": "email", "survey": "after delivery", "metric": "csat", "score": 5.0,
        "scale_min": 1.0, "scale_max": 5.0, "polarity": "higher", "population": "customer", "batch": "api-1", "deliveries": 1,
    },
}  # fmt: skip
PERSONAL_DATA: dict[str, Any] = {
    "version": 1, "made_at": "2026-01-02T08:00:00.000000Z", "company": "Acme",
    "person": {"customers": ["c1"], "identities": [], "addresses": ["ana@example.com"], "names": ["Ana Souza"]},
    "facts": {
        "answers": [{
            "id": "a1", "customer": "c1", "identity": "c1", "at": "2026-01-01T15:00:00.000000Z", "channel": "email",
            "survey": "after delivery", "metric": "csat", "score": 5.0, "scale_min": 1.0, "scale_max": 5.0, "polarity": "higher",
            "population": "customer", "batch": "api-1",
        }],
        "customers": [{
            "id": "c1", "at": "2025-06-01T00:00:00.000000Z", "name": "Ana Souza", "created_at": "2025-06-01T00:00:00.000000Z",
            "country": "BR", "language": "pt-BR", "traits": {"email": "ana@example.com"}, "batch": "api-1",
        }],
    },
    "parts": {"audit": {"label": "Audit log", "rows": [{"kind": "audit", "action": "customer_viewed", "made_at": "2026-01-02T07:00:00+00:00"}]}},
}  # fmt: skip
Id = Path[str, P(example="c1", description="the customer's id; any text, percent-encoded")]


class Asked(Paging):
    """Which customers are wanted."""

    search: str = Field("", max_length=200, description="what the name, id or e-mail address holds")
    country: str = Field("", max_length=100)
    segment: str = Field("", max_length=200)


class CustomerOut(Schema):
    id: str
    name: str | None
    company: str | None
    email: str
    country: str | None
    segment: str | None
    language: str | None
    plan: str | None
    last_at: datetime | None = Field(description="when last seen")
    facts: int


class CustomerDetails(Schema):
    """One customer: columns, traits, how many facts of each table."""

    id: str
    name: str | None
    company: str | None
    email: str
    country: str | None
    region: str | None
    segment: str | None
    language: str | None
    plan: str | None
    created_at: datetime | None
    traits: dict[str, Any]
    counts: dict[str, int]


class FactOut(Schema):
    """One fact; `row` has the columns that are not empty."""

    table: str
    id: str
    at: datetime
    row: dict[str, Any]


@router.get(
    "/customers", auth=PERSONAL, response=Page[CustomerOut], summary="Customers", operation_id="list_customers",
    openapi_extra=example({"items": [CUSTOMER], "next": None}),
)  # fmt: skip
def list_customers(request: KeyRequest, asked: Query[Asked]) -> dict[str, Any]:
    """Customers, the newest first."""
    wanted = queries.Wanted(asked.search, asked.country, asked.segment)
    after: Any = unpack(asked.cursor or "", 2)
    rows = queries.customers(request.auth.workspace, wanted, asked.limit + 1, after)
    items = [row | {"facts": row["n"], "last_at": _utc(row["last_at"])} for row in rows[: asked.limit]]
    last = rows[asked.limit - 1] if len(rows) > asked.limit else None
    return {"items": items, "next": pack(last["since"], last["id"]) if last else None}


@router.get(
    "/customers/{path:id}/facts", auth=PERSONAL, response=Page[FactOut], summary="One customer's facts",
    operation_id="list_customer_facts", openapi_extra=example({"items": [FACT], "next": None}),
)  # fmt: skip
def list_customer_facts(request: KeyRequest, id: Id, paging: Query[Paging]) -> dict[str, Any]:
    """What is known of a customer, the newest first, of all tables."""
    workspace = request.auth.workspace
    if queries.shown(workspace, id) is None:
        raise Problem(404, mark("There is no customer {id}."), id=id)
    note_view(workspace, id, by=str(request.auth))
    after: Any = unpack(paging.cursor or "", 3)
    found = timeline(workspace, id, Wanted(), paging.limit + 1, after)
    items = [
        {"table": table, "id": row["id"], "at": _utc(row["at"]), "row": _told(row)}
        for table, row in found[: paging.limit]
    ]
    last = found[paging.limit - 1] if len(found) > paging.limit else None
    return {"items": items, "next": pack(last[1]["at"], last[0], last[1]["id"]) if last else None}


@router.get(
    "/customers/{path:id}/personal-data", auth=PERSONAL, response=dict[str, Any], summary="Everything about one customer",
    operation_id="get_personal_data", openapi_extra=example(PERSONAL_DATA),
)  # fmt: skip
def get_personal_data(request: KeyRequest, id: Id) -> dict[str, Any]:
    """A copy of everything that is kept of a person, over all modules, as `docs/personal-data.schema.json` describes it."""
    workspace = request.auth.workspace
    made = collect(workspace, subject_of(workspace, id))
    if not made["facts"] and not made["parts"]:
        raise Problem(404, mark("There is no customer {id}."), id=id)
    audit.record("personal_copy_read", workspace, by=str(request.auth), target=id)
    return made


@router.get(
    "/customers/{path:id}", auth=PERSONAL, response=CustomerDetails, summary="One customer", operation_id="get_customer",
    openapi_extra=example(DETAILS),
)  # fmt: skip
def get_customer(request: KeyRequest, id: Id) -> dict[str, Any]:
    """What is known of a customer now."""
    row = queries.customer(request.auth.workspace, id)
    if row is None:
        raise Problem(404, mark("There is no customer {id}."), id=id)
    note_view(request.auth.workspace, id, by=str(request.auth))
    return row | {"created_at": _utc(row.get("created_at"))}


@router.delete(
    "/customers/{path:id}",
    auth=WRITE,
    response={204: None},
    summary="Forget a customer",
    operation_id="forget_customer",
)
def forget(request: KeyRequest, id: Id) -> Status[None]:
    """Forget who a customer is, in everything that is kept of them. Scores stay, without a person; asked again, nothing changes.

    The facts follow within minutes. Addresses that nothing may be sent to are kept as a hash, so that nothing is.
    """
    if not request.auth.personal:
        raise Problem(403, mark("This key may not read personal data. Use one that may."))
    forget_customer(request.auth.workspace, id, by=str(request.auth), reason="REST")
    return Status(204, None)


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _told(row: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in ("workspace", "id", "at")}
    return {
        name: _utc(value) if isinstance(value, datetime) else value
        for name, value in kept.items()
        if value is not None and value == value  # NaN, an unreadable score, is not JSON
    }
