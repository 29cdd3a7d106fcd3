"""From a question to its result: rows, cells, parts, figures, verdicts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from percorso.analytics.indicators import INDICATORS
from percorso.analytics.passes import fetch
from percorso.analytics.query import Grain, Query
from percorso.analytics.result import Result
from percorso.analytics.run import Answer, Run
from percorso.analytics.store import Store
from percorso.analytics.verdicts import judge
from percorso.analytics.whole import both_of
from percorso.errors import BadQuestion
from percorso.i18n import mark


def measure(store: Store, query: Query) -> Result:
    """Answer `query` from the facts in `store`.

    Returns
    -------
    Result : a cell for each indicator, group and bucket; buckets without facts are there, with no figure.

    Raises
    ------
    BadQuestion : an indicator, option or column does not exist or does not fit; the message says what does.
    """
    _refuse_unknown_options(query)
    runs = [Run(store, query, INDICATORS[key]) for key in query.indicators]
    fetched, statements = fetch(store, runs)
    answers = [run.answer(run.folded(rows)) for run, rows in zip(runs, fetched, strict=True)]
    return _result(query, answers, statements)


def measure_with_series(store: Store, query: Query, grain: Grain) -> tuple[Result, Result]:
    """Answer `query`, and the same without comparison by `grain`: what a card shows, a figure and how it came about.

    Where parts add up, both are made of one pass over the facts.

    Raises
    ------
    BadQuestion : as for `measure`; or `query` has a grain of its own.
    """
    if query.grain is not None:
        raise BadQuestion(mark("Ask for the figure without a grain: the series has one of its own."))
    _refuse_unknown_options(query)
    series = replace(query, grain=grain, compare=None)
    keys = query.indicators
    made = {key: both_of(store, query, series, key) for key in keys}
    split = {key: both for key, both in made.items() if both is not None}
    apart = [key for key in keys if key not in split]
    twice = [(Run(store, query, INDICATORS[key]), Run(store, series, INDICATORS[key])) for key in apart]
    fetched, sql = fetch(store, [*split.values(), *(run for pair in twice for run in pair)])
    both: dict[str, tuple[Answer, Answer]] = {}
    for one, rows in zip(split.values(), fetched, strict=False):
        both[one.indicator.key] = one.answers(rows)
    for i, (whole, steps) in enumerate(twice):
        own = fetched[len(split) + 2 * i :]
        both[whole.indicator.key] = whole.answer(whole.folded(own[0])), steps.answer(steps.folded(own[1]))
    first = dict(zip([*split, *apart], [*sql[: len(split)], *sql[len(split) :: 2]], strict=True))
    second = dict(zip([*split, *apart], [*sql[: len(split)], *sql[len(split) + 1 :: 2]], strict=True))
    totals = _result(query, [both[key][0] for key in keys], [first[key] for key in keys])
    return totals, _result(series, [both[key][1] for key in keys], [second[key] for key in keys])


def _result(query: Query, answers: Sequence[Answer], statements: Iterable[str]) -> Result:
    cells = judge([(one.indicator, cell, pair) for one in answers for cell, pair in one.cells], query)
    published = [c for one in answers for c in one.indicator.publish([c for c in cells if c.indicator == one.key])]
    return Result(query, tuple(published), dict(zip([one.key for one in answers], statements, strict=True)))


def _refuse_unknown_options(query: Query) -> None:
    known = {name for key in query.indicators for name in INDICATORS[key].options}
    unknown = set(query.options) - known
    if unknown:
        raise BadQuestion(
            mark("There is no option {unknown} for these indicators. Options: {known}."),
            unknown=", ".join(sorted(unknown)),
            known=", ".join(sorted(known)) or "–",
        )
