"""Pages of boards: the list, one board, the board on a wall, its figures as files."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from percorso.accounts import audit
from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Role, Workspace
from percorso.insights import fragments
from percorso.insights.boards.cards import Card, cards_of
from percorso.insights.boards.queries import ask, may_see, own_choice, result_of, visible
from percorso.insights.boards.shown import shown, withheld
from percorso.insights.boards.starters import STARTERS
from percorso.insights.downloads import TYPES, Asked, csv_of, parquet_of, xlsx_of
from percorso.insights.forms import Choice
from percorso.insights.models import Board
from percorso.insights.views.around import bar, page

TABLES = {"csv": csv_of, "xlsx": xlsx_of, "parquet": parquet_of}
REFRESH_SECONDS = 180


def board_of(request: HttpRequest, workspace: Workspace, slug: str) -> Board:
    """Return a board that the person may see; for others there is none."""
    found = Board.objects.filter(workspace=workspace, slug=slug).select_related("by", "segment", "workspace").first()
    if found is None or not may_see(request.membership, found):  # type: ignore[attr-defined]
        raise Http404(slug)
    return found


def card_of(board: Board, card_id: str) -> Card:
    """Return a card of a board by its id."""
    found = next((card for card in cards_of(board) if card.id == card_id), None)
    if found is None:
        raise Http404(card_id)
    return found


def choice_on(request: HttpRequest, workspace: Workspace, board: Board) -> Choice:
    """Return the choice in the address; what it does not say is the board's own."""
    given = request.GET.copy()
    for name, value in own_choice(board).items():
        given.setdefault(name, value)
    return Choice.read(given, workspace)


def tabs(workspace: Workspace, here: str, may_edit: bool) -> list[dict[str, Any]]:
    """Return the way between boards and reports, for those who may have reports."""
    pages = {"boards": gettext("Boards"), "boards_reports": gettext("Reports")}
    entries = [
        {"label": label, "href": reverse(name, args=[workspace.slug]), "current": name == here}
        for name, label in pages.items()
    ]
    return entries if may_edit else []


@require_safe
@member("see")
def boards(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List the boards."""
    context = {
        "boards": [{"board": b, "cards": len(b.cards), "who": who_sees(b)} for b in visible(request.membership)],
        "tabs": tabs(workspace, "boards", request.membership.may("edit")),
        "starters": starters(),
    }
    return render(request, "insights/boards/list.html", context)


def starters() -> list[dict[str, str]]:
    """Return the ready boards that have anything to show in this version."""
    return [
        {"key": key, "name": gettext(starter.name), "about": gettext(starter.about)}
        for key, starter in STARTERS.items()
        if starter.made()
    ]


def who_sees(board: Board) -> str:
    """Return who sees a board, in words."""
    if not board.roles:
        return gettext("Everybody in the workspace")
    names = [str(label) for value, label in Role.choices if value in board.roles]
    return ", ".join([str(Role.OWNER.label), *(name for name in names if name != Role.OWNER.label)])


@require_safe
@member("see")
def board(request: MemberRequest, workspace: Workspace, board: str) -> HttpResponse:
    """Show one board."""
    found = board_of(request, workspace, board)
    choice = choice_on(request, workspace, found)
    around = bar(request, workspace, choice) | {"link": choice.link(period=choice.preset), "board": found}
    context = around | {
        "figures": _figures(request, found, choice, around),
        "who": who_sees(found),
        "address": request.build_absolute_uri(request.path + _asked(found, choice)),
        "asked": _asked(found, choice),
    }
    return page(request, "insights/boards/board.html", context, _asked(found, choice))


def _asked(board: Board, choice: Choice) -> str:
    """Return the query string of a choice; empty for the board's own."""
    own, now = own_choice(board), {"period": choice.preset, "compare": choice.compare or "none"}
    segment = choice.within.slug if choice.within else ""
    if (*now.values(), segment) == tuple(own.values()) and not choice.segment:
        return ""
    # An empty segment is said, for a board that has one of its own.
    return choice.link(**now) + ("&segment=" if own["segment"] and not segment else "")


def _figures(request: MemberRequest, board: Board, choice: Choice, around: dict[str, Any]) -> SafeString:
    """Return the board's cards, written once for all who ask the same."""
    cards, personal = cards_of(board), request.membership.may("personal")
    analyse = request.membership.may("analyse")
    answers = ask(board.workspace, cards, choice)

    def write() -> SafeString:
        told = withheld(shown(cards, answers, choice), personal)
        context = {"workspace": board.workspace, "cards": told, "board": board, "link": around["link"]}
        return render_to_string(
            "insights/boards/cards.html", context | {"may": {"analyse": analyse}, "asked": _asked(board, choice)}
        )

    notes = tuple((n.pk, n.day, n.text) for found in answers.notes.values() for n in found)
    vary = (board.pk, board.changed_at, board.workspace.time_zone, choice.link(), personal, analyse, notes)
    return fragments.kept(answers.whole, vary, write)


@require_safe
@member("see")
def wall(request: MemberRequest, workspace: Workspace, board: str) -> HttpResponse:
    """Show a board alone and large, for a screen that nobody touches; it renews itself."""
    found = board_of(request, workspace, board)
    choice = choice_on(request, workspace, found)
    around = bar(request, workspace, choice) | {"link": choice.link(period=choice.preset)}
    theme = request.GET.get("theme", "")
    other = request.GET.copy()
    other["theme"] = "light" if theme == "dark" else "dark"
    context = around | {
        "board": found,
        "figures": _figures(request, found, choice, around),
        "theme": theme if theme in ("dark", "light") else "",
        "other_theme": f"?{other.urlencode()}",
        "asked": _asked(found, choice),
        "now": timezone.now(),
        "refresh_seconds": REFRESH_SECONDS,
    }
    return render(request, "insights/boards/wall.html", context)


@require_safe
@member("analyse")
def download(request: MemberRequest, workspace: Workspace, board: str, card: str, form: str) -> HttpResponse:
    """Give the figures of a card as a file."""
    found = board_of(request, workspace, board)
    asked = card_of(found, card)
    hidden = asked.tells_who and not request.membership.may("personal")
    if form not in TABLES or not asked.indicators or hidden:
        raise Http404(form)
    choice = choice_on(request, workspace, found)
    answers = ask(workspace, [asked], choice)
    file = Asked(result_of(asked, answers, choice), workspace, choice)
    audit.record("downloaded", workspace, by=request.user, target=file.name(form))
    disposition = f'attachment; filename="{file.name(form)}"'
    return HttpResponse(TABLES[form](file), content_type=TYPES[form], headers={"Content-Disposition": disposition})
