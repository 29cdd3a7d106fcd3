"""The REST interface to personas."""

from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from percorso.accounts.bearer import READ, KeyRequest
from percorso.analytics.segments import parse
from percorso.base.rest import Page, Paging, example, page_of
from percorso.customers.models import Persona
from percorso.customers.personas import queries
from percorso.customers.segments.counting import size
from percorso.customers.segments.queries import resolved, rules_of
from percorso.errors import BadQuestion

router = Router()
PERSONA: dict[str, Any] = {
    "id": 1, "name": "Marina", "role": "Buys gifts online", "quote": "I only want it to arrive in time.",
    "segment": "brazil-detractors", "needs": ["Delivery on the day promised"], "pains": ["Nobody answers"], "goals": [],
    "count": 0, "share": 0.0,
}  # fmt: skip


class PersonaOut(Schema):
    """A persona and the live share of its segment."""

    id: int
    name: str
    role: str
    quote: str
    segment: str = Field(description="slug of the segment that it stands for")
    needs: list[str]
    pains: list[str]
    goals: list[str]
    count: int | None = Field(description="customers in the segment now")
    share: float | None = Field(description="of all customers, 0 to 1")


@router.get(
    "/personas", auth=READ, response=Page[PersonaOut], summary="Personas", operation_id="list_personas",
    openapi_extra=example({"items": [PERSONA], "next": None}),
)  # fmt: skip
def list_personas(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """The personas, the oldest first, each with the live share of the customers that it stands for."""
    workspace = request.auth.workspace
    rows = queries.personas(workspace).order_by("id")
    if after := paging.after():
        rows = rows.filter(pk__gt=after[0])
    found = page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))
    known = rules_of(workspace)
    return found | {"items": [_told(row, known) for row in found["items"]]}


def _told(row: Persona, known: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(row, name) for name in ("id", "name", "role", "quote")}
    told |= {name: queries.lines(getattr(row, name)) for name in ("needs", "pains", "goals")}
    try:
        rule = resolved(row.segment.workspace, parse(row.segment.rule), row.segment.slug, known)
        counted = size(row.segment.workspace, rule)
        return told | {"segment": row.segment.slug, "count": counted.count, "share": counted.share}
    except BadQuestion:
        return told | {"segment": row.segment.slug, "count": None, "share": None}
