"""Olist's nine tables of Brazilian e-commerce: customers, orders with promised and real delivery, reviews."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import field_validator

from percorso.i18n import mark
from percorso.sources.connector import Connector, Context, Expected, Piece
from percorso.sources.instants import Dates, check_zone
from percorso.sources.readers import Format
from percorso.sources.sieve import Sieve, json_of, looked_up

TIMES = {
    "at": "order_purchase_timestamp", "promised_at": "order_estimated_delivery_date",
    "delivered_at": "order_delivered_customer_date",
}  # fmt: skip


class Settings(Format):
    """The time zone of the clocks: all times are local."""

    zone: str = "America/Sao_Paulo"

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        return check_zone(name)


class Olist(Connector[Settings]):
    """Orders, who placed them, and how they were rated from 1 to 5.

    Each order and each answer says whether it came late, in two ways: `late` compares instants, `late_by_day` takes the
    promise as a day, which is how it was given (all promises end at midnight, at the start of their day). Both are
    "late", "on time", or "not delivered" for an order whose state is not delivered or that has no delivery time.
    """

    label = mark("Olist")
    about = mark("Olist's nine tables: customers, orders, payments, items, reviews, products, sellers, places.")
    files = (
        Expected("*order_reviews*", mark("reviews: scores from 1 to 5 with comments")),
        Expected("*order_payments*", mark("payments of the orders")),
        Expected("*order_items*", mark("items of the orders")),
        Expected("*orders*", mark("orders with promised and delivered times"), needed=True),
        Expected("*customers*", mark("who placed which order")),
        Expected("*category_name_translation*", mark("English names of the categories")),
        Expected("*products*", mark("products and their categories")),
        Expected("*sellers*", mark("sellers and their states")),
        Expected("*geolocation*", mark("places of the postcodes")),
    )
    Config = Settings

    def read(self, files: Sequence[Path], config: Settings, context: Context) -> Iterator[Piece]:
        found = self.by_kind(files, context)
        dates = Dates("year", config.zone)

        def sieves(name: str) -> list[Sieve]:
            return [context.whole(path, config) for path in found[name]]

        beside = {name: sieves(name) for name in found if name not in ("*orders*", "*order_reviews*")}
        people, paid = _buyers(beside["*customers*"]), _paid(beside["*order_payments*"])
        tables = {name: _frame(read) for name, read in beside.items()}
        read = [sieve for sieves_ in beside.values() for sieve in sieves_]
        yield Piece({}, [bad for sieve in read for bad in sieve.rejected], sum(sieve.records for sieve in read))
        details = _details(paid, tables)
        orders: list[pl.DataFrame] = []
        for sieve in sieves("*orders*"):
            orders.append(_orders(sieve, people, details, config.zone, dates))
            yield Piece.of(sieve, orders=orders[-1])
        known = pl.concat(orders).unique("id", keep="last", maintain_order=True)
        if people.height:
            yield Piece({"customers": _customers(people, known, tables["*geolocation*"])})
        for sieve in sieves("*order_reviews*"):
            yield _reviews(sieve, known, dates)


def _frame(sieves: list[Sieve]) -> pl.DataFrame:
    return pl.concat([s.frame for s in sieves], how="diagonal_relaxed") if sieves else pl.DataFrame()


def _buyers(sieves: list[Sieve]) -> pl.DataFrame:
    """One row for each order's customer_id: the person behind it and where it goes."""
    names = {
        "customer_id": "customer_id", "customer": "customer_unique_id", "zip": "customer_zip_code_prefix",
        "city": "customer_city", "region": "customer_state",
    }  # fmt: skip
    if not sieves:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    frames = [s.rows(**{name: s.text(column) for name, column in names.items()}) for s in sieves]
    return pl.concat(frames).with_columns(pl.coalesce("customer", "customer_id").alias("customer"))


def _paid(sieves: list[Sieve]) -> pl.DataFrame:
    """One row an order: what was paid for it in cents, and how first."""
    if not sieves:
        return pl.DataFrame(schema={"order_id": pl.String, "amount": pl.Int64, "payment_type": pl.String})
    read = [(s, s.text("order_id"), s.numbers("payment_value"), s.text("payment_type")) for s in sieves]
    payments = pl.concat([s.rows(order_id=order, value=value, payment_type=kind) for s, order, value, kind in read])
    cents = (pl.col("value") * 100).round().cast(pl.Int64)
    return payments.group_by("order_id", maintain_order=True).agg(
        cents.sum().alias("amount"), pl.col("payment_type").first()
    )


def _details(paid: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row an order: what was paid, and the dearest item's product, category and seller."""
    items = tables["*order_items*"]
    if not {"order_id", "product_id"} <= set(items.columns):
        return paid
    price = (pl.col("price") if "price" in items.columns else pl.lit("0")).cast(pl.Float64, strict=False)
    dearest = items.sort("order_id", price, descending=[False, True]).group_by("order_id", maintain_order=True).first()
    (category,) = looked_up(dearest["product_id"], tables["*products*"], "product_id", "product_category_name")
    (english,) = looked_up(
        category, tables["*category_name_translation*"], "product_category_name", "product_category_name_english"
    )
    seller = dearest["seller_id"] if "seller_id" in dearest.columns else category
    (state,) = looked_up(seller, tables["*sellers*"], "seller_id", "seller_state")
    bought = dearest.select("order_id", "product_id", category=category, english=english, seller_state=state)
    return paid.join(bought, on="order_id", how="full", coalesce=True)


def _orders(sieve: Sieve, buyers: pl.DataFrame, details: pl.DataFrame, zone: str, dates: Dates) -> pl.DataFrame:
    ids, status = sieve.text("order_id"), sieve.text("order_status")
    sieve.reject(ids.is_null(), mark("{column}: the record has no id."), column="order_id")
    times = {name: sieve.instants(column, dates) for name, column in TIMES.items()}
    sieve.reject(times["at"].is_null(), mark("{column}: the record has no date."), column=TIMES["at"])
    account = sieve.text("customer_id")
    (customer,) = looked_up(account, buyers, "customer_id", "customer")
    amount, paid_by, product, category, english, state = looked_up(
        ids, details, "order_id", "amount", "payment_type", "product_id", "category", "english", "seller_state"
    )
    delivered, promised = times["delivered_at"], times["promised_at"]
    arrived = delivered.is_not_null() & promised.is_not_null() & (status.is_null() | (status == "delivered"))
    day = [t.dt.convert_time_zone(zone).dt.date() for t in (delivered, promised)]
    more = {
        "late": _late(arrived, delivered > promised), "late_by_day": _late(arrived, day[0] > day[1]), "product_id": product,
        "category": english, "seller_state": state, "payment_type": paid_by,
    }  # fmt: skip
    rows = sieve.rows(
        id=ids, customer=pl.select(pl.coalesce(customer, account)).to_series(), channel="web", touchpoint="order",
        amount=amount.cast(pl.Int64), currency="BRL", status=status, product=category,
        properties=sieve.properties((), **more), **times,
    )  # fmt: skip
    return rows


def _late(arrived: pl.Series, after: pl.Series) -> pl.Series:
    late = pl.when(after).then(pl.lit("late")).otherwise(pl.lit("on time"))
    return pl.select(pl.when(arrived.fill_null(False)).then(late).otherwise(pl.lit("not delivered"))).to_series()


def _customers(buyers: pl.DataFrame, orders: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    since = orders.group_by("customer").agg(pl.col("at").min().alias("created_at"))
    people = buyers.unique("customer", keep="last", maintain_order=True).join(since, on="customer", how="left")
    if {"geolocation_zip_code_prefix", "geolocation_lat", "geolocation_lng"} <= set(places.columns):
        point = places.group_by(zip="geolocation_zip_code_prefix").agg(
            pl.col(f"geolocation_{c}").cast(pl.Float64, strict=False).median().round(3).alias(c) for c in ("lat", "lng")
        )
        people = people.join(point, on="zip", how="left")
    traits = json_of(people.select(pl.selectors.by_name("zip", "city", "lat", "lng", require_all=False)))
    return people.select(pl.col("customer").alias("id"), "customer", "created_at", pl.lit("BR").alias("country"),
                         "region", pl.lit("pt-BR").alias("language"), traits.alias("traits"))  # fmt: skip


def _reviews(sieve: Sieve, orders: pl.DataFrame, dates: Dates) -> Piece:
    review, order = sieve.text("review_id"), sieve.text("order_id")
    sieve.reject(
        review.is_null() | order.is_null(), mark("{column}: the record has no id."), column="review_id, order_id"
    )
    scores = sieve.numbers("review_score", out_of=5)
    sieve.reject(
        ~scores.is_between(1, 5), mark("{column}: {value} is not on the scale {low}-{high}."),
        column="review_score", value=sieve.column("review_score"), low="1", high="5",
    )  # fmt: skip
    at = sieve.instants("review_answer_timestamp", dates)
    sieve.reject(at.is_null(), mark("{column}: the record has no date."), column="review_answer_timestamp")
    customer, product, properties = looked_up(order, orders, "id", "customer", "product", "properties")
    # One review may stand for several orders: both together are the answer.
    ids = review + ":" + order
    common: dict[str, Any] = {
        "customer": customer,
        "at": at,
        "channel": "email",
        "touchpoint": "delivery",
        "properties": properties,
    }
    title, body = sieve.text("review_comment_title"), sieve.text("review_comment_message")
    words = pl.select(pl.concat_str(title, body, separator="\n", ignore_nulls=True)).to_series()
    answers = sieve.rows(
        id=ids, survey="Olist review", question="review_score", interaction=order, metric="csat", score=scores,
        scale_min=1.0, scale_max=5.0, polarity="higher", language="pt-BR", population="customer", **common,
    )  # fmt: skip
    mentions = sieve.rows(
        title.is_not_null() | body.is_not_null(), id=ids + ":comment", source="survey", item=product, text=words,
        language="pt-BR", rating=scores, **common,
    )  # fmt: skip
    return Piece.of(sieve, answers=answers, mentions=mentions)
