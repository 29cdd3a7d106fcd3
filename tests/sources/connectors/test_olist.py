"""Olist's tables: orders, customers and reviews, late in two ways."""

import shutil

import pytest

from percorso.errors import UserError
from tests.sources.conftest import FIXTURES

FOLDER = FIXTURES / "olist"
MEANS = """
SELECT json_extract_string(properties, '$.{key}') AS late, count(*) AS n, round(avg(score), 2) AS mean
FROM answers GROUP BY 1 ORDER BY 1
"""


def test_orders_have_amount_category_and_lateness(importer, rows):
    report = importer("olist", FOLDER)
    assert rows("SELECT id, customer, amount, product, status, properties FROM orders ORDER BY id") == [
        {"id": "o1", "customer": "ana", "amount": 1030, "product": "beleza_saude", "status": "delivered",
         "properties": '{"late":"late","late_by_day":"on time","product_id":"p2","category":"health_beauty","seller_state":"PR","payment_type":"credit_card"}'},
        {"id": "o2", "customer": "bia", "amount": 9999, "product": None, "status": "delivered",
         "properties": '{"late":"late","late_by_day":"late","payment_type":"boleto"}'},
        {"id": "o3", "customer": "caio", "amount": None, "product": None, "status": "shipped",
         "properties": '{"late":"not delivered","late_by_day":"not delivered"}'},
        {"id": "o4", "customer": "ana", "amount": None, "product": None, "status": "delivered",
         "properties": '{"late":"on time","late_by_day":"on time"}'},
    ]  # fmt: skip
    paid, bad, scale = report.rejects
    assert (paid.line, str(paid.reason)) == (5, "payment_value: much is not a number.")
    assert (bad.line, str(bad.reason)) == (
        6,
        "order_purchase_timestamp: not a date is not a date and time that can be read.",
    )
    assert (scale.line, str(scale.reason)) == (7, "review_score: 7 is not on the scale 1-5.")


def test_local_times_become_utc(importer, rows):
    importer("olist", FOLDER)
    # São Paulo was two hours behind UTC in January 2018 (daylight saving).
    found = rows("SELECT at, promised_at, delivered_at FROM orders WHERE id = 'o1'")[0]
    assert {name: value.isoformat() for name, value in found.items()} == {
        "at": "2018-01-01T12:00:00", "promised_at": "2018-01-10T02:00:00", "delivered_at": "2018-01-10T17:00:00",
    }  # fmt: skip


def test_reviews_become_answers_and_mentions_of_the_person(importer, rows):
    importer("olist", FOLDER)
    assert rows("SELECT id, customer, score, interaction FROM answers ORDER BY id") == [
        {"id": "r1:o1", "customer": "ana", "score": 4.0, "interaction": "o1"},
        {"id": "r1:o4", "customer": "ana", "score": 5.0, "interaction": "o4"},
        {"id": "r2:o2", "customer": "bia", "score": 1.0, "interaction": "o2"},
        {"id": "r3:o3", "customer": "caio", "score": None, "interaction": "o3"},
    ]
    assert rows("SELECT text, rating FROM mentions ORDER BY id") == [
        {"text": "Chegou no dia,\nmas à tarde", "rating": 4.0},
        {"text": "Péssimo\natrasou", "rating": 1.0},
        {"text": "nunca chegou", "rating": None},
    ]
    assert rows("SELECT id, region, country, traits, created_at FROM customers WHERE id = 'ana'")[0]["traits"] == (
        '{"zip":"01001","city":"sao paulo","lat":-23.6,"lng":-46.7}'
    )


def test_orders_alone_are_enough_and_are_needed(importer, rows, tmp_path):
    report = importer("olist", FOLDER / "olist_orders_dataset.csv")
    assert report.tables["orders"].new == 4
    assert rows("SELECT DISTINCT customer FROM orders WHERE id = 'o1'") == [{"customer": "c1"}]
    with pytest.raises(UserError, match=r"olist reads files named .*\. Missing: \*orders\*\. Give the folder"):
        importer("olist", FOLDER / "olist_customers_dataset.csv")


def test_file_of_another_name_is_told(importer, tmp_path):
    shutil.copytree(FOLDER, tmp_path / "olist")
    (tmp_path / "olist" / "readme.txt").write_text("hello")
    report = importer("olist", tmp_path / "olist")
    assert [str(w) for w in report.warnings] == ["readme.txt is not used: olist knows no file of that name."]


@pytest.mark.parametrize("form", ["", "raw"])
def test_real_reviews_by_lateness_in_both_ways(importer, rows, real, form):
    # The data's README and the issue: 2.50 late and 4.28 on time comparing instants, 2.17 and 4.28 by calendar day.
    report = importer("olist", real("olist") / form)
    assert report.rejected == 0
    assert rows(MEANS.format(key="late")) == [
        {"late": "late", "n": 418, "mean": 2.5}, {"late": "not delivered", "n": 2993, "mean": 1.76},
        {"late": "on time", "n": 4814, "mean": 4.28},
    ]  # fmt: skip
    assert rows(MEANS.format(key="late_by_day")) == [
        {"late": "late", "n": 344, "mean": 2.17}, {"late": "not delivered", "n": 2993, "mean": 1.76},
        {"late": "on time", "n": 4888, "mean": 4.28},
    ]  # fmt: skip
    # README: R$ 1,428,602.81 paid for 8,135 orders by 8,016 people.
    assert rows(
        "SELECT count(*) AS n, sum(amount)::BIGINT AS cents, count(DISTINCT customer) AS people FROM orders"
    ) == [{"n": 8135, "cents": 142_860_281, "people": 8016}]
    assert rows("SELECT count(*) AS n FROM customers") == [{"n": 8016}]
