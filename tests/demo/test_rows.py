"""The rows themselves: the same every time, unique, ordered, complete, inside their scales."""

from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest

from percorso.analytics.calendar import business_seconds
from percorso.analytics.schedule import Schedule
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.demo import Truth, fill
from percorso.demo.company import workspace
from percorso.demo.simulation import tables
from percorso.demo.world import Block, World, two_years_before
from percorso.errors import BadQuestion
from tests.demo.conftest import UNTIL, Ask, asker

FINGERPRINT = "SELECT count(*), bit_xor(hash(t)) FROM {name} t"


def _fingerprints(store: Store) -> dict[str, list[tuple]]:
    return {name: asker(store)(FINGERPRINT.format(name=name)) for name in TABLES}


def test_the_same_numbers_make_the_same_rows_and_another_seed_others() -> None:
    found = []
    for seed in (5, 5, 6):
        with Store.open(":memory:") as store:
            fill(store, scale=0.01, seed=seed, until=UNTIL)
            found.append(_fingerprints(store))
    assert found[0] == found[1]
    assert all(found[0][name] != found[2][name] for name in TABLES)


def test_filling_again_adds_nothing() -> None:
    with Store.open(":memory:") as store:
        fill(store, scale=0.01, until=UNTIL)
        before = {name: asker(store)(f"SELECT count(*) FROM {name}") for name in TABLES}
        fill(store, scale=0.01, until=UNTIL)
        assert {name: asker(store)(f"SELECT count(*) FROM {name}") for name in TABLES} == before


def test_a_workspace_gets_its_own_rows_and_progress_is_told() -> None:
    told: list[tuple[str, float]] = []
    with Store.open(":memory:") as store:
        truth = fill(store, "other", scale=0.005, until=UNTIL, progress=lambda name, done: told.append((name, done)))
        assert asker(store)("SELECT DISTINCT workspace FROM events") == [("other",)]
    assert truth == Truth(until=UNTIL, scale=0.005)
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert {name for name, _ in told} == set(TABLES)


def test_a_scale_that_makes_nobody_is_refused() -> None:
    with Store.open(":memory:") as store, pytest.raises(BadQuestion, match="Give a number above 0"):
        fill(store, scale=0, until=UNTIL)


def test_one_customer_is_a_company_too() -> None:
    with Store.open(":memory:") as store:
        fill(store, scale=0.00005, until=UNTIL)
        assert asker(store)("SELECT count(*) FROM customers") == [(1,)]


def test_two_blocks_share_no_id() -> None:
    world = World(Truth(until=UNTIL))
    seen: dict[str, set[str]] = {}
    for number in (0, 1):
        for name, _, table in tables(Block(world, number, 300)):
            ids = set(table["id"].to_pylist())
            assert not ids & seen.setdefault(name, set()), name
            seen[name] |= ids


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_rows_with_unique_ids_inside_the_two_years(name: str, ask: Ask) -> None:
    ((rows, distinct, unnamed),) = ask(
        f"SELECT count(*), count(DISTINCT id), count(*) FILTER (customer IS NULL) FROM {name}"
    )
    assert rows > 100
    # What support costs is about nobody.
    nobody = ask("SELECT count(*) FROM events WHERE name = 'Support Cost Booked'")[0][0] if name == "events" else 0
    assert (distinct, unnamed) == (rows, nobody)
    if name != "promises":  # the last promises are due after the end
        ((last,),) = ask(f'SELECT max("at") FROM {name}')
        assert str(last) < "2026-08-01 03:00"
    if name not in ("customers", "subscriptions"):  # relations older than the two years
        ((first,),) = ask(f'SELECT min("at") FROM {name}')
        assert "2024-08-01 03:00" <= str(first) < "2024-09-15"


def test_no_instant_but_a_promise_lies_after_the_end(ask: Ask) -> None:
    for table in TABLES.values():
        for column in table.columns:
            if column.kind == "instant" and column.name not in ("due_at", "sla_due_at", "promised_at"):
                if table.name == "promises" and column.name == "at":
                    continue
                found = ask(f"SELECT count(*) FROM {table.name} WHERE \"{column.name}\" >= TIMESTAMP '{{until}} 03:00'")
                assert found == [(0,)], (table.name, column.name)


def test_twenty_thousand_customers_at_scale_one(ask_whole: Ask) -> None:
    assert ask_whole("SELECT count(*) FROM customers") == [(20_000,)]
    ((active, subscribers),) = ask_whole(
        "SELECT count(*) FILTER (json_extract_string(traits, '$.status') = 'active'), count(plan) FROM customers"
    )
    assert 10_000 < active < 15_000
    assert 4_500 < subscribers < 8_000


ORDERED = {
    "tickets": "first_reply_at < opened_at OR resolved_at < first_reply_at OR closed_at < resolved_at",
    "contacts": "answered_at < queued_at OR abandoned_at <= queued_at OR ended_at < answered_at"
    " OR (answered_at IS NOT NULL AND abandoned_at IS NOT NULL)",
    "orders": 'delivered_at <= "at" OR promised_at <= "at"',
    "messages": 'delivered_at < "at" OR started_at < delivered_at OR first_answer_at < started_at'
    " OR completed_at < first_answer_at OR clicked_at < delivered_at OR unsubscribed_at < clicked_at",
    "cases": "first_contact_at < opened_at OR closed_at < first_contact_at OR closed_at < opened_at",
    "subscriptions": "ended_at <= started_at",
    "events": 'received_at < "at"',
    "mentions": 'reply_at < "at"',
    "answers": "score < scale_min OR score > scale_max OR score <> round(score) OR score IS NULL",
}


@pytest.mark.parametrize("name", ORDERED)
def test_instants_are_in_order_and_scores_on_their_scale(name: str, ask: Ask) -> None:
    assert ask(f"SELECT count(*) FROM {name} WHERE {ORDERED[name]}") == [(0,)]


def test_the_log_of_a_ticket_agrees_with_its_row(ask: Ask) -> None:
    rows = ask(
        """
        SELECT count(*) FROM tickets t JOIN (
            SELECT ticket, min("at") FILTER (kind = 'message' AND actor = 'agent' AND public) AS reply,
                   count(*) FILTER (kind = 'message' AND actor = 'agent' AND public) AS replies,
                   count(*) FILTER (kind = 'reopened') AS reopens, min("at") AS first,
                   max("at") FILTER (kind = 'resolved') AS resolved, max("at") FILTER (kind = 'reopened') AS back
            FROM ticket_events GROUP BY ticket
        ) e ON e.ticket = t.id
        WHERE e.replies <> t.replies OR e.reopens <> t.reopens OR e.first < t.opened_at
           OR (initiated_by = 'customer' AND reply IS DISTINCT FROM first_reply_at)
           OR (coalesce(back < resolved, true) AND resolved IS DISTINCT FROM resolved_at)
        """
    )
    assert rows == [(0,)]
    assert ask("SELECT count(*) FROM tickets WHERE id NOT IN (SELECT ticket FROM ticket_events)") == [(0,)]


def test_what_refers_to_something_finds_it(ask: Ask) -> None:
    for child, column, parent in (
        ("ticket_events", "ticket", "tickets"),
        ("promises", "ticket", "tickets"),
        ("answers", "invitation", "messages"),
        ("orders", "customer", "customers"),
        ("contacts", "customer", "customers"),
    ):
        lost = ask(
            f"SELECT count(*) FROM {child} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {parent})"
        )
        assert lost == [(0,)], child
    lost = ask(
        "SELECT count(*) FROM answers WHERE interaction IS NOT NULL AND metric IN ('nps', 'csat', 'ces', 'fcr') AND interaction NOT IN"
        " (SELECT id FROM orders UNION ALL SELECT id FROM tickets UNION ALL SELECT id FROM contacts)"
    )
    assert lost == [(0,)]
    raised = ask(
        "SELECT count(*) FROM cases WHERE response NOT IN (SELECT id FROM answers UNION ALL SELECT id FROM tickets)"
    )
    assert raised == [(0,)]
    completed = ask(
        """
        SELECT count(*) FROM events WHERE name = 'Order Completed' AND json_extract_string(properties, '$.order_id')
            || "at"::VARCHAR || customer NOT IN (SELECT id || "at"::VARCHAR || customer FROM orders)
        """
    )
    assert completed == [(0,)]


def test_price_periods_of_a_subscription_join_without_gap(ask: Ask) -> None:
    gaps = ask(
        """
        SELECT count(*) FROM (
            SELECT started_at, lag(ended_at) OVER (PARTITION BY subscription ORDER BY started_at) AS before FROM subscriptions
        ) WHERE before IS DISTINCT FROM started_at AND before IS NOT NULL
        """
    )
    assert gaps == [(0,)]
    dear = ask(
        """
        SELECT DISTINCT round(b.mrr / a.mrr, 2) FROM subscriptions a
        JOIN subscriptions b ON b.subscription = a.subscription AND b.started_at = a.ended_at AND b.plan = a.plan
        """
    )
    assert {ratio for (ratio,) in dear} <= {1.11, 1.12, 1.13}
    assert dear


def test_texts_follow_their_cause_and_vary(ask: Ask) -> None:
    ((texts, different, languages),) = ask(
        "SELECT count(*), count(DISTINCT text), count(DISTINCT language) FROM mentions"
    )
    assert different > 0.75 * texts
    assert languages == 3
    assert ask("SELECT count(*) FROM mentions WHERE text LIKE '%{%' OR text LIKE '%}%' OR length(text) < 2") == [(0,)]
    ((late, on_time),) = ask(
        """
        SELECT avg((topic = 'late')::INT) FILTER (is_late), avg((topic = 'late')::INT) FILTER (NOT is_late) FROM (
            SELECT json_extract_string(m.properties, '$.true_topic') AS topic, o.delivered_at > o.promised_at AS is_late
            FROM mentions m JOIN answers a ON replace(m.id, 'N', 'I') = a.invitation JOIN orders o ON o.id = a.interaction
            WHERE m.source = 'survey' AND a.question = 'order_csat')
        """
    )
    assert late > 0.4
    assert on_time == 0


def test_the_two_years_end_where_they_should() -> None:
    assert two_years_before(date(2026, 8, 1)) == date(2024, 8, 1)
    assert two_years_before(date(2028, 2, 29)) == date(2026, 2, 28)
    leap = World(Truth(until=date(2024, 11, 20)))
    assert leap.days == 731
    assert datetime.fromtimestamp(leap.end / 1e6, UTC) == datetime(2024, 11, 20, 3, tzinfo=UTC)


def test_half_of_the_mails_are_answered_in_forty_minutes_of_business_time(ask_whole: Ask) -> None:
    """Brazilian tickets, measured by the product's own business time."""
    facts = workspace(UNTIL)
    schedule = Schedule(tz=facts["time_zone"], weekly=facts["business_hours"], holidays=tuple(facts["holidays"]))  # type: ignore[arg-type]
    rows = ask_whole(
        """
        SELECT opened_at, first_reply_at FROM tickets t JOIN customers c ON c.id = t.customer
        WHERE t.channel = 'email' AND first_reply_at IS NOT NULL AND c.country = 'BR' ORDER BY t.id LIMIT 1000
        """
    )
    waits = [business_seconds(a, b, schedule) for a, b in rows]
    assert timedelta(minutes=30) < timedelta(seconds=median(waits)) < timedelta(minutes=50)
