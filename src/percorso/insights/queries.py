"""Questions that pages ask the facts; every answer is kept until the facts change."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlencode

import ibis.expr.types as ir
from django.db.models import Q, QuerySet
from django.http import QueryDict

from percorso.accounts.models import Workspace
from percorso.analytics.behind import Place, facts_behind
from percorso.analytics.measure import measure, measure_with_series
from percorso.analytics.query import Grain, Query
from percorso.analytics.result import Result
from percorso.analytics.store import Store
from percorso.base.owner import store as open_store
from percorso.insights.cards import of_overview
from percorso.insights.currencies import groups_of, measure_apart
from percorso.insights.forms import FILTERS, Choice
from percorso.insights.models import Annotation

FRESH = timedelta(minutes=5)  # also how long the questions of pages are about the same instant
# While an import fills a workspace, its pages follow it every so often and not with every portion.
FOLLOW = timedelta(seconds=20)
KEPT = 300

Answer = Result | tuple[Result, Result] | tuple[str, ...]


@dataclass
class _Kept:
    """An answer, when it was made, of which state of the facts, and until when it is fresh."""

    state: tuple[int, int]
    made: datetime
    until: datetime
    answer: Answer

    def holds(self, state: tuple[int, int], filling: bool) -> bool:
        """Whether the answer may be shown now that the facts are in `state`."""
        if self.state == state:
            return True
        return filling and self.state[0] == state[0] and datetime.now(UTC) - self.made < FOLLOW


_kept: OrderedDict[str, _Kept] = OrderedDict()
_making: dict[str, Lock] = {}
_lock = Lock()


def overview(workspace: Workspace, choice: Choice) -> tuple[Result, Result]:
    """Return the figures of the overview with their changes, and their series."""
    return _by_currency(choice.query(workspace, of_overview(workspace.chosen_indicators)), choice.steps)


def indicator(workspace: Workspace, key: str, choice: Choice) -> tuple[Result, Result, Result | None]:
    """Return one indicator's figure, its series, and the series of the period it is compared with."""
    total, series = _by_currency(choice.query(workspace, (key,)), choice.steps)
    changes: dict[str, Any] = {"compare": None, "grain": choice.steps, "by": groups_of(series)}
    if choice.before is not None:
        return total, series, _answer(choice.query(workspace, (key,), **changes, period=choice.before))
    if choice.compare == "segment":
        other = choice.beside_rule
        picked = {"segment": other, "within": None} if isinstance(other, Mapping) else {"segment": {}, "within": other}
        return total, series, _answer(choice.query(workspace, (key,), **changes, **picked))
    return total, series, None


def breakdown(workspace: Workspace, key: str, choice: Choice, by: tuple[str, ...]) -> Result:
    """Return one indicator's figure for each value of a column, or of two together."""
    return _answer(choice.query(workspace, (key,), by=by))


def behind(workspace: Workspace, key: str, choice: Choice, limit: int, after: Place | None) -> list[dict[str, Any]]:
    """Return the facts that a figure is made of, the newest first; never kept, as they tell about people."""
    query = _as_of_now(choice.query(workspace, (key,), compare=None))
    return facts_behind(open_store(), query, limit, after).to_pylist()


def _distinct(t: ir.Table, name: str) -> ir.Table:
    return t.select(value=t[name]).distinct()


def annotations(workspace: Workspace, indicator: str, choice: Choice) -> QuerySet[Annotation]:
    """Return what is written on the days of the period for an indicator, or for all of them."""
    mine = Q(indicator=indicator) | Q(indicator="")
    days = Q(day__gte=choice.period.start, day__lt=choice.period.end)
    return Annotation.objects.filter(mine & days, workspace=workspace).select_related("by")


def values(workspace: Workspace, column: str) -> tuple[str, ...]:
    """Return the values that a filter column takes in the facts of a workspace."""
    found = _remembered(workspace.slug, f"values of {column}", lambda store: _values(store, workspace.slug, column))
    assert isinstance(found, tuple)
    return found  # type: ignore[return-value]


def _values(store: Store, workspace: str, column: str) -> tuple[str, ...]:
    tables = ["customers"] if column.startswith("customer.") else ["answers", "tickets", "contacts"]
    name = column.removeprefix("customer.")
    found: set[str] = set()
    for table in tables:
        for statement in store.compiled(
            ("values", workspace, table, name), lambda table=table: [_distinct(store.table(table, workspace), name)]
        ):  # type: ignore[misc]
            found |= {value for value in store.fetch(statement, workspace)["value"].to_pylist() if value}
    return tuple(sorted(found, key=str.casefold))


def warm(workspace: Workspace) -> Iterator[Callable[[], object]]:
    """Return the questions that the overview asks first, one after the other, so that its first visitor does not wait."""
    yield lambda: overview(workspace, Choice.read(QueryDict(), workspace))
    for column in FILTERS:
        # The first value of a filter compiles what all its values share.
        for value in values(workspace, column)[:1]:
            given = QueryDict(urlencode({column: value}))
            yield lambda given=given: overview(workspace, Choice.read(given, workspace))  # type: ignore[misc]


def is_kept(query: Query) -> bool:
    """Return whether the answer to a question is at hand."""
    return is_remembered(query.workspace, repr(query))


def is_remembered(workspace: str, question: str) -> bool:
    """Return whether what the facts say to a question is at hand, see `remembered`."""
    store = open_store()
    kept = _kept.get(f"{workspace}: {question}")
    return kept is not None and kept.holds((store.number, store.version(workspace)), store.is_filling(workspace))


def answer(query: Query) -> Result:
    """Return the answer to any question that was checked, kept as those of the pages are."""
    return _answer(query)


def with_series(query: Query, grain: Grain) -> tuple[Result, Result]:
    """Return the answer to a question and its series, made in one pass and kept."""
    found = _remembered(
        query.workspace, f"{grain} and {query!r}", lambda store: measure_with_series(store, _as_of_now(query), grain)
    )
    assert isinstance(found, tuple)
    total, series = found
    assert isinstance(total, Result)
    assert isinstance(series, Result)
    return total, series


def _by_currency(query: Query, grain: Grain) -> tuple[Result, Result]:
    """Return the answer to a question and its series, amounts of several currencies by currency; kept."""
    question = f"{grain} by currency and {query!r}"
    total, series = _remembered(query.workspace, question, lambda store: measure_apart(store, _as_of_now(query), grain))
    assert isinstance(total, Result)
    assert isinstance(series, Result)
    return total, series


def remembered(workspace: Workspace, question: str, make: Callable[[Store], tuple[Any, ...]]) -> tuple[Any, ...]:
    """Return what the facts say to a question that is no `Query`, kept as figures are."""
    found = _remembered(workspace.slug, question, make)
    assert isinstance(found, tuple)
    return found


def _answer(query: Query) -> Result:
    """Return the answer to `query`; facts that are still to come count from their time on, within five minutes."""
    found = _remembered(query.workspace, repr(query), lambda store: measure(store, _as_of_now(query)))
    assert isinstance(found, Result)
    return found


def _as_of_now(query: Query) -> Query:
    """Return a question about now as one about the end of these five minutes.

    What arrived this second counts; and what depends on tables that stay as they are need not be asked again.
    """
    if query.as_of is not None:
        return query
    past = datetime.now(UTC).timestamp() // FRESH.total_seconds()
    return replace(query, as_of=datetime.fromtimestamp((past + 1) * FRESH.total_seconds(), UTC))


def _remembered(workspace: str, question: str, make: Callable[[Store], Answer]) -> Answer:
    """Return the kept answer while the facts stay as they are; one that is no longer fresh is renewed behind the scenes."""
    store, key = open_store(), f"{workspace}: {question}"
    state = (store.number, store.version(workspace))
    kept = _kept.get(key)
    if kept is None or not kept.holds(state, store.is_filling(workspace)):
        return _made(key, make, store, state)
    if kept.until < datetime.now(UTC):
        kept.until = datetime.now(UTC) + FRESH  # only one visitor starts the renewal
        Thread(target=_make, args=(key, make, store, state), daemon=True).start()
    return kept.answer


def _made(key: str, make: Callable[[Store], Answer], store: Store, state: tuple[int, int]) -> Answer:
    """Return the answer, made once however many ask for it at the same time."""
    with _lock:
        making = _making.setdefault(key, Lock())
    with making:
        kept = _kept.get(key)
        if kept is not None and kept.state == state:
            return kept.answer
        return _make(key, make, store, state)


def _make(key: str, make: Callable[[Store], Answer], store: Store, state: tuple[int, int]) -> Answer:
    answer = make(store)
    with _lock:
        _kept[key] = _Kept(state, datetime.now(UTC), datetime.now(UTC) + FRESH, answer)
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _making.pop(_kept.popitem(last=False)[0], None)
    return answer
