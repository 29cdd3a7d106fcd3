"""Whom somebody got back to and what they answered next, on both engines, held against the same rules in Python."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pytest

from percorso import notebook as connected
from percorso.analytics.lifetime.loop import QUESTIONS, loop_effect, recontacts_of
from percorso.analytics.lifetime.orders import Facts
from percorso.analytics.store import Store

AS_OF = datetime(2026, 2, 1, tzinfo=UTC)
START = datetime(2025, 1, 1, tzinfo=UTC)
Rows = list[dict[str, Any]]


def _answers(n: int = 900) -> Rows:
    """Answers of customers, some on other scales, of employees, unreadable, in the future, of nobody."""
    draw = np.random.default_rng(3)
    rows: Rows = []
    for c in range(n):
        at = START + timedelta(hours=int(draw.integers(0, 5000)))
        for _ in range(int(draw.integers(1, 5))):
            odd = draw.random()
            rows.append({
                "id": f"a{len(rows)}", "customer": f"c{c}" if c % 9 else None, "identity": f"c{c}" if c % 13 else None,
                "at": at, "metric": "nps" if draw.random() < 0.8 else "csat", "aspect": "product" if odd > 0.95 else None,
                "score": float("nan") if odd < 0.04 else float(draw.integers(0, 11)),
                "scale_min": None if odd < 0.2 else 0.0, "scale_max": None if odd < 0.2 else 100.0 if odd < 0.25 else 10.0,
                "population": "employee" if 0.25 < odd < 0.3 else None if odd < 0.6 else "customer",
            })  # fmt: skip
            at += timedelta(hours=int(draw.choice([1, 24, 300, 2000])))
    return rows


def _cases(answers: Rows) -> Rows:
    draw = np.random.default_rng(4)
    rows: Rows = []
    for a in answers:
        if draw.random() < 0.5:
            opened = a["at"] + timedelta(hours=int(draw.integers(-2, 3)))
            back = opened + timedelta(hours=int(draw.integers(0, 600))) if draw.random() < 0.7 else None
            closed = opened + timedelta(hours=int(draw.integers(0, 900))) if draw.random() < 0.5 else None
            who = {"customer": a["customer"], "identity": a["identity"]}
            rows.append({
                "id": f"h{len(rows)}", "opened_at": opened, "first_contact_at": back, "closed_at": closed,
                "response": a["id"], **who,
            })  # fmt: skip
    return rows


ANSWERS = _answers()
CASES = _cases(ANSWERS)


@pytest.fixture(scope="module", params=[":memory:", "chdb://memory/default"], ids=["duckdb", "clickhouse"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        opened.append("answers", ANSWERS, workspace="loop")
        opened.append("answers", ANSWERS[:80], workspace="other")
        opened.append("cases", CASES, workspace="loop")
        yield opened


def _who(row: dict[str, Any]) -> str | None:
    return row["customer"] or row["identity"]


def _expected(metric: str) -> list[tuple[bool, float, float | None]]:
    """The rules of the specification, one customer after the other."""
    asked = QUESTIONS[metric]
    valid = [
        a for a in ANSWERS
        if a["metric"] == metric and a["at"] < AS_OF and _who(a) and a["population"] != "employee"
        and (metric == "csat" or not a["aspect"]) and asked.low <= a["score"] <= asked.high
        and a["scale_min"] in (None, asked.low) and a["scale_max"] in (None, asked.high)
    ]  # fmt: skip
    found = []
    for who in sorted({str(_who(a)) for a in valid}):
        own = sorted((a for a in valid if _who(a) == who), key=lambda a: a["at"])
        first = next((a for a in own if a["score"] <= asked.unhappy), None)
        if first is None:
            continue
        after = next((a for a in own if a["at"] >= first["at"] + timedelta(days=1)), None)
        backs = [
            back
            for c in CASES
            if _who(c) == who and c["opened_at"] >= first["at"] and (back := c["first_contact_at"] or c["closed_at"])
        ]
        contacted = any(first["at"] <= b < AS_OF and (after is None or b < after["at"]) for b in backs)
        found.append((contacted, first["score"], after["score"] if after else None))
    return found


@pytest.mark.parametrize("metric", QUESTIONS)
def test_unhappy_customers_are_told_by_contact_and_next_score(store: Store, metric: str) -> None:
    found = recontacts_of(Facts(store, "loop", AS_OF, "UTC"), metric)
    rows = zip(found.contacted, found.before, found.after, found.customers, strict=True)
    told = [(bool(c), float(b), None if np.isnan(a) else float(a)) for c, b, a, n in rows for _ in range(n)]
    assert sorted(told, key=str) == sorted(_expected(metric), key=str)
    assert {c for c, _, _ in told} == {True, False}


def test_the_effect_is_the_change_beyond_that_of_the_others(store: Store) -> None:
    found = loop_effect(Facts(store, "loop", AS_OF, "UTC"), "nps")
    expected = _expected("nps")
    changes = {
        side: [after - before for contacted, before, after in expected if contacted is side and after is not None]
        for side in (True, False)
    }
    whole = found.whole
    assert whole.difference.effect == pytest.approx(np.mean(changes[True]) - np.mean(changes[False]))
    assert (whole.contacted.answered, whole.others.answered) == (len(changes[True]), len(changes[False]))
    assert whole.contacted.customers + whole.others.customers == len(expected)
    assert whole.status == "ok"
    assert whole.contacted.recovered == sum(c and a is not None and a > 6 for c, _, a in expected)
    for name in ("n_treated", "n_control", "dropped_treated", "dropped_control"):
        assert sum(getattr(band.difference, name) for band in found.bands) == getattr(whole.difference, name)


def test_a_notebook_asks_the_same(store: Store) -> None:
    notebook = connected.Facts(store, "loop", "UTC", None)
    found = notebook.closed_loop("nps", as_of=AS_OF)
    assert found.whole == loop_effect(Facts(store, "loop", AS_OF, "UTC"), "nps").whole


def test_of_nobody_there_is_no_effect_and_a_segment_is_whose_it_is(store: Store) -> None:
    nobody = loop_effect(Facts(store, "empty", AS_OF, "UTC"), "csat")
    assert (nobody.whole.status, nobody.whole.difference.effect, nobody.whole.contacted.customers) == (
        "no_data",
        None,
        0,
    )
    t = store.table("answers", "loop")
    segment = t.filter(ibis._.customer.isin(["c1", "c2", "c3"])).select("customer").distinct()
    found = loop_effect(Facts(store, "loop", AS_OF, "UTC", segment), "nps").whole
    assert 0 < found.contacted.customers + found.others.customers <= 3
