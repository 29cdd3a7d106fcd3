"""Changes of boards and of their cards; each writes the audit log."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.boards.cards import MOST_CARDS, Card, cards_of, usual_column
from percorso.insights.boards.starters import STARTERS
from percorso.insights.models import Board

# Addresses below boards/ that are no boards.
TAKEN = frozenset({"new"})


@transaction.atomic
def make_board(workspace: Workspace, *, name: str, starter: str = "", by: Person) -> Board:
    """Make a board, empty or with the cards of one of `STARTERS`."""
    cards = [card.kept() for card in STARTERS[starter].made()] if starter else []
    about = gettext(STARTERS[starter].about) if starter else ""
    board = Board.objects.create(
        workspace=workspace, slug=_free(workspace, name), name=name, about=about, cards=cards, by=by
    )
    audit.record("board_made", workspace, by=by, target=name)
    return board


@transaction.atomic
def copy_board(board: Board, *, by: Person) -> Board:
    """Make another board with the same cards, in the same order, for the same roles."""
    name = gettext("{name} (copy)").format(name=board.name)[:80]
    kept = ("about", "cards", "period", "compare", "segment_id", "roles")
    values = {field: getattr(board, field) for field in kept}
    made = Board.objects.create(
        workspace=board.workspace, slug=_free(board.workspace, name), name=name, by=by, **values
    )
    audit.record("board_made", board.workspace, by=by, target=name, of=board.name)
    return made


@transaction.atomic
def change_board(board: Board, *, by: Person, **values: Any) -> Board:
    """Change what a board is called, what it shows at first and who sees it; its address stays."""
    changed = {name: value for name, value in values.items() if getattr(board, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(board, name, value)
        board.save(update_fields=[*changed, "changed_at"])
        audit.record("board_changed", board.workspace, by=by, target=board.name, changed=sorted(changed))
    return board


@transaction.atomic
def remove_board(board: Board, *, by: Person) -> None:
    """Remove a board and the reports of it; what was sent stays."""
    audit.record("board_removed", board.workspace, by=by, target=board.name)
    board.delete()


def add_card(board: Board, kind: str, indicator: str = "", *, by: Person) -> Card:
    """Put a new card at the end of a board.

    Raises
    ------
    BadQuestion : the board is full.
    """
    if kind == "text":
        card = Card.made(kind, text=gettext("Write what readers should know."))
    elif kind == "table":
        card = Card.made(kind, indicators=(indicator,), grain="month")
    else:
        card = Card.made(kind, indicators=(indicator,), by=usual_column(indicator) if kind == "breakdown" else "")

    def added(cards: list[Card]) -> list[Card]:
        if len(cards) >= MOST_CARDS:
            raise BadQuestion(mark("A board holds {count} cards at most. Make another board."), count=MOST_CARDS)
        return [*cards, card]

    _change_cards(board, added, by=by, what="added")
    return card


def change_card(board: Board, card: Card, *, by: Person) -> None:
    """Put a changed card in the place of the one with its id."""
    _change_cards(board, lambda cards: [card if c.id == card.id else c for c in cards], by=by, what="changed")


def remove_card(board: Board, card: Card, *, by: Person) -> None:
    """Take a card away."""
    _change_cards(board, lambda cards: [c for c in cards if c.id != card.id], by=by, what="removed")


def move_card(board: Board, card: Card, how: str, *, by: Person) -> None:
    """Move a card one place (earlier, later), or change its width by one column (wider, narrower)."""
    if how in ("wider", "narrower"):
        change_card(board, card.wider(1 if how == "wider" else -1), by=by)
        return

    def moved(cards: list[Card]) -> list[Card]:
        at = next((i for i, c in enumerate(cards) if c.id == card.id), 0)
        to = min(len(cards) - 1, max(0, at + (-1 if how == "earlier" else 1)))
        cards.insert(to, cards.pop(at))
        return cards

    _change_cards(board, moved, by=by, what="moved")


def arrange_cards(board: Board, ids: Sequence[str], *, by: Person) -> None:
    """Put the cards into this order; those that are not named stay behind them."""
    place = {card_id: i for i, card_id in enumerate(ids)}
    _change_cards(board, lambda cards: sorted(cards, key=lambda c: place.get(c.id, len(place))), by=by, what="arranged")


@transaction.atomic
def _change_cards(board: Board, change: Callable[[list[Card]], list[Card]], *, by: Person, what: str) -> None:
    """Change the cards as they are now: somebody else may have arranged them meanwhile."""
    row = Board.objects.select_for_update().get(pk=board.pk)
    cards = [card.kept() for card in change(cards_of(row))]
    if cards != row.cards:
        row.cards = cards
        row.save(update_fields=["cards", "changed_at"])
        audit.record("board_changed", row.workspace, by=by, target=row.name, cards=what)
    board.cards, board.changed_at = row.cards, row.changed_at


def _free(workspace: Workspace, name: str) -> str:
    """Return an address that no board of the workspace has."""
    wanted = slugify(name)[:50] or "board"
    taken = set(workspace.boards.filter(slug__startswith=wanted).values_list("slug", flat=True)) | TAKEN
    return next(s for s in (wanted, *(f"{wanted}-{n}" for n in range(2, 10_000))) if s not in taken)
