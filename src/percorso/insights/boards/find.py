"""What the search of every page finds of boards."""

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.base.find import Found, matches
from percorso.insights.boards.queries import visible


def find(membership: Membership, text: str) -> list[Found]:
    """Return the boards that the person may see and whose name fits."""
    slug = membership.workspace.slug
    return [
        Found(board.name, gettext("Board"), reverse("board", args=[slug, board.slug]), "table")
        for board in visible(membership)
        if matches(text, board.name)
    ]
