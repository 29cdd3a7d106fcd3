"""Funnels: the builder, what it gives, segments of who dropped off, kept ones, files, the same for programs."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow.parquet as pq
import pytest
from django.test import Client
from openpyxl import load_workbook

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.behaviour.funnel import FunnelQuery, funnel
from percorso.analytics.query import Period
from percorso.analytics.segments import parse
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.customers.models import Segment
from percorso.customers.segments.counting import ids, size
from percorso.customers.segments.queries import resolved
from percorso.customers.segments.sentences import sentence
from percorso.engagement.models import SavedFunnel
from percorso.notebook import Facts
from tests.app import clicked
from tests.app.api_client import Program
from tests.web.test_pages import text

FUNNELS = "/w/acme/usage/funnels/"
SHOP = "period=last_30_days&step=Product+Viewed&step=Product+Added&step=Order+Completed"
STEPS = ("Product Viewed", "Product Added", "Order Completed")


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    with Store.open(":memory:") as store:
        store.append("events", clicked.events() + clicked.lately(), workspace="acme", batch="test")
        store.append("events", clicked.events()[:30], workspace="elsewhere", batch="test")
        people = [{"id": f"c{i}", "country": "IT" if i % 2 else "BR"} for i in range(79)]
        store.append("customers", people, workspace="acme", batch="test")
        yield store


@pytest.fixture
def shop(members: Workspace, filled: Store, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(owner, "_store", filled)
    return members


def shown(client: Client, query: str, language: str = "en") -> str:
    response = client.get(f"{FUNNELS}?{query}&part=all", headers={"Accept-Language": language}, follow=True)
    assert response.status_code == 200, response.content
    return text(response.content.decode())


def test_without_events_the_page_teaches_how_to_send_them(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(":memory:") as empty:
        monkeypatch.setattr(owner, "_store", empty)
        assert "No events yet" in shown(alice, "period=last_30_days")


def test_the_steps_are_told_with_their_customers_and_their_intervals(shop: Workspace, bob: Client) -> None:
    page = shown(bob, SHOP)
    assert "80 customers" in page
    assert "64 customers" in page
    assert "40 customers" in page
    # 40 of 80 by Wilson.
    assert "39.3% to 60.7%, 95% sure" in page
    assert "40 of 80 got from “Product Viewed” to “Order Completed” within 7 days" in page
    assert "80.0% went on" in page
    assert "16 dropped off, 20.0%" in page
    assert "24 dropped off, 37.5%" in page
    assert "1:00 h" in page
    assert "SELECT" in page
    # Who may not analyse downloads nothing and makes no segment.
    assert "Segment of who dropped off" not in page


def test_a_funnel_that_takes_long_does_not_hold_the_page(shop: Workspace, alice: Client, monkeypatch: Any) -> None:
    query = f"{SHOP}&window=3d"
    page = alice.get(f"{FUNNELS}?{query}").content.decode()
    assert "Counting…" in page
    [href] = [part.split('"')[0] for part in page.split('hx-get="')[1:] if "part=result" in part]
    part = text(alice.get(href.replace("&amp;", "&")).content.decode())
    assert "40 customers" in part
    assert "<html" not in part
    # The answer is at hand from now on.
    assert "Counting…" not in alice.get(f"{FUNNELS}?{query}").content.decode()


def test_the_address_says_everything_and_the_builder_changes_it(shop: Workspace, alice: Client) -> None:
    def after(do: str, query: str = SHOP) -> dict[str, list[str]]:
        answer = alice.get(f"{FUNNELS}?{query}&do={do}")
        assert answer.status_code == 302
        return parse_qs(urlsplit(answer["Location"]).query, keep_blank_values=True)

    assert after("add")["step"] == [*STEPS, ""]
    assert after("up:2")["step"] == ["Product Viewed", "Order Completed", "Product Added"]
    assert after("down:0")["step"] == ["Product Added", "Product Viewed", "Order Completed"]
    assert after("remove:1")["step"] == ["Product Viewed", "Order Completed"]
    assert after("up:0")["step"] == list(STEPS)
    assert after("without")["exclude"] == [""]
    asked = f"{SHOP}&on=&is=&on=page&is=/p/1&mode=strict&anchor=best&window=90m&exclude=Error&by=channel"
    kept = after("add", asked)
    assert kept["on"] == ["", "page", "", ""]
    assert kept["is"] == ["", "/p/1", "", ""]
    assert (kept["mode"], kept["anchor"], kept["window"], kept["by"]) == (["strict"], ["best"], ["90m"], ["channel"])
    assert kept["exclude"] == ["Error"]
    # Two steps at least can be typed into.
    assert alice.get(f"{FUNNELS}?period=last_30_days").content.decode().count('name="step"') == 2


def test_mode_anchor_exclusion_details_and_groups_are_asked(shop: Workspace, alice: Client) -> None:
    assert "0 customers" in shown(alice, "period=last_30_days&step=Product+Added&step=Product+Viewed")
    assert "40 of 80 did all 3 steps within 7 days" in shown(alice, f"{SHOP}&mode=any")
    assert "32 customers" in shown(alice, f"{SHOP}&on=&on=page&is=&is=/p/1")
    excluded = shown(alice, "period=last_30_days&step=Product+Viewed&step=Order+Completed&exclude=Product+Added")
    assert "0 of 16 got from" in excluded
    grouped = shown(alice, f"{SHOP}&by=channel")
    assert "By channel" in grouped
    assert "App" in grouped
    assert "10 of" not in grouped
    # The details of a breakdown: what one group did against all others.
    assert "Conversion" in grouped


def test_whose_window_is_open_is_on_the_way_and_has_not_dropped_off(shop: Workspace, alice: Client) -> None:
    today = datetime.now(UTC).date().isoformat()
    page = shown(alice, f"period=custom&from={today}&to={today}&step=Product+Added&step=Order+Completed&window=1d")
    if "Nobody began" in page:  # the first half hour of a day
        return
    assert "5 customers may still get there" in page
    assert "5 on the way" in page
    assert "0 dropped off" in page


def test_one_step_tells_who_did_it(shop: Workspace, alice: Client) -> None:
    page = shown(alice, "period=last_30_days&step=Product+Added")
    assert "64 of 64 did “Product Added”" in page
    assert "Dropped off" not in page.split("From step to step")[0].split("Conversion")[-1]
    alice.post(
        f"{FUNNELS}segment/?period=last_30_days&step=Product+Added", {"name": "Added", "stopped_at": 1, "days": "these"}
    )
    assert size(shop, parse(Segment.objects.get(name="Added").rule)).count == 64


def test_ready_funnels_are_offered_where_their_events_arrive(shop: Workspace, alice: Client) -> None:
    page = alice.get(f"{FUNNELS}?period=last_30_days").content.decode()
    assert "Cart abandonment" in page
    assert "Checkout Started" not in page
    assert "step=Product+Added&amp;step=Order+Completed&amp;window=1d" in page


def test_who_dropped_off_is_a_segment_of_exactly_those(shop: Workspace, as_role: Callable[[str], Client]) -> None:
    analyst = as_role("analyst")
    page = shown(analyst, SHOP)
    assert "Segment of who dropped off" in page
    for step, count in ((1, 16), (2, 24), (3, 40)):
        form = {"name": f"Stopped at {step}", "stopped_at": step, "days": "these"}
        answer = analyst.post(f"{FUNNELS}segment/?{SHOP}", form)
        found = Segment.objects.get(name=f"Stopped at {step}")
        assert answer["Location"] == f"/w/acme/segments/{found.slug}/"
        rule = resolved(shop, parse(found.rule))
        assert size(shop, rule).count == count
    assert ids(shop, rule, 100) == sorted(f"c{i}" for i in range(40))
    said = sentence(parse(Segment.objects.get(name="Stopped at 2").rule), {})
    assert said.startswith(
        "Customers who did Product Viewed and Product Added one after the other and not Order Completed within 7 days"
    )
    assert shown(analyst, SHOP)
    assert "one after the other" in text(analyst.get("/w/acme/segments/").content.decode())
    # The segment is one of every figure, also of a funnel.
    assert "24 customers" in shown(analyst, f"{SHOP}&segment=stopped-at-2")


def test_a_segment_may_follow_the_days_and_keeps_to_the_group_that_was_chosen(shop: Workspace, alice: Client) -> None:
    form = {"name": "Carts of Italy", "stopped_at": 2, "days": "last"}
    alice.post(f"{FUNNELS}segment/?{SHOP}&customer.country=IT", form)
    found = Segment.objects.get(name="Carts of Italy")
    assert found.rule["all"][0]["within_days"] == 30
    assert size(shop, parse(found.rule)).count == 12
    assert AuditEntry.objects.filter(action="segment_made", target="Carts of Italy").exists()
    answer = alice.post(f"{FUNNELS}segment/?{SHOP}", {"name": "", "stopped_at": 9, "days": "last"}, follow=True)
    assert "Give the segment a name and choose a step" in text(answer.content.decode())


def test_a_funnel_is_kept_by_its_name_and_removed(shop: Workspace, as_role: Callable[[str], Client]) -> None:
    editor = as_role("editor")
    answer = editor.post(f"{FUNNELS}save/?{SHOP}&window=3d&segment=", {"name": " From  shelf to order "}, follow=True)
    assert "The funnel is kept" in text(answer.content.decode())
    kept = SavedFunnel.objects.get()
    assert (kept.name, kept.asked) == ("From shelf to order", {"step": list(STEPS), "window": "3d"})
    page = editor.get(f"{FUNNELS}?period=last_30_days").content.decode()
    assert "From shelf to order" in page
    # The same name again is another funnel by that name.
    editor.post(f"{FUNNELS}save/?step=a&step=b", {"name": "From shelf to order"})
    assert SavedFunnel.objects.get().asked == {"step": ["a", "b"]}
    answer = editor.post(f"{FUNNELS}save/?step=a", {"name": "Short"}, follow=True)
    assert "at least two steps" in text(answer.content.decode())
    assert as_role("analyst").post(f"{FUNNELS}save/?{SHOP}", {"name": "x"}).status_code == 403
    editor = as_role("editor")
    editor.post(f"{FUNNELS}{kept.pk}/remove/")
    assert not SavedFunnel.objects.exists()
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"funnel_saved", "funnel_removed"}


def test_a_funnel_of_another_workspace_is_not_there(shop: Workspace, alice: Client, charlie: Client) -> None:
    other = Workspace.objects.get(slug="elsewhere")
    kept = SavedFunnel.objects.create(workspace=other, name="Theirs", asked={"step": ["a", "b"]})
    assert alice.post(f"{FUNNELS}{kept.pk}/remove/").status_code == 404
    assert "Theirs" not in alice.get(f"{FUNNELS}?period=last_30_days").content.decode()
    assert charlie.get(FUNNELS).status_code == 404


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("step=a&step=b&window=soon", "Write a length of time as 30m"),
        ("step=a&step=b&mode=odd", "There is no mode odd"),
        ("step=a&step=b&anchor=odd", "There is no anchor odd"),
        ("step=a&on=colour&is=red&step=b", "There is no column colour here"),
        ("step=a&step=a&mode=any", "each step can be listed once only"),
        ("step=a&step=b&exclude=c&after=2&before=1", "cannot be excluded between steps 2 and 1"),
        ("&".join(["step=a"] * 13), "at most 12 steps"),
        (f"step={'a' * 300}", "at most 200 characters"),
        ("step=a&step=b&by=user", "There is no column user here. Use one of: workspace, id, customer"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(shop: Workspace, alice: Client, query: str, told: str) -> None:
    answer = alice.get(f"{FUNNELS}?period=last_30_days&{query}&part=all")
    assert answer.status_code == 400
    assert told in text(answer.content.decode())
    # What comes into a page that stands brings no second page with it.
    part = alice.get(f"{FUNNELS}?period=last_30_days&{query}&part=result", headers={"HX-Request-Type": "partial"})
    assert part.status_code == 400
    assert told in text(part.content.decode())
    assert "<body" in answer.content.decode()
    assert "<body" not in part.content.decode()
    assert "<nav" not in part.content.decode()


def test_a_kept_funnel_that_cannot_be_asked_any_more_takes_nothing_else_along(shop: Workspace, alice: Client) -> None:
    SavedFunnel.objects.create(workspace=shop, name="Of old", asked={"step": list(STEPS), "by": "gone"})
    page = alice.get(f"{FUNNELS}?{SHOP}&part=all")
    assert page.status_code == 200
    assert "Of old" in text(page.content.decode())
    assert alice.get(f"{FUNNELS}?{SHOP}&by=gone").status_code == 400


def test_steps_by_personal_data_are_for_who_may_see_it(shop: Workspace, as_role: Callable[[str], Client]) -> None:
    query = f"{SHOP}&on=properties.plan&is=pro&part=all"
    assert as_role("viewer").get(f"{FUNNELS}?{query}").status_code == 200
    analyst = as_role("analyst")
    assert analyst.get(f"{FUNNELS}?{query}").status_code == 403
    assert analyst.get(f"{FUNNELS}?{SHOP}&by=properties.plan").status_code == 403
    assert "properties.plan" not in analyst.get(f"{FUNNELS}?{SHOP}").content.decode()


def test_the_tables_are_files(shop: Workspace, as_role: Callable[[str], Client]) -> None:
    analyst = as_role("analyst")
    answer = analyst.get(f"{FUNNELS}steps.csv?{SHOP}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [int(row["customers"]) for row in rows] == [80, 64, 40]
    assert [int(row["dropped"]) for row in rows] == [16, 24, 0]
    assert float(rows[2]["of_first_low"]) == pytest.approx(0.3929, abs=1e-4)
    assert AuditEntry.objects.get(action="downloaded").target.startswith("acme-funnel-steps-")
    groups = pq.read_table(io.BytesIO(analyst.get(f"{FUNNELS}groups.parquet?{SHOP}&by=channel").content)).to_pylist()
    assert {row["channel"] for row in groups} == {"app", "web"}
    assert sum(row["customers"] for row in groups if row["step"] == 1) == 80
    book = load_workbook(io.BytesIO(analyst.get(f"{FUNNELS}series.xlsx?{SHOP}").content))
    assert book.sheetnames == ["Figures", "What was asked"]
    assert analyst.get(f"{FUNNELS}steps.exe?{SHOP}").status_code == 404
    assert as_role("viewer").get(f"{FUNNELS}steps.csv?{SHOP}").status_code == 403


def test_the_page_reads_the_kept_funnels_at_once(
    shop: Workspace, alice: Client, django_assert_num_queries: Any
) -> None:
    address = f"{FUNNELS}?period=last_30_days"
    SavedFunnel.objects.create(workspace=shop, name="One", asked={"step": list(STEPS)})
    alice.get(address)
    with django_assert_num_queries(7):
        alice.get(address)
    for name in ("Two", "Three"):
        SavedFunnel.objects.create(workspace=shop, name=name, asked={"step": list(STEPS)})
    with django_assert_num_queries(7):
        alice.get(address)


@pytest.fixture
def program(shop: Workspace, alice_person: Person) -> Program:
    return Program(shop, alice_person)


def test_programs_ask_the_same_and_are_answered_the_same(program: Program, filled: Store) -> None:
    days = Period.preset("last_30_days", "America/Sao_Paulo")
    asked = {
        "steps": list(STEPS),
        "window": "7d",
        "from": days.start.isoformat(),
        "to": clicked.today().date().isoformat(),
        "by": ["channel"],
        "sql": True,
    }
    answer = program.post("/behaviour/funnel", asked)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    expected = funnel(
        filled, FunnelQuery(STEPS, 7 * 86_400, "acme", Period(days.start, clicked.today().date(), "America/Sao_Paulo"))
    )
    assert [step["customers"] for step in told["total"]["steps"]] == list(expected.total.counts) == [80, 64, 40]
    assert told["total"]["conversion"]["value"] == 0.5
    assert told["total"]["median_seconds"] == 3600
    assert {group["by"]["channel"] for group in told["groups"]} == {"app", "web"}
    assert "SELECT" in told["sql"]
    filtered = program.post(
        "/behaviour/funnel",
        asked | {"steps": [{"event": "Product Viewed", "where": {"page": "/p/1"}}, "Order Completed"], "by": []},
    )
    assert filtered.json()["total"]["steps"][0]["customers"] == 40
    wrong = program.post("/behaviour/funnel", asked | {"window": "soon"})
    assert wrong.status_code == 400
    assert "30m, 24h" in json.dumps(wrong.json())
    assert program.post("/behaviour/funnel", asked | {"segment": "gone"}).status_code == 400


def test_the_search_finds_kept_funnels_and_the_page(shop: Workspace, alice: Client) -> None:
    SavedFunnel.objects.create(workspace=shop, name="Shelf to order", asked={"step": list(STEPS), "window": "3d"})
    found = text(alice.get("/w/acme/find/?q=shelf").content.decode())
    assert "Shelf to order" in found
    assert "Retention" in text(alice.get("/w/acme/find/?q=cohorts").content.decode())


def test_a_notebook_asks_the_same(filled: Store) -> None:
    facts = Facts(filled, "acme", "America/Sao_Paulo", None)
    found = facts.funnel(*STEPS, window="7d", period="last_30_days", by="channel", without=("Error",))
    assert found.total.counts == (80, 64, 40)
    assert found.group("app").counts == (20, 16, 10)
    assert facts.funnel(*STEPS, segment={"trait": "country", "is": ["IT"]}).total.n == 39
    kept = facts.retention("Product Viewed", "Order Completed", grain="day", offsets=1)
    assert sum(cohort.size for cohort in kept.total.cohorts) == 80
