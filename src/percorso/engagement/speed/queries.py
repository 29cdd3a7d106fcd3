"""What the page about speed asks the facts."""

from dataclasses import replace
from typing import Any

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.errors import ErrorQuery, ErrorResult, errors
from percorso.analytics.behaviour.speed import TROUBLES, Impact, ImpactQuery, Score, impacts
from percorso.analytics.result import Result
from percorso.analytics.segments import Rule
from percorso.analytics.store import Store
from percorso.engagement import asking
from percorso.engagement.usage.queries import segment_of
from percorso.insights import queries as figures
from percorso.insights.forms import Choice

# CLS has no unit, and is an indicator of its own.
CLS, KEYS = "layout_shift", ("web_vitals", "layout_shift")


def key_of(vital: str) -> tuple[str, dict[str, Any]]:
    """Return the indicator of a web vital, and its options."""
    return (CLS, {}) if vital == "CLS" else ("web_vitals", {"metric": vital})


def vital(workspace: Workspace, choice: Choice, name: str) -> tuple[Result, Result]:
    """Return the 75th percentile of a web vital with its change, and its series."""
    key, options = key_of(name)
    return figures.with_series(choice.query(workspace, (key,), options=options), choice.steps)


def vital_by(workspace: Workspace, choice: Choice, name: str, by: str) -> Result:
    """Return the 75th percentile of a web vital for each value of a column."""
    key, options = key_of(name)
    return figures.answer(choice.query(workspace, (key,), by=(by,), options=options))


def error_rate(workspace: Workspace, choice: Choice) -> Result:
    """Return the share of requests that fail."""
    return figures.answer(choice.query(workspace, ("error_rate",)))


def errors_of(workspace: Workspace, choice: Choice, by: str | None = None) -> ErrorResult:
    """Return which errors the chosen customers met; `by` is a column, None: by what the errors say."""
    query = ErrorQuery(workspace.slug, choice.period, by, segment=segment_of(choice))
    return errors_in(workspace, query, asking.rule_in(choice))


def errors_in(workspace: Workspace, query: ErrorQuery, rule: Rule | None) -> ErrorResult:
    """Return the answer to a question about errors of the customers of a rule, kept until the facts change."""

    def make(store: Store) -> ErrorResult:
        asked = replace(query, as_of=query.as_of or asking.now())
        return errors(store, asked, asking.customers(store, workspace, rule, asked.as_of or asking.now()))

    found: ErrorResult = asking.answered(workspace, _question(query, rule), make)
    return found


def impact_queries(workspace: Workspace, choice: Choice, score: Score) -> list[ImpactQuery]:
    """Return the questions what each trouble goes with. Channels are those of visits, not of answers: none is picked."""
    return [ImpactQuery(workspace.slug, choice.period, trouble, score) for trouble in TROUBLES]


def impacts_of(workspace: Workspace, choice: Choice, score: Score) -> tuple[Impact, ...]:
    """Return what each trouble goes with in the scores of the chosen customers, as one family of tests."""
    return impacts_in(workspace, impact_queries(workspace, choice, score), asking.rule_in(choice))


def is_ready(workspace: Workspace, choice: Choice, name: str, by: str) -> bool:
    """Return whether the figures of a web vital and the errors by a column are at hand."""
    key, options = key_of(name)
    asked = choice.query(workspace, (key,), by=(by,), options=options)
    errors = _question(
        ErrorQuery(workspace.slug, choice.period, by, segment=segment_of(choice)), asking.rule_in(choice)
    )
    return figures.is_kept(asked) and asking.is_answered(workspace, errors)


def _question(asked: ErrorQuery | list[ImpactQuery], rule: Rule | None) -> str:
    """Return what tells a question from others."""
    return f"{asked!r} of {rule!r}"


def impacts_in(workspace: Workspace, queries: list[ImpactQuery], rule: Rule | None) -> tuple[Impact, ...]:
    """Return the answers to questions about troubles of the customers of a rule, kept until the facts change."""

    def make(store: Store) -> tuple[Impact, ...]:
        asked = [replace(query, as_of=query.as_of or asking.now()) for query in queries]
        return impacts(store, asked, asking.customers(store, workspace, rule, asked[0].as_of or asking.now()))

    found: tuple[Impact, ...] = asking.answered(workspace, _question(queries, rule), make)
    return found
