"""Slow pages and errors, and the scores of who lived through them: counted by hand, on both engines."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from percorso.analytics.behaviour.errors import ErrorQuery, errors
from percorso.analytics.behaviour.speed import ImpactQuery, impact, impacts
from percorso.analytics.query import Period
from percorso.analytics.statistics.comparisons import nps_difference, two_proportions
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from percorso.notebook import Facts

URLS = (":memory:", "chdb://memory/default")
MAY = Period(date(2025, 5, 1), date(2025, 6, 1), "UTC")
AS_OF = datetime(2025, 9, 1, tzinfo=UTC)
ANSWERED = datetime(2025, 5, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def measured(who: str, value: Any, at: datetime, metric: str = "LCP", **more: Any) -> dict[str, Any]:
    told = json.dumps({"metric": metric, "value": value})
    return {"customer": who, "at": at, "name": "Web Vital Measured", "properties": told} | more


def failed(who: str, at: datetime, **told: Any) -> dict[str, Any]:
    return {
        "customer": who,
        "at": at,
        "name": "Error Occurred",
        "properties": json.dumps(told),
        "page": told.get("page"),
    }


def answered(who: str, score: float, at: datetime = ANSWERED, metric: str = "nps") -> dict[str, Any]:
    top = 10.0 if metric == "nps" else 5.0
    scale = {"scale_min": 0.0 if metric == "nps" else 1.0, "scale_max": top}
    return {"customer": who, "at": at, "metric": metric, "score": score, "population": "customer"} | scale


def numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"id": f"r{i}"} | row for i, row in enumerate(rows)]


@pytest.fixture(scope="module", params=URLS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        yield opened


def test_a_small_example_by_hand(store: Store) -> None:
    before = ANSWERED - DAY
    events = [
        # p75 of 1000, 2000, 2500, 2500 is 2500: good on the edge; one measurement cannot be read, one is of another kind.
        *[measured("ana", v, before) for v in (1000, 2000, 2500, 2500, "slow", -1)],
        measured("ana", 9000, before, "INP"),
        # p75 of 1000 and 3100 is 2575.
        *[measured("bia", v, before) for v in (1000, 3100)],
        measured("caio", 4001, before),
        # 28 days before exactly still counts, a minute earlier does not, nor what comes after the answer.
        measured("dora", 2000, ANSWERED - 28 * DAY),
        measured("dora", 9000, ANSWERED - 28 * DAY - timedelta(minutes=1)),
        measured("dora", 9000, ANSWERED + timedelta(minutes=1)),
        measured("eva", 9000, ANSWERED - 40 * DAY),
    ]
    scores = [
        answered("ana", 10), answered("bia", 6), answered("caio", 3), answered("dora", 9), answered("eva", 0),
        # The latest valid answer of the period counts.
        answered("ana", 0, ANSWERED - DAY), answered("ana", 11, ANSWERED + DAY), answered("ana", 1, ANSWERED + 20 * DAY),
    ]  # fmt: skip
    store.append("events", numbered(events), workspace="small")
    store.append("answers", numbered(scores), workspace="small")
    found = impact(store, ImpactQuery("small", MAY, as_of=AS_OF))
    assert [(g.key, g.n, g.high, g.low) for g in found.bands] == [
        ("good", 2, 2, 0), ("needs_improvement", 1, 0, 1), ("poor", 1, 0, 1),
    ]  # fmt: skip
    assert (found.unmeasured, found.untroubled.value, found.troubled.value) == (1, 100.0, -100.0)
    assert found.difference == nps_difference(0, 2, 2, 2, 0, 2)
    assert (found.status, found.query.limit) == ("low_sample", 2500)
    assert "Web Vital Measured" in found.sql


def grown(seed: int = 8, customers: int = 300) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    r = np.random.default_rng(seed)
    events, scores = [], []
    for i in range(customers):
        who, slow = f"c{i}", r.random() < 0.4
        for _ in range(int(r.integers(0, 6))):
            at = ANSWERED - timedelta(hours=int(r.integers(-100, 24 * 40)))
            events.append(measured(who, round(float(r.lognormal(np.log(3400 if slow else 1600), 0.3)), 1), at))
            if r.random() < 0.2:
                events.append(failed(who, at))
        if r.random() < 0.9:
            scores.append(answered(who, int(np.clip(r.normal(6 if slow else 8.6, 1.5), 0, 10))))
            scores.append(answered(who, int(np.clip(r.normal(2.6 if slow else 4, 1), 1, 5)), metric="csat"))
    return numbered(events), numbered(scores)


@pytest.mark.parametrize("score", ["nps", "csat"])
@pytest.mark.parametrize("trouble", ["LCP", "errors"])
def test_bands_are_what_plain_counting_says(store: Store, trouble: Any, score: Any) -> None:
    events, scores = grown()
    if not store.table("events", "grown").count().execute():
        store.append("events", events, workspace="grown")
        store.append("answers", scores, workspace="grown")
    found = impact(store, ImpactQuery("grown", MAY, trouble, score, as_of=AS_OF))
    expected: dict[str, list[float]] = {}
    for answer in (a for a in scores if a["metric"] == score):
        mine = [
            e for e in events if e["customer"] == answer["customer"] and timedelta(0) <= ANSWERED - e["at"] <= 28 * DAY
        ]
        if trouble == "errors":
            n = sum(e["name"] == "Error Occurred" for e in mine)
            band = "unmeasured" if not mine else ("none", "one", "several")[min(n, 2)]
        else:
            values = [json.loads(e["properties"])["value"] for e in mine if e["name"] != "Error Occurred"]
            p75 = np.quantile(values, 0.75) if values else np.nan
            band = (
                "unmeasured" if not values else "good" if p75 <= 2500 else "poor" if p75 > 4000 else "needs_improvement"
            )
        expected.setdefault(band, []).append(answer["score"])
    high, low = (9, 6) if score == "nps" else (4, 2)
    for group in found.bands:
        mine_of = expected.get(group.key, [])
        counts = len(mine_of), sum(s >= high for s in mine_of), sum(s <= low for s in mine_of)
        assert (group.n, group.high, group.low) == counts
    assert found.unmeasured == len(expected["unmeasured"])
    bad, good = found.troubled, found.untroubled
    if score == "csat":
        assert found.difference == two_proportions(bad.high, bad.n, good.high, good.n)
    if trouble == "LCP":
        assert found.difference.high is not None
        assert found.difference.high < 0
        assert found.status == "ok"


def test_several_troubles_are_one_family_and_customers_can_be_chosen(store: Store) -> None:
    events, scores = grown()
    store.append("events", events, workspace="family")
    store.append("answers", scores, workspace="family")
    both = impacts(store, [ImpactQuery("family", MAY, t, as_of=AS_OF) for t in ("LCP", "errors", "INP")])
    p = [one.difference.p_value for one in both]
    assert p[2] is None
    assert [one.adjusted_p for one in both][2] is None
    assert both[0].adjusted_p == pytest.approx(min(2 * (p[0] or 0), p[1] or 0) if p[0] else 0)
    assert both[0].differs
    one = store.table("answers", "family").filter(lambda t: t.customer == "c1").select("customer")
    chosen = impact(store, ImpactQuery("family", MAY, as_of=AS_OF), one)
    assert sum(g.n for g in chosen.bands) + chosen.unmeasured <= 1
    for wrong in ({"trouble": "FID"}, {"score": "ces"}):
        with pytest.raises(BadQuestion, match="no choice"):
            ImpactQuery("family", MAY, **wrong)
    with pytest.raises(BadQuestion, match="3660 days"):
        ImpactQuery("family", MAY, days=0)


def test_errors_are_told_by_what_they_say_and_by_place(store: Store) -> None:
    rows = [
        failed("ana", ANSWERED, message="it's broken", page="/a"), failed("ana", ANSWERED + DAY, message="it's broken", page="/b"),
        failed("bia", ANSWERED, message="it's broken", page="/a"), failed("bia", ANSWERED, code="timeout", page="/a"),
        failed("caio", ANSWERED), failed("ana", ANSWERED - 60 * DAY, message="old"),
        {"customer": "dora", "at": ANSWERED, "name": "Page Viewed", "page": "/a"},
    ]  # fmt: skip
    store.append("events", numbered(rows), workspace="errors")
    found = errors(store, ErrorQuery("errors", MAY, as_of=AS_OF))
    assert (found.errors, found.hit.count, found.hit.n) == (5, 3, 4)
    assert [(g.value, g.errors, g.hit.count) for g in found.groups] == [
        ("it's broken", 3, 2), (None, 1, 1), ("timeout", 1, 1),
    ]  # fmt: skip
    assert found.groups[0].last_at == ANSWERED + DAY
    pages = errors(store, ErrorQuery("errors", MAY, by="page", as_of=AS_OF))
    assert [(g.value, g.errors, g.hit.count) for g in pages.groups] == [("/a", 3, 2), (None, 1, 1), ("/b", 1, 1)]
    nobody = errors(store, ErrorQuery("nobody", MAY))
    assert (nobody.errors, nobody.hit.value, nobody.groups) == (0, None, ())


def test_a_notebook_asks_the_same(store: Store) -> None:
    rows = [failed("ana", ANSWERED, message="broken"), measured("ana", 3000, ANSWERED - DAY)]
    rows += [measured("bia", 1000, ANSWERED - DAY)]
    rows += [{"customer": "bia", "at": ANSWERED, "name": "Feature Used", "properties": '{"feature": "export"}'}]
    store.append("events", numbered(rows), workspace="notebook")
    store.append("answers", numbered([answered("ana", 2), answered("bia", 9)]), workspace="notebook")
    people = [{"id": who, "customer": who, "country": "BR" if who == "ana" else "IT"} for who in ("ana", "bia")]
    store.append("customers", people, workspace="notebook")
    facts = Facts(store, "notebook", "UTC", None)
    may: Any = ("2025-05-01", "2025-06-01")
    [lcp] = facts.speed_impact("LCP", period=may)
    assert (lcp.troubled.n, lcp.untroubled.n, lcp.difference.difference) == (1, 1, -200)
    assert len(facts.speed_impact(period=may)) == 6
    assert [g.value for g in facts.errors(period=may).groups] == ["broken"]
    italy = {"trait": "country", "is": ["IT"]}
    assert facts.errors("page", may, segment=italy).errors == 0
    assert facts.frequency(may).reach[19].daily == 2
    assert facts.frequency(may, segment=italy).reach[19].daily == 1
    assert [(f.feature, f.users) for f in facts.features(may, core=("fly",)).features] == [("export", 1), ("fly", 0)]
