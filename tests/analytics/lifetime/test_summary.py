"""What is told of lifetime analyses, on both engines: whose, groups, curves, cohorts, and the forecast."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from percorso.analytics.lifetime import facts
from percorso.analytics.lifetime.forecast import Forecast, forecast_of
from percorso.analytics.lifetime.groups import customers_of, customers_with, values_of
from percorso.analytics.lifetime.orders import Facts, Tally, currencies, tally
from percorso.analytics.lifetime.summary import cohort_summary, curve, curves, rfm_summary
from percorso.analytics.segments import AllOf, Did, Figure, Last, NotIn, Rule, Trait
from percorso.analytics.statistics.distribution import Distribution
from percorso.analytics.statistics.survival import kaplan_meier
from percorso.analytics.store import Store
from tests.app import shop

TZ, AS_OF = "Europe/Rome", datetime(2026, 2, 1, 3, tzinfo=UTC)
ASKED = ("shop", AS_OF, TZ)
PEOPLE = [{"id": f"b{i}", "customer": f"b{i}", "country": ("IT", "BR", None)[i % 3]} for i in range(240)]
ANSWERS = [
    {"id": f"a{i}", "customer": f"b{i}", "metric": "csat", "score": 3 * i + 1, "scale_min": 1, "scale_max": 5}
    | {"polarity": "higher", "population": "customer", "at": datetime(2026, 1, 9, tzinfo=UTC)}
    for i in range(2)
]
STRANGE = [
    {"id": "x1", "customer": "x", "amount": 5, "currency": "USD", "at": datetime(2026, 1, 2, tzinfo=UTC)},
    {"id": "x2", "customer": "b1", "amount": 5, "currency": "", "at": datetime(2026, 1, 2, tzinfo=UTC)},
    {"id": "x3", "customer": "b1", "amount": 5, "currency": "USD", "at": AS_OF},
    {"id": "x4", "customer": "b1", "amount": 5, "currency": "USD", "at": datetime(2026, 1, 2, tzinfo=UTC)}
    | {"status": "Cancelled"},
]


def typed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: datetime.fromisoformat(v) if k == "at" or k.endswith("_at") else v for k, v in r.items()} for r in rows]


@pytest.fixture(scope="module", params=[":memory:", "chdb://memory/default"], ids=["duckdb", "clickhouse"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        opened.append("orders", typed(shop.orders()) + STRANGE, workspace="shop")
        opened.append("subscriptions", typed(shop.subscriptions()), workspace="shop")
        opened.append("customers", PEOPLE, workspace="shop")
        opened.append("answers", ANSWERS, workspace="shop")
        yield opened


def test_currencies_and_the_tally_count_what_counts(store: Store) -> None:
    everything = Facts(store, *ASKED)
    assert currencies(everything) == ["EUR", "USD"]
    assert tally(replace(everything, currency="USD")) == Tally(1, 1, 5.0)
    amounts = sum(row["amount"] for row in shop.orders())
    assert tally(everything) == Tally(241, len(shop.orders()) + 2, amounts + 10)
    assert currencies(replace(everything, workspace="other")) == []
    assert tally(replace(everything, workspace="other")) == Tally(0, 0, 0.0)


RULES: tuple[tuple[Rule, Any], ...] = (
    (Trait("country", "is", ("BR",)), lambda c, n: c[0] == "b" and int(c[1:]) % 3 == 1),
    (AllOf((Did("orders", at_least=5),)), lambda c, n: n >= 5),
    (NotIn(Did("orders", at_least=5)), lambda c, n: n < 5),
    (Last("orders", at_least_days=0, at_most_days=10_000), lambda c, n: True),
)


@pytest.mark.parametrize(("rule", "holds"), RULES)
def test_a_rule_says_whose_purchases_they_are(rule: Rule, holds: Any, store: Store) -> None:
    found = facts.rfm_of(store, *ASKED, customers_of(store, "shop", AS_OF, rule), "EUR")
    times: dict[str, int] = {}
    for row in [*shop.orders(), *STRANGE[:1]]:
        times[row["customer"]] = times.get(row["customer"], 0) + 1
    times["b1"] += 1
    expected = {row["customer"] for row in shop.orders() if holds(row["customer"], times[row["customer"]])}
    assert set(found.customer) == expected


def test_a_rule_by_a_customers_own_figure_works_too(store: Store) -> None:
    rule = Figure("csat", at_least=0.5, within_days=90)
    found = facts.rfm_of(store, *ASKED, customers_of(store, "shop", AS_OF, rule), "EUR")
    assert found.customer.tolist() == ["b1"]


def test_groups_are_by_what_customers_are(store: Store) -> None:
    known = Facts(store, *ASKED)
    assert values_of(known, "plan") == ["Basic", "Plus"]
    assert sorted(values_of(known, "country")) == ["BR", "IT"]
    assert len(values_of(known, "country", most=1)) == 1
    basic = facts.subscription_durations(store, *ASKED, customers_with(known, "plan", "Basic"))
    assert basic.n == 80
    brazil = customers_of(store, "shop", AS_OF, Trait("country", "is", ("BR",)))
    within = replace(known, segment=brazil)
    assert values_of(within, "country") == ["BR"]
    both = facts.subscription_durations(store, *ASKED, customers_with(within, "plan", "Basic"))
    assert both.n == sum(1 for c in range(160) if c % 2 == 0 and c % 3 == 1)


def test_the_segments_add_up_to_everybody(store: Store) -> None:
    scored = facts.rfm_of(store, *ASKED, currency="EUR")
    found = rfm_summary(scored)
    assert found.customers == 240 == sum(g.customers for g in found.groups) == sum(map(sum, found.grid))
    assert found.money == pytest.approx(sum(g.money for g in found.groups))
    assert sum(g.share or 0 for g in found.groups) == pytest.approx(1)
    for group in found.groups:
        rows = scored.scores.segment == group.segment
        assert group.orders == (float(np.median(scored.frequency[rows])) if rows.any() else None)
    assert rfm_summary(facts.rfm_of(store, "other", AS_OF, TZ)).groups[0].share is None


def test_the_forecast_is_kept_as_json_and_is_the_sum_of_its_parts(store: Store) -> None:
    told: list[float] = []
    found = forecast_of(store, *ASKED, currency="EUR", months=6, margin=0.5, progress=told.append)
    assert found.status == "ok"
    assert Forecast.of_json(json.loads(json.dumps(found.to_json()))) == found
    assert sum(band.customers for band in found.bands) == found.customers == 240
    assert found.value == pytest.approx(sum(band.value or 0 for band in found.bands))
    assert len(found.hold_out) == 26
    came, expected = found.hold_out[-1]
    assert expected is not None
    assert found.error == pytest.approx(expected / came - 1)
    assert told
    assert 0 < max(told) <= 1
    assert found.top_share is not None
    assert 0.1 < found.top_share < 1


def test_without_orders_there_is_no_forecast(store: Store) -> None:
    found = forecast_of(store, "other", AS_OF, TZ)
    assert (found.status, found.value, found.expected, found.hold_out) == ("no_data", None, None, ())
    assert Forecast.of_json(found.to_json()) == found


def test_cohorts_are_told_at_some_ages_and_only_when_these_are_over(store: Store) -> None:
    values = facts.cohort_values_of(store, *ASKED, currency="EUR")
    found = cohort_summary(values, ages=(0, 3, 12, 40), latest=4)
    assert found.ages == (0, 3, 12)
    assert len(found.months) == 4 < found.all_months
    assert [row[0] is not None for row in found.values] == [True] * 4
    ages = values.cohorts.value[:, 3]
    known = ~np.isnan(ages) & (values.cohorts.customers > 0)
    weights = values.cohorts.customers[known]
    assert found.mean[1] == pytest.approx(float(np.average(ages[known], weights=weights)))


def test_a_curve_is_the_kaplan_meier_estimate_at_regular_times() -> None:
    durations = Distribution.of([5, 20, 33, 33, 60, 90, 90], events=[1, 1, 0, 1, 1, 0, 1])
    km, found = kaplan_meier(durations), curve(durations)
    assert found.step == "week"
    assert [p.days for p in found.points] == [7.0 * i for i in range(13)]
    assert [p.value for p in found.points] == [pytest.approx(float(km.at(p.days)[0])) for p in found.points]
    assert [p.at_risk for p in found.points][:4] == [7, 6, 6, 5]
    turned = curve(durations, happened=True)
    for there, here in zip(turned.points, found.points, strict=True):
        assert here.value is not None
        assert there.value == pytest.approx(1 - here.value)
        assert [there.low, there.high] == pytest.approx([1 - (here.high or 0), 1 - (here.low or 0)])
    assert curve(Distribution.of([])).points == ()
    assert curve(durations, step="month").points[1].days == pytest.approx(30.4375)


def test_the_share_after_a_time_is_told_only_as_far_as_anybody_is_in_view() -> None:
    found = curve(Distribution.of([400.0, 700.0, 800.0], events=[1, 0, 1]))
    after = found.after(365.25)
    assert after is not None
    assert after.value == 1
    assert found.after(2000) is None


def test_groups_are_compared_with_all_others_together() -> None:
    draw = np.random.default_rng(3)
    fast, slow = (Distribution.of(draw.exponential(mean, 200)) for mean in (100, 200))
    few = Distribution.of(draw.exponential(50, 5))
    found = curves([("fast", fast), ("slow", slow), ("few", few)])
    assert [each.difference for each in found] == ["sooner", "later", None]
    assert found[2].p_value is None
    same = curves([("a", fast), ("b", fast)])
    assert [each.difference for each in same] == ["none", "none"]
    assert curves([("alone", fast)])[0].difference is None
