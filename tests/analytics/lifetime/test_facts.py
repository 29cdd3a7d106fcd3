"""What a store says of orders and subscriptions, on both engines, held against the same rules written out in Python."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from percorso.analytics.lifetime import facts
from percorso.analytics.lifetime.outlook import hold_out_of, outlook_of
from percorso.analytics.statistics.survival import kaplan_meier
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from tests.analytics.lifetime import cdnow

TZ = "Europe/Rome"
AS_OF = datetime(2025, 11, 5, 9, 30, tzinfo=UTC)
STATES = (None, "delivered", "Cancelled", "canceled", "annullato")
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module", params=[":memory:", "chdb://memory/default"], ids=["duckdb", "clickhouse"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        opened.append("orders", ORDERS, workspace="lifetimes")
        opened.append("orders", ORDERS[:50], workspace="other")
        opened.append("subscriptions", SUBSCRIPTIONS, workspace="lifetimes")
        yield opened


def _orders(n: int = 150) -> Rows:
    """Orders right through the changes of the clocks: near midnight, of nobody, cancelled, in the future."""
    draw = np.random.default_rng(11)
    rows: Rows = []
    for c in range(n):
        at = datetime(2024, 9, 1, tzinfo=UTC) + timedelta(seconds=int(draw.integers(0, 300 * 86400)))
        for _ in range(int(draw.geometric(0.3))):
            near_midnight = at.replace(hour=22, minute=int(draw.integers(60)))
            rows.append({
                "id": f"o{len(rows)}", "at": near_midnight if draw.random() < 0.5 else at,
                "amount": int(draw.integers(1, 99)),
                "customer": f"c{c}" if c % 7 else None, "identity": f"c{c}" if c % 11 else None,
                "currency": "EUR" if c % 5 else None,
                "status": STATES[int(draw.choice(5, p=[0.3, 0.6, 0.04, 0.03, 0.03]))],
            })  # fmt: skip
            at += timedelta(seconds=int(draw.exponential(30 * 86400))) * int(draw.integers(0, 2))
    return rows


def _subscriptions(n: int = 80) -> Rows:
    draw = np.random.default_rng(12)
    rows: Rows = []
    for c in range(n):
        at = datetime(2024, 6, 1, 22, tzinfo=UTC) + timedelta(hours=int(draw.integers(0, 9000)))
        for _ in range(int(draw.integers(1, 5))):
            end = at + timedelta(hours=int(draw.integers(0, 3000)))
            rows.append({
                "id": f"s{len(rows)}", "customer": f"c{c}", "started_at": at, "mrr": 100,
                "ended_at": end if draw.random() < 0.9 else None,
            })  # fmt: skip
            at = end + timedelta(hours=int(draw.choice([0, 0, -50, 1, 400])))
    return rows


ORDERS, SUBSCRIPTIONS = _orders(), _subscriptions()


def counted() -> dict[str, Rows]:
    """Return the orders that count by customer."""
    found: dict[str, Rows] = defaultdict(list)
    for row in ORDERS:
        who = row["customer"] or row["identity"]
        if who and row["at"] < AS_OF and (row["status"] or "").lower() not in ("cancelled", "canceled", "annullato"):
            found[who].append(row)
    return dict(sorted(found.items()))


def day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(TZ)).date()


def test_rfm_counts_what_was_ordered(store: Store) -> None:
    found = facts.rfm_of(store, "lifetimes", AS_OF, TZ)
    expected = counted()
    assert found.customer.tolist() == list(expected)
    assert found.frequency.tolist() == [len(rows) for rows in expected.values()]
    assert found.monetary.tolist() == [sum(r["amount"] for r in rows) for rows in expected.values()]
    recency = [(AS_OF - max(r["at"] for r in rows)) / timedelta(days=1) for rows in expected.values()]
    assert found.recency_days == pytest.approx(recency, rel=1e-12)
    assert found.currency == "EUR"
    frame = found.to_pandas()
    assert frame.columns.tolist() == [
        "customer", "recency_days", "frequency", "monetary", "recency_score", "frequency_score", "monetary_score",
        "segment",
    ]  # fmt: skip


def test_purchases_are_local_days(store: Store) -> None:
    found = facts.purchases_of(store, "lifetimes", AS_OF, TZ, unit="day").to_pandas()
    for row in found.itertuples():
        mine = counted()[str(row.customer)]
        spent: dict[date, int] = defaultdict(int)
        for order in mine:
            spent[day(order["at"])] += order["amount"]
        days = sorted(spent)
        again = [spent[d] for d in days[1:]]
        assert (row.repeats, row.last, row.age) == (
            len(days) - 1, (days[-1] - days[0]).days, (day(AS_OF) - days[0]).days
        )  # fmt: skip
        assert row.mean_value == pytest.approx(np.mean(again) if again else 0)
    assert len(found) == len(counted())
    weeks = facts.purchases_of(store, "lifetimes", AS_OF, TZ)
    assert (weeks.age * 7).tolist() == pytest.approx(found["age"].tolist())


def test_a_segment_is_only_its_customers(store: Store) -> None:
    orders = store.table("orders", "lifetimes")
    segment = orders.filter(orders.customer.isin(["c1", "c2", "c3"])).select("customer")
    assert facts.rfm_of(store, "lifetimes", AS_OF, TZ, segment).customer.tolist() == ["c1", "c2", "c3"]
    assert facts.purchases_of(store, "lifetimes", AS_OF, TZ, segment).customer.tolist() == ["c1", "c2", "c3"]
    assert facts.repeat_durations(store, "lifetimes", AS_OF, TZ, segment).n == 3
    assert facts.subscription_durations(store, "lifetimes", AS_OF, TZ, segment).n == 3


def test_subscriptions_last_until_the_first_gap(store: Store) -> None:
    spells: list[tuple[int, bool]] = []
    for c in range(80):
        mine = [r for r in SUBSCRIPTIONS if r["customer"] == f"c{c}" and r["started_at"] < AS_OF]
        mine = [r for r in mine if r["ended_at"] is None or r["ended_at"] > r["started_at"]]
        mine.sort(key=lambda r: (r["started_at"], r["id"]))
        if not mine:
            continue
        until = None
        for r in mine:
            if until is not None and until < r["started_at"]:
                break
            end = r["ended_at"] if r["ended_at"] and r["ended_at"] < AS_OF else datetime.max.replace(tzinfo=UTC)
            until = end if until is None else max(until, end)
        assert until is not None
        left = until < AS_OF
        last = day(until) if left else day(AS_OF)
        spells.append(((last - day(mine[0]["started_at"])).days, left))
    found = facts.subscription_durations(store, "lifetimes", AS_OF, TZ)
    assert (found.n, found.n_events) == (len(spells), sum(left for _, left in spells))
    assert found.values.tolist() == sorted({d for d, _ in spells})
    assert found.events.tolist() == [sum(e for d, e in spells if d == v) for v in found.values]
    assert kaplan_meier(found).median is not None


def test_time_to_the_second_purchase(store: Store) -> None:
    expected = []
    for rows in counted().values():
        days = sorted({day(r["at"]) for r in rows})
        end = days[1] if len(days) > 1 else day(AS_OF)
        expected.append(((end - days[0]).days, len(days) > 1))
    found = facts.repeat_durations(store, "lifetimes", AS_OF, TZ)
    assert (found.n, found.n_events) == (len(expected), sum(again for _, again in expected))
    assert found.counts.tolist() == [sum(d == v for d, _ in expected) for v in found.values]


def test_cohorts_bring_what_they_have_paid(store: Store) -> None:
    found = facts.cohort_values_of(store, "lifetimes", AS_OF, TZ, margin=0.5)
    first = min(day(r["at"]) for rows in counted().values() for r in rows)
    assert (found.months[0], found.months[-1]) == (first.replace(day=1), date(2025, 11, 1))
    for i, month in enumerate(found.months):
        mine = [rows for rows in counted().values() if min(day(r["at"]) for r in rows).replace(day=1) == month]
        assert found.cohorts.customers[i] == len(mine)
        for k in range(len(found.months)):
            cell = found.cohorts.value[i, k]
            if i + k >= len(found.months) - 1 or not mine:
                # November is not over.
                assert np.isnan(cell)
            else:
                through = found.months[i + k]
                paid = sum(r["amount"] for rows in mine for r in rows if day(r["at"]).replace(day=1) <= through)
                assert cell == pytest.approx(paid * 0.5 / len(mine))


def test_what_happens_at_the_instant_of_knowledge_or_later_does_not_exist(store: Store) -> None:
    first = min(r["at"] for rows in counted().values() for r in rows)
    assert facts.rfm_of(store, "lifetimes", first, TZ).customer.size == 0
    assert facts.rfm_of(store, "lifetimes", first + timedelta(microseconds=1), TZ).customer.size == 1


def test_nothing_to_go_by(store: Store) -> None:
    empty = ("nobody", AS_OF, TZ)
    assert facts.rfm_of(store, *empty).to_pandas().empty
    assert facts.purchases_of(store, *empty).to_pandas().empty
    assert facts.subscription_durations(store, *empty).n == facts.repeat_durations(store, *empty).n == 0
    assert facts.cohort_values_of(store, *empty).months == ()
    outlook = outlook_of(store, *empty)
    assert (outlook.status, outlook.total) == ("no_data", None)
    assert hold_out_of(store, *empty, since=AS_OF - timedelta(days=100)).error is None


def test_currencies_are_not_added_up(store: Store) -> None:
    rows = [
        {"id": str(i), "customer": "c", "at": f"2025-01-0{i}", "amount": 100, "currency": currency}
        for i, currency in enumerate(("EUR", "USD", "EUR"), start=1)
    ]
    store.append("orders", rows, workspace="mixed")
    with pytest.raises(BadQuestion, match="EUR, USD"):
        facts.rfm_of(store, "mixed", AS_OF, TZ)
    with pytest.raises(BadQuestion, match="several currencies"):
        outlook_of(store, "mixed", AS_OF, TZ)
    assert facts.rfm_of(store, "mixed", AS_OF, TZ, currency="EUR").monetary.tolist() == [200]
    # Time needs no money.
    assert facts.repeat_durations(store, "mixed", AS_OF, TZ).n_events == 1


@cdnow.needed
def test_a_model_that_fails_takes_only_its_own_figures_with_it(store: Store) -> None:
    rows = [{**row, "amount": 1000 + i % 3} for i, row in enumerate(cdnow.orders())]
    store.append("orders", rows, workspace="alike")
    outlook = outlook_of(store, "alike", datetime(1997, 10, 1, tzinfo=UTC), "UTC")
    assert outlook.status == "insufficient_data"
    assert not np.isnan(outlook.alive).any()
    assert not np.isnan(outlook.expected).any()
    assert np.isnan(outlook.value).all()


@cdnow.needed
def test_cdnow_orders_lead_to_the_published_model_and_its_forecast(store: Store) -> None:
    store.append("orders", cdnow.orders(), workspace="cdnow")
    then, end = datetime(1997, 10, 1, tzinfo=UTC), datetime(1998, 7, 1, tzinfo=UTC)
    outlook = outlook_of(store, "cdnow", then, "UTC")
    assert (outlook.status, outlook.purchases.customer.size) == ("ok", 2357)
    assert outlook.buying.parameters == pytest.approx((0.243, 4.414, 0.793, 2.426), rel=0.005)
    assert outlook.spending.parameters == pytest.approx((6.25, 3.74, 1544), rel=0.02)
    assert outlook.total is not None
    assert outlook.total > 0
    assert outlook.to_pandas()["value"].notna().all()
    tested = hold_out_of(store, "cdnow", end, "UTC", since=then)
    assert tested.actual.size == 39
    assert tested.actual[-1] == 1882
    # What the package lifetimes expects of the same customers: the model is known to fall short on this sample.
    assert tested.expected[-1] == pytest.approx(1653.4, abs=2)
    assert tested.error == pytest.approx(-0.12, abs=0.003)
