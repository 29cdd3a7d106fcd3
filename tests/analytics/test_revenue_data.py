"""Retention and revenue on public data sets, against what is published and what pandas counts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store

DATA = Path(__file__).parents[2] / "../shared/data"
AS_OF = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data sets are not beside the checkout")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        yield opened


def test_telco_churn_as_published(store: Store) -> None:
    frame = pd.read_parquet(DATA / "telco-churn/Telco-Customer-Churn.parquet")
    # Who left did so in the month after the observed tenure.
    end = pd.Timestamp("2025-04-01")
    began = [end - pd.DateOffset(months=max(int(t), 1) + 1) for t in frame["tenure"]]
    rows = pd.DataFrame({
        "id": frame["customerID"], "customer": frame["customerID"], "plan": frame["Contract"], "currency": "USD",
        "mrr": (frame["MonthlyCharges"].astype(float) * 100).round().astype(int), "started_at": began,
        "ended_at": [pd.Timestamp("2025-03-15") if left == "Yes" else pd.NaT for left in frame["Churn"]],
    })  # fmt: skip
    store.append("subscriptions", rows)
    month = Period(date(2025, 3, 1), date(2025, 4, 1))

    churn = measure(store, Query(("churn_rate",), period=month, as_of=AS_OF)).one()
    plans = measure(store, Query(("churn_rate",), period=month, as_of=AS_OF, by=("plan",))).rows
    before = Period(date(2025, 2, 1), date(2025, 3, 1))
    arpa = measure(store, Query(("arpa",), period=before, as_of=AS_OF)).one()

    assert (churn.details["numerator"], churn.n, round(churn.value or 0, 4)) == (1869, 7043, 0.2654)
    assert {c.by["plan"]: round(c.value or 0, 4) for c in plans} == {
        "Month-to-month": 0.4271,
        "One year": 0.1127,
        "Two year": 0.0283,
    }
    assert arpa.value == pytest.approx(6476.17, abs=0.01)


def test_recurring_revenue_of_a_company_with_many_subscriptions_a_customer(store: Store) -> None:
    frame = pd.read_parquet(DATA / "ravenstack-saas/ravenstack_subscriptions.parquet")
    told = frame.assign(
        started=pd.to_datetime(frame["start_date"]),
        ended=pd.to_datetime(frame["end_date"].replace("", None)),
        amount=frame["mrr_amount"].astype(float).mul(100).round().astype(int),
    )
    rows = pd.DataFrame({
        "id": told["subscription_id"], "customer": told["account_id"], "subscription": told["subscription_id"],
        "plan": told["plan_tier"], "mrr": told["amount"], "currency": "USD", "started_at": told["started"],
        "ended_at": told["ended"],
    })  # fmt: skip
    store.append("subscriptions", rows)
    year = Period(date(2024, 1, 1), date(2025, 1, 1))

    cells = measure(store, Query(("mrr", "nrr", "churn_rate"), period=year, grain="month", as_of=AS_OF))

    for i, start in enumerate(pd.date_range("2024-01-01", periods=12, freq="MS")):
        assert cells.of("mrr")[i].value == _paid(told, start + pd.DateOffset(months=1)).sum()
        first, last = _paid(told, start), _paid(told, start + pd.DateOffset(months=1))
        there = last.reindex(first[first > 0].index).fillna(0)
        assert cells.of("nrr")[i].value == pytest.approx(there.sum() / first.sum())
        active, later = _active(told, start), _active(told, start + pd.DateOffset(months=1))
        assert cells.of("churn_rate")[i].details["churned"] == len(active - later)


def _paid(told: Any, at: Any) -> Any:
    holds = told[(told["started"] < at) & (told["ended"].isna() | (told["ended"] >= at))]
    return holds.groupby("account_id")["amount"].sum()


def _active(told: Any, at: Any) -> set[str]:
    holds = told[(told["started"] < at) & (told["ended"].isna() | (told["ended"] >= at))]
    return set(holds["account_id"])
