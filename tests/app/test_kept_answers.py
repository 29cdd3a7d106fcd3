"""Kept answers are reused while nothing changed, and never once something did."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from percorso.accounts.models import Workspace
from percorso.analytics.measure import measure, measure_with_series
from percorso.analytics.query import Period, Query
from percorso.analytics.segments import parse
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.insights import queries

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
KEYS = ("nps", "csat", "abandonment_rate", "churn_rate", "mrr")


def answers(r: random.Random, n: int) -> list[dict[str, object]]:
    return [
        {
            "id": f"k{r.randrange(400)}", "customer": f"c{r.randrange(30)}", "metric": r.choice(("nps", "csat")),
            "score": r.randrange(1, 6), "scale_min": 1, "scale_max": 5, "channel": r.choice(("e-mail", "chat")),
            "at": AS_OF - timedelta(hours=r.randrange(24 * 60)),
        }
        for _ in range(n)
    ]  # fmt: skip


def subscription(r: random.Random) -> list[dict[str, object]]:
    start = AS_OF - timedelta(days=r.randrange(20, 200))
    return [
        {
            "id": f"s{r.randrange(60)}",
            "customer": f"c{r.randrange(30)}",
            "started_at": start,
            "mrr": 1000,
            "currency": "BRL",
        }
    ]


CHANGES: list[Callable[[Store, str, random.Random], object]] = [
    lambda store, slug, r: store.append("answers", answers(r, 5), workspace=slug, batch=f"b{r.randrange(4)}"),
    lambda store, slug, r: store.append("subscriptions", subscription(r), workspace=slug),
    lambda store, slug, r: store.withdraw(slug, f"b{r.randrange(4)}"),
    lambda store, slug, r: store.forget(slug, f"c{r.randrange(30)}"),
    lambda store, slug, r: store.move(slug, f"c{r.randrange(30)}", f"c{r.randrange(30)}"),
    lambda store, slug, r: store.append("customers", [{"id": f"c{r.randrange(30)}", "country": r.choice("BI")}], workspace=slug),
    lambda store, slug, r: None,
]  # fmt: skip


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Facts of their own: the tests change them."""
    with Store.open(":memory:") as store:
        store.keep_rows()
        monkeypatch.setattr(owner, "_store", store)
        yield store


@pytest.fixture
def acme(db: None) -> Workspace:
    return Workspace.objects.create(slug="acme", name="Acme", time_zone="America/Sao_Paulo")


def test_a_kept_answer_is_never_stale(acme: Workspace, facts: Store) -> None:
    r = random.Random(11)
    anew = Store(facts.engine)  # keeps nothing
    facts.append("answers", answers(r, 300), workspace=acme.slug, batch="b0")
    for _ in range(24):
        r.choice(CHANGES)(facts, acme.slug, r)
        tz = r.choice(("America/Sao_Paulo", "Europe/Rome"))
        rule = r.choice((None, parse({"trait": "country", "is": ["B"]}), parse({"did": "answers", "at_least": 2})))
        asked = Query(
            KEYS,
            acme.slug,
            Period.preset("last_30_days", tz, AS_OF),
            compare="previous",
            as_of=AS_OF,
            tz=tz,
            within=rule,
        )
        assert list(queries.answer(asked)) == list(measure(anew, asked))
        kept, fresh = queries.with_series(asked, "week"), measure_with_series(anew, asked, "week")
        assert [list(result) for result in kept] == [list(result) for result in fresh]


def test_an_answer_is_made_once_while_nothing_changed(acme: Workspace, facts: Store) -> None:
    asked = Query(KEYS, acme.slug, Period.preset("last_30_days", "UTC", AS_OF), as_of=AS_OF)
    first = queries.answer(asked)
    assert queries.answer(asked) is first
    facts.append("answers", answers(random.Random(1), 1), workspace="another")
    assert queries.answer(asked) is first
    facts.append("answers", answers(random.Random(1), 1), workspace=acme.slug)
    assert queries.answer(asked) is not first


def test_a_fact_makes_only_what_reads_its_table_be_asked_again(
    acme: Workspace, facts: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    r = random.Random(3)
    facts.append("answers", answers(r, 50), workspace=acme.slug)
    facts.append("subscriptions", subscription(r), workspace=acme.slug)
    asked = Query(KEYS, acme.slug, Period.preset("last_30_days", "UTC", AS_OF), as_of=AS_OF)
    run: list[str] = []
    fetch = facts.engine.fetch
    monkeypatch.setattr(facts.engine, "fetch", lambda sql: (run.append(sql), fetch(sql))[1])
    queries.answer(asked)
    assert any('"subscriptions"' in sql for sql in run)
    run.clear()
    facts.append("answers", answers(r, 1), workspace=acme.slug)
    queries.answer(asked)
    assert run
    assert not any('"subscriptions"' in sql for sql in run)


def test_what_arrived_this_second_counts_on_pages(acme: Workspace, facts: Store) -> None:
    asked = Query(("csat",), acme.slug, None)
    facts.append(
        "answers", [answers(random.Random(1), 1)[0] | {"metric": "csat", "at": datetime.now(UTC)}], workspace=acme.slug
    )
    assert next(iter(queries.answer(asked))).n == 1
