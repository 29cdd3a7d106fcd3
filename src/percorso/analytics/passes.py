"""How many questions are asked in few passes over the facts: equal statements once, scores of one table together."""

import os
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import ibis.expr.types as ir
import pyarrow as pa

from percorso.analytics.methods.base import Indicator
from percorso.analytics.methods.scores import Scores, answers_of, count_together
from percorso.analytics.run import Run
from percorso.analytics.statements import Statement
from percorso.analytics.store import Store

SCORES = ("scores",)
AT_ONCE = ThreadPoolExecutor(max(2, os.cpu_count() or 2), thread_name_prefix="percorso-measure")


@dataclass(frozen=True)
class Pass:
    """One statement that answers several runs, and how each of them reads its rows."""

    statement: Statement
    own: Callable[[Run, pa.Table], pa.Table]


def fetch(store: Store, runs: Sequence[Run]) -> tuple[list[list[pa.Table]], list[str]]:
    """Return the rows of every run's statements, and the SQL that made them.

    Scores of different questions are counted in one pass, parts over the same rows are made in one, and equal statements
    run once. Small facts keep one core busy, so that several statements run at a time.
    """
    passes = _passes(runs)
    statements = [[passes[run].statement] if run in passes else run.statements for run in runs]
    workspace = {one: run.query.workspace for run, own in zip(runs, statements, strict=True) for one in own}
    if len(workspace) == 1:
        rows = [store.fetch(*one) for one in workspace.items()]
    else:
        rows = list(AT_ONCE.map(store.fetch, workspace, workspace.values()))
    of = dict(zip(workspace, rows, strict=True))
    fetched = [
        [passes[run].own(run, of[one]) if run in passes else of[one] for one in own]
        for run, own in zip(runs, statements, strict=True)
    ]
    return fetched, [";\n".join(one.sql for one in own) for own in statements]


def _passes(runs: Sequence[Run]) -> dict[Run, Pass]:
    """Return the pass of each run that shares one with others."""
    alike: dict[Hashable, list[Run]] = {}
    for run in runs:
        if (key := _shared(run)) is not None:
            alike.setdefault((key, run.shape), []).append(run)
    shared = [(_scores if key[0] is SCORES else _parts, several) for key, several in alike.items() if len(several) > 1]  # type: ignore[index]
    return {run: made for make, several in shared for made in [make(several)] for run in several}


def _shared(run: Run) -> Hashable | None:
    """Return what runs of one pass have in common; None for a run that shares none."""
    indicator = run.indicator
    if isinstance(indicator, Scores):
        return SCORES if indicator.shares_pass(run.ask) else None
    plain = type(indicator).expressions is Indicator.expressions and type(indicator).keep is Indicator.keep
    return indicator.same_rows(run.ask) if plain else None


def _scores(several: list[Run]) -> Pass:
    every = [(run.indicator, run.ask) for run in several if isinstance(run.indicator, Scores)]
    first = several[0]
    metrics = sorted({metric for indicator, _ in every for metric in indicator.metrics})
    made = first.compiled((SCORES, *metrics), lambda: [count_together(first.in_cells(answers_of(every)), first.names)])
    return Pass(made[0], _own_scores)


def _own_scores(run: Run, rows: pa.Table) -> pa.Table:
    assert isinstance(run.indicator, Scores)
    return run.indicator.own_rows(rows, run.ask)


def _parts(several: list[Run]) -> Pass:
    """Return the pass that makes the parts of all, each under its indicator's name."""
    first = several[0]
    what = tuple((run.indicator.key, tuple(sorted(run.ask.options.items()))) for run in several)

    def made() -> list[ir.Table]:
        t = first.in_cells(first.indicator.rows(first.ask))
        every = [(run, run.indicator.parts(t, run.ask)) for run in several]
        parts = {f"{run.indicator.key}.{name}": part for run, own in every for name, part in own.items()}
        return [t.group_by(first.names).aggregate(**parts) if first.names else t.aggregate(**parts)]

    return Pass(first.compiled(("parts", *what), made)[0], _own_parts)


def _own_parts(run: Run, rows: pa.Table) -> pa.Table:
    mine = f"{run.indicator.key}."
    names = [name for name in rows.column_names if name in run.names or name.startswith(mine)]
    return rows.select(names).rename_columns([name.removeprefix(mine) for name in names])
