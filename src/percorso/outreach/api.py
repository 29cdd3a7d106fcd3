"""The REST interface to webhooks: who is told of what, and what they were sent."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from percorso.accounts.bearer import READ, WRITE, KeyRequest
from percorso.base.outbox import EVENTS
from percorso.base.rest import Page, Paging, Problem, Strict, example, page_of
from percorso.i18n import mark
from percorso.outreach import actions, queries
from percorso.outreach.models import Delivery, Webhook

router = Router()
Event = Literal[EVENTS]  # type: ignore[valid-type]

MADE: dict[str, Any] = {
    "id": 1, "url": "https://example.com/percorso", "events": ["figure.changed", "import.finished"], "enabled": True,
    "off_because": "", "failing_since": None, "created_at": "2026-02-01T12:00:00Z",
}  # fmt: skip
DELIVERY: dict[str, Any] = {
    "id": 1, "event": "msg_p5jXN8AQM9LWM0D4loKWxJek", "type": "import.finished", "state": "failed", "attempts": 10,
    "next_at": None, "tried_at": "2026-02-04T12:00:00Z", "code": 500, "told": "", "created_at": "2026-02-01T12:00:00Z",
}  # fmt: skip
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class WebhookIn(Strict):
    url: str = Field(max_length=500, description="a public https address")
    events: list[Event] = Field(default=list(EVENTS), min_length=1, max_length=20)


class WebhookChange(Strict):
    """What is left out, or null, stays."""

    url: str | None = Field(None, max_length=500)
    events: list[Event] | None = Field(None, min_length=1, max_length=20)
    enabled: bool | None = None


class WebhookOut(Schema):
    id: int
    url: str
    events: list[str]
    enabled: bool
    off_because: str = Field(description="by_hand, gone (the receiver answered 410) or failing (five days)")
    failing_since: datetime | None
    created_at: datetime


class WebhookMade(WebhookOut):
    secret: str = Field(description="signs what is sent (Standard Webhooks 1.0.0); told only here")


class DeliveryOut(Schema):
    """One event for one webhook."""

    id: int
    event: str = Field(description="the webhook-id that the receiver sees; the same in every attempt")
    type: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    next_at: datetime | None
    tried_at: datetime | None
    code: int | None
    told: str
    created_at: datetime

    @staticmethod
    def resolve_type(row: Delivery) -> str:
        return row.kind


@router.get(
    "/webhooks", auth=READ, response=Page[WebhookOut], summary="Webhooks", operation_id="list_webhooks",
    openapi_extra=example({"items": [MADE], "next": None}),
)  # fmt: skip
def list_webhooks(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Who is told of what."""
    rows = request.auth.workspace.webhooks.order_by("id")
    if after := paging.after():
        rows = rows.filter(pk__gt=after[0])
    return page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))


@router.post(
    "/webhooks", auth=WRITE, response={201: WebhookMade}, summary="Make a webhook", operation_id="make_webhook",
    openapi_extra=example(MADE | {"secret": SECRET}, 201, asked={"url": MADE["url"], "events": MADE["events"]}),
)  # fmt: skip
def make_webhook(request: KeyRequest, webhook: WebhookIn) -> Status[Webhook]:
    """Tell an address of events from now on. The answer has the secret."""
    return Status(201, actions.make_webhook(request.auth.workspace, webhook.url, webhook.events, by=str(request.auth)))


@router.get(
    "/webhooks/{id}", auth=READ, response=WebhookOut, summary="One webhook", operation_id="get_webhook",
    openapi_extra=example(MADE),
)  # fmt: skip
def get_webhook(request: KeyRequest, id: int) -> Webhook:
    """One webhook."""
    return _webhook(request, id)


@router.patch(
    "/webhooks/{id}", auth=WRITE, response=WebhookOut, summary="Change a webhook", operation_id="change_webhook",
    openapi_extra=example(MADE | {"events": ["import.finished"]}, asked={"events": ["import.finished"]}),
)  # fmt: skip
def change_webhook(request: KeyRequest, id: int, change: WebhookChange) -> Webhook:
    """Change the address or the events, switch it on or off."""
    return actions.change_webhook(_webhook(request, id), **change.dict(), by=str(request.auth))


@router.delete(
    "/webhooks/{id}", auth=WRITE, response={204: None}, summary="Remove a webhook", operation_id="remove_webhook"
)
def remove_webhook(request: KeyRequest, id: int) -> Status[None]:
    """Tell the address nothing more."""
    actions.remove_webhook(_webhook(request, id), by=str(request.auth))
    return Status(204, None)


@router.post(
    "/webhooks/{id}/secret", auth=WRITE, response=WebhookMade, summary="Change the secret", operation_id="change_secret",
    openapi_extra=example(MADE | {"events": ["import.finished"], "secret": SECRET}),
)  # fmt: skip
def change_secret(request: KeyRequest, id: int) -> Webhook:
    """Get a new secret; for a day the old one signs too."""
    webhook = _webhook(request, id)
    actions.change_secret(webhook, by=str(request.auth))
    return webhook


@router.get(
    "/webhooks/{id}/deliveries", auth=READ, response=Page[DeliveryOut], summary="What a webhook was sent",
    operation_id="list_deliveries", openapi_extra=example({"items": [DELIVERY], "next": None}),
)  # fmt: skip
def list_deliveries(request: KeyRequest, id: int, paging: Query[Paging]) -> dict[str, Any]:
    """What a webhook was sent in the last thirty days, the newest first."""
    rows = queries.deliveries(request.auth.workspace, _webhook(request, id).pk)
    if after := paging.after():
        rows = rows.filter(pk__lt=after[0])
    return page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))


@router.post(
    "/webhooks/{id}/deliveries/{delivery}/replay", auth=WRITE, response={202: DeliveryOut}, summary="Send once more",
    operation_id="replay_delivery",
    openapi_extra=example(DELIVERY | {"state": "waiting", "attempts": 0, "next_at": "2026-02-04T13:00:00Z"}, 202),
)  # fmt: skip
def replay_delivery(request: KeyRequest, id: int, delivery: int) -> Status[Delivery]:
    """Send an event once more, under the same id."""
    mine = queries.deliveries(request.auth.workspace, _webhook(request, id).pk).select_related("webhook__workspace")
    row = mine.filter(pk=delivery).first() if abs(delivery) < 2**63 else None
    if row is None:
        raise Problem(404, mark("There is no delivery {id}."), id=delivery)
    return Status(202, actions.replay(row, by=str(request.auth)))


def _webhook(request: HttpRequest, id: int) -> Webhook:
    mine = request.auth.workspace.webhooks.select_related("workspace")  # type: ignore[attr-defined]
    row: Webhook | None = mine.filter(pk=id).first() if abs(id) < 2**63 else None
    if row is None:
        raise Problem(404, mark("There is no webhook {id}. See GET /webhooks."), id=id)
    return row
