"""Pages that change boards: making, settings, adding and arranging cards."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.insights.boards import actions
from percorso.insights.boards.cards import KINDS, WIDEST, Card, cards_of
from percorso.insights.boards.forms import BoardForm, CardForm, NewBoardForm
from percorso.insights.boards.queries import ask
from percorso.insights.boards.shown import shown, withheld
from percorso.insights.boards.starters import STARTERS
from percorso.insights.boards.views import board_of, card_of, choice_on, starters
from percorso.insights.cards import ordered
from percorso.insights.models import Board
from percorso.insights.search import matches
from percorso.insights.views.around import bar

HOW = ("earlier", "later", "wider", "narrower")


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def new(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Make a board, empty or from a ready one."""
    asked = request.GET.get("starter", "")
    initial = {"starter": asked, "name": gettext(STARTERS[asked].name)} if asked in STARTERS else {}
    form = NewBoardForm(request.POST or None, initial=initial)
    if form.is_valid():
        made = actions.make_board(workspace, **form.cleaned_data, by=request.user)
        messages.success(request, gettext("The board was made."))
        return redirect("board" if made.cards else "boards_edit", workspace.slug, made.slug)
    context = {"form": form, "starters": starters(), "chosen": form["starter"].value() or ""}
    return render(request, "insights/boards/new.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def settings(request: MemberRequest, workspace: Workspace, board: str) -> HttpResponseBase:
    """Change a board's name, its first choice and who sees it."""
    found = board_of(request, workspace, board)
    form = BoardForm(request.POST or None, instance=found, workspace=workspace)
    if form.is_valid():
        # The form has written into its instance already; the log tells what changed.
        fresh = board_of(request, workspace, board)
        actions.change_board(fresh, **form.cleaned_data, by=request.user)
        messages.success(request, gettext("The board was changed."))
        return redirect("board", workspace.slug, board)
    context = {"form": form, "board": board_of(request, workspace, board)}
    return render(request, "insights/boards/settings.html", context, status=400 if form.errors else 200)


@require_POST
@member("analyse")
def copy(request: MemberRequest, workspace: Workspace, board: str) -> HttpResponseBase:
    """Make another board with the same cards."""
    made = actions.copy_board(board_of(request, workspace, board), by=request.user)
    messages.success(request, gettext("This is the copy. Give it a name of its own in its settings."))
    return redirect("board", workspace.slug, made.slug)


@require_POST
@member("analyse")
def remove(request: MemberRequest, workspace: Workspace, board: str) -> HttpResponseBase:
    """Remove a board."""
    actions.remove_board(board_of(request, workspace, board), by=request.user)
    messages.success(request, gettext("The board was removed."))
    return redirect("boards", workspace.slug)


@require_safe
@member("analyse")
def edit(request: MemberRequest, workspace: Workspace, board: str) -> HttpResponse:
    """Show the cards with what arranges them."""
    found = board_of(request, workspace, board)
    choice = choice_on(request, workspace, found)
    cards = cards_of(found)
    answers = ask(workspace, cards, choice)
    told = withheld(shown(cards, answers, choice), request.membership.may("personal"))
    context = bar(request, workspace, choice) | {
        "board": found,
        "link": choice.link(period=choice.preset),
        "cards": [
            card | {"kind_name": gettext(KINDS[card["kind"]]), "name": cards[i].name, "place": i + 1}
            for i, card in enumerate(told)
        ],
        "widest": WIDEST,
        "said": _said(cards, request.GET.get("moved", "")),
    }
    return render(request, "insights/boards/edit.html", context)


def _said(cards: list[Card], moved: str) -> str:
    """Return where a card stands now and how wide it is, for those who hear it."""
    place = next((i for i, card in enumerate(cards) if card.id == moved), None)
    if place is None:
        return ""
    text = gettext("{name}: place {place} of {all}, {width} of {widest} columns wide.")
    card = cards[place]
    return text.format(name=card.name, place=place + 1, all=len(cards), width=card.width, widest=WIDEST)


@require_POST
@member("analyse")
def move(request: MemberRequest, workspace: Workspace, board: str, card: str) -> HttpResponseBase:
    """Move a card by one place, or make it wider or narrower."""
    found = board_of(request, workspace, board)
    how = request.POST.get("how", "")
    if how not in HOW:
        raise Http404(how)
    actions.move_card(found, card_of(found, card), how, by=request.user)
    return _arranged(workspace, found, card)


@require_POST
@member("analyse")
def arrange(request: MemberRequest, workspace: Workspace, board: str) -> HttpResponseBase:
    """Put all cards into the order that they were dragged into."""
    found = board_of(request, workspace, board)
    actions.arrange_cards(found, request.POST.get("order", "").split(), by=request.user)
    return _arranged(workspace, found, request.POST.get("moved", ""))


def _arranged(workspace: Workspace, board: Board, moved: str) -> HttpResponseBase:
    known = any(card.id == moved for card in cards_of(board))
    href = reverse("boards_edit", args=[workspace.slug, board.slug])
    return redirect(f"{href}?moved={moved}" if known else href)


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def add(request: MemberRequest, workspace: Workspace, board: str) -> HttpResponseBase:
    """Choose an indicator by search, and how it is shown; a text needs none."""
    found = board_of(request, workspace, board)
    if request.method == "POST":
        kind, _colon, key = request.POST.get("add", "").partition(":")
        if kind not in KINDS or (kind != "text" and not _can_show(kind, key)):
            raise Http404(kind)
        card = actions.add_card(found, kind, key, by=request.user)
        messages.success(request, gettext("The card stands at the end of the board."))
        if kind in ("text", "table"):
            return redirect("boards_card", workspace.slug, board, card.id)
        return redirect(f"{reverse('boards_edit', args=[workspace.slug, board])}?moved={card.id}")
    return render(request, "insights/boards/add.html", {"board": found} | _offered(request))


def _can_show(kind: str, key: str) -> bool:
    """Whether an indicator can be shown so: one that always comes in groups has no place in a table."""
    return key in INDICATORS and (kind != "table" or not INDICATORS[key].always_by)


def _offered(request: HttpRequest) -> dict[str, object]:
    """Return the indicators that fit what was typed, and how each can be shown."""
    q = request.GET.get("q", "")[:100]
    kinds = [(kind, gettext(KINDS[kind])) for kind in ("figure", "series", "breakdown", "table")]
    rows = [
        {
            "key": key,
            "name": gettext(found.label),
            "about": gettext(found.about),
            "kinds": [(kind, label) for kind, label in kinds if _can_show(kind, key)],
        }
        for key, found in ((key, INDICATORS[key]) for key in ordered())
        if matches(found, q)
    ]
    return {"q": q, "rows": rows}


@require_http_methods(["GET", "HEAD", "POST"])
@member("analyse")
def card(request: MemberRequest, workspace: Workspace, board: str, card: str) -> HttpResponseBase:
    """Change what a card shows."""
    found = board_of(request, workspace, board)
    before = card_of(found, card)
    form = CardForm(request.POST or None, card=before)
    if form.is_valid():
        actions.change_card(found, form.changed(), by=request.user)
        messages.success(request, gettext("The card was changed."))
        return _arranged(workspace, found, card)
    context = {"form": form, "board": found, "card": before, "kind_name": gettext(KINDS[before.kind])}
    return render(request, "insights/boards/card_settings.html", context, status=400 if form.errors else 200)


@require_POST
@member("analyse")
def card_remove(request: MemberRequest, workspace: Workspace, board: str, card: str) -> HttpResponseBase:
    """Take a card away."""
    found = board_of(request, workspace, board)
    before = card_of(found, card)
    actions.remove_card(found, before, by=request.user)
    messages.success(request, gettext("The card {name} was removed.").format(name=before.name))
    return redirect("boards_edit", workspace.slug, board)
