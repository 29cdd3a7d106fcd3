"""Segments: built with and without script, counted live, said in words, used everywhere, kept from those they are not for."""

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.html import escape
from playwright.sync_api import Browser, expect

from percorso.accounts.models import AuditEntry, Person, Workspace
from percorso.analytics.segments import parse
from percorso.analytics.store import Store
from percorso.customers.models import Persona, Segment
from percorso.customers.segments import actions, counting, queries
from percorso.customers.segments.builder import Builder
from percorso.customers.segments.sentences import sentence
from percorso.errors import BadQuestion
from percorso.insights.models import Board, Goal, Plan, Watch
from tests.app.api_client import Program
from tests.web.browser import browsing, chromium, opened, sign_in
from tests.web.test_pages import text

LIST = "/w/acme/segments/"
BRAZIL = {"trait": "country", "is": ["BR"]}
RULES: list[tuple[dict[str, Any], str]] = [
    ({}, "All customers"),
    (BRAZIL, "Customers in Brazil"),
    (
        {
            "all": [
                {"trait": "country", "is": ["BR", "IT"]},
                {"did": "events", "where": {"name": ["Order Completed"]}, "at_least": 2, "within_days": 90},
                {"answered": "nps", "at_most": 6},
            ]
        },
        "Customers in Brazil or Italy who did Order Completed at least 2 times in the last 90 days and whose latest NPS answer is at most 6",
    ),
    ({"did": "tickets", "at_least": 3, "within_days": 30}, "Customers who had at least 3 tickets in the last 30 days"),
    ({"did": "orders", "at_most": 0, "within_days": 60}, "Customers who had no orders in the last 60 days"),
    ({"not": {"did": "orders"}}, "Customers who never had orders"),
    ({"last": "orders", "at_least_days": 60}, "Customers who last had orders at least 60 days ago"),
    ({"figure": "csat", "at_most": 0.5}, "Customers whose own Customer Satisfaction Score is at most 50.0%"),
    (
        {"any": [{"trait": "plan", "empty": False}, {"not": {"segment": "vip"}}]},
        "Customers whose plan is known or who are not in the segment “VIPs”",
    ),
    (
        {"all": [{"trait": "seats", "at_least": 3}, {"any": [BRAZIL, {"trait": "city", "contains": "são"}]}]},
        "Customers whose seats is at least 3 and either whose country is Brazil or whose city contains “são”",
    ),
    (
        {"not": {"any": [{"trait": "plan", "is": ["pro"]}, {"segment": "vip"}]}},
        "Customers who are not among those whose plan is pro or who are in the segment “VIPs”",
    ),
    (
        {"did": "events", "where": {"properties.total": {"at_least": 100}, "channel": ["web", None]}},
        "Customers who had at least 1 event (total ≥ 100; Channel: Website or not known)",
    ),
]

PLAN, ORDERED, VIP = {"trait": "plan", "is": ["pro"]}, {"did": "orders"}, {"segment": "vip"}
UNHAPPY = {"answered": "nps", "at_most": 6}
NESTED: list[tuple[dict[str, Any], str]] = [
    (
        {"all": [{"any": [PLAN, ORDERED]}, BRAZIL]},
        "Customers in Brazil either whose plan is pro or who had at least 1 order",
    ),
    (
        {"all": [{"any": [PLAN, ORDERED, VIP]}, UNHAPPY, BRAZIL]},
        "Customers in Brazil whose latest NPS answer is at most 6 and either whose plan is pro, who had at least 1 order, or who are in the segment “VIPs”",
    ),
    (
        {"any": [{"all": [PLAN, UNHAPPY]}, {"all": [BRAZIL, {"not": ORDERED}]}]},
        "Customers whose plan is pro and whose latest NPS answer is at most 6; or whose country is Brazil and who never had orders",
    ),
    (
        {"any": [VIP, {"all": [PLAN, {"any": [UNHAPPY, ORDERED]}]}]},
        "Customers who are in the segment “VIPs”; or whose plan is pro and either whose latest NPS answer is at most 6 or who had at least 1 order",
    ),
    (
        {"all": [{"any": [PLAN, VIP]}, {"any": [UNHAPPY, ORDERED]}]},
        "Customers either whose plan is pro or who are in the segment “VIPs” and either whose latest NPS answer is at most 6 or who had at least 1 order",
    ),
    (
        {"all": [{"not": {"all": [PLAN, UNHAPPY]}}, BRAZIL, ORDERED]},
        "Customers in Brazil who had at least 1 order and who are not among those whose plan is pro and whose latest NPS answer is at most 6",
    ),
    (
        {"all": [BRAZIL, {"any": [{"all": [PLAN, UNHAPPY]}, VIP]}]},
        "Customers in Brazil either who are in the segment “VIPs” or both whose plan is pro and whose latest NPS answer is at most 6",
    ),
    (
        {"all": [{"all": [BRAZIL, {"any": [PLAN]}]}, {"not": {"not": {"any": [VIP, {"any": [ORDERED, UNHAPPY]}]}}}]},
        "Customers in Brazil whose plan is pro and either who are in the segment “VIPs”, who had at least 1 order, or whose latest NPS answer is at most 6",
    ),
]


def fields(kind: str, name: str, row: str = "g0.r0", how: str = "all", **more: Any) -> dict[str, Any]:
    """What the builder's form sends of one row."""
    group = row.partition(".")[0]
    told = {f"{row}.kind": kind, f"{row}.name": name, f"{group}.how": how}
    return told | {f"{row}.{key}": value for key, value in more.items()}


def made(workspace: Workspace, name: str = "Brazil", rule: dict[str, Any] | None = None, **more: Any) -> Segment:
    return actions.make_segment(workspace, name=name, rule=rule or BRAZIL, by="test", **more)


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


@pytest.mark.parametrize(("rule", "says"), [*RULES, *NESTED])
def test_a_rule_is_said_in_words(rule: dict[str, Any], says: str) -> None:
    with translation.override("en"):
        assert sentence(parse(rule), {"vip": "VIPs"}) == says


@pytest.mark.parametrize(("rule", "says"), RULES)
def test_the_builder_shows_every_rule_and_makes_the_same_of_it(rule: dict[str, Any], says: str) -> None:
    if rule:
        builder = Builder.of(parse(rule))
        assert builder.rule() == parse(rule)


def test_empty_states_teach_and_offer_ready_rules(alice: Client, bob: Client) -> None:
    html = page(alice, LIST)
    assert "No segment yet" in html
    links = re.findall(r'href="([^"]*starter=[^"]*)"', html)
    assert len(links) == 3
    for link in links:
        assert "Not finished yet" not in page(alice, link)
    new = page(alice, f"{LIST}new/")
    assert "Not finished yet" in new
    assert "field-error" not in new
    assert "starter=" not in page(bob, LIST)


def test_a_ready_rule_is_saved_and_stands_in_the_list_with_its_count(alice: Client, members: Workspace) -> None:
    sent = fields("answered", "nps", op="most", value="6", days="90") | {"name": "Detractors", "do": "save"}
    response = alice.post(f"{LIST}new/", sent)
    assert response["Location"] == f"{LIST}detractors/"
    found = Segment.objects.get(workspace=members)
    assert found.rule == {"answered": "nps", "at_most": 6.0, "within_days": 90.0}
    html = text(page(alice, LIST))
    size = counting.size(members, parse(found.rule))
    assert 0 < size.count < 400 == size.everybody
    assert "whose latest NPS answer of the last 90 days is at most 6" in html
    assert str(size.count) in html
    assert AuditEntry.objects.filter(workspace=members, action="segment_made", target="Detractors").exists()


def test_the_count_is_that_of_the_facts_and_follows_them(members: Workspace, facts: Store) -> None:
    rule = parse(BRAZIL)
    assert counting.size(members, rule) == counting.Size(240, 400)
    facts.append("customers", [{"id": "x1", "customer": "x1", "country": "BR"}], workspace="acme", batch="follow")
    try:
        assert counting.size(members, rule) == counting.Size(241, 401)
    finally:
        facts.withdraw("acme", "follow")


def test_rows_and_groups_come_and_go_without_script(alice: Client) -> None:
    sent = fields("trait", "country", values=["BR"], op="is") | {"name": "Half done", "do": "add-row:0"}
    html = alice.post(f"{LIST}new/", sent).content.decode()
    assert 'id="g0.r1"' in html
    assert 'value="Half done"' in html
    html = alice.post(f"{LIST}new/", sent | {"do": "add-group"}).content.decode()
    assert 'id="g1.r0"' in html
    assert "All groups must fit" in html
    html = alice.post(f"{LIST}new/", sent | {"do": "remove-row:0.0"}).content.decode()
    assert html.count('class="rule-row') == 1
    assert Segment.objects.count() == 0


def test_another_kind_or_name_forgets_what_was_typed_for_the_one_before(alice: Client) -> None:
    sent = fields("trait", "language", op="is", values=["BR"], was="trait:country")
    html = alice.post(f"{LIST}new/", sent).content.decode()
    assert 'value="BR"' not in html
    html = alice.post(f"{LIST}new/", sent | {"g0.r0.kind": "answered"}).content.decode()
    assert 'name="g0.r0.name"' in html
    assert 'value="nps" selected' in html


def test_groups_make_one_rule(alice: Client) -> None:
    sent = {
        **fields("trait", "country", op="is", values=["BR", "IT"]),
        **fields("answered", "nps", "g1.r0", "any", op="most", value="6"),
        **fields("did", "tickets", "g1.r1", "any", op="least", value="3", days="30"),
        **fields("last", "contacts", "g2.r0", "none", op="most", value="10"),
        "how": "all", "name": "Deep", "do": "save",
    }  # fmt: skip
    assert alice.post(f"{LIST}new/", sent).status_code == 302
    assert Segment.objects.get().rule == {
        "all": [
            {"trait": "country", "is": ["BR", "IT"]},
            {"any": [{"answered": "nps", "at_most": 6.0}, {"did": "tickets", "at_least": 3, "within_days": 30.0}]},
            {"not": {"last": "contacts", "at_most_days": 10.0}},
        ]
    }


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ({"amount": {"at_least": 12000.0}}, {"column": "amount", "column_op": "least", "column_value": "120"}),
        ({"currency": ["BRL", "EUR"]}, {"column": "currency", "column_op": "is", "column_value": "BRL, EUR"}),
        ({"properties.gift": ["true"]}, {"column": "properties.gift", "column_op": "is", "column_value": "true"}),
    ],
)  # fmt: skip
def test_a_fact_may_be_narrowed_by_one_more_column(alice: Client, where: dict[str, Any], sent: dict[str, str]) -> None:
    more = fields("did", "orders", op="least", value="2", **sent) | {"name": "Big", "do": "save"}
    assert alice.post(f"{LIST}new/", more).status_code == 302
    assert Segment.objects.get().rule == {"did": "orders", "where": where, "at_least": 2}
    html = page(alice, f"{LIST}big/change/")
    assert f'value="{sent["column"]}" selected' in html
    assert f'value="{sent["column_value"]}"' in html


def test_what_is_wrong_is_said_beside_its_row_and_nothing_is_saved(alice: Client) -> None:
    sent = fields("answered", "nps", op="most", value="many") | {"name": "Wrong", "do": "save"}
    response = alice.post(f"{LIST}new/", sent)
    html = response.content.decode()
    assert response.status_code == 400
    row = html[html.index('id="g0.r0"') : html.index("rule-add")]
    assert "Give a number." in row
    assert "Give a number." not in html.partition("rule-add")[2].partition("rule-result")[0]
    assert 'value="many"' in row
    assert Segment.objects.count() == 0


def test_the_live_count_says_count_share_people_and_json(alice: Client, as_role: Callable[[str], Client]) -> None:
    sent = fields("trait", "country", op="is", values=["BR"])
    html = alice.post(f"{LIST}count/", sent).content.decode()
    assert "240" in html
    assert "60.0% of all customers" in html
    assert html.count('target="_blank"') == 10
    assert escape('"trait": "country"') in html
    analyst = as_role("analyst").post(f"{LIST}count/", sent).content.decode()
    assert "240" in analyst
    assert "customers/c" not in analyst
    assert (
        "Choose at least one value."
        in alice.post(f"{LIST}count/", fields("trait", "country", op="is")).content.decode()
    )


def test_a_rule_is_pasted_as_json_and_a_deep_one_is_kept_as_it_is(alice: Client, members: Workspace) -> None:
    deep = {
        "any": [{"all": [{"any": [BRAZIL, {"trait": "plan", "is": ["pro"]}]}, {"did": "orders"}]}, {"did": "tickets"}]
    }
    html = alice.post(f"{LIST}new/", {"do": "paste", "pasted": json.dumps(deep), "name": "Deep"}).content.decode()
    assert "kept as it is" in html
    found = made(members, "Deep", deep)
    html = page(alice, f"{LIST}deep/change/")
    kept = re.findall(r'name="(g\d\.r\d\.json)" value="([^"]*)"', html)
    assert len(kept) == 1
    sent: dict[str, Any] = {
        "how": "any",
        "name": "Deeper",
        "do": "save",
        **fields("did", "tickets", "g1.r0", op="least", value="1"),
    }
    sent |= {"g0.how": "all", "g0.r0.kind": "text", "g0.r0.json": json.dumps(deep["any"][0])}
    assert alice.post(f"{LIST}deep/change/", sent).status_code == 302
    before = found.rule
    found.refresh_from_db()
    assert (found.name, found.rule, found.slug) == ("Deeper", before, "deep")
    wrong = alice.post(f"{LIST}new/", {"do": "paste", "pasted": '{"trait": '})
    assert wrong.status_code == 400
    assert "This is no JSON." in wrong.content.decode()


def test_a_segment_of_segments_cannot_contain_itself(members: Workspace) -> None:
    first = made(members, "First")
    made(members, "Second", {"all": [{"segment": "first"}, {"did": "tickets"}]})
    with pytest.raises(BadQuestion, match="contains itself"):
        actions.change_segment(first, rule={"segment": "second"}, by="test")
    with pytest.raises(BadQuestion, match="There is no segment gone"):
        made(members, "Third", {"segment": "gone"})


def test_the_page_tells_who_how_many_where_and_leads_on(
    alice: Client, members: Workspace, alice_person: Person
) -> None:
    segment = made(members)
    made(members, "Nested", {"all": [{"segment": "brazil"}, {"did": "tickets"}]})
    Goal.objects.create(
        workspace=members, indicator="nps", segment=segment, target=50, starts=date(2026, 1, 1), due=date(2030, 1, 1)
    )
    plan = Plan.objects.create(workspace=members, name="Spring", starts=date(2026, 1, 1), ends=date(2026, 6, 30))
    plan.items.create(indicator="csat", precision=0.05, segment=segment)
    for name, roles in (("Open", []), ("Secret", ["owner"])):
        Board.objects.create(workspace=members, slug=name.lower(), name=name, segment=segment, roles=roles)
    html = page(alice, f"{LIST}brazil/")
    told = text(html)
    assert "Customers in Brazil" in told
    assert f'href="/w/acme/programme/plans/{plan.pk}/"' in html
    assert 'href="/w/acme/boards/open/"' in html
    assert "Secret" not in html
    assert "60.0% of all customers" in told
    assert 'hx-get="/w/acme/segments/brazil/figures/"' in html
    assert "Net Promoter Score" in told
    assert "Nested" in told
    assert len(re.findall(r'href="/w/acme/customers/c\d+/"', html)) == 25
    after = page(alice, f"{LIST}brazil/?after=" + re.findall(r'href="\?after=([^"]+)"', html)[0])
    assert "From the beginning" in after
    figures = page(alice, f"{LIST}brazil/figures/")
    assert 'href="/w/acme/indicators/nps/?compare=rest&amp;segment=brazil"' in figures
    assert "compared:" in figures


def test_it_is_not_removed_while_something_needs_it(alice: Client, members: Workspace) -> None:
    segment = made(members)
    persona = Persona.objects.create(workspace=members, segment=segment, name="Ana")
    assert "Ana" in text(page(alice, f"{LIST}brazil/"))
    response = alice.post(f"{LIST}brazil/remove/", follow=True)
    assert "is used by: Persona “Ana”" in response.content.decode()
    persona.delete()
    assert alice.post(f"{LIST}brazil/remove/")["Location"] == LIST
    assert not Segment.objects.exists()
    assert AuditEntry.objects.filter(action="segment_removed", target="Brazil").exists()


def test_what_uses_a_segment_is_told_with_its_page(alice: Client, members: Workspace) -> None:
    segment = made(members)
    watch = Watch.objects.create(workspace=members, name="Brazil falls", alert="change", segment=segment)
    html = page(alice, f"{LIST}brazil/")
    assert f'href="/w/acme/alerts/watches/{watch.pk}/"' in html
    assert "Alert" in text(html)
    page(alice, f"/w/acme/alerts/watches/{watch.pk}/")


def test_a_copy_has_an_address_of_its_own(alice: Client, members: Workspace) -> None:
    made(members)
    response = alice.post(f"{LIST}brazil/copy/")
    assert response["Location"] == f"{LIST}brazil-copy/"
    assert Segment.objects.filter(rule=BRAZIL).count() == 2


def test_personal_rules_are_not_for_everybody(members: Workspace, as_role: Callable[[str], Client]) -> None:
    made(members, "One person", {"trait": "email", "is": ["ana@example.com"]})
    made(members, "Around it", {"all": [{"segment": "one-person"}, BRAZIL]})
    analyst = as_role("analyst")
    for path in (LIST, f"{LIST}one-person/", f"{LIST}around-it/"):
        html = page(analyst, path)
        assert "ana@example.com" not in html
        assert "Customers picked out by personal data" in html
        assert "/w/acme/customers/c" not in html
    page(analyst, f"{LIST}one-person/change/", 403)
    sent = {"name": "Sly", "do": "save"}
    for row in (
        fields("trait", "email", op="is", value="ana@example.com"),
        fields("trait", "id", op="contains", value="c1"),
        fields("segment", "one-person", op="in"),
    ):
        response = analyst.post(f"{LIST}new/", sent | row)
        assert response.status_code == 400
        assert "picks by personal data" in response.content.decode()
    assert analyst.post(f"{LIST}new/", sent | fields("did", "tickets", op="least", value="1")).status_code == 302


def test_strange_texts_stay_texts(alice: Client, members: Workspace) -> None:
    for strange in ("«as_of»", "«x»", "'); drop", '"<b>', "{0}", "%s", "é" * 50):
        rule = {"any": [{"trait": "plan", "is": [strange]}, {"trait": "city", "contains": strange}]}
        made(members, strange, rule)
        assert counting.size(members, parse(rule)).count == 0
    html = page(alice, LIST)
    assert "<b>" not in html


def test_the_list_asks_the_database_once_for_all(
    alice: Client, members: Workspace, django_assert_num_queries: Any
) -> None:
    made(members)
    page(alice, LIST)
    with django_assert_num_queries(6):
        page(alice, LIST)
    made(members, "Two", {"did": "tickets"})
    made(members, "Three", {"all": [{"segment": "brazil"}, {"segment": "two"}]})
    with django_assert_num_queries(6):
        page(alice, LIST)


@pytest.fixture
def program(members: Workspace, alice_person: Person) -> Program:
    return Program(members, alice_person)


def test_programs_make_count_and_remove_segments(program: Program) -> None:
    answer = program.post("/segments", {"name": "Brazil", "rule": BRAZIL})
    assert (answer.status_code, answer.json()["count"], answer.json()["share"]) == (201, 240, 0.6)
    assert answer.json()["sentence"] == "Customers in Brazil"
    assert program.get("/segments/brazil").json()["rule"] == BRAZIL
    other = {"trait": "country", "is": ["IT"]}
    assert program.ask("PATCH", "/segments/brazil", {"rule": other}).json()["count"] == 160
    nested = {"all": [{"segment": "brazil"}, {"did": "tickets"}]}
    found = program.post("/segments/preview", {"rule": nested}).json()
    assert 0 < found["count"] <= 160
    assert [one["slug"] for one in program.get("/segments").json()["items"]] == ["brazil"]
    program.post("/segments", {"name": "Nested", "rule": nested})
    refused = program.ask("DELETE", "/segments/brazil")
    assert refused.status_code == 409
    assert "Nested" in refused.json()["detail"]
    assert program.ask("DELETE", "/segments/nested").status_code == 204
    assert program.ask("DELETE", "/segments/brazil").status_code == 204
    assert program.post("/segments", {"name": "No", "rule": {"trait": "country"}}).status_code == 400


def test_questions_take_a_segment_by_name_or_by_rule(program: Program, members: Workspace) -> None:
    made(members)
    asked = {"indicators": ["nps"], "period": "last_12_months"}
    every = program.post("/query", asked).json()["cells"][0]
    named = program.post("/query", asked | {"within": "brazil", "compare": "rest"}).json()["cells"][0]
    ruled = program.post("/query", asked | {"within": BRAZIL}).json()["cells"][0]
    assert (named["value"], named["n"]) == (ruled["value"], ruled["n"])
    assert named["n"] + named["change"]["before_n"] == every["n"]
    assert program.post("/query", asked | {"within": "gone"}).status_code == 400


def test_a_key_without_personal_data_reads_and_builds_no_personal_rules(
    program: Program, members: Workspace, alice_person: Person
) -> None:
    secret = {"trait": "email", "is": ["ana@example.com"]}
    assert program.post("/segments", {"name": "Secret", "rule": secret}).status_code == 201
    little = Program(members, alice_person, personal=False)
    assert little.get("/segments/secret").json()["rule"] is None
    assert "ana@" not in little.get("/segments").content.decode()
    for path, body in (
        ("/segments", {"name": "Sly", "rule": secret}),
        ("/segments/preview", {"rule": {"segment": "secret"}}),
        ("/query", {"indicators": ["nps"], "within": secret}),
    ):
        assert little.post(path, body).status_code == 403, path
    assert little.ask("PATCH", "/segments/secret", {"name": "Mine"}).status_code == 403


def test_every_figure_that_a_customer_has_can_be_asked(members: Workspace) -> None:
    found = queries.figures(members)
    assert {"csat", "nps", "average_resolution_time"} <= {i.key for i in found}
    for indicator in found:
        assert counting.size(members, parse({"figure": indicator.key, "at_least": 0})).count >= 0, indicator.key


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("Debian's chromium is not installed")
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def test_the_count_follows_while_somebody_builds(browser: Browser, live_server: Any, alice: Client) -> None:
    with opened(browser, live_server.url) as (shown, complaints):
        sign_in(shown, live_server.url, alice)
        shown.goto(f"{LIST}new/")
        expect(shown.locator("#rule-result")).to_contain_text("Choose at least one value.")
        shown.get_by_label("Name", exact=True).fill("Brazil")
        shown.locator("#g0\\.r0 .rule-menu summary").click()
        shown.get_by_label("Brazil", exact=True).check()
        expect(shown.locator("#rule-count")).to_have_text("240")
        expect(shown.locator("#g0\\.r0 [data-chosen]")).to_have_text("Brazil")
        shown.get_by_label("Italy", exact=True).check()
        expect(shown.locator("#rule-count")).to_have_text("400")
        shown.get_by_label("Italy", exact=True).uncheck()
        expect(shown.locator("#rule-count")).to_have_text("240")
        shown.keyboard.press("Escape")
        shown.get_by_role("button", name="Add a condition").click()
        second = shown.locator("#g0\\.r1")
        second.locator("[name='g0.r1.kind']").select_option("did")
        second.locator("[name='g0.r1.name']").select_option("tickets")
        second.get_by_label("Number").fill("200")
        expect(shown.locator("#rule-count")).to_have_text("0")
        second.get_by_label("Number").fill("1")
        expect(shown.locator("#rule-count")).not_to_have_text("0")
        expect(shown.locator("#rule-result")).to_contain_text("who had at least 1 ticket")
        second.get_by_label("Remove this condition").click()
        expect(shown.locator("#g0\\.r1")).to_have_count(0)
        expect(shown.get_by_label("Name", exact=True)).to_have_value("Brazil")
        shown.get_by_role("button", name="Save").click()
        expect(shown.locator("h1")).to_have_text("Brazil")
        expect(shown.locator(".segment-figures .indicator-card").first).to_be_visible()
        assert complaints.console == []
        assert complaints.hosts == set()
