"""The ranking of features is that of the specification's indicator; what nobody uses is listed, on both engines."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from percorso.analytics.behaviour.features import FeatureQuery, features
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.statistics.comparisons import two_proportions
from percorso.analytics.store import Store

URLS = (":memory:", "chdb://memory/default")
MAY = Period(date(2025, 5, 1), date(2025, 6, 1), "Europe/Rome")
AS_OF = datetime(2025, 9, 1, tzinfo=UTC)


def used(seed: int = 4, users: int = 150) -> list[dict[str, Any]]:
    r = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    names = ("export", "share", "it's", "print")
    for _ in range(1500):
        who, at = int(r.integers(users)), datetime(2025, 3, 1, tzinfo=UTC) + timedelta(hours=int(r.integers(24 * 90)))
        row = {"id": f"e{len(rows)}", "customer": f"u{who}", "at": at, "channel": ("web", "app")[who % 2]}
        if r.random() < 0.4:
            # Printing has come in May.
            feature = names[int(r.integers(4 if at.month >= 5 else 3))]
            row |= {"name": "Feature Used", "properties": json.dumps({"feature": feature})}
        rows.append(row | {"name": row.get("name", "open"), "properties": row.get("properties")})
    old = {
        "id": "old",
        "customer": "u1",
        "at": datetime(2024, 1, 5, tzinfo=UTC),
        "channel": "app",
        "name": "Feature Used",
    }
    return [*rows, old | {"properties": json.dumps({"feature": "fax"})}]


EVENTS = used()


@pytest.fixture(scope="module", params=URLS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        opened.append("events", EVENTS, workspace="use")
        yield opened


@pytest.mark.parametrize("segment", [{}, {"channel": ("web",)}])
def test_the_ranking_is_that_of_the_indicator(store: Store, segment: Any) -> None:
    found = features(store, FeatureQuery("use", MAY, core=("fly",), segment=segment, as_of=AS_OF))
    asked = Query(("feature_adoption",), "use", MAY, segment=segment, options={"core": "fly"}, as_of=AS_OF)
    [cell] = measure(store, asked).rows
    expected = [{k: v for k, v in row.items() if k != "feature"} for row in cell.details["ranking"]]
    made = [
        {"users": f.users, "uses": f.uses, "adoption": f.adoption.value, "low": f.adoption.low, "high": f.adoption.high}
        for f in found.features
    ]
    assert [f.feature for f in found.features] == [row["feature"] for row in cell.details["ranking"]]
    assert made == [pytest.approx(row) for row in expected]
    assert found.active == cell.n
    # What nobody used lately stays in the list, and what nobody ever used is there because it matters.
    assert [f.feature for f in found.unused] == ["fax", "fly"]
    assert found.unused[0].last_at == datetime(2024, 1, 5, tzinfo=UTC)
    assert (found.unused[1].first_at, found.unused[1].last_at) == (None, None)


def test_each_feature_is_compared_with_the_days_before(store: Store) -> None:
    found = features(store, FeatureQuery("use", MAY, before=MAY.previous(), as_of=AS_OF))

    def who(feature: str | None, period: Period) -> set[str]:
        start, end = period.bounds
        return {
            e["customer"] for e in EVENTS
            if start <= e["at"] < end and (feature is None or feature == json.loads(e["properties"] or "{}").get("feature"))
        }  # fmt: skip

    n, m = len(who(None, MAY)), len(who(None, MAY.previous()))
    assert (found.active, found.active_before) == (n, m)
    for one in found.features:
        if one.feature == "fax":
            assert one.change is None
            continue
        expected = two_proportions(len(who(one.feature, MAY)), n, len(who(one.feature, MAY.previous())), m)
        assert one.change == expected
        assert one.adjusted_p is not None
        assert one.adjusted_p >= (expected.p_value or 0)
    new = next(f for f in found.features if f.feature == "print")
    assert new.differs
    assert new.before is not None
    assert new.before.count == 0


def test_adoption_over_time_is_of_those_active_in_each_step(store: Store) -> None:
    found = features(store, FeatureQuery("use", MAY, grain="week", top=2, as_of=AS_OF))
    assert [d.isoformat() for d in found.starts] == [
        "2025-04-28",
        "2025-05-05",
        "2025-05-12",
        "2025-05-19",
        "2025-05-26",
    ]
    assert [len(f.series) for f in found.features] == [5, 5, 0, 0, 0]
    asked = Query(("feature_adoption",), "use", MAY, "week", as_of=AS_OF)
    for i, cell in enumerate(measure(store, asked).rows):
        ranking = {row["feature"]: row["users"] for row in cell.details["ranking"]}
        for one in found.features[:2]:
            assert (one.series[i].count, one.series[i].n) == (ranking[one.feature], cell.n)


def test_a_series_of_one_step_and_of_many(store: Store) -> None:
    one_step = features(store, FeatureQuery("use", MAY, grain="month", top=1, as_of=AS_OF))
    assert [(s.count, s.n) for s in one_step.features[0].series] == [(one_step.features[0].users, one_step.active)]
    days = features(
        store, FeatureQuery("use", Period(date(2025, 3, 1), date(2025, 6, 1), "UTC"), grain="day", as_of=AS_OF)
    )
    assert len(days.starts) == 92
    for i, start in enumerate(days.starts):
        there = {e["customer"] for e in EVENTS if e["at"].date() == start}
        assert days.features[0].series[i].n == len(there)


def test_any_column_may_name_the_feature_and_a_segment_sees_what_only_others_use(store: Store) -> None:
    events = features(store, FeatureQuery("use", MAY, event="", column="name", as_of=AS_OF))
    assert [f.feature for f in events.features] == ["open", "Feature Used"]
    nobody = store.table("events", "use").filter(lambda t: t.customer == "u2").select("customer")
    found = features(store, FeatureQuery("use", MAY, as_of=AS_OF), nobody)
    assert {f.feature for f in found.features} == {"export", "share", "it's", "print", "fax"}
    assert found.active <= 1


def test_nobody(store: Store) -> None:
    found = features(store, FeatureQuery("empty", MAY, before=MAY.previous(), grain="week", core=("export",)))
    assert (found.active, found.active_before, found.starts) == (0, 0, ())
    [one] = found.features
    assert (one.users, one.adoption.value, one.change) == (0, None, None)
