"""The ledger of consent over the REST interface: reading, and writing new entries; none is ever changed."""

from datetime import datetime
from typing import Any

from ninja import Query, Router, Schema, Status
from pydantic import Field

from percorso.accounts.bearer import PERSONAL, WRITE, KeyRequest
from percorso.base.rest import Page, Paging, Problem, Strict, example, page_of
from percorso.customers.consent import record_consent
from percorso.customers.models import Consent
from percorso.i18n import mark

router = Router()

ENTRY: dict[str, Any] = {
    "id": 1, "customer": "c1", "address": "ana@example.com", "purpose": "survey", "channel": "", "basis": "consent", "given": True,
    "proof": {"words": "I agree to be asked", "form": "shop/2026-01"}, "by": "shop", "created_at": "2026-02-04T12:00:00Z",
}  # fmt: skip
ASKED = {name: ENTRY[name] for name in ("customer", "address", "purpose", "given", "proof")}


class Wanted(Paging):
    """Whose entries are wanted."""

    customer: str = Field("", max_length=254, description="only of this customer")
    address: str = Field("", max_length=254, description="only of this address")


class ConsentIn(Strict):
    """A new entry of the ledger."""

    address: str = Field(min_length=1, max_length=254)
    purpose: str = Field(max_length=20, description="survey, campaign or service")
    given: bool = Field(description="false: consent is withdrawn")
    customer: str = Field("", max_length=254)
    channel: str = Field("", max_length=40, description="empty: every channel")
    basis: str = Field(
        "consent", max_length=20, description="consent, contract, legitimate_interest or legal_obligation"
    )
    proof: dict[str, Any] = Field(default_factory=dict, description="what shows it: the words agreed to, the form, the request")  # fmt: skip


class ConsentOut(Schema):
    """One entry of the ledger. The newest that speaks of a purpose and a channel (or of every channel) holds."""

    id: int
    customer: str
    address: str
    purpose: str
    channel: str
    basis: str
    given: bool
    proof: dict[str, Any]
    by: str
    created_at: datetime

    @staticmethod
    def resolve_created_at(row: Consent) -> datetime:
        return row.at


@router.get(
    "/consents", auth=PERSONAL, response=Page[ConsentOut], summary="Ledger of consent", operation_id="list_consents",
    openapi_extra=example({"items": [ENTRY], "next": None}),
)  # fmt: skip
def list_consents(request: KeyRequest, wanted: Query[Wanted]) -> dict[str, Any]:
    """Consent given and withdrawn, the newest first."""
    rows = Consent.objects.filter(workspace=request.auth.workspace).order_by("-id")
    if wanted.customer:
        rows = rows.filter(customer=wanted.customer)
    if wanted.address:
        rows = rows.filter(address=wanted.address.strip().casefold())
    if after := wanted.after():
        rows = rows.filter(pk__lt=after[0])
    return page_of(rows[: wanted.limit + 1], wanted.limit, lambda row: (row.pk,))


@router.post(
    "/consents", auth=WRITE, response={201: ConsentOut}, summary="Record consent", operation_id="record_consent",
    openapi_extra=example(ENTRY, 201, asked=ASKED),
)  # fmt: skip
def record(request: KeyRequest, consent: ConsentIn) -> Status[Consent]:
    """Write that consent was given or withdrawn. The key must be one that may read personal data too."""
    if not request.auth.personal:
        raise Problem(403, mark("This key may not read personal data. Use one that may."))
    return Status(201, record_consent(request.auth.workspace, **consent.dict(), by=str(request.auth)))
