"""The REST interface to webhook sources: which there are, making and changing them. Secrets are taken and never told."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from ninja import Router, Schema, Status
from pydantic import Field

from percorso.accounts.bearer import READ, WRITE, KeyRequest
from percorso.base.rest import Page, Problem, Strict, example
from percorso.errors import BadQuestion, UserError
from percorso.i18n import mark
from percorso.sources.webhooks import actions, queries
from percorso.sources.webhooks.kind import WEBHOOK_KINDS
from percorso.sources.webhooks.models import WebhookSource

router = Router()
KINDS_ARE = "stripe, shopify, chatwoot, zendesk, generic …"
SHOWN: dict[str, Any] = {
    "id": 1, "kind": "shopify", "name": "Shop", "address": "https://percorso.example/hooks/Hq2mS0x1bWk8Zr5tVn3cYd7e/",
    "settings": {}, "secrets": {"secret": True}, "heard_at": None, "refused": 0, "refused_because": "",
    "calls": {"waiting": 0, "done": 0, "ignored": 0, "failed": 0},
}  # fmt: skip
ASKED = {"kind": "shopify", "name": "Shop", "settings": {"secret": "a secret that Shopify shows"}}


class SourceIn(Strict):
    """A source to make."""

    kind: str = Field(max_length=64, description=KINDS_ARE)
    name: str = Field(max_length=actions.LONGEST_NAME)
    settings: dict[str, Any] = Field(
        default_factory=dict, max_length=50, description="of its kind: secret, and others; a generic one has a mapping"
    )


class SourceChange(Strict):
    """What changes; the settings are all of them, but a secret that is left out stays."""

    name: str | None = Field(None, max_length=actions.LONGEST_NAME)
    settings: dict[str, Any] | None = Field(None, max_length=50)


class SourceOut(Schema):
    """A webhook source."""

    id: int
    kind: str = Field(description=KINDS_ARE)
    name: str
    address: str = Field(description="to give to the other side; without the token that it may need")
    settings: dict[str, Any] = Field(description="without secrets")
    secrets: dict[str, bool] = Field(description="its secrets by name, and whether one is kept")
    heard_at: datetime | None
    refused: int = Field(description="calls that were not proven to come from it, or were no JSON objects")
    refused_because: str = Field(description="why, of the last one")
    calls: dict[str, int] = Field(description="calls by what became of them: waiting, done, ignored, failed")


@router.get(
    "/webhook-sources", auth=READ, response=Page[SourceOut], summary="Webhook sources",
    operation_id="list_webhook_sources", openapi_extra=example({"items": [SHOWN], "next": None}),
)  # fmt: skip
def list_webhook_sources(request: KeyRequest) -> dict[str, Any]:
    """Systems that tell percorso something by webhooks."""
    workspace = request.auth.workspace
    counts = queries.counts_of(workspace)
    return {"items": [_told(row, counts[row.pk]) for row in workspace.webhook_sources.order_by("id")], "next": None}


@router.post(
    "/webhook-sources", auth=WRITE, response={201: SourceOut}, summary="Make a webhook source",
    operation_id="make_webhook_source", openapi_extra=example(SHOWN, 201, asked=ASKED),
)  # fmt: skip
def make_webhook_source(request: KeyRequest, told: SourceIn) -> Status[Any]:
    """Make a source; give its address to the other side, and its secret here."""
    if told.kind not in WEBHOOK_KINDS:
        raise Problem(
            422, mark("There is no kind {kind}. Kinds: {known}."), kind=told.kind, known=", ".join(WEBHOOK_KINDS)
        )
    try:
        made = actions.make_webhook_source(
            request.auth.workspace, told.kind, told.name, told.settings, by=str(request.auth)
        )
    except UserError as error:
        raise Problem(422, error.message, **error.params) from error
    return Status(201, _told(made))


@router.get(
    "/webhook-sources/{id}", auth=READ, response=SourceOut, summary="One webhook source",
    operation_id="get_webhook_source", openapi_extra=example(SHOWN),
)  # fmt: skip
def get_webhook_source(request: KeyRequest, id: int) -> dict[str, Any]:
    """One source: when it was heard, and what became of its calls."""
    return _told(_source(request, id))


@router.patch(
    "/webhook-sources/{id}", auth=WRITE, response=SourceOut, summary="Change a webhook source",
    operation_id="change_webhook_source", openapi_extra=example(SHOWN, asked={"settings": ASKED["settings"]}),
)  # fmt: skip
def change_webhook_source(request: KeyRequest, id: int, told: SourceChange) -> dict[str, Any]:
    """Change a source's name or settings."""
    row = _source(request, id)
    settings = told.settings if told.settings is not None else row.settings
    try:
        actions.change_webhook_source(row, row.name if told.name is None else told.name, settings, by=str(request.auth))
    except UserError as error:
        raise Problem(422, error.message, **error.params) from error
    return _told(row)


@router.delete(
    "/webhook-sources/{id}", auth=WRITE, response={204: None}, summary="Remove a webhook source",
    operation_id="remove_webhook_source",
)  # fmt: skip
def remove_webhook_source(request: KeyRequest, id: int) -> Status[None]:
    """Close its address and delete the calls that were kept; the facts that they made stay."""
    actions.remove_webhook_source(_source(request, id), by=str(request.auth))
    return Status(204, None)


@router.post(
    "/webhook-sources/{id}/replay", auth=WRITE, response={202: SourceOut}, summary="Read calls again",
    operation_id="replay_webhook_source", openapi_extra=example(SHOWN, 202),
)  # fmt: skip
def replay_webhook_source(request: KeyRequest, id: int) -> Status[Any]:
    """Read all calls again that were ignored or could not be read; nothing counts twice."""
    row = _source(request, id)
    with suppress(BadQuestion):  # nothing to read again
        actions.replay_deliveries(row, by=str(request.auth))
    return Status(202, _told(row))


def _source(request: KeyRequest, id: int) -> WebhookSource:
    row = WebhookSource.objects.select_related("workspace").filter(workspace=request.auth.workspace, pk=id).first()
    if row is None:
        raise Problem(404, mark("There is no webhook source {id}."), id=id)
    return row


def _told(row: WebhookSource, counts: dict[str, int] | None = None) -> dict[str, Any]:
    secrets = actions.secret_names(WEBHOOK_KINDS[row.kind].Config)
    return {
        "id": row.pk, "kind": row.kind, "name": row.name, "address": queries.address_of(row).partition("?")[0],
        "settings": {name: value for name, value in row.settings.items() if name not in secrets},
        "secrets": {name: bool(row.settings.get(name)) for name in secrets}, "heard_at": row.heard_at,
        "refused": row.refused, "refused_because": row.refused_told, "calls": queries.counts(row) if counts is None else counts,
    }  # fmt: skip
