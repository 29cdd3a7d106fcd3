"""How far customers got in a funnel, as a condition in the builder of segments: fields, buttons, what is kept as it is."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, expect

from percorso.accounts.models import Workspace
from percorso.analytics.segments import Went, parse, to_json
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.models import Segment
from percorso.customers.segments.actions import make_segment
from percorso.customers.segments.builder import Builder
from percorso.customers.segments.counting import size
from percorso.customers.segments.funnel_row import FunnelRow
from percorso.customers.segments.rows import row_of
from percorso.errors import BadQuestion
from tests.app import clicked
from tests.web.accessible import AXE, axe
from tests.web.browser import browsing, chromium, opened, sign_in
from tests.web.test_pages import text

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEW = "/w/acme/segments/new/"
CART = {"funnel": ["Product Added", "Order Completed"], "stopped_at": 1, "window_seconds": 86400.0}
FULL = {
    "funnel": [{"event": "Product Viewed", "where": {"page": "/p/1"}}, "Product Added", "Order Completed"],
    "stopped_at": 2, "window_seconds": 5400.0, "mode": "strict", "anchor": "best",
    "without": [{"event": "Error", "from_step": 1, "to_step": 2}, {"event": "Left", "from_step": 2, "to_step": 3}],
    "within_days": 30.0,
}  # fmt: skip
DAYS = CART | {"since": "2026-10-24T03:00:00.000000Z", "before": "2026-11-23T03:00:00.000000Z"}


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    with Store.open(":memory:") as store:
        store.append("events", clicked.events(), workspace="acme", batch="test")
        people = [{"id": f"c{i}", "country": "IT" if i % 2 else "BR"} for i in range(79)]
        store.append("customers", people, workspace="acme", batch="test")
        yield store


@pytest.fixture
def shop(members: Workspace, filled: Store, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(owner, "_store", filled)
    return members


class Form(HTMLParser):
    """What a browser would send of the builder's form, and what its menus offer."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.offered: dict[str, list[str]] = {}
        self.buttons: list[str] = []
        self._inside, self._menu = False, ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self._inside |= tag == "form" and found.get("id") == "rule"
        name, value = found.get("name") or "", found.get("value") or ""
        if not self._inside:
            return
        if tag == "input" and name and (found.get("type") != "checkbox" or "checked" in found):
            self.sent.setdefault(name, []).append(value)
        elif tag == "button" and name == "do":
            self.buttons.append(value)
        elif tag == "select":
            self._menu = name
        elif tag == "option" and self._menu:
            self.offered.setdefault(self._menu, []).append(value)
            if "selected" in found:
                self.sent.setdefault(self._menu, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._menu = ""
        elif tag == "form":
            self._inside = False


def built(client: Client, **sent: Any) -> Form:
    """Press a button, or change what makes the page come anew."""
    answer = client.post(NEW, sent)
    assert answer.status_code == 200, answer.content.decode()
    return Form(answer.content.decode())


def begun(client: Client) -> Form:
    """A condition about a funnel as it begins."""
    return built(client, **{"g0.r0.kind": "funnel", "g0.r0.was": "trait:country", "g0.how": "all", "name": "Carts"})


def saved(client: Client, sent: dict[str, list[str]]) -> Any:
    answer = client.post(NEW, sent | {"do": ["save"]})
    assert answer.status_code == 302, text(answer.content.decode())
    return Segment.objects.get().rule


def refused(client: Client, sent: dict[str, list[str]]) -> str:
    """What stands beside the row that is wrong."""
    answer = client.post(NEW, sent | {"do": ["save"]})
    assert answer.status_code == 400
    html = answer.content.decode()
    return text(html[html.index('id="g0.r0"') : html.index('class="rule-add"')])


NAMES = st.text('aB1 .,é“"<&>\n{}', min_size=1, max_size=6)
WHERE = st.dictionaries(st.sampled_from(["page", "channel", "properties.plan"]), NAMES, max_size=2)


@st.composite
def funnels(draw: st.DrawFn) -> dict[str, Any]:
    """Any funnel that a program may write."""
    names = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    steps = [{"event": name, "where": where} if (where := draw(WHERE)) else name for name in names]
    rule: dict[str, Any] = {"funnel": steps, "stopped_at": draw(st.integers(1, len(steps)))}
    rule["window_seconds"] = draw(st.integers(0, 10**9) | st.floats(0, 10**9))
    rule |= {"mode": draw(st.sampled_from(["ordered", "strict", "any"])), "anchor": draw(st.sampled_from(["first", "best"]))}  # fmt: skip
    if len(steps) > 1:
        low = draw(st.integers(1, len(steps) - 1))
        high = draw(st.integers(low + 1, len(steps)))
        without = {"event": draw(NAMES), "from_step": low, "to_step": high}
        rule["without"] = [without] * draw(st.integers(0, 7))
    instants = st.integers(10**9 * 10**6, 4 * 10**15).map(lambda us: (EPOCH + timedelta(microseconds=us)).isoformat())
    began = draw(st.sampled_from([("within_days",), ("since",), ("before",), ("since", "before"), ()]))
    return rule | {name: draw(st.integers(0, 999) if name == "within_days" else instants) for name in began}


def form_of(funnel: FunnelRow, days: str) -> QueryDict:
    """What the page's fields send of a funnel."""
    sent = QueryDict(mutable=True)
    lists = {
        "step": [s.event for s in funnel.steps], "on": [s.column for s in funnel.steps],
        "is": [s.value for s in funnel.steps], "without": [w.event for w in funnel.without],
        "after": [w.after for w in funnel.without], "upto": [w.upto for w in funnel.without],
    }  # fmt: skip
    texts = {name: getattr(funnel, name) for name in ("stopped_at", "length", "unit", "mode", "anchor", "since", "before")}  # fmt: skip
    for name, values in (lists | {n: [v] for n, v in texts.items()} | {"kind": ["funnel"], "days": [days]}).items():
        sent.setlist(f"g0.r0.{name}", values)
    return sent


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(funnels())
def test_fields_say_a_rule_as_it_was_or_keep_it_as_text(written: dict[str, Any]) -> None:
    rule = parse(written)
    assert Builder.of(rule).rule() == rule
    row = row_of(rule)
    if row.kind == "funnel":
        assert Builder.read(form_of(row.funnel, row.days)).rule() == rule


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(funnels())
def test_only_what_fields_do_not_have_is_kept_as_text(written: dict[str, Any]) -> None:
    rule = parse(written)
    assert isinstance(rule, Went)
    texts = [*(e for e, _ in rule.steps), *(v for _, where in rule.steps for _, v in where), *(w[0] for w in rule.without)]  # fmt: skip
    plain = all(t == "".join(t.splitlines()).strip() for t in texts) and rule.window_seconds % 1 == 0
    shallow = len(rule.steps) > 1 and all(len(where) < 2 for _, where in rule.steps)
    if plain:
        assert (row_of(rule).kind == "funnel") is shallow


@pytest.mark.parametrize("rule", [CART, FULL, DAYS, CART | {"mode": "any", "stopped_at": 2}, {"not": CART}])
def test_what_is_saved_opens_in_fields_and_comes_back_the_same(
    shop: Workspace, alice: Client, rule: dict[str, Any]
) -> None:
    make_segment(shop, name="Carts", rule=rule, by="test")
    page = Form(alice.get("/w/acme/segments/carts/change/").content.decode())
    assert page.sent["g0.r0.kind"] == ["funnel"]
    answer = alice.post("/w/acme/segments/carts/change/", page.sent | {"do": ["save"]})
    assert answer.status_code == 302
    assert Segment.objects.get().rule == rule


def test_who_dropped_off_on_the_page_of_funnels_opens_in_fields(shop: Workspace, alice: Client) -> None:
    funnel = "period=last_30_days&step=Product+Viewed&step=Product+Added&step=Order+Completed&on=page&on=&on=&is=/p/1&is=&is=&exclude=Error"
    for days in ("these", "last"):
        form = {"name": days, "stopped_at": 2, "days": days}
        alice.post(f"/w/acme/usage/funnels/segment/?{funnel}&customer.country=IT", form)
        html = alice.get(f"/w/acme/segments/{days}/change/").content.decode()
        page = Form(html)
        assert page.sent["g0.r0.step"] == ["Product Viewed", "Product Added", "Order Completed"]
        assert (page.sent["g0.r0.on"], page.sent["g0.r0.is"]) == (["page", "", ""], ["/p/1", "", ""])
        assert (page.sent["g0.r0.without"], page.sent["g0.r0.stopped_at"]) == (["Error"], ["2"])
        assert "kept as it is" not in html
        assert ("begun since" in text(html)) is (days == "these")
        assert ("g0.r0.days" in page.sent) is (days == "last")


def test_a_funnel_is_built_without_script_and_counted(shop: Workspace, alice: Client) -> None:
    page = begun(alice)
    assert (page.sent["g0.r0.step"], page.sent["name"]) == (["", ""], ["Carts"])
    assert "add-row:0" in page.buttons
    page = built(alice, **page.sent, do="add-step:0.0")
    assert len(page.sent["g0.r0.step"]) == 3
    page.sent["g0.r0.step"] = ["Product Viewed", "Product Added", "Order Completed"]
    page = built(alice, **page.sent | {"g0.r0.stopped_at": ["2"]}, do="show")
    assert page.offered["g0.r0.stopped_at"] == ["1", "2", "last"]
    sent = page.sent | {"g0.r0.length": ["2"], "g0.r0.unit": ["w"], "g0.r0.days": ["30"]}
    count = text(alice.post("/w/acme/segments/count/", sent).content.decode())
    assert "24" in count
    assert "who did Product Viewed and Product Added one after the other and not Order Completed within 14 days (begun in the last 30 days)" in count  # fmt: skip
    assert saved(alice, sent) == {
        "funnel": ["Product Viewed", "Product Added", "Order Completed"], "stopped_at": 2,
        "window_seconds": 1209600.0, "within_days": 30.0,
    }  # fmt: skip
    assert size(shop, parse(Segment.objects.get().rule)).count == 24


def test_the_step_that_goes_takes_along_what_speaks_of_it(shop: Workspace, alice: Client) -> None:
    make_segment(shop, name="Carts", rule=FULL, by="test")
    page = Form(alice.get("/w/acme/segments/carts/change/").content.decode())
    gone = built(alice, **page.sent, do="remove-step:0.0.2")
    assert gone.sent["g0.r0.step"] == ["Product Viewed", "Product Added"]
    assert gone.sent["g0.r0.stopped_at"] == ["last"]
    assert (gone.sent["g0.r0.after"], gone.sent["g0.r0.upto"]) == (["1", "1"], ["2", "last"])
    gone = built(alice, **page.sent, do="remove-step:0.0.0")
    assert gone.sent["g0.r0.stopped_at"] == ["1"]
    gone = built(alice, **page.sent, do="remove-without:0.0.0")
    assert gone.sent["g0.r0.without"] == ["Left"]
    gone = built(alice, **gone.sent, do="add-without:0.0")
    assert gone.sent["g0.r0.without"] == ["Left", ""]
    # Two steps stay to be typed into, and buttons for what is not there do nothing.
    for do in ("remove-step:0.0.0", "remove-step:0.0.0", "remove-step:0.0.7", "add-step:0.9", "add-step:", "remove-without:0.0.9"):  # fmt: skip
        page = built(alice, **page.sent, do=do)
    assert page.sent["g0.r0.step"] == ["Order Completed", ""]


def test_days_that_a_segment_keeps_are_forgotten_by_a_button(shop: Workspace, alice: Client) -> None:
    page = built(alice, do="paste", pasted=json.dumps(DAYS), name="Carts")
    assert "forget-days:0.0" in page.buttons
    # They stand there also while something else is not finished.
    wrong = page.sent | {"g0.r0.length": ["soon"], "do": ["show"]}
    assert "begun since Oct 24, 2026, 3:00" in text(alice.post(NEW, wrong).content.decode()).replace("\u202f", " ")
    page = built(alice, **page.sent, do="forget-days:0.0")
    assert saved(alice, page.sent) == CART


def test_what_is_wrong_is_said_in_words(shop: Workspace, alice: Client) -> None:
    page = begun(alice)
    page.sent |= {"g0.r0.step": ["Product Added", ""]}
    assert "A funnel needs at least two steps. Choose the event of step 2." in refused(alice, page.sent)
    page.sent |= {"g0.r0.step": ["Product Added"]}
    assert "A funnel needs at least two steps. Choose the event of step 2." in refused(alice, page.sent)
    page.sent |= {"g0.r0.step": ["Product Added", "Order Completed", ""]}
    assert "Choose the event of step 3, or remove the step." in refused(alice, page.sent)
    page.sent |= {"g0.r0.step": ["Product Added", "Order Completed"]}
    for field, value, told in (
        ("stopped_at", "7", "There are 2 steps. Choose one of them."),
        ("length", "soon", "Give a number."),
        ("length", "-1", "Say within what time they may get there, e.g. 7 days."),
        ("days", "some", "Give a number."),
        ("on", "page", "Type the value that step 1 must have, or choose “With any details”."),
        ("mode", "sideways", "There is no mode sideways."),
        ("without", "", "Choose the event that must not happen, or take it back."),
    ):
        assert told in refused(alice, page.sent | {f"g0.r0.{field}": [value]}), field
    out_of_order = {"g0.r0.without": ["Error"], "g0.r0.after": ["2"], "g0.r0.upto": ["last"]}
    assert "Error cannot be excluded between steps 2 and 2" in refused(alice, page.sent | out_of_order)
    twice = {"g0.r0.step": ["Product Added"] * 2, "g0.r0.mode": ["any"]}
    assert "each step can be listed once only" in refused(alice, page.sent | twice)
    assert not Segment.objects.exists()
    # Until somebody saves, it is only not finished.
    assert "A funnel needs at least two steps." in text(alice.post(NEW, begun(alice).sent).content.decode())


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (CART | {"funnel": ["Product Added"]}, "two steps at least"),
        (CART | {"funnel": [{"event": "Viewed", "where": {"page": "/", "channel": "web"}}, "Bought"]}, "several details"),
    ],
)  # fmt: skip
def test_what_fields_cannot_show_is_kept_and_told_why(
    shop: Workspace, alice: Client, rule: dict[str, Any], why: str
) -> None:
    make_segment(shop, name="Carts", rule=rule, by="test")
    html = alice.get("/w/acme/segments/carts/change/").content.decode()
    assert why in text(html)
    answer = alice.post("/w/acme/segments/carts/change/", Form(html).sent | {"do": ["save"]})
    assert answer.status_code == 302
    assert parse(Segment.objects.get().rule) == parse(rule)


def test_details_that_tell_who_somebody_is_are_not_for_everybody(
    shop: Workspace, alice: Client, as_role: Callable[[str], Client]
) -> None:
    analyst = as_role("analyst")
    page = begun(analyst)
    assert "properties.plan" in begun(alice).offered["g0.r0.on"]
    assert {"", "page", "channel"} <= set(page.offered["g0.r0.on"])
    assert "properties.plan" not in page.offered["g0.r0.on"]
    sly = page.sent | {"g0.r0.step": ["Product Added", "Order Completed"], "g0.r0.on": ["properties.plan", ""], "g0.r0.is": ["pro", ""]}  # fmt: skip
    answer = analyst.post(NEW, sly | {"do": ["save"]})
    assert answer.status_code == 400
    assert "picks by personal data" in answer.content.decode()


def test_another_kind_forgets_the_funnel(shop: Workspace, alice: Client) -> None:
    page = Form(alice.post(NEW, {"do": "paste", "pasted": json.dumps(FULL)}).content.decode())
    other = built(alice, **page.sent | {"g0.r0.kind": ["did"]})
    assert "g0.r0.step" not in other.sent
    back = built(alice, **other.sent | {"g0.r0.kind": ["funnel"]})
    assert back.sent["g0.r0.step"] == ["", ""]


def test_more_steps_than_a_funnel_may_have_are_refused() -> None:
    row = row_of(parse(CART))
    steps = row.funnel.steps * 11
    with pytest.raises(BadQuestion, match="one to"):
        replace(row, funnel=replace(row.funnel, steps=steps)).rule()
    full = replace(row.funnel, steps=steps[:20])
    assert full.changed("add-step", -1) == full
    assert to_json(replace(row, funnel=full).rule())["stopped_at"] == 1
    assert datetime.fromisoformat(row_of(parse(DAYS)).funnel.since) == datetime(2026, 10, 24, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("Debian's chromium is not installed")
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def test_a_funnel_is_built_by_mouse_and_keyboard(
    browser: Browser, shop: Workspace, live_server: Any, alice: Client
) -> None:
    with opened(browser, live_server.url) as (shown, complaints):
        sign_in(shown, live_server.url, alice)
        shown.goto(NEW)
        shown.get_by_label("Name", exact=True).fill("Carts")
        shown.get_by_label("Kind of condition").select_option("funnel")
        expect(shown.locator("#rule-result")).to_contain_text("Choose the event of step 1.")
        shown.get_by_label("Event of step 1").click()
        shown.keyboard.type("Product Viewed")
        shown.get_by_label("Event of step 2").click()
        shown.keyboard.type("Product Added")
        # Who looked and did not add.
        expect(shown.locator("#rule-count")).to_have_text("16")
        shown.get_by_role("button", name="Add a step").focus()
        shown.keyboard.press("Enter")
        stopped = shown.locator("[name='g0.r0.stopped_at']")
        third = shown.get_by_label("Event of step 3")
        expect(third).to_be_focused()
        shown.keyboard.type("Order Completed")
        stopped.select_option("2")
        expect(shown.locator("#rule-count")).to_have_text("24")
        expect(shown.locator("#rule-result")).to_contain_text("and not Order Completed within 7 days")
        shown.get_by_label("Within").fill("20")
        shown.get_by_label("Unit of time").select_option("m")
        expect(shown.locator("#rule-result")).to_contain_text("within 20 minutes")
        shown.get_by_label("Unit of time").select_option("d")
        shown.get_by_role("button", name="Remove step 2").click()
        expect(shown.get_by_label("Event of step 2")).to_have_value("Order Completed")
        expect(third).to_have_count(0)
        expect(stopped).to_have_value("1")
        expect(shown.locator("#rule-count")).to_have_text("40")
        if AXE.exists():
            assert axe(shown) == []
        shown.get_by_role("button", name="Save").click()
        expect(shown.locator("h1")).to_have_text("Carts")
        shown.get_by_role("link", name="Change").click()
        expect(shown.get_by_label("Event of step 1")).to_have_value("Product Viewed")
        expect(shown.locator("#rule-count")).to_have_text("40")
        assert complaints.console == []
        assert complaints.hosts == set()
