"""Funnels that are asked, and those that a workspace keeps."""

from dataclasses import replace

from django.db.models import QuerySet

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.funnel import FunnelQuery, FunnelResult, funnel
from percorso.analytics.query import Grain
from percorso.analytics.segments import Rule
from percorso.analytics.store import Store
from percorso.engagement import asking
from percorso.engagement.funnels.forms import Asked
from percorso.engagement.models import SavedFunnel
from percorso.insights import queries as figures
from percorso.insights.forms import Choice

# Of a longer period a series has longer steps.
GRAINS: tuple[tuple[int, Grain], ...] = ((45, "day"), (200, "week"), (1200, "month"))


def question(workspace: Workspace, choice: Choice, asked: Asked) -> FunnelQuery:
    """Return the question of a page: its funnel with a series over time."""
    return asked.question(workspace.slug, choice.period, grain_of(choice))


def grain_of(choice: Choice) -> Grain:
    """Return the grain of the series: the one asked for, or one that gives a readable number of steps."""
    length = (choice.period.end - choice.period.start).days
    return choice.grain or next((grain for limit, grain in GRAINS if length <= limit), "quarter")


def answer(workspace: Workspace, query: FunnelQuery, rule: Rule | None) -> FunnelResult:
    """Return the answer to a question about the customers of a resolved rule (None: everybody), kept until the facts change."""

    def make(store: Store) -> FunnelResult:
        as_of = query.as_of or asking.now()
        return funnel(store, replace(query, as_of=as_of), asking.customers(store, workspace, rule, as_of))

    found: FunnelResult = asking.answered(workspace, _text(query, rule), make)
    return found


def is_kept(workspace: Workspace, query: FunnelQuery, rule: Rule | None) -> bool:
    """Return whether the answer is at hand."""
    return figures.is_remembered(workspace.slug, _text(query, rule))


def _text(query: FunnelQuery, rule: Rule | None) -> str:
    return f"{query!r} of {rule!r}"


def saved(workspace: Workspace) -> QuerySet[SavedFunnel]:
    """Return the funnels that are kept, by name."""
    return SavedFunnel.objects.filter(workspace=workspace)
