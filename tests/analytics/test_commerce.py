"""Edges of the commerce and loop indicators that the vectors do not show."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from percorso.analytics.behind import facts_behind
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.result import Cell
from percorso.analytics.statistics.comparisons import two_proportions
from percorso.analytics.statistics.ratios import ratio_interval_of
from percorso.analytics.store import Store
from tests.analytics.samples import commerce

SP = "America/Sao_Paulo"
MARCH = Period(date(2025, 3, 1), date(2025, 4, 1), SP)
SPRING = Period(date(2025, 3, 1), date(2025, 5, 1), SP)
LATER = datetime(2025, 12, 1, tzinfo=UTC)
MINE = (
    "bad_experience_streak_rate", "cart_abandonment_rate", "channel_consistency_gap", "closed_loop_rate", "complaint_rate",
    "conversion_rate", "cost_to_serve", "cross_sell_rate", "net_sentiment", "promoter_advocacy_rate", "referral_rate",
    "repeat_purchase_rate", "return_rate", "topic_share", "upsell_rate",
)  # fmt: skip


@dataclass(frozen=True)
class Company:
    """One workspace of one engine."""

    store: Store
    workspace: str


@pytest.fixture(scope="module", params=[":memory:", "chdb://memory/default"])
def engine(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        yield opened


@pytest.fixture
def store(engine: Store, request: pytest.FixtureRequest) -> Company:
    return Company(engine, request.node.name)


def add(company: Company, table: str, *rows: dict[str, Any]) -> None:
    numbered = [{"id": f"{i:04}", **row} for i, row in enumerate(rows)]
    company.store.append(table, numbered, workspace=company.workspace)


def all_of(company: Company, key: str, **more: Any) -> list[Cell]:
    query = Query((key,), company.workspace, **{"period": MARCH, "as_of": LATER, **more})
    return list(measure(company.store, query).rows)


def one(company: Company, key: str, **more: Any) -> Cell:
    (cell,) = all_of(company, key, **more)
    return cell


def visit(who: str, at: str, **more: Any) -> dict[str, Any]:
    return {"name": "Page Viewed", "customer": who, "at": at, **more}


def bought(who: str, at: str, **more: Any) -> dict[str, Any]:
    return {"name": "Order Completed", "customer": who, "at": at, **more}


# ---- conversion ---------------------------------------------------------------------------------------------------


def test_a_purchase_of_april_does_not_convert_the_visit_of_march(store: Company) -> None:
    add(store, "events", visit("a", "2025-03-31T12:00:00Z"), bought("a", "2025-04-01T03:00:00Z"))
    cells = all_of(store, "conversion_rate", period=SPRING, grain="month")
    # In April the visitor has no visit, so that the conversion is an orphan there.
    assert [(c.value, c.n, c.details["orphan_conversions"]) for c in cells] == [(0.0, 1, 0), (None, 0, 1)]
    assert one(store, "conversion_rate", period=SPRING).value == 1.0


def test_the_landing_page_is_the_visits_and_not_the_purchases(store: Company) -> None:
    add(
        store, "events",
        visit("a", "2025-03-02T12:00:00Z", page="/sale"), bought("a", "2025-03-02T12:30:00Z", page="/thanks"),
        visit("b", "2025-03-02T12:00:00Z", page="/"),
    )  # fmt: skip
    cells = {c.by["page"]: c for c in all_of(store, "conversion_rate", by=("page",))}
    assert (cells["/sale"].value, cells["/"].value, cells["/thanks"].value) == (1.0, 0.0, None)
    assert all(c.details["orphan_conversions"] == 0 for c in cells.values())


def test_who_bought_before_the_first_visit_did_not_convert(store: Company) -> None:
    add(store, "events", bought("a", "2025-03-02T11:59:59Z"), visit("a", "2025-03-02T12:00:00Z"))
    cell = one(store, "conversion_rate")
    assert (cell.value, cell.details["orphan_conversions"]) == (0.0, 0)


def test_the_instant_at_the_far_edge_of_the_window_counts(store: Company) -> None:
    add(
        store, "events",
        visit("a", "2025-03-02T12:00:00Z"), bought("a", "2025-03-03T12:00:00Z"),
        visit("b", "2025-03-02T12:00:00Z"), bought("b", "2025-03-03T12:00:00.000001Z"),
    )  # fmt: skip
    assert one(store, "conversion_rate", options={"window_hours": 24}).details["numerator"] == 1


def test_visits_are_counted_with_the_visitor_as_what_is_independent(store: Company) -> None:
    rows = []
    for who, sessions, converting in (("a", 4, 2), ("b", 1, 1), ("c", 5, 0)):
        for i in range(sessions):
            told = {"session": f"{who}{i}"}
            rows.append(visit(who, f"2025-03-{i + 2:02}T12:00:00Z", **told))
            rows.append(visit(who, f"2025-03-{i + 2:02}T12:05:00Z", **told))
            if i < converting:
                rows.append(bought(who, f"2025-03-{i + 2:02}T12:10:00Z", **told))
    add(store, "events", *rows)
    cell, expected = one(store, "conversion_rate", options={"unit": "visit"}), ratio_interval_of([2, 1, 0], [4, 1, 5])
    assert (cell.value, cell.n, cell.details["denominator"]) == (0.3, 3, 10)
    assert (cell.low, cell.high) == pytest.approx((max(0.0, expected.low), expected.high))


def test_an_anonymous_visitor_is_known_by_the_identity(store: Company) -> None:
    add(store, "events", *({**visit("", "2025-03-02T12:00:00Z"), "customer": None, "identity": "d"} for _ in range(3)))
    assert one(store, "conversion_rate").n == 1


def test_a_change_of_the_conversion_is_tested_between_months(store: Company) -> None:
    rows = []
    for month, share in ((2, 0.2), (3, 0.4)):
        for i in range(200):
            rows.append(visit(f"v{i}", f"2025-{month:02}-10T12:00:00Z"))
            if i < 200 * share:
                rows.append(bought(f"v{i}", f"2025-{month:02}-10T13:00:00Z"))
    add(store, "events", *rows)
    change = one(store, "conversion_rate", compare="previous").change
    assert change is not None
    assert (change.before, change.before_n, change.verdict, change.good) == (0.2, 200, "up", True)


# ---- carts --------------------------------------------------------------------------------------------------------


def test_a_cart_begins_with_its_first_item_and_belongs_to_that_month(store: Company) -> None:
    cart = {"properties": {"cart_id": "c1"}, "name": "Product Added"}
    add(
        store, "events",
        {**cart, "at": "2025-03-31T20:00:00Z", "channel": "app"}, {**cart, "at": "2025-04-02T20:00:00Z", "channel": "web"},
        {"name": "Order Completed", "at": "2025-04-01T20:00:00.000001Z", "properties": {"cart_id": "c1"}},
    )  # fmt: skip
    cells = all_of(store, "cart_abandonment_rate", period=SPRING, grain="month", by=("channel",))
    assert [(c.by["channel"], c.n, c.value, c.details["recovered_late"]) for c in cells] == [
        ("app", 1, 1.0, 1),
        ("app", 0, None, 0),
    ]


def test_without_a_cart_id_the_visit_is_the_cart(store: Company) -> None:
    add(
        store, "events",
        {"name": "Product Added", "session": "s", "at": "2025-03-03T12:00:00Z"},
        {"name": "Order Completed", "session": "s", "at": "2025-03-03T12:10:00Z"},
        {"name": "Product Added", "at": "2025-03-03T12:00:00Z"},
    )  # fmt: skip
    cell = one(store, "cart_abandonment_rate")
    assert (cell.value, cell.n) == (0.0, 1)


# ---- orders -------------------------------------------------------------------------------------------------------


def ordered(who: str, at: str, **more: Any) -> dict[str, Any]:
    return {"customer": who, "at": at, **more}


def test_orders_of_one_local_day_are_one_purchase(store: Company) -> None:
    # In São Paulo 02:00Z is still the day before.
    add(
        store, "orders",
        ordered("same", "2025-03-03T12:00:00Z"), ordered("same", "2025-03-04T02:00:00Z"),
        ordered("next", "2025-03-04T02:00:00Z"), ordered("next", "2025-03-04T12:00:00Z"),
        ordered("edge", "2025-03-03T12:00:00Z"), ordered("edge", "2025-06-01T12:00:00Z"),
        ordered("late", "2025-03-03T12:00:00Z"), ordered("late", "2025-06-01T12:00:01Z"),
    )  # fmt: skip
    cell = one(store, "repeat_purchase_rate")
    assert (cell.details["numerator"], cell.n) == (2, 4)


def test_a_day_of_another_length_is_still_one_day(store: Company) -> None:
    # Rome, 26 October 2025 has 25 hours: 22:30Z of the 25th to 22:30Z of the 26th is one local day.
    add(store, "orders", ordered("a", "2025-10-25T22:30:00Z"), ordered("a", "2025-10-26T22:30:00Z"))
    autumn = Period(date(2025, 10, 1), date(2025, 11, 1), "Europe/Rome")
    assert one(store, "repeat_purchase_rate", period=autumn, as_of=datetime(2026, 6, 1, tzinfo=UTC)).value == 0.0


def test_a_cancelled_first_order_is_no_order(store: Company) -> None:
    add(
        store, "orders",
        ordered("a", "2025-02-03T12:00:00Z", status="Cancelled"), ordered("a", "2025-03-03T12:00:00Z"),
        ordered("b", "2025-02-03T12:00:00Z"), ordered("b", "2025-03-03T12:00:00Z"),
    )  # fmt: skip
    assert one(store, "repeat_purchase_rate").n == 1
    assert one(store, "repeat_purchase_rate", as_of=datetime(2025, 4, 1, tzinfo=UTC)).details["immature"] == 1


def test_returns_are_counted_by_unit_and_whole_orders_are_independent(store: Company) -> None:
    line = {"at": "2025-03-03T12:00:00Z", "customer": "a"}
    add(
        store, "orders",
        {**line, "properties": {"order_id": "1", "quantity": 3, "returned_quantity": 1, "returned_at": "2025-04-02T12:00:00Z"}},
        {**line, "properties": {"order_id": "1", "quantity": 2, "returned_quantity": 2, "returned_at": "2025-04-02T12:00:01Z"}},
        {**line, "properties": {"order_id": "2", "quantity": 4, "returned_quantity": 5}},
        {**line, "properties": {"order_id": "3", "quantity": 4, "shipped_at": "2025-04-01T03:00:00Z"}},
        {**line, "status": "returned"},
        {**line, "status": "cancelled"},
    )  # fmt: skip
    cell = one(store, "return_rate")
    # Order 1: one of five units in time; the order without quantities: one of one. The second unit came a second late.
    assert (cell.details["numerator"], cell.details["denominator"], cell.n, cell.value) == (
        2,
        6,
        2,
        pytest.approx(1 / 3),
    )
    assert (cell.details["n_invalid"], cell.details["immature"]) == (1, 0)


def test_complaints_are_divided_by_orders_and_take_their_product(store: Company) -> None:
    add(
        store, "orders",
        *({"id": f"beans{i}", "customer": "a", "at": "2025-03-02T12:00:00Z", "product": "beans"} for i in range(40)),
        *({"id": f"mill{i}", "customer": "b", "at": "2025-03-02T12:00:00Z", "product": "mill"} for i in range(10)),
    )  # fmt: skip
    add(
        store, "tickets",
        {"opened_at": "2025-03-05T12:00:00Z", "customer": "a", "topic": "complaint"},
        {"opened_at": "2025-03-05T12:00:00Z", "customer": "a", "topic": "advice", "properties": {"kind": "complaint", "order_id": "mill1"}},
        {"opened_at": "2025-03-05T12:00:00Z", "customer": "a", "topic": "advice"},
        {"opened_at": "2025-04-05T12:00:00Z", "customer": "a", "topic": "complaint"},
    )  # fmt: skip
    total = one(store, "complaint_rate")
    # scipy: chi2.ppf([.025, .975], [4, 6]) / 2 / 50
    assert (total.value, total.low, total.high) == pytest.approx((0.04, 0.0048441855, 0.1444937537))
    by = {c.by["product"]: c.value for c in all_of(store, "complaint_rate", by=("product",))}
    assert by == {"beans": 0.025, "mill": 0.1}
    assert one(store, "complaint_rate", options={"per": "customers"}).value == 1.0


# ---- customers at the start ---------------------------------------------------------------------------------------


def subscribed(who: str, start: str, end: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": f"{who}{start}", "customer": who, "started_at": start, "ended_at": end, "subscription": who, **more}


def test_the_base_is_just_before_the_start_and_the_acts_are_half_open(store: Company) -> None:
    add(
        store, "subscriptions",
        subscribed("begins", "2025-03-01T03:00:00Z"), subscribed("ends", "2025-01-01T00:00:00Z", "2025-03-01T03:00:00Z"),
        subscribed("stays", "2025-01-01T00:00:00Z"),
    )  # fmt: skip
    referral = {"name": "Referral Sent"}
    add(
        store, "events",
        {**referral, "customer": "begins", "at": "2025-03-05T12:00:00Z"},
        {**referral, "customer": "ends", "at": "2025-03-01T03:00:00Z", "properties": {"converted": True}},
        {**referral, "customer": "stays", "at": "2025-04-01T03:00:00Z"},
        {**referral, "customer": "stranger", "at": "2025-03-05T12:00:00Z"},
    )  # fmt: skip
    cells = all_of(store, "referral_rate", period=SPRING, grain="month")
    assert [(c.details["numerator"], c.n, c.details["referrals"]) for c in cells] == [(1, 2, 3), (1, 2, 1)]
    assert cells[0].details["referral_conversion"] == pytest.approx(1 / 3)


def test_a_breakdown_by_plan_counts_what_the_customer_did(store: Company) -> None:
    add(
        store, "subscriptions",
        subscribed("a", "2025-01-01T00:00:00Z", "2025-03-10T00:00:00Z", plan="basic", mrr=1000),
        subscribed("a", "2025-03-10T00:00:00Z", plan="pro", mrr=3000), subscribed("b", "2025-01-01T00:00:00Z", plan="pro", mrr=3000),
    )  # fmt: skip
    add(store, "events", {"name": "Referral Sent", "customer": "a", "at": "2025-03-20T12:00:00Z"})
    by = {c.by["plan"]: (c.value, c.n) for c in all_of(store, "referral_rate", by=("plan",))}
    assert by == {"basic": (1.0, 1), "pro": (0.0, 1)}
    assert one(store, "referral_rate").details["referrals"] == 1


def test_a_dearer_plan_is_an_upgrade_and_a_price_rise_is_none(store: Company) -> None:
    def moves(who: str, plan: str, mrr: int, currency: str = "BRL") -> list[dict[str, Any]]:
        return [
            subscribed(who, "2025-01-01T00:00:00Z", "2025-03-10T00:00:00Z", plan="basic", mrr=1000, currency="BRL"),
            subscribed(who, "2025-03-10T00:00:00Z", plan=plan, mrr=mrr, currency=currency),
        ]

    add(store, "subscriptions", *moves("up", "pro", 3000), *moves("rise", "basic", 1200), *moves("down", "mini", 500))
    add(store, "events", {"name": "Plan Upgraded", "customer": "rise", "at": "2025-04-01T03:00:00Z"})
    assert one(store, "upsell_rate").details["numerator"] == 1
    assert one(store, "upsell_rate", period=SPRING).details["numerator"] == 2


def test_a_product_bought_before_is_no_cross_sell(store: Company) -> None:
    add(store, "subscriptions", *(subscribed(who, "2025-01-01T00:00:00Z") for who in ("a", "b", "c")))
    add(
        store, "orders",
        ordered("a", "2024-01-01T00:00:00Z", product="beans"), ordered("a", "2025-03-09T00:00:00Z", product="beans"),
        ordered("b", "2024-01-01T00:00:00Z", product="beans", status="cancelled"), ordered("b", "2025-03-09T00:00:00Z", product="beans"),
        ordered("c", "2025-03-09T00:00:00Z"),
    )  # fmt: skip
    cell = one(store, "cross_sell_rate")
    assert (cell.details["numerator"], cell.n) == (1, 3)


def test_good_reviews_are_advocacy_and_bad_ones_are_not(store: Company) -> None:
    add(
        store,
        "answers",
        *({"customer": who, "metric": "nps", "score": 9, "at": "2025-03-03T12:00:00Z"} for who in "abcd"),
    )
    add(
        store, "mentions",
        {"source": "review", "customer": "a", "rating": 5, "at": "2025-03-03T12:00:00Z"},
        {"source": "review", "customer": "b", "rating": 3, "at": "2025-03-04T12:00:00Z"},
        {"source": "review", "customer": "c", "rating": 5, "at": "2025-03-03T11:59:59Z"},
        {"source": "ticket", "customer": "d", "at": "2025-03-04T12:00:00Z"},
    )  # fmt: skip
    cell = one(store, "promoter_advocacy_rate")
    assert (cell.details["numerator"], cell.n) == (1, 4)


# ---- closing the loop ---------------------------------------------------------------------------------------------


def rated(who: str, at: str, score: float, **more: Any) -> dict[str, Any]:
    return {"customer": who, "at": at, "metric": "csat", "score": score, "scale_min": 1, "scale_max": 5, **more}


def test_the_streak_is_of_the_last_interactions_before_the_period_ends(store: Company) -> None:
    add(
        store, "answers",
        rated("a", "2025-03-20T12:00:00Z", 1), rated("a", "2025-03-21T12:00:00Z", 2), rated("a", "2025-04-01T03:00:00Z", 5),
        rated("b", "2025-03-20T12:00:00Z", 1), rated("b", "2025-03-21T12:00:00Z", 3),
        rated("old", "2024-09-01T12:00:00Z", 1), rated("old", "2025-03-21T12:00:00Z", 1),
    )  # fmt: skip
    cells = all_of(store, "bad_experience_streak_rate", period=SPRING, grain="month")
    assert [(c.details["numerator"], c.n) for c in cells] == [(1, 2), (0, 2)]


def test_all_kinds_of_experience_make_one_streak_and_an_interaction_counts_once(store: Company) -> None:
    add(
        store, "answers",
        rated("a", "2025-03-20T12:00:00Z", 1, interaction="t1"), rated("a", "2025-03-20T12:01:00Z", 5, interaction="t1"),
        {"customer": "b", "at": "2025-03-20T12:00:00Z", "metric": "ces", "score": 4, "scale_min": 1, "scale_max": 5, "polarity": "lower"},
        {"customer": "b", "at": "2025-03-21T12:00:00Z", "metric": "ces", "score": 3, "scale_min": 1, "scale_max": 7, "polarity": "higher"},
    )  # fmt: skip
    add(store, "promises", {"customer": "a", "ticket": "t2", "due_at": "2025-03-22T12:00:00Z"})
    assert (
        one(store, "bad_experience_streak_rate").details["numerator"],
        one(store, "bad_experience_streak_rate").n,
    ) == (2, 2)
    assert one(store, "bad_experience_streak_rate", options={"rated": "answers"}).n == 1


def test_a_case_contacted_after_exactly_48_hours_is_in_time_on_both_sides_of_a_month(store: Company) -> None:
    case = {"kind": "detractor", "channel": "email"}
    add(
        store, "cases",
        {**case, "opened_at": "2025-04-01T02:59:59Z", "first_contact_at": "2025-04-03T02:59:59Z", "closed_at": "2025-04-05T02:59:59Z"},
        {**case, "opened_at": "2025-04-01T03:00:00Z", "first_contact_at": "2025-04-03T03:00:01Z", "channel": "phone"},
        {**case, "opened_at": "2025-04-29T00:00:00Z", "first_contact_at": "2025-04-29T01:00:00Z", "closed_at": "2025-04-29T02:00:00Z"},
    )  # fmt: skip
    known = datetime(2025, 4, 30, tzinfo=UTC)
    cells = all_of(store, "closed_loop_rate", period=SPRING, grain="month", as_of=known)
    seen = [(c.value, c.n, c.details["immature"], c.details["median_time_to_close"]) for c in cells]
    assert seen == [(1.0, 1, 0, 4 * 86400.0), (0.0, 1, 1, None)]
    phone = one(store, "closed_loop_rate", period=SPRING, segment={"channel": ("phone",)})
    assert (phone.value, phone.n) == (0.0, 1)


# ---- voice and cost -----------------------------------------------------------------------------------------------


def text(at: str, sentiment: float | None, model: str = "1", **more: Any) -> dict[str, Any]:
    return {"at": at, "text": "words", "sentiment": sentiment, "properties": {"model_version": model}, **more}


def test_versions_of_the_classifier_are_never_mixed(store: Company) -> None:
    add(
        store, "mentions",
        text("2025-03-03T12:00:00Z", 0.26), text("2025-03-03T12:00:00Z", 0.25), text("2025-03-03T12:00:00Z", None),
        text("2025-04-03T12:00:00Z", -0.3, "2", rating=5.0),
    )  # fmt: skip
    march, april = all_of(store, "net_sentiment", period=SPRING, grain="month", compare="previous")
    assert (march.value, march.n, march.details["unclassified"], march.details["neutral"]) == (50.0, 2, 1, 1)
    assert april.change is not None
    assert (april.value, april.change.verdict) == (-100.0, "untested")
    assert april.details["confusion"]["positive"] == {"positive": 0, "neutral": 0, "negative": 1}
    both = one(store, "net_sentiment", period=SPRING)
    assert (both.value, both.status, both.details["model_versions"]) == (None, "mixed_versions", ["1", "2"])


def test_every_topic_has_all_comments_in_its_denominator(store: Company) -> None:
    words = {"at": "2025-03-03T12:00:00Z", "text": "words", "channel": "web"}
    add(
        store, "mentions",
        {**words, "themes": ["price", "delivery"]}, {**words, "themes": ["price", "price"]}, {**words, "themes": []},
        {**words, "themes": None}, {**words, "text": None, "themes": ["price"]}, {**words, "themes": ["taste"], "channel": "app"},
    )  # fmt: skip
    shares = {c.by["topic"]: (c.value, c.n) for c in all_of(store, "topic_share")}
    assert shares == {"delivery": (0.25, 4), "price": (0.5, 4), "taste": (0.25, 4)}
    only = all_of(store, "topic_share", segment={"topic": ("price",), "channel": ("web",)})
    assert [(c.value, c.n) for c in only] == [(2 / 3, 3)]


def test_channels_are_compared_when_two_have_enough_answers(store: Company) -> None:
    def answers(channel: str | None, happy: int, n: int) -> list[dict[str, Any]]:
        return [rated("a", "2025-03-03T12:00:00Z", 5 if i < happy else 1, channel=channel) for i in range(n)]

    add(
        store,
        "answers",
        *answers("web", 27, 30),
        *answers("phone", 40, 80),
        *answers("chat", 0, 29),
        *answers(None, 0, 50),
    )
    cell = one(store, "channel_consistency_gap")
    # scipy: chi2_contingency([[27, 40], [3, 40]], correction=False)
    assert (cell.value, cell.n, cell.details["highest"], cell.details["lowest"]) == (
        pytest.approx(0.4),
        139,
        "web",
        "phone",
    )
    assert (cell.details["chi2"], cell.details["p_value"]) == pytest.approx(
        (14.661575841721621, 0.00012864215214622638)
    )
    extreme = two_proportions(27, 30, 40, 80)
    assert (cell.low, cell.high) == pytest.approx((extreme.low, extreme.high))
    assert one(store, "channel_consistency_gap", options={"channel_minimum": 31}).status == "insufficient_data"


def test_costs_are_of_whole_months_and_of_one_currency(store: Company) -> None:
    add(
        store, "contacts",
        *({"at": "2025-03-10T12:00:00Z", "ended_at": f"2025-{m:02}-10T12:00:00Z", "handled": True} for m in (3, 3, 4, 5)),
        {"at": "2025-03-10T12:00:00Z", "by_bot": True, "handled": True},
    )  # fmt: skip
    booking = {"name": "Support Cost Booked", "at": "2025-03-31T12:00:00Z"}
    add(
        store, "events",
        {**booking, "properties": {"amount": 70_000, "currency": "BRL"}}, {**booking, "properties": {"amount": 30_001, "currency": "BRL"}},
        {**booking, "at": "2025-04-15T12:00:00Z", "properties": {"amount": 500, "currency": "EUR"}},
    )  # fmt: skip
    months = Period(date(2025, 3, 1), date(2025, 6, 1), SP)
    cells = all_of(store, "cost_to_serve", period=months, grain="month")
    seen = [(c.value, c.n, c.status, c.details["currency"]) for c in cells]
    assert seen == [(50_000.5, 2, "ok", "BRL"), (500.0, 1, "ok", "EUR"), (None, 1, "incomplete", None)]
    assert one(store, "cost_to_serve", period=months).status == "mixed_currencies"
    assert {c.status for c in all_of(store, "cost_to_serve", grain="week") if c.n} == {"months_only"}
    assert one(store, "cost_to_serve", period=Period(date(2025, 3, 1), date(2025, 3, 20), SP)).status == "months_only"


@pytest.mark.parametrize("key", MINE)
def test_the_rows_behind_can_be_seen(key: str) -> None:
    with Store.open(":memory:") as opened:
        for table, rows in commerce.facts(np.random.default_rng(1)).items():
            opened.append(table, rows[:40])
        opened.append(
            "answers", [{"id": "n", "metric": "nps", "score": 9, "at": "2025-03-03T12:00:00Z", "customer": "c1"}]
        )
        opened.append("subscriptions", [subscribed("c1", "2025-01-01T00:00:00Z", mrr=100, plan="a")])
        year = Period(date(2025, 1, 1), date(2026, 1, 1), SP)
        rows = facts_behind(opened, Query((key,), period=year, as_of=LATER + timedelta(days=99)), limit=5)
        assert 0 < rows.num_rows <= 5
        assert "moment" in rows.column_names
