"""How often people come is what plain counting says, on both engines."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from percorso.analytics.behaviour.frequency import MONTH, WEEK, FrequencyQuery, Lifecycle, frequency
from percorso.analytics.query import Period
from percorso.analytics.store import Store
from percorso.errors import BadQuestion

URLS = (":memory:", "chdb://memory/default")
TZ = "America/Sao_Paulo"
SPRING = Period(date(2025, 3, 5), date(2025, 6, 4), TZ)
AS_OF = datetime(2025, 9, 1, tzinfo=UTC)


def visits(seed: int = 3, users: int = 120) -> list[dict[str, Any]]:
    r = np.random.default_rng(seed)
    rows = []
    for i in range(users):
        at = datetime(2024, 12, 20, tzinfo=UTC) + timedelta(hours=int(r.integers(0, 24 * 150)))
        for _ in range(int(r.integers(1, 25))):
            row = {"id": f"e{len(rows)}", "name": ("open", "click")[int(r.integers(2))], "at": at}
            rows.append(row | {"customer": f"u{i}", "channel": ("web", "app")[i % 2]})
            at += timedelta(hours=float(r.exponential(24 * 6)))
    return rows


EVENTS = visits()


@pytest.fixture(scope="module", params=URLS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        opened.append("events", EVENTS, workspace="visits")
        opened.append("events", EVENTS[:40], workspace="other")
        yield opened


def days_of(events: list[dict[str, Any]]) -> dict[str, set[date]]:
    found: dict[str, set[date]] = {}
    for e in events:
        found.setdefault(e["customer"], set()).add(e["at"].astimezone(ZoneInfo(TZ)).date())
    return found


def begin(day: date, grain: str) -> date:
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[grain]


def after(start: date, grain: str) -> date:
    return begin(start + timedelta(days={"day": 1, "week": 7, "month": 32}[grain]), grain)


@pytest.mark.parametrize("segment", [{}, {"channel": ("web",)}])
def test_active_people_of_a_day_a_week_and_a_month_are_those_who_came(store: Store, segment: Any) -> None:
    events = [e for e in EVENTS if not segment or e["channel"] == "web"]
    found = frequency(store, FrequencyQuery("visits", SPRING, segment=segment, as_of=AS_OF))
    whose = days_of(events)
    assert [r.day for r in found.reach] == [SPRING.start + timedelta(days=i) for i in range(91)]
    for reach in found.reach:
        for window, people in ((1, reach.daily), (WEEK, reach.weekly), (MONTH, reach.monthly)):
            since = reach.day - timedelta(days=window - 1)
            assert people == sum(any(since <= d <= reach.day for d in days) for days in whose.values())


@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_everybody_is_new_returning_resurrected_or_dormant(store: Store, grain: Any) -> None:
    found = frequency(store, FrequencyQuery("visits", SPRING, grain, as_of=AS_OF))
    end = SPRING.end
    whose = {who: {begin(d, grain) for d in days if d < end} for who, days in days_of(EVENTS).items()}
    whose = {who: buckets for who, buckets in whose.items() if buckets}
    previous, start, expected = None, begin(SPRING.start, grain), []
    previous = begin(start - timedelta(days=1), grain)
    while start < end:
        here = [b for b in whose.values() if start in b]
        new = sum(min(b) == start for b in here)
        returning = sum(previous in b for b in here)
        dormant = sum(previous in b and start not in b for b in whose.values())
        over = after(start, grain) <= end
        counts = (len(here), new, returning, len(here) - new - returning, dormant if over else None)
        expected.append((start, *counts))
        previous, start = start, after(start, grain)
    assert [(t.start, t.active, t.new, t.returning, t.resurrected, t.dormant) for t in found.lifecycle] == expected
    for before, now in zip(found.lifecycle, found.lifecycle[1:], strict=False):
        assert now.active == now.new + now.returning + now.resurrected
        if now.dormant is not None:
            assert before.active == now.returning + now.dormant
            assert now.kept is not None
            assert (now.kept.count, now.kept.n) == (now.returning, before.active)


def test_a_small_example_by_hand(store: Store) -> None:
    """Ana comes in weeks 1, 2 and 4, Bia in 1 and 4 (twice in a day), Caio in 2, Dora long before and in 4."""
    came = {"ana": (3, 11, 25), "bia": (4, 27, 27), "caio": (13,), "dora": (-20, 28)}
    rows = [
        {"id": f"{who}{i}", "name": "open", "customer": who, "at": datetime(2025, 2, 28, 15, tzinfo=UTC) + timedelta(days=day)}
        for who, days in came.items()
        for i, day in enumerate(days)
    ]  # fmt: skip
    store.append("events", rows, workspace="small")
    march = Period(date(2025, 3, 3), date(2025, 3, 31), TZ)
    found = frequency(store, FrequencyQuery("small", march, as_of=AS_OF))
    weeks = [(t.active, t.new, t.returning, t.resurrected, t.dormant) for t in found.lifecycle]
    assert weeks == [(2, 2, 0, 0, 0), (2, 1, 1, 0, 1), (0, 0, 0, 0, 2), (3, 0, 0, 3, 0)]
    second = found.lifecycle[1]
    assert second.kept is not None
    assert (second.kept.value, second.quick_ratio) == (0.5, 1.0)
    assert found.lifecycle[0].quick_ratio is None
    assert found.lifecycle[0].kept is not None
    assert found.lifecycle[0].kept.value is None
    # 28 March: Dora came; within 7 days Ana, Bia, Dora; within 28 days all four, Ana and Bia already since 3 and 4 March.
    assert [(r.daily, r.weekly, r.monthly) for r in found.reach if r.day == date(2025, 3, 28)] == [(1, 3, 4)]
    assert [(r.daily, r.weekly, r.monthly) for r in found.reach if r.day == date(2025, 3, 10)] == [(0, 1, 2)]


def test_what_has_not_come_is_not_told(store: Store) -> None:
    """On Wednesday 2 April 2025 the week is not over: who is missing may still come."""
    now = datetime(2025, 4, 2, 12, tzinfo=UTC)
    found = frequency(store, FrequencyQuery("visits", SPRING, as_of=now))
    last = found.lifecycle[-1]
    assert (last.start, last.dormant, last.kept) == (date(2025, 3, 31), None, None)
    assert found.reach[-1].day == date(2025, 4, 2)
    assert found.lifecycle[-2].dormant is not None


def test_only_the_named_events_and_the_chosen_customers_count(store: Store) -> None:
    clicks = frequency(store, FrequencyQuery("visits", SPRING, names=("click",), as_of=AS_OF))
    whose = days_of([e for e in EVENTS if e["name"] == "click"])
    day = clicks.reach[-1].day
    assert clicks.reach[-1].daily == sum(day in days for days in whose.values())
    web = store.table("events", "visits").filter(lambda t: t.channel == "web").select("customer")
    some = frequency(store, FrequencyQuery("visits", SPRING, as_of=AS_OF), web)
    same = frequency(store, FrequencyQuery("visits", SPRING, segment={"channel": ("web",)}, as_of=AS_OF))
    assert (some.reach, some.lifecycle) == (same.reach, same.lifecycle)
    assert "web" in same.sql


def test_nobody_and_nonsense(store: Store) -> None:
    found = frequency(store, FrequencyQuery("nobody", SPRING, as_of=AS_OF))
    assert {(r.daily, r.weekly, r.monthly) for r in found.reach} == {(0, 0, 0)}
    assert {(t.active, t.dormant) for t in found.lifecycle if t.dormant is not None} == {(0, 0)}
    assert isinstance(found.lifecycle[0], Lifecycle)
    with pytest.raises(BadQuestion, match="no grain"):
        FrequencyQuery("visits", SPRING, "hour")  # type: ignore[arg-type]
