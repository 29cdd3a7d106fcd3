"""The REST interface to calls that were refused: which there are and why, each as it came, taking them after all."""

from datetime import datetime
from typing import Any

import msgspec
from ninja import Body, Query, Router, Schema, Status
from pydantic import Field

from percorso.accounts.bearer import PERSONAL, READ, WRITE, KeyRequest
from percorso.base.rest import Page, Paging, Problem, Strict, example, page_of
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.arriving import actions, examples, queries
from percorso.sources.arriving.mending import message_id
from percorso.sources.arriving.shown import reason_of, refusal_of
from percorso.sources.models import RefusedCall
from percorso.sources.tracking.calls import REASONS, UNREADABLE

router = Router()


class RefusedPaging(Paging):
    """Which refused calls are wanted, and which part of them."""

    source: int | None = Field(None, ge=1, lt=2**63, description="of the source with this id only")
    reason: str | None = Field(None, max_length=200, description=f"for this reason only: {', '.join(REASONS)}")


class RefusedOut(Schema):
    """A call that was refused, without what tells of whom it is."""

    id: int
    source: int = Field(description="id of the source")
    at: datetime = Field(description="when it came")
    reason: str = Field(description="code of the reason")
    message: str = Field(description="the reason, in the language of Accept-Language")
    detail: str = Field(description="more of it, where there is more")
    type: str = Field(description="the type that its address said; empty: of a batch")
    message_id: str = Field(description="empty where it has none that can be read")
    bytes: int


class RefusedWhole(RefusedOut):
    """A call that was refused, as it came."""

    call: Any = Field(description="the call; of what is no JSON object its beginning, as a text")
    sent_at: Any = Field(description="of its batch; null where that said none")
    context: Any = Field(description="of its batch; null where that had none")


class ReplayIn(Strict):
    """What is to be taken in place of what came."""

    call: dict[str, Any] | None = Field(
        None, description="the mended call, with its messageId as it was; null: as it came"
    )


@router.get(
    "/tracking/refused", auth=READ, response=Page[RefusedOut], summary="Refused calls", operation_id="list_refused_calls",
    openapi_extra=example({"items": [examples.REFUSED], "next": None}),
)  # fmt: skip
def list_refused_calls(request: KeyRequest, paging: Query[RefusedPaging]) -> dict[str, Any]:
    """Calls that could not be taken, the newest first; up to ten thousand of each source are kept."""
    rows = queries.refused_calls(request.auth.workspace, str(paging.source or ""), paging.reason or "")
    if after := paging.after():
        rows = rows.filter(pk__lt=after[0])
    page = page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.pk,))
    return page | {"items": [_told(row) for row in page["items"]]}


@router.get(
    "/tracking/refused/{id}", auth=PERSONAL, response=RefusedWhole, summary="One refused call",
    operation_id="get_refused_call", openapi_extra=example(examples.REFUSED_WHOLE),
)  # fmt: skip
def get_refused_call(request: KeyRequest, id: int) -> dict[str, Any]:
    """One call as it came, with nothing masked."""
    row = _row(request, id)
    around = {
        "sent_at": _value(row.sent) if row.sent else None,
        "context": _value(row.context) if row.context else None,
    }
    return _told(row) | around | {"call": _value(row.body)}


@router.post(
    "/tracking/refused/{id}/replay", auth=WRITE, response={204: None}, summary="Take a refused call after all",
    operation_id="replay_refused_call", openapi_extra=example(asked={"call": examples.MENDED}),
)  # fmt: skip
def replay_refused_call(request: KeyRequest, id: int, told: Body[ReplayIn | None] = None) -> Status[None]:
    """Judge a call once more, mended or as it came; taken, it is an event of the time at which it had come, and listed no longer.

    It is checked exactly as if it had just arrived: 422 says why it is refused still.
    """
    row, call = _row(request, id), told.call if told else None
    text = None if call is None else msgspec.json.encode(call).decode()
    try:
        refusals = actions.send_again(request.auth.workspace, row, text, by=str(request.auth))
    except BadQuestion as error:
        raise Problem(409, error.message, **error.params) from error
    if refusals:
        errors = [{"where": "body.call", "detail": refusal_of(refusal)} for refusal in refusals]
        raise Problem(422, mark("The call is refused still."), errors=errors)
    return Status(204, None)


@router.delete(
    "/tracking/refused/{id}", auth=WRITE, response={204: None}, summary="Discard a refused call",
    operation_id="discard_refused_call",
)  # fmt: skip
def discard_refused_call(request: KeyRequest, id: int) -> Status[None]:
    """Keep a call no longer: it can be looked at and taken no more."""
    workspace = request.auth.workspace
    actions.remove_calls(
        workspace, queries.refused_calls(workspace).filter(pk=_row(request, id).pk), by=str(request.auth)
    )
    return Status(204, None)


def _row(request: KeyRequest, id: int) -> RefusedCall:
    row = queries.refused_calls(request.auth.workspace).filter(pk=id).first()
    if row is None:
        raise Problem(404, mark("There is no refused call {id}."), id=id)
    return row


def _told(row: RefusedCall) -> dict[str, Any]:
    return {
        "id": row.pk, "source": row.source_id, "at": row.at, "reason": row.reason, "message": reason_of(row.reason),
        "detail": row.detail, "type": row.kind, "message_id": message_id(row), "bytes": len(row.body.encode()),
    }  # fmt: skip


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except UNREADABLE:
        return text
