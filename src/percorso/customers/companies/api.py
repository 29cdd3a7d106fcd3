"""Companies over the REST interface."""

from typing import Any

from ninja import P, Path, Query, Router, Schema
from pydantic import Field

from percorso.accounts.bearer import PERSONAL, KeyRequest
from percorso.base.rest import Page, Paging, Problem, cursor_of, example
from percorso.customers.companies import queries
from percorso.customers.identity.histories import now
from percorso.customers.models import Company
from percorso.i18n import mark

router = Router()
Key = Path[str, P(example="acme-brasil", description="the company's id as sources call it; any text, percent-encoded")]
COMPANY: dict[str, Any] = {"id": "acme-brasil", "name": "Acme Brasil", "parent": None, "customers": 1}
DETAILS: dict[str, Any] = COMPANY | {"parts": [], "traits": {"name": "Acme Brasil", "seats": 10}}


class Wanted(Paging):
    """Which companies are wanted."""

    search: str = Field("", max_length=200, description="what the name or the id holds")


class CompanyOut(Schema):
    id: str
    name: str
    parent: str | None = Field(description="id of the company that it is part of")
    customers: int = Field(description="that belong to it itself")


class CompanyDetails(CompanyOut):
    """One company, with its traits and what is part of it."""

    parts: list[str] = Field(description="ids of all companies below it")
    traits: dict[str, Any]


@router.get(
    "/companies", auth=PERSONAL, response=Page[CompanyOut], summary="Companies", operation_id="list_companies",
    openapi_extra=example({"items": [COMPANY], "next": None}),
)  # fmt: skip
def list_companies(request: KeyRequest, wanted: Query[Wanted]) -> dict[str, Any]:
    """Companies that customers belong to, in the order of their ids."""
    after = wanted.after((str,))
    rows = queries.companies(request.auth.workspace, wanted.search, wanted.limit + 1, after[0] if after else "")
    shown = rows[: wanted.limit]
    following = cursor_of(shown[-1]["key"]) if len(rows) > wanted.limit else None
    return {"items": [_told(row["key"], row["company"], row["n"]) for row in shown], "next": following}


@router.get(
    "/companies/{path:key}", auth=PERSONAL, response=CompanyDetails, summary="One company", operation_id="get_company",
    openapi_extra=example(DETAILS),
)  # fmt: skip
def get_company(request: KeyRequest, key: Key) -> dict[str, Any]:
    """What is known of a company now."""
    found = queries.company(request.auth.workspace, key)
    if found is None:
        raise Problem(404, mark("There is no company {key}."), key=key)
    n = queries.members_of(request.auth.workspace, [key]).get(key, 0)
    return _told(key, found, n) | {"parts": queries.whole(found)[1:], "traits": now(found.told)}


def _told(key: str, company: Company | None, n: int) -> dict[str, Any]:
    parent = company.parent.key if company and company.parent else None
    return {"id": key, "name": str(company or key), "parent": parent, "customers": n}
