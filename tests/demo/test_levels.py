"""The demo company looks like a real one: levels, seasons, hours, and how its data are spread."""

import pytest

from percorso.analytics.store import Store
from percorso.demo.calendars import black_friday, easter, holidays
from tests.demo.conftest import Ask

LEVELS = {
    "NPS": (
        "SELECT 100 * (avg((score >= 9)::INT) - avg((score <= 6)::INT)) FROM answers WHERE question = 'nps'",
        35,
        4,
    ),
    "CSAT": (
        "SELECT avg((score >= 4)::INT) FROM answers WHERE metric = 'csat' AND population = 'customer'",
        0.78,
        0.03,
    ),
    "response": (
        "SELECT avg((first_answer_at IS NOT NULL)::INT) FROM messages WHERE survey <> '' AND NOT bounced",
        0.2,
        0.02,
    ),
    "abandoned": ("SELECT count(abandoned_at) / count(*) FROM contacts WHERE NOT by_bot", 0.08, 0.015),
    "SLA": (
        "SELECT avg((coalesce(kept_at, TIMESTAMP '9999-01-01') <= due_at)::INT) FROM promises"
        " WHERE NOT cancelled AND due_at < TIMESTAMP '{until} 00:00'",
        0.87,
        0.03,
    ),
    "minutes to a chat reply": (
        "SELECT median(epoch(first_reply_at - opened_at)) / 60 FROM tickets WHERE channel = 'chat'",
        0.8,
        0.5,
    ),
    "late": ("SELECT avg((delivered_at > promised_at)::INT) FROM orders WHERE delivered_at IS NOT NULL", 0.11, 0.02),
    "reopened": ("SELECT avg((reopens > 0)::INT) FROM tickets", 0.05, 0.01),
    "Brazil": ("SELECT avg((country = 'BR')::INT) FROM customers", 0.62, 0.03),
    "company people": ("SELECT count(company) / count(*) FROM customers", 0.06, 0.005),
}


@pytest.mark.parametrize("name", LEVELS)
def test_levels_are_plausible(name: str, ask_whole: Ask) -> None:
    sql, expected, around = LEVELS[name]
    assert ask_whole(sql)[0][0] == pytest.approx(expected, abs=around)


def test_review_rating_and_visits_are_plausible(ask: Ask) -> None:
    ((rating,),) = ask("SELECT avg(rating) FROM mentions WHERE source = 'review'")
    assert rating == pytest.approx(4.2, abs=0.2)
    ((events, sessions, bought),) = ask(
        "SELECT count(*), count(DISTINCT session), count(*) FILTER (name = 'Order Completed') FROM events"
    )
    assert 4 < events / sessions < 6
    assert 0.08 < bought / sessions < 0.18
    assert ask("SELECT count(*) FROM events WHERE customer LIKE 'Y%' AND name = 'Order Completed'") == [(0,)]


def test_demand_follows_week_season_and_local_hours(ask_whole: Ask) -> None:
    hours = dict(
        ask_whole(
            """
            SELECT c.country || hour((o."at" AT TIME ZONE 'UTC') AT TIME ZONE
                   CASE c.country WHEN 'BR' THEN 'America/Sao_Paulo' ELSE 'Europe/Rome' END), count(*)
            FROM orders o JOIN customers c ON c.id = o.customer WHERE o.channel IN ('web', 'app') GROUP BY 1
            """
        )
    )
    for country in ("BR", "IT"):
        assert hours[f"{country}14"] > 8 * hours[f"{country}4"]
    days = dict(
        ask_whole(
            """
            SELECT c.country || ' ' || (o."at" - INTERVAL 3 HOUR)::DATE, count(*) FROM orders o
            JOIN customers c ON c.id = o.customer WHERE o.channel IN ('web', 'app') GROUP BY 1
            """
        )
    )
    for country in ("BR", "IT"):
        november = sum(days.get(f"{country} 2025-11-{d:02}", 0) for d in range(3, 17)) / 14
        assert days[f"{country} {black_friday(2025)}"] > 2 * november
    august = sum(days.get(f"IT 2025-08-{d:02}", 0) for d in range(1, 32))
    october = sum(days.get(f"IT 2025-10-{d:02}", 0) for d in range(1, 32))
    assert august < 0.8 * october


def test_phones_ring_only_when_they_are_open(ask_whole: Ask) -> None:
    closed = ask_whole(
        """
        SELECT count(*) FROM (
            SELECT (k.queued_at AT TIME ZONE 'UTC') AT TIME ZONE
                   CASE c.country WHEN 'BR' THEN 'America/Sao_Paulo' ELSE 'Europe/Rome' END AS local
            FROM contacts k JOIN customers c ON c.id = k.customer WHERE k.channel = 'phone')
        WHERE hour(local) NOT BETWEEN 8 AND 19 OR isodow(local) = 7
        """
    )
    assert closed == [(0,)]


def test_the_small_team_stays_below_the_privacy_minimum(ask: Ask) -> None:
    sizes = dict(ask("SELECT team, count(DISTINCT customer) FROM answers WHERE survey = 'employee' GROUP BY team"))
    assert sizes.pop("Data lab") == 4
    assert min(sizes.values()) >= 5


def test_no_employee_answers_twice_in_a_wave(ask: Ask) -> None:
    assert ask(
        """
        SELECT count(*) FROM (SELECT customer, date_trunc('month', "at") AS wave FROM answers
            WHERE survey = 'employee' GROUP BY ALL HAVING count(*) > 1)
        """
    ) == [(0,)]


def test_holidays_move_with_easter() -> None:
    """Easter of 2024, 2025 and 2026 as published; Carnival Tuesday of 2026 was 17 February."""
    assert [str(easter(year)) for year in (2024, 2025, 2026)] == ["2024-03-31", "2025-04-20", "2026-04-05"]
    assert "2026-02-17" in map(str, holidays("BR", 2026))
    assert "2026-04-06" in map(str, holidays("IT", 2026))
    assert [str(black_friday(year)) for year in (2024, 2025)] == ["2024-11-29", "2025-11-28"]


def test_the_store_holds_the_demo_as_one_workspace(small: Store) -> None:
    assert small.table("customers", "demo").count().execute() == 2_000
