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

        buyers = _buyers(sieves("*customers*"))
        details = _details(
            {name: _frame(sieves(name)) for name in found if name not in ("*orders*", "*order_reviews*", "*customers*")}
        )
        orders: list[pl.DataFrame] = []
        for sieve in sieves("*orders*"):
            orders.append(_orders(sieve, buyers, details, config.zone, dates))
            yield Piece.of(sieve, orders=orders[-1])
        known = pl.concat(orders).unique("id", keep="last", maintain_order=True)
        if buyers.height:
            yield Piece({"customers": _customers(buyers, known, _frame(sieves("*geolocation*")))})
        for sieve in sieves("*order_reviews*"):
            yield _reviews(sieve, known, dates)


def _frame(sieves: list[Sieve]) -> pl.DataFrame:
    return pl.concat([s.frame for s in sieves], how="diagonal_relaxed") if sieves else pl.DataFrame()


def _buyers(sieves: list[Sieve]) -> pl.DataFrame:
    """One row for each order's customer_id: the person behind it and where it goes."""
    frames = [
        s.frame.select(
            [s.text(c).alias(n) for n, c in {
                "customer_id": "customer_id", "customer": "customer_unique_id", "zip": "customer_zip_code_prefix",
                "city": "customer_city", "region": "customer_state",
            }.items()]
        )
        for s in sieves
    ]  # fmt: skip
    return (
        pl.concat(frames).with_columns(pl.coalesce("customer", "customer_id").alias("customer"))
        if frames
        else pl.DataFrame()
    )


def _details(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """One row an order: what was paid, and the dearest item's product, category and seller."""
    paid, items = tables["*order_payments*"], tables["*order_items*"]
    frames = []
    if {"order_id", "payment_value"} <= set(paid.columns):
        cents = (pl.col("payment_value").cast(pl.Float64, strict=False) * 100).round().cast(pl.Int64)
        kind = (
            pl.col("payment_type").first()
            if "payment_type" in paid.columns
            else pl.lit(None, pl.String).alias("payment_type")
        )
        frames.append(paid.group_by("order_id").agg(cents.sum().alias("amount"), kind))
    if {"order_id", "product_id"} <= set(items.columns):
        price = (pl.col("price") if "price" in items.columns else pl.lit("0")).cast(pl.Float64, strict=False)
        dearest = (
            items.sort("order_id", price, descending=[False, True]).group_by("order_id", maintain_order=True).first()
        )
        (category,) = looked_up(dearest["product_id"], tables["*products*"], "product_id", "product_category_name")
        (english,) = looked_up(category, tables["*category_name_translation*"], "product_category_name", "product_category_name_english")  # fmt: skip
        seller = dearest["seller_id"] if "seller_id" in dearest.columns else category
        (state,) = looked_up(seller, tables["*sellers*"], "seller_id", "seller_state")
        frames.append(dearest.select("order_id", "product_id", category=category, english=english, seller_state=state))
    if not frames:
        return pl.DataFrame({"order_id": []}, schema={"order_id": pl.String})
    return frames[0] if len(frames) == 1 else frames[0].join(frames[1], on="order_id", how="full", coalesce=True)


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
