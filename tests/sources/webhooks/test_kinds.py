"""What each kind of webhook source reads of recorded calls, and which signatures it believes."""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from percorso.errors import BadQuestion, UserError
from percorso.sources.webhooks.kind import WEBHOOK_KINDS, Call, NotSigned, Reading, Row, Unusable, checked_settings
from percorso.sources.webhooks.kinds._stripe_prices import minor, monthly
from percorso.sources.webhooks.kinds.stripe import price_periods
from percorso.sources.webhooks.paths import elements_at, steps_of, value_at
from percorso.sources.webhooks.values import instant_of, order_of
from tests.sources.webhooks.recorded import KINDS, SECRET, SETTINGS, call, names, recorded, signed


def config(kind: str, **more: Any) -> Any:
    return checked_settings(WEBHOOK_KINDS[kind], SETTINGS[kind] | more)


def read(kind: str, name: str, **changes: Any) -> Reading:
    return WEBHOOK_KINDS[kind].read(call(kind, name, **changes), config(kind))


def rows(reading: Reading, table: str) -> list[dict[str, Any]]:
    return [row.values for row in reading.rows if row.table == table]


def refused(kind: str, made: Call, now: datetime | None = None, **more: Any) -> str:
    with pytest.raises(NotSigned) as caught:
        WEBHOOK_KINDS[kind].check(made, config(kind, **more), now or datetime.now(UTC))
    return caught.value.template


def test_there_is_a_kind_for_each_system_and_each_says_what_to_do() -> None:
    assert set(WEBHOOK_KINDS) == set(KINDS)
    for kind in WEBHOOK_KINDS.values():
        assert kind.label
        assert kind.about
        assert len(kind.steps) >= 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_of_the_secret_is_believed_and_no_other(kind: str) -> None:
    name = names(kind)[0]
    headers, body = recorded(kind, name)
    WEBHOOK_KINDS[kind].check(call(kind, name), config(kind), datetime.now(UTC))
    assert "does not fit" in refused(kind, Call(body, headers | signed(kind, body, "another secret")))
    assert "does not fit" in refused(kind, Call(body + b" ", headers | signed(kind, body)))
    assert "no signature" in refused(kind, Call(body, headers))
    assert "no secret yet" in refused(kind, call(kind, name), secret="")


@pytest.mark.parametrize("kind", ["stripe", "chatwoot", "zendesk"])
def test_what_was_overheard_cannot_be_told_again_later(kind: str) -> None:
    now = datetime.now(UTC)
    headers, body = recorded(kind, names(kind)[0])
    for away in (timedelta(minutes=6), -timedelta(minutes=6)):
        assert "five minutes" in refused(kind, Call(body, headers | signed(kind, body, at=now - away)), now)


def test_stripe_signs_with_two_secrets_while_one_is_changed() -> None:
    _headers, body = recorded("stripe", "4_invoice_paid")
    old, new = signed("stripe", body, "the old one"), signed("stripe", body)
    both = old["stripe-signature"] + "," + new["stripe-signature"].partition(",")[2]
    WEBHOOK_KINDS["stripe"].check(Call(body, {"stripe-signature": both}), config("stripe"), datetime.now(UTC))


def test_a_token_in_the_address_proves_it_where_nothing_is_signed() -> None:
    for kind in ("chatwoot", "generic"):
        chosen = config(kind, proof="token")
        WEBHOOK_KINDS[kind].check(Call(b"{}", {}, SECRET), chosen, datetime.now(UTC))
        assert "token" in refused(kind, Call(b"{}", {}, "guess"), proof="token")
        assert WEBHOOK_KINDS[kind].uses_token(chosen)
    bearer = Call(b"{}", {"authorization": f"Bearer {SECRET}"})
    WEBHOOK_KINDS["generic"].check(bearer, config("generic", proof="bearer"), datetime.now(UTC))
    assert "token" in refused("generic", Call(b"{}", {}), proof="bearer")


@pytest.mark.parametrize(
    ("kind", "settings", "headers"),
    [
        ("zendesk", {"secret": "a secret of Zendesk"}, {"x-zendesk-webhook-signature": "tXpK6m9OIHE1oCJSU540gxxob6toSweg5fWU+1Enjdw=", "x-zendesk-webhook-signature-timestamp": "2026-05-10T12:00:00Z"}),
        ("stripe", {"secret": "whsec_xx"}, {"stripe-signature": "t=1778414400,v1=e218c581228382b0b918edaadf15aed215e915d6ecc03df1f6b705b7df3b0aef"}),
        ("generic", {"secret": "another one", "algorithm": "sha512", "encoding": "base64", "prefix": ""}, {"x-signature": "TL4uUE4DiJEK2lRyi7RNCh+vgR14tG4E8p0QMXY+WRtTZYWoMVxjDObl8IUw1YxOfMnkxl57xeSjkcMWlQBTVQ=="}),
        ("generic", {"secret": "another one", "algorithm": "sha1", "prefix": "sha1=", "header": "X-Hub-Signature"}, {"x-hub-signature": "sha1=e2fc2713465fd546dc9909b52a11c9ad467a0fd7"}),
    ],
)  # fmt: skip
def test_signatures_that_openssl_made(kind: str, settings: dict[str, Any], headers: dict[str, str]) -> None:
    now = datetime(2026, 5, 10, 12, 0, 30, tzinfo=UTC)
    WEBHOOK_KINDS[kind].check(Call(b'{"a":1}', headers), config(kind, **settings), now)


def test_stripe_tells_price_periods_whatever_comes_first() -> None:
    told = [n for n in names("stripe") if "subscription" in n]
    notes = [note for name in told for note in read("stripe", name).notes]
    assert {note.thing for note in notes} == {"subscription:sub_1SfR0uteAna"}
    expected = [
        ("sub_1SfR0uteAna:001", "Basic", 4990, "2026-03-01T00:00:04", "2026-04-10T00:00:00"),
        ("sub_1SfR0uteAna:002", "Pro yearly", 19800, "2026-04-10T00:00:00", "2026-06-15T00:00:00"),
    ]
    for order in permutations(notes):
        made = WEBHOOK_KINDS["stripe"].rows_of("subscription:sub_1SfR0uteAna", order)
        assert [_period(row) for row in made] == expected
        assert {row.values["identity"] for row in made} == {"external:stripe:cus_TaPxAna"}
        # What is known early is never more than what is known at the end: no row is left behind.
        several = [len(WEBHOOK_KINDS["stripe"].rows_of("subscription:s", order[:n])) for n in range(1, len(order) + 1)]
        assert several == sorted(several)


def _period(row: Row) -> tuple[Any, ...]:
    values = row.values
    ends = values.get("ended_at")
    times = [at.isoformat()[:19] if at else None for at in (values["started_at"], ends)]
    return values["id"], values["plan"], values["mrr"], *times


def test_a_subscription_heard_of_late_began_when_it_began() -> None:
    [note] = read("stripe", "6_subscription_past_due").notes
    [row] = price_periods(note.thing, [note.said | {"id": note.id}])
    assert _period(row)[3:] == ("2026-03-01T00:00:00", None)


def test_nothing_is_paid_while_it_is_tried_or_paused() -> None:
    thing = call("stripe", "3_subscription_active").data["data"]["object"]
    tried = {"object": thing | {"status": "trialing", "trial_end": 1773532800}}
    begun = {"object": thing | {"trial_end": 1773532800}}
    first = read("stripe", "3_subscription_active", data=tried).notes[0]
    assert price_periods("subscription:s", [first.said | {"id": "1"}]) == []
    late = read("stripe", "3_subscription_active", data=begun, created=1773532805, id="evt_2").notes[0]
    [row] = price_periods("subscription:s", [late.said | {"id": "2"}])
    assert row.values["started_at"].isoformat() == "2026-03-15T00:00:00+00:00"
    both = price_periods("subscription:s", [late.said | {"id": "2"}, first.said | {"id": "1"}])
    assert both[0].values["started_at"].isoformat() == "2026-03-15T00:00:05+00:00"


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [(500, "JPY", 500), (4990, "BRL", 4990), (1500, "ISK", 15), (1500, "UGX", 15), (500, "MGA", 50000), (5120, "KWD", 5120), ("12.5", "USD", Fraction(25, 2))],
)  # fmt: skip
def test_amounts_of_stripe_become_minor_units(amount: Any, currency: str, expected: Any) -> None:
    assert minor(amount, currency) == expected


def _item(
    amount: Any, interval: str = "month", count: int = 1, usage: str = "licensed", quantity: int = 1
) -> dict[str, Any]:
    recurring = {"interval": interval, "interval_count": count, "usage_type": usage}
    return {"price": {"id": "p", "unit_amount": amount, "recurring": recurring}, "quantity": quantity}


@pytest.mark.parametrize(
    ("items", "more", "expected"),
    [
        ([_item(1000), _item(12000, "year")], {}, 2000),
        ([_item(3000, "month", 3)], {}, 1000),
        ([_item(1200, "week")], {}, 5200),
        ([_item(100, "day")], {}, 3042),
        ([_item(1000, quantity=3), _item(None, usage="metered")], {}, 3000),
        ([_item(1000)], {"discounts": ["di_1"]}, 1000),
        ([_item(1000)], {"discounts": [{"coupon": {"percent_off": 25, "duration": "forever"}}]}, 750),
        ([_item(1000)], {"discounts": [{"source": {"coupon": {"percent_off": 10, "duration": "repeating"}}}]}, 900),
        ([_item(12000, "year")], {"discount": {"coupon": {"amount_off": 1200, "duration": "forever"}}}, 900),
        ([_item(1000)], {"discount": {"coupon": {"percent_off": 50, "duration": "once"}}}, 1000),
    ],
)
def test_what_a_subscription_costs_a_month(items: list[Any], more: dict[str, Any], expected: int) -> None:
    assert monthly({"items": {"data": items}} | more, "USD") == expected


def test_a_price_in_tiers_is_not_guessed() -> None:
    with pytest.raises(Unusable, match="no amount of its own"):
        monthly({"items": {"data": [_item(None)]}}, "USD")


def test_invoices_of_stripe_are_events_also_of_older_versions() -> None:
    paid = read("stripe", "4_invoice_paid")
    [row] = rows(paid, "events")
    assert (row["id"], row["name"]) == ("in_1SfR0uteOne:paid", "Invoice Paid")
    assert row["at"].isoformat() == "2026-03-01T00:00:03+00:00"
    assert row["properties"]["amount"] == 4990
    assert row["properties"]["subscription"] == "sub_1SfR0uteAna"
    assert ("email:ana.souza@example.com", "external:stripe:cus_TaPxAna", False) in paid.claims
    [failed] = rows(read("stripe", "5_invoice_payment_failed"), "events")
    assert (failed["id"], failed["name"]) == ("in_1SfR0uteTwo:failed:1", "Invoice Payment Failed")
    older = call("stripe", "4_invoice_paid").data["data"]["object"] | {"parent": None, "subscription": "sub_old"}
    [row] = rows(read("stripe", "4_invoice_paid", data={"object": older}), "events")
    assert row["properties"]["subscription"] == "sub_old"


def test_a_customer_of_stripe_is_known_by_the_own_id_the_address_and_the_phone() -> None:
    claims = read("stripe", "1_customer_created").claims
    assert {claim.one for claim in claims} == {"u-1001"}
    others = {"email:ana.souza@example.com", "phone:+5548999887766", "external:stripe:cus_TaPxAna"}
    assert {claim.other for claim in claims} == others
    [told] = read("stripe", "1_customer_created").told
    assert told.traits["name"] == "Ana Souza"
    assert told.ids == ("u-1001",)


def test_the_test_mode_of_stripe_counts_only_when_it_is_wanted() -> None:
    assert "test mode" in read("stripe", "4_invoice_paid", livemode=False).ignored
    wanted = config("stripe", test_mode=True)
    assert WEBHOOK_KINDS["stripe"].read(call("stripe", "4_invoice_paid", livemode=False), wanted).rows


def test_orders_of_shopify() -> None:
    reading = read("shopify", "5_orders_updated")
    [order] = rows(reading, "orders")
    assert order["id"] == "820982911946154508"
    assert order["amount"] == 11980
    assert order["currency"] == "BRL"
    assert order["status"] == "fulfilled"
    assert order["product"] == "Café da Serra"
    assert order["carrier"] == "Correios"
    assert order["at"].isoformat() == "2026-05-02T14:03:09+00:00"
    assert order["delivered_at"].isoformat() == "2026-05-08T19:20:00+00:00"
    [refund] = rows(reading, "events")
    assert refund["name"] == "Order Refunded"
    assert refund["properties"]["amount"] == 5000
    assert refund["identity"] == "external:shopify:7034912342"
    assert {claim[:2] for claim in reading.claims} == {
        ("email:bruno.lima@example.com", "phone:+5511988776655"),
        ("email:bruno.lima@example.com", "external:shopify:7034912342"),
    }
    [told] = reading.told
    assert told.traits["firstName"] == "Bruno"
    [cancelled] = rows(read("shopify", "6_other_order_cancelled"), "orders")
    assert cancelled["status"] == "cancelled"
    [alone] = rows(read("shopify", "4_refunds_create"), "events")
    assert alone["id"] == refund["id"]
    assert alone["properties"] == refund["properties"]


def test_a_guest_of_shopify_is_nobody_whom_an_order_names() -> None:
    [row] = read("shopify", "1_orders_create", customer=None).rows
    assert row.values["identity"] is None


def test_a_ticket_of_zendesk() -> None:
    made = {name: read("zendesk", name) for name in names("zendesk")}
    [ticket] = rows(made["1_ticket_created"], "tickets")
    assert (ticket["id"], ticket["status"], ticket["channel"], ticket["initiated_by"]) == (
        "5158",
        "new",
        "email",
        "customer",
    )
    assert rows(made["2_first_comment"], "ticket_events") == []
    told = [(e["kind"], e["actor"], e["public"]) for n in names("zendesk") for e in rows(made[n], "ticket_events")]
    assert told == [
        ("message", "customer", True), ("assigned", "agent", False), ("message", "agent", True),
        ("resolved", "agent", False), ("reopened", "customer", False),
    ]  # fmt: skip
    [said] = rows(made["1_ticket_created"], "mentions")
    assert (said["id"], said["source"], said["text"]) == ("5158:description", "ticket", "O aplicativo fecha sozinho.")
    [claim] = made["7_user_created"].claims
    assert claim[:2] == ("email:elisa@example.com", "external:zendesk:8447388090494")
    assert made["8_article_published"].ignored


def test_a_conversation_of_chatwoot() -> None:
    made = {name: read("chatwoot", name) for name in names("chatwoot")}
    [ticket] = rows(made["5_message_reply"], "tickets")
    assert (ticket["id"], ticket["channel"], ticket["team"], ticket["agent"]) == (
        "chatwoot-3-1532",
        "chat",
        "assistenza",
        "Dario",
    )
    assert ticket["topic"] == "spedizione"
    assert ticket["first_reply_at"].isoformat() == "2026-05-10T09:25:00+00:00"
    told = [(e["kind"], e["actor"], e["public"]) for n in names("chatwoot") for e in rows(made[n], "ticket_events")]
    assert told == [
        ("message", "customer", True), ("message", "bot", True), ("message", "agent", False), ("message", "agent", True),
        ("resolved", "agent", False), ("reopened", "agent", False), ("message", "bot", True),
    ]  # fmt: skip
    [rating] = rows(made["8_message_rating"], "answers")
    assert (rating["metric"], rating["score"], rating["interaction"]) == ("csat", 4.0, "chatwoot-3-1532")
    [comment] = rows(made["8_message_rating"], "mentions")
    assert comment["text"] == "Gentili, ma lenti."
    claims = made["1_conversation_created"].claims
    assert {claim.one for claim in claims} == {"u-2002"}
    assert {claim.other for claim in claims} == {
        "email:carla.rossi@example.com",
        "phone:+393331234567",
        "external:chatwoot:3-31",
    }
    assert made["9_typing"].ignored


def test_any_call_by_a_mapping() -> None:
    reading = read("generic", "1_order")
    [row] = reading.rows
    assert row.values["id"] == "A-77"
    assert row.values["amount"] == 12990
    assert row.values["currency"] == "EUR"
    assert row.values["identity"] == "email:gina@example.com"
    assert row.values["product"] == "Tazza"
    assert row.values["at"].isoformat().startswith("2026-05-12T07:29:58")
    assert json.loads(row.values["properties"]) == {"shop": "Milano"}
    assert row.order == "2026-05-12T07:30:00.000000"
    assert {claim[:2] for claim in reading.claims} == {("email:gina@example.com", "phone:+390212345678")}
    assert read("generic", "3_ratings").ignored
    kind = WEBHOOK_KINDS["generic"]
    assert kind.delivery_of(call("generic", "1_order"), config("generic")) == "c-1"
    assert kind.event_of(call("generic", "1_order"), config("generic")) == "order.paid"


def test_a_call_with_several_records_by_a_mapping() -> None:
    mapping = {
        "table": "answers", "records": "$.items[*]", "columns": {"id": "@.id", "at": "@.when", "customer": "@.who"},
        "scores": [{"column": "@.stars", "metric": "csat", "low": 1, "high": 5}], "comments": ["@.text"],
        "zone": "Europe/Rome", "dates": "year", "customer_is": "email",
    }  # fmt: skip
    reading = WEBHOOK_KINDS["generic"].read(call("generic", "3_ratings"), config("generic", mapping=mapping))
    scores = {(row["identity"], row["score"]) for row in rows(reading, "answers")}
    assert scores == {("email:gina@example.com", 5.0), ("email:hugo@example.com", 2.0)}
    [comment] = rows(reading, "mentions")
    assert comment["text"] == "Perfetto"
    assert comment["identity"] == "email:gina@example.com"
    bad: dict[str, Any] = {"items": [{"id": "r1", "when": "2026-05-14 10:00", "stars": 9}]}
    bad["items"].append({"id": "r2", "when": "2026-05-14 10:00", "stars": 3})
    reading = WEBHOOK_KINDS["generic"].read(call("generic", "3_ratings", **bad), config("generic", mapping=mapping))
    assert reading.trouble
    assert "not on the scale" in reading.trouble.template
    assert [row["score"] for row in rows(reading, "answers")] == [3.0]


@pytest.mark.parametrize(
    "changes",
    [
        {"table": "nothing"}, {"columns": {"id": "$.a", "amount": "$.b"}}, {"columns": {"at": "order.at"}},
        {"columns": {"at": "$.a", "nothing": "$.b"}}, {"table": "tickets"}, {"customer_is": "external"},
        {"constants": {"at": "yesterday"}}, {"when": {"$..a": 1}},
    ],
)  # fmt: skip
def test_a_mapping_that_cannot_work_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        config("generic", mapping=SETTINGS["generic"]["mapping"] | changes)


def test_a_secret_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(BadQuestion, match="at least"):
        config("stripe", secret="short")


def test_places_in_a_call() -> None:
    found = {"a": [{"b.c": 1}, {"b.c": 2}], "d": "x"}
    assert value_at(found, steps_of("$.a[1]['b.c']")) == 2
    assert value_at(found, steps_of("$.a[7].b")) is None
    assert value_at(found, steps_of("$.d.e")) is None
    assert elements_at(found, steps_of("$.a[*]")) == found["a"]
    assert elements_at(found, steps_of("$.nothing[*]")) == []
    for bad in ("a.b", "$..a", "$.a[", "$.a b", "$" + ".a" * 200):
        with pytest.raises(BadQuestion):
            steps_of(bad)


def test_instants_as_systems_write_them() -> None:
    expected = datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)
    for text in (
        "2026-03-01T12:00:00.123456789Z",
        "2026-03-01T09:00:00.123456-03:00",
        "2026-03-01 12:00:00.123456 UTC",
    ):
        assert instant_of(text) == expected
    assert instant_of(1772366400) == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert instant_of("") is None
    with pytest.raises(Unusable):
        instant_of("yesterday")
    assert order_of("2026-03-01T09:00:00-03:00") < order_of(expected.isoformat())


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b"nul", b"1", b'{"a":' * 5000 + b"1" + b"}" * 5000])
def test_what_is_no_object_is_no_call(body: bytes) -> None:
    with pytest.raises(Unusable, match="no JSON object"):
        Call(body).data  # noqa: B018


def test_characters_that_are_no_text_are_left_out() -> None:
    assert Call(b'{"a\\u0000":"x\\ud800y\\u0000"}').data == {"a": "x?y"}
