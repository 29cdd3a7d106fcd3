"""Rules over customers: what they mean, that engines agree, that nonsense is refused with a sentence that helps."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import ibis
import pytest

from percorso.analytics.behaviour.funnel import Exclusion, FunnelQuery, funnel
from percorso.analytics.measure import measure
from percorso.analytics.methods.base import Ask
from percorso.analytics.query import Period, Query
from percorso.analytics.run import fill, written
from percorso.analytics.segments import customers_in, members, parse, resolve, to_json
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from tests.analytics.sample import facts as sample

AS_OF = datetime(2025, 7, 1, tzinfo=UTC)
ENGINES = (":memory:", "chdb://memory/default")
FACTS: dict[str, list[dict[str, Any]]] = {
    "customers": [
        {"id": "ana", "country": "BR", "plan": "pro", "traits": {"seats": 12, "city": "São Paulo"}},
        {"id": "bia", "country": "BR", "plan": "free", "traits": {"seats": 2}},
        {"id": "carlo", "country": "IT", "plan": "pro"},
        {"id": "dino", "country": "IT"},
    ],
    "events": [
        {"id": f"e{i}", "customer": who, "name": name, "at": at, "properties": more}
        for i, (who, name, at, more) in enumerate([
            ("ana", "Order Completed", "2025-06-20T10:00:00Z", {"total": 120, "coupon": "JUNHO"}),
            ("ana", "Order Completed", "2025-05-02T10:00:00Z", {"total": 40}),
            ("ana", "Order Completed", "2024-01-02T10:00:00Z", {"total": 40}),
            ("bia", "Order Completed", "2025-04-01T10:00:00Z", {"total": "n/a"}),
            ("bia", "Page Viewed", "2025-06-30T10:00:00Z", None),
            ("carlo", "Page Viewed", "2025-07-02T10:00:00Z", None),
            (None, "Order Completed", "2025-06-20T10:00:00Z", None),
        ])
    ],
    "answers": [
        {"id": f"a{i}", "customer": who, "metric": "nps", "score": score, "scale_min": 0, "scale_max": 10, "at": at}
        for i, (who, score, at) in enumerate([
            ("ana", 3, "2025-01-01T10:00:00Z"), ("ana", 9, "2025-06-01T10:00:00Z"),
            ("bia", 10, "2025-01-01T10:00:00Z"), ("bia", 4, "2025-06-01T10:00:00Z"), ("bia", 11, "2025-06-02T10:00:00Z"),
            ("carlo", float("nan"), "2025-06-01T10:00:00Z"), ("elisa", 2, "2025-06-01T10:00:00Z"),
        ])
    ]
    # Who works here, or for us, is no customer; who is both is one.
    + [
        {"id": f"i{i}", "customer": who, "metric": "csat", "score": 1, "scale_min": 1, "scale_max": 5,
         "at": "2025-06-01T10:00:00Z", "population": population}
        for i, (who, population) in enumerate([
            ("worker 7", "employee"), ("courier", "partner"), ("dino", "employee"), ("ana", "customer"),
        ])
    ],
}  # fmt: skip

ORDERED = {"did": "events", "where": {"name": ["Order Completed"]}}
WENT = {
    "funnel": ["Order Completed", "Page Viewed"],
    "stopped_at": 1,
    "window_seconds": 86_400,
    "since": "2025-03-01T00:00:00Z",
    "before": "2025-05-01T00:00:00Z",
}
TWICE = {"funnel": ["Order Completed", "Order Completed"], "window_seconds": 86_400}
MEANT: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"ana", "bia", "carlo", "dino", "elisa"}),
    ({"trait": "country", "is": ["BR"]}, {"ana", "bia"}),
    ({"not": {"trait": "country", "is": ["BR"]}}, {"carlo", "dino", "elisa"}),
    ({"trait": "plan", "empty": True}, {"dino", "elisa"}),
    ({"trait": "plan", "empty": False}, {"ana", "bia", "carlo"}),
    ({"trait": "seats", "at_least": 3}, {"ana"}),
    ({"trait": "city", "contains": "são"}, {"ana"}),
    (ORDERED, {"ana", "bia"}),
    (ORDERED | {"at_least": 2}, {"ana"}),
    (ORDERED | {"at_least": 2, "within_days": 30}, set()),
    (ORDERED | {"at_most": 0, "within_days": 60}, {"bia", "carlo", "dino", "elisa"}),
    ({"not": ORDERED}, {"carlo", "dino", "elisa"}),
    ({"did": "events", "where": {"properties.total": {"at_least": 100}}}, {"ana"}),
    ({"did": "events", "where": {"properties.coupon": ["JUNHO", None], "name": ["Page Viewed"]}}, {"bia"}),
    ({"last": "events", "at_most_days": 5}, {"bia"}),
    ({"last": "events", "where": {"name": ["Order Completed"]}, "at_least_days": 30}, {"bia"}),
    ({"answered": "nps", "at_least": 9}, {"ana"}),
    ({"answered": "nps", "at_most": 6}, {"bia", "elisa"}),
    ({"answered": "nps", "at_most": 6, "within_days": 10}, set()),
    ({"figure": "nps", "at_most": 0}, {"ana", "bia", "elisa"}),
    ({"answered": "csat", "at_most": 2}, {"ana"}),
    ({"did": "answers", "where": {"metric": ["csat"]}}, {"ana"}),
    ({"last": "answers", "at_most_days": 40}, {"ana", "bia", "carlo", "elisa"}),
    ({"not": {"answered": "csat"}}, {"bia", "carlo", "dino", "elisa"}),
    (WENT, {"bia"}),
    (WENT | {"stopped_at": 2}, set()),
    (TWICE | {"stopped_at": 1}, {"ana", "bia"}),
    (TWICE | {"window_seconds": 50 * 86_400, "stopped_at": 2}, set()),
    (TWICE | {"window_seconds": 50 * 86_400, "stopped_at": 2, "anchor": "best"}, {"ana"}),
    ({"funnel": [{"event": "Order Completed", "where": {"properties.coupon": "JUNHO"}}], "stopped_at": 1, "window_seconds": 0}, {"ana"}),
    ({"all": [WENT, {"trait": "country", "is": ["IT"]}]}, set()),
    ({"all": [{"trait": "plan", "is": ["pro"]}, {"any": [ORDERED, {"trait": "country", "is": ["IT"]}]}]}, {"ana", "carlo"}),
]  # fmt: skip


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as store:
        for table, rows in FACTS.items():
            store.append(table, rows, workspace="w")
        store.append("customers", [{"id": "somebody else's", "country": "BR"}], workspace="other")
        for table, rows in sample().items():
            store.append(table, rows, workspace="sample")
        yield store


def found(store: Store, given: Any, workspace: str = "w") -> list[str]:
    ask = Ask(store, workspace, AS_OF, {}, 0.95, None)
    sql = fill(store.engine.sql(customers_in(ask, parse(given))), written({"as_of": AS_OF}))
    return sorted(store.engine.fetch(sql)["customer"].to_pylist())


@pytest.mark.parametrize(("given", "who"), MEANT)
def test_a_rule_picks_whom_it_says(store: Store, given: dict[str, Any], who: set[str]) -> None:
    assert found(store, given) == sorted(who)
    assert parse(to_json(parse(given))) == parse(given)


def test_figures_of_a_segment_and_of_the_rest_make_the_whole(store: Store) -> None:
    rule = parse({"all": [{"trait": "country", "is": ["BR"]}, {"not": {"did": "tickets", "at_least": 6}}]})
    for key in ("nps", "csat", "average_resolution_time", "abandonment_rate", "churn_rate"):
        query = Query((key,), "sample", as_of=datetime(2026, 3, 1, tzinfo=UTC))
        whole = measure(store, query).one()
        inside = measure(store, Query((key,), "sample", as_of=query.as_of, within=rule, compare="rest")).one()
        assert inside.change is not None
        assert inside.n is not None
        assert inside.n + (inside.change.before_n or 0) == whole.n, key
        again = measure(store, Query((key,), "sample", as_of=query.as_of, within=rule)).one()
        assert (again.value, again.n) == (inside.value, inside.n)


def test_two_segments_are_compared(store: Store) -> None:
    a, b = (parse({"trait": "country", "is": [c]}) for c in ("BR", "IT"))
    as_of = datetime(2026, 3, 1, tzinfo=UTC)
    cell = measure(store, Query(("csat",), "sample", as_of=as_of, within=a, compare=b)).one()
    other = measure(store, Query(("csat",), "sample", as_of=as_of, within=b)).one()
    assert cell.change is not None
    assert (cell.change.before, cell.change.before_n) == (other.value, other.n)


def test_a_segment_may_name_others_but_not_itself() -> None:
    known = {
        "br": parse({"trait": "country", "is": ["BR"]}),
        "loop": parse({"segment": "knot"}),
        "knot": parse({"segment": "loop"}),
    }
    rule = parse({"all": [{"segment": "br"}, {"not": ORDERED}]})
    assert members(rule) == {"br"}
    assert resolve(rule, known) == parse({"all": [{"trait": "country", "is": ["BR"]}, {"not": ORDERED}]})
    with pytest.raises(BadQuestion, match="contains itself"):
        resolve(parse({"segment": "loop"}), known)
    with pytest.raises(BadQuestion, match="There is no segment gone"):
        resolve(parse({"segment": "gone"}), known)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([], "A rule is an object"),
        ({"trait": "country", "did": "events"}, "exactly one of"),
        ({"trait": "country", "is": ["BR"], "often": 2}, "cannot say often"),
        ({"trait": "country"}, "exactly one of: is"),
        ({"trait": "seats", "at_least": "many"}, "at_least is a number"),
        ({"did": "visits"}, "no facts called visits"),
        ({"did": "events", "where": {"colour": ["red"]}}, "no column colour"),
        ({"did": "events", "at_least": 3, "at_most": 1}, "nobody can be both"),
        ({"did": "events", "at_least": -1}, "whole number"),
        ({"did": "events", "within_days": -5}, "number of days"),
        ({"last": "events"}, "how many days ago"),
        ({"any": []}, "needs a list of rules"),
        (WENT | {"stopped_at": 3}, "number of a step, from 1 to 2"),
        (WENT | {"funnel": []}, "list of one to 20 steps"),
        (WENT | {"funnel": [{"event": "a", "where": {"colour": "red"}}], "stopped_at": 1}, "no column colour"),
        (WENT | {"since": "2025-03-01"}, "instant with its offset"),
        (WENT | {"within_days": 3}, "either within_days, or since and before"),
        (WENT | {"mode": "odd"}, "no mode odd"),
        (WENT | {"without": [{"event": "Page Viewed", "from_step": 2, "to_step": 2}]}, "cannot be excluded"),
        ({"figure": "happiness", "at_least": 1}, "no indicator happiness"),
        ({"all": [{"trait": "country", "is": ["BR"]}] * 61}, "at most 60 conditions"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_what_would_be_right(given: Any, told: str) -> None:
    with pytest.raises(BadQuestion, match=told):
        parse(given)


def test_a_figure_that_no_single_customer_has_is_refused(store: Store) -> None:
    with pytest.raises(BadQuestion, match="no figure of a single customer"):
        found(store, {"figure": "backlog", "at_least": 1})


@pytest.mark.parametrize("anchor", ["first", "best"])
@pytest.mark.parametrize("mode", ["ordered", "strict", "any"])
def test_who_stopped_at_a_step_are_those_whom_the_funnel_counts(store: Store, mode: Any, anchor: Any) -> None:
    as_of = datetime(2026, 3, 1, tzinfo=UTC)
    names = [row["name"] for row in store.engine.fetch(store.engine.sql(_known(store, "sample"))).to_pylist()][:3]
    [first, *_] = names
    went = {
        "funnel": names,
        "window_seconds": 5 * 86_400,
        "mode": mode,
        "anchor": anchor,
        "without": [{"event": first, "from_step": 2, "to_step": 3}],
    }
    period = Period(date(2026, 1, 1), date(2026, 2, 27), "UTC")
    went |= {"since": "2026-01-01T00:00:00Z", "before": "2026-02-27T00:00:00Z"}
    query = FunnelQuery(
        tuple(names), 5 * 86_400, "sample", period, mode, anchor, (Exclusion(first, 2, 3),), as_of=as_of
    )
    t = store.table("events", "sample")
    known = t.filter(t.customer.notnull()).select("customer").distinct()
    told = funnel(store, query, known).total
    assert told.n > 20
    assert sum(told.dropped) + sum(told.on_the_way) + told.counts[-1] == told.n
    for step in (1, 2, 3):
        rule = parse(went | {"stopped_at": step})
        assert parse(to_json(rule)) == rule
        ask = Ask(store, "sample", as_of, {}, 0.95, None)
        sql = fill(store.engine.sql(customers_in(ask, rule)), written({"as_of": as_of}))
        assert len(store.engine.fetch(sql)) == (told.counts[-1] if step == 3 else told.dropped[step - 1])


def _known(store: Store, workspace: str) -> Any:
    t = store.table("events", workspace)
    t = t.filter(t.customer.notnull()).group_by("name").aggregate(n=ibis._.count())
    return t.order_by([ibis.desc("n"), "name"])
