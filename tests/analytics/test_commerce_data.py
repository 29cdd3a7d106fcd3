"""Commerce indicators on real shops, held against plain pandas and against the counts told with the sets."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.result import Cell
from percorso.analytics.store import Store

DATA = Path(__file__).parents[3] / "shared/data"
LONDON = "Europe/London"


def read(name: str) -> pd.DataFrame:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real data set {name} is not beside this checkout")
    return pd.read_parquet(path)


def one(orders: pd.DataFrame, key: str, period: Period, **options: Any) -> Cell:
    with Store.open(":memory:") as store:
        store.append("orders", orders)
        as_of = datetime(2026, 1, 1, tzinfo=UTC)
        return measure(store, Query((key,), period=period, as_of=as_of, options=options)).one()


def test_customers_of_olist_come_back_as_often_as_pandas_says() -> None:
    orders = read("olist/olist_orders_dataset.parquet").merge(read("olist/olist_customers_dataset.parquet"))
    local = pd.to_datetime(orders["order_purchase_timestamp"])
    orders = orders.assign(
        id=orders["order_id"], customer=orders["customer_unique_id"], status=orders["order_status"], local=local,
        at=local.dt.tz_localize("America/Sao_Paulo", ambiguous=True, nonexistent="shift_forward").dt.tz_convert("UTC"),
    )  # fmt: skip
    period = Period(date(2016, 9, 1), date(2018, 11, 1), "America/Sao_Paulo")
    facts = orders[["id", "customer", "status", "at"]]
    whole = one(facts, "repeat_purchase_rate", period, cancelled="", window_days=2000)
    # Told with the set: 8,016 customers, 73 of them with several orders, some of one day.
    assert (whole.n, whole.details["numerator"]) == (8016, 59)
    quarter = one(facts, "repeat_purchase_rate", period)
    assert (quarter.n, quarter.details["numerator"]) == _again(
        orders[~orders["status"].isin(["canceled", "unavailable"])]
    )


def _again(orders: pd.DataFrame) -> tuple[int, int]:
    """Return how many customers there are, and how many ordered on another day within 90 days of the first order."""
    first = orders.groupby("customer")["local"].transform("min")
    later = orders[orders["local"].dt.date > first.dt.date].groupby("customer")["local"].min()
    waited = (later - orders.groupby("customer")["local"].min()).dropna()
    return orders["customer"].nunique(), int((waited <= pd.Timedelta(days=90)).sum())


def test_returns_of_online_retail_are_the_units_that_pandas_counts() -> None:
    lines = read("online-retail-ii/online_retail.parquet")
    lines = lines.assign(at=pd.to_datetime(lines["InvoiceDate"]), customer=lines["Customer ID"].astype(int).astype(str))
    taken_back = lines["Invoice"].str.startswith("C")
    sold = lines[~taken_back].reset_index(drop=True).assign(line=lambda t: t.index).sort_values("at", kind="stable")
    back = (
        lines[taken_back]
        .sort_values("at", kind="stable")
        .assign(returned=lambda t: -t["Quantity"], back_at=lambda t: t["at"])
    )
    # A return is of the latest line before it of the same customer and article, as far as that line had so many.
    matched = pd.merge_asof(
        back[["at", "customer", "StockCode", "returned", "back_at"]], sold, on="at", by=["customer", "StockCode"]
    )
    matched = matched[matched["returned"] <= matched["Quantity"]].drop_duplicates("line")
    sold = sold.merge(matched[["line", "returned", "back_at"]], on="line", how="left")
    period = Period(date(2009, 12, 1), date(2011, 1, 1), LONDON)
    cell = one(_lines(sold), "return_rate", period)
    in_time = (sold["back_at"] - sold["at"]) <= pd.Timedelta(days=30)
    assert cell.details["numerator"] == sold["returned"][in_time].sum() > 5000
    assert cell.details["denominator"] == sold["Quantity"].sum()
    assert cell.n == sold["Invoice"].nunique()


def _lines(sold: pd.DataFrame) -> pd.DataFrame:
    told = [
        {"order_id": invoice, "quantity": int(quantity), **({} if pd.isna(n) else {"returned_quantity": int(n), "returned_at": at.isoformat()})}
        for invoice, quantity, n, at in zip(sold["Invoice"], sold["Quantity"], sold["returned"], sold["back_at"], strict=True)
    ]  # fmt: skip
    ids = sold["line"].astype(str)
    return pd.DataFrame(
        {"id": ids, "customer": sold["customer"], "at": sold["at"], "properties": [json.dumps(t) for t in told]}
    )
