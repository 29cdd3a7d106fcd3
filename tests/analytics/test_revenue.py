"""Recurring revenue: cases that the shared vectors do not show, and an independent count over random price periods."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from percorso.analytics.lifetime.value import lifetime_value
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.result import Cell, Result
from percorso.analytics.statistics.retention import retention_from_counts
from percorso.analytics.store import Store

MARCH = Period(date(2025, 3, 1), date(2025, 4, 1))
AS_OF = datetime(2025, 12, 1, tzinfo=UTC)
MOVEMENTS = {"new": 1, "expansion": 1, "reactivation": 1, "contraction": -1, "churn": -1}


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open(":memory:")
    yield opened
    opened.close()


def priced(*told: tuple[Any, ...], **others: Any) -> list[dict[str, Any]]:
    """Return price periods of customer, subscription, amount, begin and end."""
    names = ("customer", "subscription", "mrr", "started_at", "ended_at")
    rows = [dict(zip(names, one, strict=True)) for one in told]
    return [{"id": f"{i}", "currency": "BRL", **row, **others} for i, row in enumerate(rows)]


def asked(store: Store, rows: list[dict[str, Any]], *keys: str, **question: Any) -> Result:
    if rows:
        store.append("subscriptions", rows, workspace="x")
    return measure(store, Query(keys, "x", **({"period": MARCH, "as_of": AS_OF} | question)))


def moved(cell: Cell) -> dict[str, int]:
    return {name: cell.details[name] for name in MOVEMENTS if cell.details[name]}


def test_who_cancels_one_of_two_subscriptions_pays_less_and_has_not_left(store: Store) -> None:
    rows = priced(("a", "s", 1000, "2024-01-01", None), ("a", "t", 500, "2024-01-01", "2025-03-10"))

    mrr, churn, gross = asked(store, rows, "mrr", "churn_rate", "revenue_churn_gross").rows

    assert (mrr.value, moved(mrr), mrr.currency) == (1000, {"contraction": 500}, "BRL")
    assert (churn.value, gross.value) == (0, pytest.approx(1 / 3))


def test_a_period_takes_what_happens_on_its_first_instant_and_leaves_that_on_its_last(store: Store) -> None:
    first, last = "2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z"
    rows = priced(
        ("a", "s", 100, first, None), ("b", "t", 200, "2024-01-01", first),
        ("c", "u", 400, last, None), ("d", "v", 800, "2024-01-01", last),
    )  # fmt: skip

    mrr, arpa = asked(store, rows, "mrr", "arpa").rows

    assert (mrr.details["mrr_start"], mrr.value, moved(mrr)) == (1000, 900, {"new": 100, "churn": 200})
    assert (arpa.value, arpa.n, arpa.details["median"]) == (450, 2, 450)


def test_who_tries_for_nothing_is_new_when_the_first_money_comes(store: Store) -> None:
    rows = priced(("a", "s", 0, "2025-01-01", "2025-03-10"), ("a", "s", 300, "2025-03-10", None))

    mrr, churn, nrr = asked(store, rows, "mrr", "churn_rate", "nrr").rows

    assert (moved(mrr), churn.details["starting"]) == ({"new": 300}, 1)
    assert (nrr.value, nrr.status) == (None, "no_data")


def test_an_end_that_nobody_knew_of_yet_has_not_happened(store: Store) -> None:
    rows = priced(("a", "s", 100, "2025-01-01", "2025-03-20"))

    (early,) = asked(store, rows, "mrr", as_of=datetime(2025, 3, 15, tzinfo=UTC)).rows
    (late,) = asked(store, [], "mrr").rows

    assert (early.value, late.value, late.status) == (100, 0, "ok")


def test_amounts_of_two_currencies_are_never_added_up(store: Store) -> None:
    rows = priced(("a", "s", 100, "2025-01-01", None), ("b", "t", 900, "2025-01-01", None))
    rows[1]["currency"] = "EUR"

    every = ("mrr", "nrr", "arpa", "clv", "revenue_at_risk")
    mixed = asked(store, rows, *every)
    apart = asked(store, [], *every, by=("currency",))

    assert {c.status for c in mixed} == {"mixed_currencies"}
    assert {v for c in mixed for v in (c.value, c.low, c.high, c.currency)} == {None}
    assert mixed.of("mrr")[0].details["mrr_end"] is None
    assert [(c.value, c.currency) for c in apart.of("mrr")] == [(100, "BRL"), (900, "EUR")]
    assert [c.value for c in apart.of("nrr")] == [1, 1]


def test_a_currency_of_long_ago_does_not_matter_today(store: Store) -> None:
    rows = priced(("a", "s", 100, "2025-01-01", None), ("b", "t", 900, "2023-01-01", "2023-06-01"))
    rows[1]["currency"] = "EUR"

    cell = asked(store, rows, "mrr").one()

    assert (cell.value, cell.currency) == (100, "BRL")


def test_no_difference_is_told_between_two_currencies(store: Store) -> None:
    rows = priced(("a", "s", 100, "2025-01-01", None), ("b", "t", 900, "2025-01-01", None))
    rows[1]["currency"] = "EUR"

    cell = asked(store, rows, "arpa", segment={"currency": ("BRL",)}, compare="rest").one()

    assert cell.value == 100
    assert cell.change
    assert (cell.change.before, cell.change.difference, cell.change.verdict) == (None, None, "untested")


def test_changing_the_subscription_at_one_instant_is_no_churn_in_the_ledger(store: Store) -> None:
    rows = priced(("a", "s", 100, "2025-01-01", "2025-03-10"), ("a", "t", 150, "2025-03-10", None))

    cell = asked(store, rows, "mrr", options={"mode": "ledger"}).one()

    assert moved(cell) == {"expansion": 50}


def test_ledger_tells_every_change_by_groups_and_months(store: Store) -> None:
    rows = priced(
        ("a", "s", 100, "2025-01-10", "2025-02-01"), ("a", "s", 300, "2025-02-20", "2025-02-25"),
        ("a", "s", 200, "2025-02-25", "2025-02-26"), ("b", "t", 700, "2025-01-05", None),
    )  # fmt: skip
    for row in rows:
        row["plan"] = "basic" if row["customer"] == "a" else "pro"
    quarter = Period(date(2025, 1, 1), date(2025, 4, 1))

    cells = asked(store, rows, "mrr", period=quarter, grain="month", by=("plan",), options={"mode": "ledger"}).rows

    assert [(c.by["plan"], moved(c)) for c in cells] == [
        ("basic", {"new": 100}),
        ("basic", {"churn": 300, "reactivation": 300, "contraction": 100}),
        ("basic", {}),
        ("pro", {"new": 700}),
        ("pro", {}),
        ("pro", {}),
    ]


def test_months_compare_with_the_month_before(store: Store) -> None:
    many = [(f"c{i}", f"s{i}", 100, "2024-01-01", "2025-03-10" if i < 20 else None) for i in range(60)]
    quarter = Period(date(2025, 2, 1), date(2025, 5, 1))

    cells = asked(store, priced(*many), "grr", period=quarter, grain="month", compare="previous").rows

    assert [c.value for c in cells] == [1, pytest.approx(2 / 3), 1]
    assert [c.change and c.change.verdict for c in cells] == ["untested", "down", "up"]
    assert cells[1].low == pytest.approx(0.547, abs=0.001)


def test_a_row_that_came_twice_counts_once(store: Store) -> None:
    rows = priced(("a", "s", 100, "2025-01-01", None))

    asked(store, rows, "mrr")

    assert asked(store, rows, "mrr").one().value == 100


def test_revenue_at_risk_says_when_nobody_has_a_probability(store: Store) -> None:
    rows = priced(("a", "s", 1000, "2025-01-01", None), ("b", "t", 500, "2025-01-01", None))
    nobody = asked(store, rows, "revenue_at_risk").one()
    store.append("customers", [{"id": "a", "traits": {"churn_probability": 0.6}}], workspace="x")
    store.append("customers", [{"id": "b", "traits": {"churn_probability": 1.2}}], workspace="x")

    some = asked(store, [], "revenue_at_risk").one()

    assert (nobody.value, nobody.status, nobody.details["untold_mrr"]) == (None, "no_probabilities", 1500)
    assert (some.value, some.status) == (600, "incomplete")
    assert (some.details["hard"], some.details["untold"], some.details["share"]) == (1000, 1, 0.6)


def test_lifetime_value_takes_revenue_and_churn_of_the_months_before(store: Store) -> None:
    # 30 customers pay 100; one of them leaves in each of the last three months.
    ends = {0: "2025-01-15", 1: "2025-02-15", 2: "2025-03-15"}
    rows = priced(*((f"c{i}", f"s{i}", 100, "2023-01-01", ends.get(i)) for i in range(30)))
    options = {"months": 3, "gross_margin": 0.8, "discount": 0.01}

    cell = asked(store, rows, "clv", options=options).one()

    churn = 3 / (30 + 29 + 28)
    expected = lifetime_value(100, 0.8, churn, discount=0.01)
    assert cell.details["monthly_churn"] == pytest.approx(churn)
    assert cell.value == pytest.approx(expected.horizon)
    assert cell.details["simple"] == pytest.approx(expected.simple, abs=0.5)
    assert cell.low
    assert cell.high
    assert cell.low < cell.value < cell.high


def test_lifetime_value_without_any_loss_has_a_horizon_only(store: Store) -> None:
    rows = priced(("a", "s", 100, "2023-01-01", None), ("b", "t", 100, "2023-01-01", None))

    whole, simple = (
        asked(store, rows, "clv", options={"discount": 0.0, "form": f}).one() for f in ("horizon", "simple")
    )

    assert (whole.value, whole.low, whole.status) == (3600, None, "unbounded")
    assert (simple.value, simple.status) == (None, "unbounded")


def test_lifetime_value_of_customers_who_all_came_this_month_is_not_known(store: Store) -> None:
    cell = asked(store, priced(("a", "s", 100, "2025-03-10", None)), "clv").one()

    assert (cell.value, cell.status) == (None, "insufficient_data")


def test_the_interval_of_lifetime_value_is_that_of_drawing_customers_again(store: Store) -> None:
    r = np.random.default_rng(5)
    amounts = r.integers(50, 400, 300)
    gone = r.random((300, 3)) < 0.04
    months = ("2025-01-15", "2025-02-15", "2025-03-15")
    ends = [next((m for m, left in zip(months, row, strict=True) if left), None) for row in gone]
    told = [(f"c{i}", f"s{i}", int(amounts[i]), "2023-01-01", end) for i, end in enumerate(ends)]

    cell = asked(store, priced(*told), "clv", options={"months": 3}).one()

    lasts = np.array([months.index(e) if e else 3 for e in ends])
    held, lost = np.minimum(lasts + 1, 3) * amounts, (lasts < 3) * amounts
    paid, of = np.minimum(lasts, 3) * amounts, np.minimum(lasts, 3)

    def value(rows: Any) -> float:
        churn = lost[rows].sum() / held[rows].sum()
        return float(lifetime_value(paid[rows].sum() / of[rows].sum(), 1, churn, 0.01).horizon or 0)

    drawn = [value(r.integers(0, 300, 300)) for _ in range(2000)]
    assert cell.value == pytest.approx(value(np.arange(300)))
    assert (cell.low, cell.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_every_month_of_random_price_periods_is_what_a_plain_count_says(store: Store, seed: int) -> None:
    rows = _random(seed)
    year = Period(date(2025, 1, 1), date(2026, 1, 1))
    keys = ("mrr", "nrr", "grr", "expansion_rate", "arpa")

    as_of = datetime(2026, 2, 1, tzinfo=UTC)
    net = asked(store, rows, *keys, period=year, grain="month", as_of=as_of)
    ledger = asked(store, [], "mrr", period=year, grain="month", as_of=as_of, options={"mode": "ledger"}).rows

    starts = [datetime(2025, month, 1, tzinfo=UTC) for month in range(1, 13)] + [datetime(2026, 1, 1, tzinfo=UTC)]
    for i, (start, end) in enumerate(pairwise(starts)):
        expected = _counted(rows, start, end)
        cell = net.of("mrr")[i]
        assert {name: cell.details[name] for name in expected["mrr"]} == expected["mrr"]
        found = {key: net.of(key)[i].value for key in keys[1:]}
        assert found == {key: pytest.approx(expected[key]) for key in keys[1:]}
        for one in (cell, ledger[i]):
            change = sum(sign * one.details[name] for name, sign in MOVEMENTS.items())
            assert one.details["mrr_start"] + change == one.details["mrr_end"]


def _random(seed: int) -> list[dict[str, Any]]:
    r, rows = np.random.default_rng(seed), []
    for i in range(60):
        at = datetime(2024, 6, 1, tzinfo=UTC) + timedelta(days=int(r.integers(0, 500)))
        for _ in range(int(r.integers(1, 5))):
            end = at + timedelta(days=int(r.integers(0, 120)))
            last = None if r.random() < 0.15 else end
            rows.append((f"c{i % 45}", f"s{i}", int(r.integers(0, 6)) * 100, at, last))
            at = end + timedelta(days=int(r.integers(0, 3)) * 20)
            if last is None:
                break
    return priced(*rows)


def _counted(rows: list[dict[str, Any]], start: datetime, end: datetime) -> dict[str, Any]:
    def level(customer: str, t: datetime) -> int:
        mine = [r for r in rows if r["customer"] == customer and r["started_at"] < t]
        return sum(r["mrr"] for r in mine if r["ended_at"] is None or r["ended_at"] >= t)

    who = sorted({r["customer"] for r in rows})
    pairs = {c: (level(c, start), level(c, end)) for c in who}
    paid = {r["customer"] for r in rows if r["started_at"] < start and r["mrr"] > 0}
    base = {c: p for c, p in pairs.items() if p[0] > 0}
    total, paying = sum(s for s, _ in pairs.values()), [e for _, e in pairs.values() if e > 0]
    shares = {
        "nrr": sum(e for _, e in base.values()),
        "grr": sum(min(s, e) for s, e in base.values()),
        "expansion_rate": sum(max(e - s, 0) for s, e in base.values()),
    }
    return {
        "mrr": {
            "mrr_start": total,
            "mrr_end": sum(paying),
            "new": sum(e for c, (s, e) in pairs.items() if s == 0 and c not in paid),
            "reactivation": sum(e for c, (s, e) in pairs.items() if s == 0 and c in paid),
            "churn": sum(s for s, e in pairs.values() if e == 0),
            "expansion": sum(e - s for s, e in base.values() if e > s),
            "contraction": sum(s - e for s, e in base.values() if 0 < e < s),
        },
        "arpa": float(np.mean(paying)),
        **{key: value / total for key, value in shares.items()},
    }


@pytest.mark.parametrize(
    ("counts", "value", "status"),
    [
        ((0, 0, 0), None, "no_data"),
        ((10, 9, 0), 0.9, "low_sample"),
        ((100, 20, 30), None, "invalid"),
        ((100, -1, 0), None, "invalid"),
    ],
)
def test_retention_from_counts(counts: tuple[int, int, int], value: float | None, status: str) -> None:
    found = retention_from_counts(*counts)
    assert (found.value, found.status) == (value, status)


def test_a_table_of_figures_by_currency_has_that_column_once(store: Store) -> None:
    rows = priced(("a", "s", 100, "2025-01-01", None))

    table = asked(store, rows, "mrr", by=("currency",)).to_arrow()

    assert table.column_names.count("currency") == 1
    assert asked(store, [], "mrr").to_arrow()["currency"].to_pylist() == ["BRL"]
