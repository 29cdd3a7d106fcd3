"""Boards: made, arranged, shared, shown on a wall, taken along as files."""

import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from percorso.accounts.models import AuditEntry, Membership, Person, Workspace
from percorso.analytics.store import Store
from percorso.customers.models import Segment
from percorso.insights import queries
from percorso.insights.boards import actions
from percorso.insights.boards.cards import Card, cards_of
from percorso.insights.boards.queries import ask, own_choice
from percorso.insights.boards.starters import STARTERS
from percorso.insights.boards.text import plain, written
from percorso.insights.forms import Choice
from percorso.insights.models import Annotation, Board
from tests.app.api_client import Program
from tests.web.browser import browsing, chromium, opened, sign_in
from tests.web.test_pages import text

BOARDS = "/w/acme/boards/"
VOICE = "/w/acme/boards/voice/"


def shown(client: Client, path: str, language: str = "en") -> str:
    response = client.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def made(client: Client, starter: str = "voice", name: str = "Voice") -> Board:
    response = client.post(f"{BOARDS}new/", {"name": name, "starter": starter})
    assert response.status_code == 302, response.content.decode()
    return Board.objects.get(name=name)


def with_cards(board: Board, *cards: Card) -> Board:
    board.cards = [card.kept() for card in cards]
    board.save()
    return board


def titles(html: str) -> list[str]:
    return [text(each).strip() for each in re.findall(r'<h2 id="title-[^>]*>(.*?)</h2>', html)]


def kept(board: Board) -> list[Card]:
    board.refresh_from_db()
    return cards_of(board)


def test_without_a_board_the_page_teaches_the_next_step(alice: Client, bob: Client) -> None:
    told = text(shown(alice, BOARDS))
    assert "No board yet" in told
    assert "Voice of the customer" in told
    assert f"{BOARDS}new/?starter=service" in shown(alice, BOARDS)
    assert "ask one of them" in text(shown(bob, BOARDS))


@pytest.mark.parametrize("starter", ["voice", "service"])
def test_a_ready_board_answers_every_card(alice: Client, starter: str) -> None:
    board = made(alice, starter)
    html = shown(alice, f"{BOARDS}{board.slug}/")

    assert len(titles(html)) == len(STARTERS[starter].cards)
    assert "card-empty board-reason" not in html
    assert html.count("data-chart=") == 2
    assert re.search(r"between .+ and .+, 95% sure", text(html))


def test_a_board_speaks_the_readers_language(alice: Client) -> None:
    made(alice)
    assert "Satisfação do cliente (CSAT)" in titles(shown(alice, VOICE, "pt-br"))
    assert "Soddisfazione del cliente (CSAT)" in titles(shown(alice, VOICE, "it"))


def test_figures_are_those_of_the_indicators_page(alice: Client) -> None:
    made(alice)
    period = "?period=last_90_days&compare=previous"
    found = re.search(r'<p class="figure-value">([^<]+)</p>', shown(alice, f"/w/acme/indicators/csat/{period}"))
    assert found is not None
    card = shown(alice, VOICE + period).partition('href="/w/acme/indicators/csat/')[2]
    assert re.search(r'<p class="figure-value">([^<]+)</p>', card)[1] == found[1]  # type: ignore[index]


def test_all_cards_are_asked_together(alice: Client, members: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    board = made(alice)
    asked: list[Any] = []
    answer, with_series = queries.answer, queries.with_series
    monkeypatch.setattr(queries, "answer", lambda query: asked.append(query) or answer(query))
    monkeypatch.setattr(queries, "with_series", lambda query, grain: asked.append(query) or with_series(query, grain))

    from django.http import QueryDict

    given = QueryDict(mutable=True)
    given.update(own_choice(board))
    ask(members, cards_of(board), Choice.read(given, members))

    # Totals with their series, series of the days before, two breakdowns, one table over months: for nine cards.
    assert len(asked) == 5
    assert {len(query.indicators) for query in asked} == {1, 2, 4}


def test_the_board_has_its_own_period_until_a_visitor_chooses_another(alice: Client, members: Workspace) -> None:
    board = made(alice)
    Board.objects.filter(pk=board.pk).update(period="last_7_days", compare="none")

    assert "Last 7 days" in text(shown(alice, VOICE))
    alice.get("/w/acme/?period=last_year")
    assert "Last 7 days" in text(shown(alice, VOICE)), "what was chosen elsewhere does not change a board"
    assert "Last year" in text(shown(alice, f"{VOICE}?period=last_year"))
    links = re.findall(r'href="/w/acme/indicators/csat/([^"]*)"', shown(alice, VOICE))
    assert all("period=last_7_days" in link and "compare=none" in link for link in links)


def test_the_link_to_share_says_what_is_shown(alice: Client) -> None:
    made(alice)
    address = re.search(r'id="board-address"[^>]*>([^<]+)<', shown(alice, f"{VOICE}?period=last_year&channel=email"))
    assert address is not None
    assert "period=last_year" in address[1]
    assert "channel=email" in address[1]
    bare = re.search(r'id="board-address"[^>]*>([^<]+)<', shown(alice, VOICE))
    assert bare is not None
    assert bare[1].endswith(VOICE)


def test_a_boards_segment_holds_for_all_cards(alice: Client, members: Workspace) -> None:
    rule = {"trait": "country", "is": ["BR"]}
    segment = Segment.objects.create(workspace=members, slug="brazil", name="Brazil only", rule=rule)
    board = made(alice)
    everybody = re.findall(r"from ([\d,]+) answers", text(shown(alice, VOICE)))
    Board.objects.filter(pk=board.pk).update(segment=segment)
    some = re.findall(r"from ([\d,]+) answers", text(shown(alice, VOICE)))

    assert [int(n.replace(",", "")) for n in some] < [int(n.replace(",", "")) for n in everybody]
    assert "Brazil only" in text(shown(alice, VOICE))
    assert re.findall(r"from ([\d,]+) answers", text(shown(alice, f"{VOICE}?segment="))) == everybody
    segment.delete()
    assert re.findall(r"from ([\d,]+) answers", text(shown(alice, VOICE))) == everybody


def test_roles_decide_who_sees_a_board(alice: Client, as_role: Callable[[str], Client], members: Workspace) -> None:
    made(alice)
    alice.post(f"{VOICE}settings/", {"name": "Voice", "period": "last_30_days", "compare": "year", "roles": ["editor"]})

    viewer = as_role("viewer")
    assert viewer.get(VOICE).status_code == 404
    assert "Voice" not in text(shown(viewer, BOARDS)).partition("No board yet")[0].rpartition("Boards")[2]
    assert viewer.get(f"{VOICE}wall/").status_code == 404
    assert as_role("editor").get(VOICE).status_code == 200
    assert "Owner, Editor" in text(shown(alice, BOARDS))
    entry = AuditEntry.objects.filter(action="board_changed").latest("id")
    assert entry.details == {"changed": ["about", "compare", "roles"]} or "roles" in entry.details["changed"]


def test_who_made_a_board_always_sees_it(alice: Client, as_role: Callable[[str], Client]) -> None:
    analyst = as_role("analyst")
    board = made(analyst, name="Mine")
    Board.objects.filter(pk=board.pk).update(roles=["editor"])
    assert analyst.get(f"{BOARDS}mine/").status_code == 200


def test_boards_of_another_workspace_do_not_exist(alice: Client, charlie: Client) -> None:
    made(alice)
    assert charlie.get(VOICE).status_code == 404
    assert charlie.get("/w/elsewhere/boards/voice/").status_code == 404


def test_an_address_is_made_of_the_name_and_free(alice: Client) -> None:
    slugs = [made(alice, "", name).slug for name in ("New", "Día de hoy", "你好")]
    assert slugs == ["new-2", "dia-de-hoy", "board"]
    alice.post(f"{BOARDS}board/copy/")
    assert Board.objects.filter(name="你好 (copy)").get().slug == "copy"


def test_a_copy_is_a_board_of_its_own(alice: Client) -> None:
    board = made(alice)
    answer = alice.post(f"{VOICE}copy/", follow=True)
    copy = Board.objects.exclude(pk=board.pk).get()

    assert "This is the copy" in text(answer.content.decode())
    assert copy.cards == board.cards
    alice.post(f"{BOARDS}{copy.slug}/remove/")
    assert list(Board.objects.values_list("pk", flat=True)) == [board.pk]
    actions_done = (
        AuditEntry.objects.filter(action__startswith="board_").order_by("id").values_list("action", flat=True)
    )
    assert list(actions_done) == ["board_made", "board_made", "board_removed"]


def test_cards_are_added_by_search_and_changed(alice: Client) -> None:
    board = made(alice, "")
    offered = shown(alice, f"{VOICE}cards/?q=satisfaction+score")
    assert "Customer Satisfaction Score" in text(offered)
    assert "Net Promoter Score" not in text(offered)

    for kind in ("figure", "series", "breakdown", "table"):
        alice.post(f"{VOICE}cards/", {"add": f"{kind}:csat"})
    alice.post(f"{VOICE}cards/", {"add": "text"})
    cards = kept(board)
    assert [(card.kind, card.width) for card in cards] == [
        ("figure", 1), ("series", 2), ("breakdown", 2), ("table", 4), ("text", 2),
    ]  # fmt: skip
    settings = {
        "title": "Happy?",
        "width": "3",
        "indicator": "csat",
        "by": "customer.country",
        "look": "table",
        "option_top_n": "1",
        "option_latest_per": "answer",
    }
    answer = alice.post(f"{VOICE}cards/{cards[2].id}/", settings)
    assert answer.status_code == 302
    changed = kept(board)[2]
    assert (changed.title, changed.width, changed.by, changed.look) == ("Happy?", 3, "customer.country", "table")
    assert changed.options == {"top_n": 1}
    told = text(shown(alice, VOICE))
    assert "Happy?" in told
    assert "Brazil" in told


def test_another_indicator_keeps_no_options_and_no_foreign_column(alice: Client) -> None:
    board = made(alice, "")
    with_cards(board, Card.made("breakdown", indicators=("csat",), by="touchpoint", options={"top_n": 1}))
    card = kept(board)[0]
    sent = {
        "title": "",
        "width": "2",
        "indicator": "service_level",
        "by": "touchpoint",
        "look": "bars",
        "option_top_n": "1",
        "option_latest_per": "answer",
    }
    assert alice.post(f"{VOICE}cards/{card.id}/", sent).status_code == 302
    changed = kept(board)[0]
    assert (changed.indicators, dict(changed.options)) == (("service_level",), {})
    assert shown(alice, VOICE).count("board-reason") == 0


def test_a_table_of_several_indicators_by_group_and_by_month(alice: Client) -> None:
    board = made(alice, "")
    alice.post(f"{VOICE}cards/", {"add": "table:csat"})
    card = kept(board)[0]
    page = f"{VOICE}cards/{card.id}/"
    assert alice.post(page, {"width": "4", "indicators": ["csat", "nps"], "rows": "by:channel"}).status_code == 302
    told = text(shown(alice, VOICE))
    assert re.search(r"E-mail [\d.]+%", told)
    assert alice.post(page, {"width": "4", "indicators": ["nps", "csat"], "rows": "grain:month"}).status_code == 302
    assert kept(board)[0].indicators == ("csat", "nps"), "the order of before stays"
    assert (
        alice.post(page, {"width": "4", "indicators": ["csat", "backlog"], "rows": "by:touchpoint"}).status_code == 400
    )
    assert alice.post(page, {"width": "4", "indicators": [], "rows": "grain:month"}).status_code == 400


@pytest.mark.parametrize(
    "sent",
    [{"add": "figure:nothing"}, {"add": "pie:csat"}, {"add": "figure:"}, {"add": "table:nps_aspect"}, {}],
    ids=["key", "kind", "none", "groups", "bare"],
)
def test_what_does_not_exist_cannot_be_added(alice: Client, sent: dict[str, str]) -> None:
    board = made(alice, "")
    assert alice.post(f"{VOICE}cards/", sent).status_code == 404
    assert kept(board) == []


def test_a_board_is_not_endless(alice: Client, alice_person: Person) -> None:
    board = with_cards(made(alice, ""), *(Card.made("text", text=str(i)) for i in range(40)))
    assert alice.post(f"{VOICE}cards/", {"add": "figure:csat"}).status_code == 400
    assert len(kept(board)) == 40


def test_buttons_move_and_widen_and_say_where_the_card_is(alice: Client) -> None:
    board = made(alice)
    first, second = kept(board)[:2]
    answer = alice.post(f"{VOICE}cards/{first.id}/move/", {"how": "later"}, follow=True)
    said = re.search(r'id="arranged"[^>]*>([^<]*)<', answer.content.decode())
    assert said is not None
    assert said[1] == "Net Promoter Score: place 2 of 9, 1 of 4 columns wide."
    assert [card.id for card in kept(board)[:2]] == [second.id, first.id]
    alice.post(f"{VOICE}cards/{first.id}/move/", {"how": "wider"})
    assert kept(board)[1].width == 2
    for how, times in (("earlier", 3), ("narrower", 3)):
        for _ in range(times):
            alice.post(f"{VOICE}cards/{first.id}/move/", {"how": how})
    assert (kept(board)[0].id, kept(board)[0].width) == (first.id, 1)
    assert alice.post(f"{VOICE}cards/{first.id}/move/", {"how": "away"}).status_code == 404


def test_dragging_sends_an_order_and_loses_no_card(alice: Client) -> None:
    board = made(alice)
    ids = [card.id for card in kept(board)]
    alice.post(f"{VOICE}arrange/", {"order": f"{ids[3]} {ids[0]} nonsense", "moved": ids[3]})
    assert [card.id for card in kept(board)] == [ids[3], ids[0], ids[1], ids[2], *ids[4:]]
    alice.post(f"{VOICE}cards/{ids[0]}/remove/")
    assert ids[0] not in [card.id for card in kept(board)]


def test_a_card_that_cannot_be_answered_says_why_and_the_others_stand(alice: Client) -> None:
    board = made(alice, "")
    cards = [Card.made("breakdown", indicators=(key,), by="queue") for key in ("service_level", "csat")]
    gone = Card("old", "figure").kept() | {"indicators": ["gone_indicator"]}
    with_cards(board, *cards)
    board.cards = [*board.cards, gone]
    board.save()
    html = shown(alice, VOICE)

    assert html.count("board-reason") == 2
    assert "queue" in text(html)
    assert "main" in text(html)
    assert "This version has no such indicator any more" in text(html)


def test_who_customers_are_is_not_for_everybody(alice: Client, as_role: Callable[[str], Client]) -> None:
    board = with_cards(made(alice, ""), Card.made("breakdown", indicators=("csat",), by="customer"))
    (card,) = kept(board)
    analyst = as_role("analyst")

    assert re.search(r"\bc\d+\b", text(shown(alice, VOICE)))
    told = text(shown(analyst, VOICE))
    assert "Your role does not show personal data" in told
    assert not re.search(r"\bc\d+\b", told)
    assert not re.search(r">\s*c\d+\s*<", shown(analyst, f"{VOICE}edit/"))
    assert analyst.get(f"{VOICE}cards/{card.id}/download/csv/").status_code == 404
    assert as_role("viewer").get(VOICE).status_code == 200


def test_annotations_stand_on_the_series(alice: Client, members: Workspace) -> None:
    from datetime import UTC, datetime, timedelta

    board = made(alice)
    day = datetime.now(UTC).date() - timedelta(days=10)
    Annotation.objects.create(workspace=members, day=day, text="New carrier", indicator="csat")
    told = text(shown(alice, f"{VOICE}?period=last_30_days"))
    assert told.count("New carrier") == 1
    Annotation.objects.all().delete()
    assert "New carrier" not in text(shown(alice, f"{VOICE}?period=last_30_days"))
    assert kept(board)


def test_tables_and_breakdowns_can_be_taken_along(alice: Client, bob: Client) -> None:
    board = with_cards(
        made(alice, ""),
        Card.made("breakdown", indicators=("first_response_time",), by="team"),
        Card.made("table", indicators=("csat", "nps"), grain="month"),
    )
    groups, table = kept(board)
    path = f"{VOICE}cards/{groups.id}/download/"
    rows = list(csv.reader(io.StringIO(alice.get(f"{path}csv/").content.decode())))
    assert "'=Formula" in [row[2] for row in rows]
    book = openpyxl.load_workbook(io.BytesIO(alice.get(f"{path}xlsx/?period=last_year").content))
    assert "=Formula" in [cell.value for cell in book.worksheets[0]["A"]]

    path = f"{VOICE}cards/{table.id}/download/"
    rows = list(csv.reader(io.StringIO(alice.get(f"{path}csv/").content.decode())))
    assert {row[0] for row in rows[1:]} == {"csat", "nps"}
    book = openpyxl.load_workbook(io.BytesIO(alice.get(f"{path}xlsx/").content))
    names = {cell.value for cell in book.worksheets[0]["A"]}
    assert {"Customer Satisfaction Score", "Net Promoter Score"} <= names
    assert alice.get(f"{path}parquet/").content.startswith(b"PAR1")
    assert alice.get(f"{path}exe/").status_code == 404
    assert bob.get(f"{path}csv/").status_code == 403
    assert "download/csv" not in shown(bob, VOICE)
    assert AuditEntry.objects.filter(action="downloaded").count() == 5


def test_a_wall_has_no_chrome_and_its_own_theme(bob: Client, alice: Client) -> None:
    made(alice)
    html = shown(bob, f"{VOICE}wall/?theme=dark&period=last_year")
    assert "wall-dark" in html
    assert 'id="sidebar"' not in html
    assert 'data-renews="180"' in html
    assert re.search(r'href="[^"]*period=last_year[^"]*theme=light|href="[^"]*theme=light[^"]*period=last_year', html)
    assert "wall-strange" not in shown(bob, f"{VOICE}wall/?theme=strange")


def test_pages_ask_the_database_the_same_however_many_boards(
    alice: Client, alice_person: Person, members: Workspace, django_assert_num_queries: Any
) -> None:
    made(alice)
    shown(alice, BOARDS)
    for count in (1, 3):
        while Board.objects.count() < count:
            actions.make_board(members, name=f"Board {count}", starter="voice", by=alice_person)
        with django_assert_num_queries(6):
            html = shown(alice, BOARDS)
        assert html.count("board-entry-foot") == count
    shown(alice, VOICE)
    for cards in (1, 9):
        board = Board.objects.get(slug="voice")
        with_cards(board, *STARTERS["voice"].made()[4 : 4 + cards])
        shown(alice, VOICE)
        with django_assert_num_queries(8):
            shown(alice, VOICE)


def test_an_answer_is_written_once_and_never_stale(alice: Client, facts: Store, members: Workspace) -> None:
    board = made(alice)
    before = shown(alice, VOICE)
    assert titles(shown(alice, VOICE)) == titles(before)
    card = kept(board)[0]
    actions.change_card(
        board, replace(card, title="Renamed"), by=Membership.objects.get(role="owner", workspace=members).person
    )
    assert "Renamed" in titles(shown(alice, VOICE))


def test_texts_are_escaped_first() -> None:
    html = written(
        "# Head <b>\n\nOne *two* **three** <script>alert(1)</script>\nfour\n- a\n- [b*c*](https://x.test/?a=1&b=*2*)\n"
        "1. x\n\n[bad](javascript:alert(1)) [local](/w/acme/) [evil](//evil.test)"
    )
    assert html == (
        "<h3>Head &lt;b&gt;</h3><p>One <em>two</em> <strong>three</strong> &lt;script&gt;alert(1)&lt;/script&gt;<br>four</p>"
        '<ul><li>a</li><li><a href="https://x.test/?a=1&amp;b=*2*" rel="noopener noreferrer nofollow">b<em>c</em></a></li></ul>'
        "<ol><li>x</li></ol><p>[bad](javascript:alert(1)) "
        '<a href="/w/acme/" rel="noopener noreferrer nofollow">local</a> [evil](//evil.test)</p>'
    )
    assert plain("# Head\n\nOne **two** [three](https://x.test)") == "Head\n\nOne two three (https://x.test)"
    assert written("") == ""


def test_texts_on_a_page_are_harmless(alice: Client) -> None:
    with_cards(made(alice, ""), Card.made("text", title="<i>T</i>", text="<script>x</script>"))
    html = shown(alice, VOICE)
    assert "<script>x" not in html
    assert "<i>T" not in html


def test_what_is_shown_can_be_kept_as_json(alice: Client, members: Workspace) -> None:
    from django.http import QueryDict

    from percorso.insights.boards.shown import shown as told

    board = made(alice)
    given = QueryDict(mutable=True)
    given.update(own_choice(board))
    choice = Choice.read(given, members)
    cards = told(cards_of(board), ask(members, cards_of(board), choice), choice)
    assert json.loads(json.dumps(cards)) == cards


def test_boards_are_found_by_name(alice: Client, as_role: Callable[[str], Client]) -> None:
    board = made(alice, name="Monday meeting")
    assert f"{BOARDS}monday-meeting/" in shown(alice, "/w/acme/find/?q=monday")
    Board.objects.filter(pk=board.pk).update(roles=["editor"])
    assert "monday-meeting" not in shown(as_role("viewer"), "/w/acme/find/?q=monday")


def test_programs_read_boards(alice: Client, members: Workspace, alice_person: Person) -> None:
    board = made(alice)
    program = Program(members, alice_person, "read")
    told = program.get("/boards/voice").json()
    assert (told["name"], len(told["cards"])) == ("Voice", len(board.cards))
    assert [each["slug"] for each in program.get("/boards").json()["items"]] == ["voice"]
    assert program.get("/boards/nothing").status_code == 404
    stranger = Program(Workspace.objects.get(slug="elsewhere"), alice_person, "read")
    assert stranger.get("/boards/voice").status_code == 404


needs_browser = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def order(page: Page) -> list[str | None]:
    return [card.get_attribute("data-card") for card in page.locator("[data-card]").all()]


@needs_browser
def test_cards_are_arranged_by_keyboard_and_by_dragging(browser: Browser, live_server: Any, alice: Client) -> None:
    board = made(alice)
    ids = [card.id for card in kept(board)]
    with opened(browser, live_server.url) as (page, complaints):
        sign_in(page, live_server.url, alice)
        page.goto(f"{VOICE}edit/")
        later = page.locator(f"#later-{ids[0]}")
        later.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#arranged")).to_have_text(re.compile("place 2 of 9"))
        expect(later).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#arranged")).to_have_text(re.compile("place 3 of 9"))
        expect(later).to_be_focused()
        assert order(page)[:3] == [ids[1], ids[2], ids[0]]

        grip = page.locator(f"#card-{ids[3]} [data-grip]").bounding_box()
        target = page.locator(f"#card-{ids[1]}").bounding_box()
        assert grip
        assert target
        page.mouse.move(grip["x"] + 8, grip["y"] + 8)
        page.mouse.down()
        page.mouse.move(target["x"] + target["width"] * 0.6, target["y"] + 60, steps=4)
        page.mouse.move(target["x"] + 20, target["y"] + 60, steps=4)
        page.mouse.up()
        expect(page.locator("#arranged")).to_have_text(re.compile("place 1 of 9"))
        assert order(page)[0] == ids[3]
        assert complaints.console == []
    assert [card.id for card in kept(board)][:4] == [ids[3], ids[1], ids[2], ids[0]]


@needs_browser
def test_a_wall_renews_itself_and_stays_when_the_server_does_not_answer(
    browser: Browser, live_server: Any, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from percorso.insights.boards import views

    monkeypatch.setattr(views, "REFRESH_SECONDS", 1)
    board = made(alice)
    with opened(browser, live_server.url) as (page, _):
        sign_in(page, live_server.url, alice)
        page.goto(f"{VOICE}wall/")
        page.locator("#title-" + kept(board)[0].id).wait_for()
        Board.objects.filter(pk=board.pk).update(name="Renewed")
        expect(page.locator(".wall h1")).to_have_text("Renewed", timeout=8000)
        page.context.clear_cookies()
        page.wait_for_timeout(2500)
        expect(page.locator(".wall h1")).to_have_text("Renewed")
