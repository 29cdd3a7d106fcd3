"""Funnels give what the specification tells, on both engines, whatever is asked."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from percorso.analytics.behaviour import outcomes, reading
from percorso.analytics.behaviour.contrasts import contrasts
from percorso.analytics.behaviour.events import Step
from percorso.analytics.behaviour.funnel import Exclusion, Funnel, FunnelQuery, funnel
from percorso.analytics.query import Period
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from tests.analytics.behaviour import oracle

URLS = (":memory:", "chdb://memory/default")
START = datetime(2025, 3, 1, tzinfo=UTC)
AS_OF = datetime(2025, 3, 12, 12, tzinfo=UTC)
PERIOD = Period(date(2025, 3, 3), date(2025, 3, 11), "Europe/Rome")
NAMES = ("view", "cart", "pay", "help", "view")


def happened(seed: int = 3, users: int = 400) -> list[dict[str, Any]]:
    """Return events as they arrived: many of a user at the same instant, some users known by identity only."""
    r = np.random.default_rng(seed)
    rows = []
    for _ in range(users * 12):
        user = f"u{r.integers(users)}"
        known = hash_of(user) % 4
        at = START + timedelta(hours=6 * int(r.integers(4 * 13)))
        rows.append({
            "id": f"e{r.integers(10**12)}", "name": NAMES[int(r.integers(len(NAMES)))], "at": at,
            "customer": user if known else None, "identity": None if known else user,
            "channel": (None, "web", "app")[int(r.integers(3))], "properties": {"ad": f"a{r.integers(2)}"},
            "received_at": START + timedelta(days=100, seconds=len(rows)),
        })  # fmt: skip
    return rows


def hash_of(user: str) -> int:
    return int(user[1:])


EVENTS = happened()


@pytest.fixture(scope="module", params=URLS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        # Delivered in another order than they arrived in.
        opened.append("events", EVENTS[::-1], workspace="funnels")
        opened.append("events", EVENTS[:50], workspace="other")
        yield opened


ASKED: dict[str, dict[str, Any]] = {
    "ordered": {},
    "ordered, best": {"anchor": "best"},
    "strict": {"mode": "strict"},
    "strict, best": {"mode": "strict", "anchor": "best"},
    "any": {"mode": "any"},
    "any, best": {"mode": "any", "anchor": "best"},
    "all time": {"period": None},
    "all time, best": {"period": None, "anchor": "best"},
    "excluded": {"exclusions": (("help", 1, 2),)},
    "excluded later": {"exclusions": (("help", 2, 3), ("help", 1, 2)), "anchor": "best"},
    "excluded from any": {"exclusions": (("help", 2, 3),), "mode": "any"},
    "excluded from any, best": {"exclusions": (("help", 1, 3),), "mode": "any", "anchor": "best"},
    "excluded from strict": {"exclusions": (("view", 1, 2),), "mode": "strict", "window": timedelta(hours=40)},
    "same step twice": {"steps": ["view", "view", "pay"]},
    "same step twice, best": {"steps": ["view", "cart", "view", "pay"], "anchor": "best", "window": timedelta(hours=90)},
    "same step twice, strict": {"steps": ["view", "view"], "mode": "strict", "anchor": "best"},
    "one step": {"steps": ["view"]},
    "no time": {"window": timedelta(0)},
    "no time, best": {"window": timedelta(0), "anchor": "best"},
}  # fmt: skip


@pytest.mark.parametrize("asked", list(ASKED))
def test_a_funnel_is_what_the_specification_tells(store: Store, asked: str) -> None:
    given = {"mode": "ordered", "anchor": "first", "exclusions": (), "period": PERIOD, "steps": ["view", "cart", "pay"],
             "window": timedelta(hours=30), **ASKED[asked]}  # fmt: skip
    steps, window, period, exclusions = (given.pop(k) for k in ("steps", "window", "period", "exclusions"))
    expected = oracle.funnel(
        EVENTS, steps, window, as_of=AS_OF, exclusions=exclusions, period=period and period.bounds,
        by=lambda e: e["channel"] or "(none)", **given,
    )  # fmt: skip
    result = funnel(store, FunnelQuery(
        tuple(steps), window.total_seconds(), "funnels", period, exclusions=tuple(Exclusion(*e) for e in exclusions),
        by=("channel",), as_of=AS_OF, **given,
    ))  # fmt: skip
    people = [one for group in expected.values() for one in group]
    assert figures(result.total) == told(people, len(steps))
    assert {g.by["channel"]: figures(g) for g in result.groups} == {k: told(v, len(steps)) for k, v in expected.items()}
    assert asked.startswith("no time") or result.total.counts[-1] > 5


def figures(one: Funnel) -> dict[str, Any]:
    return {"counts": one.counts, "in_progress": one.in_progress, "median": one.median_seconds,
            "closed": (one.finished.count, one.finished.n)}  # fmt: skip


def told(people: list[tuple[int, float, bool]], steps: int) -> dict[str, Any]:
    took = [seconds for depth, seconds, _ in people if depth == steps]
    closed = [depth for depth, _, is_open in people if not is_open]
    return {
        "counts": tuple(sum(depth >= k for depth, _, _ in people) for k in range(1, steps + 1)),
        "in_progress": sum(depth < steps and is_open for depth, _, is_open in people),
        "median": pytest.approx(np.median(took)) if took else None,
        "closed": (sum(depth == steps for depth in closed), len(closed)),
    }


def test_a_series_adds_up_to_the_whole(store: Store) -> None:
    result = funnel(
        store, FunnelQuery(("view", "pay"), 3600 * 50, "funnels", PERIOD, grain="day", as_of=AS_OF, by=("channel",))
    )
    assert len(result.series) == 8
    for parts in (result.series, result.groups):
        assert tuple(sum(one.counts[k] for one in parts) for k in (0, 1)) == result.total.counts
    assert result.series[0].start == PERIOD.bounds[0]


def test_only_chosen_customers_count(store: Store) -> None:
    table = store.table("events", "funnels")
    customers = table.filter(table.channel == "web", table.name == "help").select("customer")
    chosen = {e["customer"] or e["identity"] for e in EVENTS if e["channel"] == "web" and e["name"] == "help"}
    everybody = oracle.funnel([e for e in EVENTS if (e["customer"] or e["identity"]) in chosen], ["view", "pay"],
                              timedelta(hours=50), mode="ordered", anchor="first", as_of=AS_OF)  # fmt: skip
    result = funnel(store, FunnelQuery(("view", "pay"), 3600 * 50, "funnels", as_of=AS_OF), customers)
    assert figures(result.total) == told(everybody[""], 2)


def test_steps_and_groups_can_ask_for_properties(store: Store) -> None:
    steps = (Step("view", (("properties.ad", "a1"),)), Step("cart", (("channel", "web"),)))
    events = [
        e | {"name": f"{e['name']}-{e['properties']['ad'] if e['name'] == 'view' else e['channel']}"} for e in EVENTS
    ]
    expected = oracle.funnel(
        events, ["view-a1", "cart-web"], timedelta(hours=50), mode="ordered", anchor="first", as_of=AS_OF
    )
    result = funnel(store, FunnelQuery(steps, 3600 * 50, "funnels", as_of=AS_OF, by=("properties.ad",)))
    assert figures(result.total) == told(expected[""], 2)
    assert [g.by for g in result.groups] == [{"properties.ad": "a1"}]
    assert steps[0].label == "view · a1"


def test_names_are_never_read_as_sql(store: Store) -> None:
    odd = ('it\'s \\ a «as_of» «else» "step"', "100 % {done}")
    rows = [{"id": f"{i}", "name": name, "customer": "c", "at": START} for i, name in enumerate(odd)]
    store.append("events", rows, workspace="odd")
    assert funnel(store, FunnelQuery(odd, 60, "odd")).total.counts == (1, 1)


def test_shares_say_how_sure_they_are(store: Store) -> None:
    total = funnel(
        store, FunnelQuery(("view", "cart", "pay"), 3600 * 30, "funnels", PERIOD, as_of=AS_OF - timedelta(days=2))
    ).total
    assert total.status == "ok"
    assert total.shares[0].value == 1
    assert total.overall == total.shares[-1]
    for share in (*total.shares, *total.step_rates[1:], total.finished):
        assert share is not None
        assert share.low <= share.value <= share.high  # type: ignore[operator]
    assert total.finished.n < total.n
    assert total.median_seconds <= total.p90_seconds  # type: ignore[operator]
    assert total.km_median_seconds is None or total.km_median_seconds >= total.median_seconds  # type: ignore[operator]


def test_events_of_nobody_do_not_count(store: Store) -> None:
    rows = [{"id": f"{i}", "name": name, "at": START} for i, name in enumerate(("view", "cart"))]
    store.append("events", rows, workspace="nobody")
    total = funnel(store, FunnelQuery(("view", "cart"), 60, "nobody")).total
    assert (total.counts, total.status, total.overall.value) == ((0, 0), "no_data", None)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"steps": ()}, "at least one step"),
        ({"mode": "loose"}, "Choose one of: ordered"),
        ({"anchor": "last"}, "Choose one of: first"),
        ({"window_seconds": -1}, "0 or more"),
        ({"steps": ("a", "a"), "mode": "any"}, "once only"),
        ({"exclusions": (Exclusion("x", 2, 2),)}, "there are 2 steps"),
        ({"grain": "day"}, "Give a period"),
        ({"by": ("colour",)}, "no column colour"),
    ],
)
def test_a_question_that_makes_no_sense_says_why(store: Store, wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(BadQuestion, match=told):
        funnel(store, FunnelQuery(**{"steps": ("a", "b"), "window_seconds": 60, **wrong}))


def test_every_way_of_asking_gives_the_same(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = FunnelQuery(("view", "cart", "pay"), 3600 * 30, "funnels", PERIOD, by=("channel",), as_of=AS_OF)
    some = funnel(store, asked)
    monkeypatch.setattr(outcomes, "FEW", 0)
    monkeypatch.setattr(reading, "FEW", 0)
    everybody = funnel(store, asked)
    assert len(some.sql.split(";\n")) == 2
    assert len(everybody.sql.split(";\n")) == 1
    assert (some.total, some.groups) == (everybody.total, everybody.groups)


def test_people_of_any_name_are_asked_about_again(store: Store) -> None:
    who = ("it's \\", "«as_of»", '"x"')
    rows = [
        {"id": f"{i}{name}", "name": name, "customer": one, "at": START, "received_at": START + timedelta(seconds=s)}
        for i, one in enumerate(who)
        for s, name in enumerate(("pay", "view") if i == 1 else ("view", "pay"))
    ]
    store.append("events", rows, workspace="tied")
    assert funnel(store, FunnelQuery(("view", "pay"), 60, "tied")).total.counts == (3, 2)


def test_groups_that_differ_are_found_and_no_others(store: Store) -> None:
    rows = []
    for i in range(600):
        device = ("desktop", "mobile", "tablet")[i % 3]
        happened = ["view", "cart"] if i % 2 else ["view"]
        happened += ["pay"] if i % 2 and (device != "mobile" or i % 20 == 1) else []
        rows += [
            {"id": f"{i}-{s}", "customer": f"u{i}", "name": name, "at": START + timedelta(seconds=s), "device": device}
            for s, name in enumerate(happened)
        ]
    store.append("events", rows, workspace="groups")
    result = funnel(store, FunnelQuery(("view", "cart", "pay"), 60, "groups", by=("device",)))
    found = contrasts(result)
    assert len(found) == 6
    assert {(c.by["device"], c.step, c.differs) for c in found if c.step == 2} == {
        (device, 2, False) for device in ("desktop", "mobile", "tablet")
    }
    [mobile] = [c for c in found if c.step == 3 and c.by["device"] == "mobile"]
    assert mobile.differs
    assert mobile.difference == pytest.approx(0.1 - 1)
    assert mobile.p_value <= mobile.adjusted_p < 0.001  # type: ignore[operator]


def test_groups_can_be_of_what_customers_are(store: Store) -> None:
    store.append("customers", [{"id": "a", "country": "IT"}, {"id": "b", "country": "BR"}], workspace="traits")
    rows = [{"id": f"{who}{name}", "customer": who, "name": name, "at": START, "received_at": START + timedelta(seconds=s)}
            for who in "abc" for s, name in enumerate(("view", "pay"))]  # fmt: skip
    store.append("events", rows[:-1], workspace="traits")
    result = funnel(store, FunnelQuery(("view", "pay"), 60, "traits", by=("customer.country",)))
    assert {g.by["customer.country"]: g.counts for g in result.groups} == {"BR": (1, 1), "IT": (1, 1), "(none)": (1, 0)}
    assert result.group("IT").overall.value == 1
    with pytest.raises(KeyError):
        result.group("US")
