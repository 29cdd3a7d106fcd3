"""What is asked of the facts about customers' ways; answers are kept as those of figures are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.differences import StepDifference, differences
from percorso.analytics.behaviour.path_query import PathQuery
from percorso.analytics.behaviour.paths import PathResult, paths
from percorso.analytics.behaviour.transitions import TransitionResult, touchpoints, transitions
from percorso.analytics.behaviour.ways import WayResult, ways
from percorso.analytics.store import Store
from percorso.customers.queries import rule_of
from percorso.engagement.asking import answered
from percorso.engagement.flows.forms import Asked
from percorso.insights import queries as figures
from percorso.insights.forms import Choice

What = Literal["paths", "transitions", "ways", "touchpoints"]
MOST_WAYS = 20


@dataclass(frozen=True)
class Flows:
    """All that one page tells: the ways step by step, what follows what, the most frequent ways."""

    paths: PathResult
    moves: TransitionResult
    ways: WayResult

    @property
    def sql(self) -> str:
        """All SQL that ran."""
        return ";\n\n".join((self.paths.sql, self.moves.sql, self.ways.sql)) + ";"


def question(workspace: Workspace, choice: Choice, asked: Asked) -> PathQuery:
    """Return the question about the group that was chosen."""
    whose: dict[str, Any] = {
        "segment": dict(choice.segment),
        "within": rule_of(choice.within),
        "schedule": workspace.schedule,
    }
    return PathQuery(workspace.slug, choice.period, **asked.query, **whose)


def compared(query: PathQuery, choice: Choice) -> PathQuery | None:
    """Return the same question about what the group is compared with; None for nothing."""
    if choice.before is not None:
        return replace(query, period=choice.before)
    if choice.compare == "rest":
        return replace(query, outside=True)
    if choice.compare == "segment":
        other = choice.beside_rule
        picked: dict[str, Any] = (
            {"segment": dict(other), "within": None} if isinstance(other, Mapping) else {"segment": {}, "within": other}
        )
        return replace(query, **picked)
    return None


def flows(workspace: Workspace, query: PathQuery) -> Flows:
    """Return what a page tells."""
    return Flows(
        _asked(workspace, "paths", query), moves(workspace, query), _asked(workspace, "ways", _whole_ways(query))
    )


def moves(workspace: Workspace, query: PathQuery) -> TransitionResult:
    """Return what follows what; how much of the ways is shown plays no part."""
    found: TransitionResult = _asked(workspace, "transitions", _whole_moves(query))
    return found


def is_kept(workspace: Workspace, query: PathQuery, other: PathQuery | None) -> bool:
    """Return whether the answers that a page needs are at hand: nobody waits then."""
    needed: list[tuple[What, PathQuery]] = [
        ("paths", query),
        ("transitions", _whole_moves(query)),
        ("ways", _whole_ways(query)),
        *([("transitions", _whole_moves(other))] if other else []),
    ]
    return all(figures.is_remembered(workspace.slug, _text(what, each)) for what, each in needed)


def _whole_moves(query: PathQuery) -> PathQuery:
    # Questions that differ in nothing else are asked once.
    return replace(query, top_k=None, max_steps=5, backwards=False)


def _whole_ways(query: PathQuery) -> PathQuery:
    return replace(query, top_k=None)


def steps_that_differ(workspace: Workspace, query: PathQuery, other: PathQuery) -> tuple[StepDifference, ...]:
    """Return the steps of two groups, those that differ most first."""
    return differences(moves(workspace, query), moves(workspace, other))


def offered(workspace: Workspace, query: PathQuery) -> tuple[tuple[str, int], ...]:
    """Return the touchpoints that a way can begin or end at, the most frequent first, with their counts."""
    plain = replace(
        query, start_node=None, end_node=None, backwards=False, without=(), top_k=None, max_steps=5, gap_seconds=1800
    )
    found: tuple[tuple[str, int], ...] = _asked(
        workspace, "touchpoints", replace(plain, unit="user", collapse=True, segment={}, within=None, outside=False)
    )
    return found


def _asked(workspace: Workspace, what: What, query: PathQuery) -> Any:
    def make(store: Store) -> Any:
        if what == "ways":
            return ways(store, query, MOST_WAYS)
        return {"paths": paths, "transitions": transitions, "touchpoints": touchpoints}[what](store, query)

    return answered(workspace, _text(what, query), make)


def _text(what: What, query: PathQuery) -> str:
    return f"{what} of {query!r}"
