"""Boards over the REST interface: which there are, and what is on them."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from ninja import P, Path, Query, Router, Schema
from pydantic import Field

from percorso.accounts.bearer import READ, KeyRequest
from percorso.base.rest import Page, Paging, Problem, example, page_of
from percorso.i18n import mark
from percorso.insights.boards.cards import cards_of
from percorso.insights.models import Board

router = Router()


class CardOut(Schema):
    """One card; what its kind does not have is empty."""

    id: str
    kind: str = Field(description="figure, series, breakdown, table or text")
    width: int = Field(description="columns of four")
    title: str
    indicators: list[str]
    by: str = Field(description="column of a breakdown or table")
    grain: str = Field(description="steps of a table over time")
    look: str = Field(description="how a breakdown is shown: bars or table")
    options: dict[str, Any]
    text: str


class BoardOut(Schema):
    """A board: its own period, comparison and segment, and its cards in order."""

    slug: str
    name: str
    about: str
    period: str
    compare: str
    segment: str | None = Field(description="slug of the segment; null for all customers")
    roles: list[str] = Field(description="who sees it, besides owners; empty for everybody")
    address: str = Field(description="where people see it")
    changed_at: datetime
    cards: list[CardOut]


CARD: dict[str, Any] = {
    "id": "5f2c91aa",
    "kind": "figure",
    "width": 1,
    "title": "",
    "indicators": ["csat"],
    "by": "",
    "grain": "",
    "look": "bars",
    "options": {},
    "text": "",
}
BOARD: dict[str, Any] = {
    "slug": "service-desk",
    "name": "Service desk",
    "about": "What the service desk looks at on Mondays",
    "period": "last_30_days",
    "compare": "previous",
    "segment": None,
    "roles": [],
    "address": "http://127.0.0.1:8000/w/acme/boards/service-desk/",
    "changed_at": "2026-01-15T10:00:00Z",
    "cards": [CARD],
}


@router.get(
    "/boards", auth=READ, response=Page[BoardOut], summary="Boards", operation_id="list_boards",
    openapi_extra=example({"items": [BOARD], "next": None}),
)  # fmt: skip
def list_boards(request: KeyRequest, paging: Query[Paging]) -> dict[str, Any]:
    """The boards of the workspace, by their slug."""
    rows = request.auth.workspace.boards.select_related("segment", "workspace").order_by("slug")
    if after := paging.after((str,)):
        rows = rows.filter(slug__gt=after[0])
    found = page_of(rows[: paging.limit + 1], paging.limit, lambda row: (row.slug,))
    return found | {"items": [_board(board) for board in found["items"]]}


@router.get(
    "/boards/{board}", auth=READ, response=BoardOut, summary="One board", operation_id="get_board",
    openapi_extra=example(BOARD),
)  # fmt: skip
def get_board(request: KeyRequest, board: Path[str, P(example="service-desk")]) -> dict[str, Any]:
    """One board with its cards; ask POST /query for their figures."""
    found = request.auth.workspace.boards.select_related("segment", "workspace").filter(slug=board).first()
    if found is None:
        raise Problem(404, mark("There is no board {board}. See GET /boards."), board=board)
    return _board(found)


def _board(board: Board) -> dict[str, Any]:
    names = ("slug", "name", "about", "period", "compare", "roles", "changed_at")
    return {name: getattr(board, name) for name in names} | {
        "segment": board.segment.slug if board.segment else None,
        "address": settings.PUBLIC_URL + reverse("board", args=[board.workspace.slug, board.slug]),
        "cards": [vars(card) | {"indicators": list(card.indicators)} for card in cards_of(board)],
    }
