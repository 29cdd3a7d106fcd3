"""Retention cohorts are what the specification tells, on both engines, whatever is asked."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from percorso.analytics.behaviour.events import Step
from percorso.analytics.behaviour.retention import Retention, RetentionQuery, retention
from percorso.analytics.query import Period
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from tests.analytics.behaviour import oracle

URLS = (":memory:", "chdb://memory/default")
START = datetime(2025, 1, 1, tzinfo=UTC)
AS_OF = datetime(2025, 10, 27, 12, tzinfo=UTC)
TZ = "Europe/Rome"
WHOLE_YEAR = Period(date(2025, 1, 1), date(2026, 1, 1), TZ)


def happened(seed: int = 5, users: int = 300) -> list[dict[str, Any]]:
    """Return events of people who begin at some time and come back at others, before as well as after."""
    r = np.random.default_rng(seed)
    rows = []
    for i in range(users):
        begun = START + timedelta(hours=int(r.integers(0, 24 * 300)))
        for _ in range(int(r.integers(1, 15))):
            name = ("signup", "open", "open", "buy")[int(r.integers(4))]
            at = begun + timedelta(hours=int(r.exponential(24 * 20)) - 24 * 5)
            rows.append(
                {
                    "id": f"e{len(rows)}",
                    "name": name,
                    "customer": f"u{i}",
                    "at": at,
                    "device": f"d{i % 3}" if i % 7 else None,
                }
            )
    return rows


EVENTS = happened()


@pytest.fixture(scope="module", params=URLS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        opened.append("events", EVENTS, workspace="retention")
        opened.append("events", EVENTS[:50], workspace="other")
        yield opened


ASKED: dict[str, dict[str, Any]] = {
    "days": {"grain": "day", "offsets": 10},
    "many days": {"grain": "day", "offsets": 130, "kind": "unbounded"},
    "weeks": {"grain": "week", "offsets": 8},
    "weeks, still open": {"grain": "week", "offsets": 8, "kind": "unbounded"},
    "months": {"grain": "month", "offsets": 4},
    "brackets": {"grain": "day", "kind": "bracket", "brackets": ((0, 0), (1, 6), (7, 30), (20, 70))},
    "same event": {"grain": "week", "offsets": 6, "return_event": None},
    "same event, months": {"grain": "month", "offsets": 12, "start_event": "open", "return_event": None, "kind": "unbounded"},
    "all time": {"grain": "month", "offsets": 3, "period": None, "tz": TZ},
}  # fmt: skip


@pytest.mark.parametrize("asked", list(ASKED))
def test_cohorts_are_what_the_specification_tells(store: Store, asked: str) -> None:
    period = Period(date(2025, 3, 5), date(2025, 9, 20), TZ)
    given = {"start_event": "signup", "return_event": "open", "period": period, **ASKED[asked]}
    query = RetentionQuery(workspace="retention", as_of=AS_OF, by=("device",), **given)
    bounds = period.bounds if given["period"] else (START - timedelta(days=9), AS_OF)
    result = retention(store, query)
    for device in (None, "d0", "d1", "d2", "(none)"):
        events = [e for e in EVENTS if device in (None, e["device"] or "(none)")]
        expected = oracle.retention(
            events, given["start_event"], given["return_event"] or given["start_event"], grain=given["grain"], tz=TZ,
            kind=query.kind, spans=list(query.spans), as_of=AS_OF, period=bounds,
        )  # fmt: skip
        one = result.total if device is None else next(g for g in result.groups if g.by == {"device": device})
        assert figures(one) == expected
        assert [a and (a.count, a.n) for a in one.average] == averages(expected, len(query.spans))


def figures(one: Retention) -> dict[str, tuple[int, list[int | None]]]:
    return {c.start.isoformat(): (c.size, [cell and cell.count for cell in c.returned]) for c in one.cohorts}


def averages(cohorts: dict[str, tuple[int, list[int | None]]], columns: int) -> list[tuple[int, int] | None]:
    made = []
    for i in range(columns):
        known = [(cells[i], size) for size, cells in cohorts.values() if cells[i] is not None]
        made.append((sum(c or 0 for c, _ in known), sum(size for _, size in known)) if known else None)
    return made


def test_the_first_start_event_of_all_time_decides(store: Store) -> None:
    began = min(e["at"] for e in EVENTS if e["name"] == "signup" and e["customer"] == "u1")
    later = Period(began.date() + timedelta(days=2), began.date() + timedelta(days=90), "UTC")
    again = [{"id": "again", "name": "signup", "customer": "u1", "at": began + timedelta(days=3)}]
    store.append("events", [*[e for e in EVENTS if e["customer"] == "u1"], *again], workspace="one person")
    assert (
        retention(store, RetentionQuery("signup", workspace="one person", period=later, as_of=AS_OF)).total.cohorts
        == ()
    )


def test_cells_have_intervals_and_only_chosen_customers_count(store: Store) -> None:
    customers = store.table("events", "retention").filter(lambda t: t.device == "d1").select("customer")
    query = RetentionQuery(
        "signup", "open", "retention", period=WHOLE_YEAR, grain="year", offsets=0, as_of=AS_OF + timedelta(days=90)
    )
    [all_people], [some] = (retention(store, query, c).total.cohorts for c in (None, customers))
    chosen = {e["customer"] for e in EVENTS if e["device"] == "d1"}
    first: dict[str, datetime] = {}
    for e in EVENTS:
        if e["name"] == "signup":
            first[e["customer"]] = min(e["at"], first.get(e["customer"], e["at"]))
    began = {who for who, at in first.items() if WHOLE_YEAR.bounds[0] <= at < WHOLE_YEAR.bounds[1]}
    assert some.size == len(chosen & began) < all_people.size == len(began)
    share = some.returned[0]
    assert share is not None
    assert share.low is not None
    assert share.low < share.value < share.high  # type: ignore[operator]


def test_steps_can_ask_for_a_column(store: Store) -> None:
    query = RetentionQuery("signup", Step("open", (("device", "d1"),)), "retention", WHOLE_YEAR, "year", offsets=0, by=("device",),
                           as_of=AS_OF + timedelta(days=90))  # fmt: skip
    groups = {g.by["device"]: g.cohorts[0].returned[0] for g in retention(store, query).groups}
    assert groups["d1"].count > 0  # type: ignore[union-attr]
    assert groups["d0"].count == 0  # type: ignore[union-attr]


def test_nobody_gives_no_cohorts(store: Store) -> None:
    for period in (None, Period(date(2025, 1, 1), date(2025, 2, 1))):
        result = retention(store, RetentionQuery("never", workspace="retention", period=period, offsets=2))
        assert (result.total.cohorts, result.total.average) == ((), (None, None, None))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"kind": "often"}, "Choose one of: n_day"),
        ({"grain": "hour"}, "Choose one of: day"),
        ({"kind": "bracket"}, "at least one bracket"),
        ({"kind": "bracket", "brackets": ((3, 1),)}, "whole numbers from 0"),
        ({"offsets": 5000}, "whole numbers from 0"),
        ({"confidence": 2}, "between 0.5 and 1"),
        ({"by": ("colour",)}, "no column colour"),
    ],
)
def test_a_question_that_makes_no_sense_says_why(store: Store, wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(BadQuestion, match=told):
        retention(store, RetentionQuery("signup", workspace="retention", **wrong))
