"""Retention as it is asked by pages and programs."""

from dataclasses import replace

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.retention import RetentionQuery, RetentionResult, retention
from percorso.analytics.segments import Rule
from percorso.analytics.store import Store
from percorso.engagement import asking
from percorso.insights import queries as figures


def answer(workspace: Workspace, query: RetentionQuery, rule: Rule | None) -> RetentionResult:
    """Return the answer to a question about the customers of a resolved rule (None: everybody), kept until the facts change."""

    def make(store: Store) -> RetentionResult:
        as_of = query.as_of or asking.now()
        return retention(store, replace(query, as_of=as_of), asking.customers(store, workspace, rule, as_of))

    found: RetentionResult = asking.answered(workspace, _text(query, rule), make)
    return found


def is_kept(workspace: Workspace, query: RetentionQuery, rule: Rule | None) -> bool:
    """Return whether the answer is at hand."""
    return figures.is_remembered(workspace.slug, _text(query, rule))


def _text(query: RetentionQuery, rule: Rule | None) -> str:
    return f"{query!r} of {rule!r}"
