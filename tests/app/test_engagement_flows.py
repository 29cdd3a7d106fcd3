"""Flows: which ways customers take, on a page, as files, for programs; and how the diagram is laid out."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from html import unescape
from itertools import pairwise
from typing import Any

import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.models import Segment
from percorso.engagement.flows.layout import Flow, Frame, Sankey, sankey
from tests.app import walked
from tests.app.api_client import Program
from tests.web.test_pages import text

FLOWS = "/w/acme/usage/flows/"
DAYS = "?period=last_30_days&compare=none"


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    with Store.open(":memory:") as store:
        for table, rows in walked.facts().items():
            store.append(table, rows, workspace="acme", batch="test")
        yield store


@pytest.fixture
def shop(members: Workspace, filled: Store, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace of the shop, with a segment of its Italians."""
    monkeypatch.setattr(owner, "_store", filled)
    Segment.objects.create(workspace=members, slug="italians", name="Italians", rule={"trait": "country", "is": ["IT"]})
    Segment.objects.create(workspace=members, slug="brazil", name="Brazil", rule={"trait": "country", "is": ["BR"]})
    return members


@pytest.fixture
def nothing(members: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A workspace without a single fact."""
    with Store.open(":memory:") as store:
        monkeypatch.setattr(owner, "_store", store)
        yield store


def html(client: Client, query: str = DAYS, language: str = "en") -> str:
    response = client.get(f"{FLOWS}{query}&part=all", headers={"Accept-Language": language}, follow=True)
    assert response.status_code == 200, response.content
    return response.content.decode()


def shown(client: Client, query: str = DAYS, language: str = "en") -> str:
    return text(html(client, query, language))


def test_without_events_the_page_teaches_the_next_step(nothing: Store, alice: Client) -> None:
    assert "No events yet" in shown(alice)


def test_the_ways_are_told_step_by_step(shop: Workspace, bob: Client) -> None:
    page, drawn = shown(bob), html(bob)
    assert "100 ways, 2 different ones" in page
    # The first step of all, and where they go from there, with Wilson's interval of 90 of 100.
    assert "home to search: 90 ways, 90.0% (82.6% to 94.5%)" in drawn
    assert "home: 100 ways, 100.0% of those that get to this step" in drawn
    assert "Step 1 home search 90 90.0% 82.6% to 94.5%" in page
    # Measurements are no steps of a customer's way; who wants to, sees them.
    assert "to Web Vital Measured" not in drawn
    assert "help to Web Vital Measured: 10 ways" in html(bob, DAYS + "&without=")


def test_what_takes_long_comes_after_the_page(shop: Workspace, bob: Client) -> None:
    query = f"{DAYS}&top=12&steps=3"
    page = bob.get(FLOWS + query).content.decode()
    assert "Following the ways…" in page
    address = unescape(page.split('hx-get="')[1].split('"')[0])
    part = bob.get(address).content.decode()
    assert "100 ways, 2 different ones" in part
    assert "<main" not in part
    # From then on it is at hand.
    assert "100 ways, 2 different ones" in bob.get(FLOWS + query).content.decode()


def test_ways_from_a_touchpoint_and_to_one(shop: Workspace, bob: Client) -> None:
    assert "90 ways from item on, 2 different ones" in shown(bob, DAYS + "&start=item")
    to = shown(bob, DAYS + "&end=pay&steps=3")
    assert "40 ways to pay" in to
    # Counted from the end: all of them get there by the last step.
    assert "2 steps before search item 40 100.0%" in to
    assert "1 step before item pay 40 100.0%" in to
    assert "40 ways from home to pay" in shown(bob, DAYS + "&start=home&end=pay")
    assert "Nobody takes this way" in shown(bob, DAYS + "&start=nowhere")


def test_what_follows_what_with_interval_and_median_time(shop: Workspace, bob: Client) -> None:
    page = shown(bob)
    assert "search item 180 100.0% 97.9% to 100.0% 2 min 50.0%" in page.replace("2:00 min", "2 min")
    by_share = shown(bob, DAYS + "&sort=share")
    assert by_share.index("help end of the way") < by_share.index("item search 90")


def test_loops_and_dead_ends(shop: Workspace, bob: Client) -> None:
    page = shown(bob)
    assert "search → item → back 90 50.0%" in page
    assert "item → search → back 90 100.0%" in page
    ends = page[page.index("Where ways end") : page.index("Most frequent ways")]
    assert "help 10 100.0%" in ends
    assert "pay 40 100.0%" in ends
    assert "home" not in ends


def test_the_most_frequent_ways(shop: Workspace, bob: Client) -> None:
    page = shown(bob, DAYS + "&steps=6")
    ways = page[page.index("Most frequent ways") :]
    assert "home search item search item 50 50.0%" in ways
    assert "home search item search item pay 40 40.0%" in ways
    assert "home help 10 10.0%" in ways


def test_ways_of_two_groups_are_compared(shop: Workspace, bob: Client) -> None:
    page = shown(bob, "?period=last_30_days&customer.country=IT&compare=rest")
    assert "Italy against Everybody else" in page
    assert "2 of 8 steps differ." in page
    assert "item pay 38.9% 35 of 90 5.6% 5 of 90 +33.3 pp" in page
    assert "more often" in page
    saved = shown(bob, "?period=last_30_days&segment=italians&compare=segment&other.segment=brazil")
    assert "Italians against Brazil" in saved
    assert "from item on to pay go 38.9% (Italians) and 5.6% (Brazil)" in saved or "after item the way ends" in saved
    # In the thirty days before there was nothing.
    assert "Nothing to compare with: Previous period has no ways." in shown(bob, "?period=last_30_days")


def test_ways_lead_across_channels(shop: Workspace, bob: Client) -> None:
    page = html(bob, DAYS + "&unit=user&facts=events&facts=contacts&of=channel")
    assert "Website to Phone: 50 ways, 100.0%" in page
    apart = html(bob, DAYS + "&unit=user&facts=events&facts=contacts&channels=1&steps=6&start=item")
    assert "App · pay to Phone · Call or chat" in apart


def test_an_address_tells_everything_and_says_what_is_wrong_with_it(shop: Workspace, bob: Client) -> None:
    for wrong, told in (
        ("unit=day", "Choose one of"),
        ("steps=99", "whole number from 2 to 8"),
        ("gap=soon", "Write a length of time as"),
        ("of=mood", "There is no column mood"),
    ):
        response = bob.get(f"{FLOWS}{DAYS}&{wrong}")
        assert response.status_code == 400
        assert told in response.content.decode()
    page = html(bob, DAYS + "&start=item&unit=user&without=&top=4")
    assert "start=search&amp;unit=user&amp;top=4" in page.replace("without=&amp;", "")


def test_touchpoints_that_tell_who_somebody_is_are_for_some_roles_only(
    shop: Workspace, as_role: Callable[[str], Client]
) -> None:
    address = f"{FLOWS}{DAYS}&of=customer.name"
    assert as_role("analyst").get(address).status_code == 403
    assert as_role("viewer").get(address).status_code == 200
    assert as_role("analyst").get(f"{FLOWS}{DAYS}&of=page").status_code == 200


def test_every_link_of_the_diagram_can_be_reached_and_has_a_name(shop: Workspace, bob: Client) -> None:
    page = html(bob)
    drawing = page[page.index('<svg viewBox="0 -34') :]
    drawing = drawing[: drawing.index("</svg>")]
    assert (
        drawing.count('tabindex="0"')
        == drawing.count('class="flow-band"') + drawing.count("flow-ends")
        == drawing.count("<path")
    )
    assert 'href="?period=last_30_days&amp;compare=none&amp;start=search"' in drawing
    assert "style=" not in page[page.index("<main") :]


def test_in_other_languages_numbers_are_written_as_they_are_there(shop: Workspace, bob: Client) -> None:
    assert "90,0%" in shown(bob, DAYS, "pt-br")
    assert "90,0%" in shown(bob, DAYS, "it")


def test_the_sql_that_ran_can_be_seen(shop: Workspace, bob: Client) -> None:
    page = html(bob, DAYS + "&start=it%27s")
    assert "SELECT" in html(bob)
    assert "Nobody takes this way" in page


@pytest.mark.parametrize("table", ["steps", "transitions", "touchpoints", "frequent", "differences"])
def test_each_table_can_be_downloaded(shop: Workspace, alice: Client, bob: Client, table: str) -> None:
    query = "?period=last_30_days&customer.country=IT&compare=rest"
    assert bob.get(f"{FLOWS}{table}.csv{query}").status_code == 403
    given = alice.get(f"{FLOWS}{table}.csv{query}").content.decode()
    rows = list(csv.DictReader(io.StringIO(given)))
    parquet = pq.read_table(io.BytesIO(alice.get(f"{FLOWS}{table}.parquet{query}").content))
    book = openpyxl.load_workbook(io.BytesIO(alice.get(f"{FLOWS}{table}.xlsx{query}").content))
    assert len(rows) == parquet.num_rows == book.worksheets[0].max_row - 1 > 0
    assert list(rows[0]) == parquet.column_names
    assert AuditEntry.objects.filter(action="downloaded", target__startswith=f"acme-flows-{table}").count() == 3


def test_what_a_downloaded_table_says(shop: Workspace, alice: Client) -> None:
    rows = csv.DictReader(io.StringIO(alice.get(f"{FLOWS}transitions.csv{DAYS}").content.decode()))
    found = {(row["from"], row["to"]): row for row in rows}["search", "item"]
    assert (found["times"], found["share"], found["median_seconds"], found["back"]) == ("180", "1.0", "120.0", "90")
    assert alice.get(f"{FLOWS}nothing.csv{DAYS}").status_code == 404
    assert alice.get(f"{FLOWS}steps.exe{DAYS}").status_code == 404


def test_the_page_asks_the_database_little(
    shop: Workspace, bob: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shown(bob)
    with django_assert_num_queries(QUERIES):
        shown(bob)
    Segment.objects.create(workspace=shop, slug="c", name="C", rule={"trait": "country", "is": ["XX"]})
    Segment.objects.create(workspace=shop, slug="d", name="D", rule={"trait": "country", "is": ["YY"]})
    with django_assert_num_queries(QUERIES):
        shown(bob)


QUERIES = 6


def asked(program: Program, **question: Any) -> Any:
    return program.post("/behaviour/paths", {"period": "last_30_days", **question})


def test_programs_ask_the_same(shop: Workspace, alice_person: Person) -> None:
    program = Program(shop, alice_person)
    found = json.loads(
        asked(program, segment="italians", compare="rest", steps=4, sql=True, without=["Web Vital Measured"]).content
    )
    assert (found["ways"], found["different_ways"]) == (50, 2)
    first = next(
        link for link in found["links"] if (link["step"], link["source"], link["target"]) == (1, "home", "search")
    )
    assert (first["ways"], first["share"]["value"]) == (45, 0.9)
    differ = {(d["source"], d["target"]): d["difference"] for d in found["differences"] if d["differs"]}
    assert differ[("item", "pay")] == pytest.approx(30 / 90)
    assert "SELECT" in found["sql"]
    whole = json.loads(asked(program, other="italians", unit="user", tables=["events", "contacts"]).content)
    assert {touchpoint["name"] for touchpoint in whole["touchpoints"]} >= {"(contact)", "home"}


def test_programs_are_told_what_cannot_be_asked(shop: Workspace, alice_person: Person) -> None:
    program = Program(shop, alice_person, personal=False)
    for wrong, status in (
        ({"compare": "rest"}, 400),
        ({"compare": "previous", "other": "italians"}, 400),
        ({"node": "mood"}, 400),
        ({"node": "customer.name"}, 403),
        ({"tables": ["shoes"]}, 400),
        ({"gap": "soon"}, 400),
        ({"steps": 0}, 400),
    ):
        answer = asked(program, **wrong)
        assert answer.status_code == status or (status == 400 and answer.status_code == 422), (wrong, answer.content)


def _random(seed: int) -> list[Flow]:
    """Return flows in which what comes to a touchpoint leaves it, as those of ways do."""
    r, names, flows = np.random.default_rng(seed), [f"n{i}" for i in range(int(seed % 7) + 2)], []
    there = {name: int(r.integers(1, 500)) for name in names}
    for step in range(1, int(r.integers(2, 7))):
        after: defaultdict[str, int] = defaultdict(int)
        for source, count in there.items():
            parts = r.multinomial(count, r.dirichlet(np.ones(len(names) + 1)))
            for target, part in zip([*names, "(exit)"], parts, strict=True):
                if part:
                    flows.append(Flow(step, source, target, int(part)))
                    after[target] += int(part)
        after.pop("(exit)", None)
        there = dict(after)
    return flows


@pytest.mark.parametrize("seed", range(12))
def test_the_diagram_keeps_what_flows_together(seed: int) -> None:
    flows, frame = _random(seed), Frame(height=400)
    drawn = sankey(flows, last=("(exit)",), frame=frame)
    scale = drawn.bands[0].thickness / drawn.bands[0].flow.count
    boxes = {(box.step, box.name): box for box in drawn.boxes}
    leaves, comes = defaultdict[Any, list[Any]](list), defaultdict[Any, list[Any]](list)
    assert len(drawn.bands) == len(flows)
    for band in drawn.bands:
        # As thick as what flows, alike in the whole diagram; it begins at its source's right and ends at its target's left.
        assert band.thickness == pytest.approx(band.flow.count * scale)
        source, target = boxes[band.flow.step, band.flow.source], boxes[band.flow.step + 1, band.flow.target]
        assert (band.x0, band.x1) == (source.x + source.width, target.x)
        leaves[source.step, source.name].append((band.y0, band.thickness))
        comes[target.step, target.name].append((band.y1, band.thickness))
    for place, box in boxes.items():
        for bands in (sorted(leaves[place]), sorted(comes[place])):
            inside = box.y
            for y, thickness in bands:
                assert y == pytest.approx(inside)
                inside += thickness
            assert inside <= box.y + box.height + 1e-6
        if leaves[place] and box.height > frame.smallest:
            assert sum(t for _, t in leaves[place]) == pytest.approx(box.height)
    _apart(drawn, frame)


def _apart(drawn: Sankey, frame: Frame) -> None:
    """Boxes of a column do not touch, the last ones stand below, and everything is inside of the diagram."""
    for step in {box.step for box in drawn.boxes}:
        column = sorted((box for box in drawn.boxes if box.step == step), key=lambda box: box.y)
        for above, below in pairwise(column):
            assert below.y - (above.y + above.height) > 0
        assert all(box.name != "(exit)" for box in column[:-1])
        assert all(box.x == frame.column * (step - 1) for box in column)
    assert max(box.x + box.width for box in drawn.boxes) == pytest.approx(drawn.width)
    assert max(box.y + box.height for box in drawn.boxes) == pytest.approx(drawn.height)
    assert min(box.y for box in drawn.boxes) == 0


def test_a_diagram_of_nothing() -> None:
    assert sankey([]).boxes == ()
    assert sankey([Flow(1, "a", "b", 0)]).bands == ()
