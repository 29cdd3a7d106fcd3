"""Reads of boards: which ones somebody may see, and what their cards ask the facts, together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from percorso.accounts.models import Membership, Role, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.query import Query
from percorso.analytics.result import Result
from percorso.errors import BadQuestion
from percorso.insights import queries
from percorso.insights.boards.cards import Card
from percorso.insights.forms import Choice
from percorso.insights.models import Annotation, Board

AT_ONCE = ThreadPoolExecutor(3, thread_name_prefix="percorso-boards")


@dataclass(frozen=True)
class Need:
    """One question that cards share: cards with equal needs are asked in one query.

    `grain` asks for a series, `by` for groups, `compared` for verdicts, `before` for the days that are compared with.
    """

    by: str = ""
    grain: str = ""
    compared: bool = False
    before: bool = False
    options: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Answers:
    """What the facts answered: a result for each need, or for single indicators the reason why there is none."""

    results: Mapping[Need, Sequence[Result]]
    refused: Mapping[tuple[Need, str], BadQuestion]
    notes: Mapping[str, Sequence[Annotation]] = field(default_factory=dict)

    def of(self, need: Need, key: str) -> Result:
        """Return one indicator's part of an answer.

        Raises
        ------
        BadQuestion : the question does not fit this indicator.
        """
        if (need, key) in self.refused:
            raise self.refused[need, key]
        found = next(result for result in self.results[need] if key in result.query.indicators)
        return Result(found.query, tuple(found.of(key)), {})

    @property
    def whole(self) -> tuple[Result, ...]:
        """All results, as they are kept."""
        return tuple(result for results in self.results.values() for result in results)


def visible(membership: Membership) -> list[Board]:
    """Return the boards that a member may see, by name."""
    boards = Board.objects.filter(workspace=membership.workspace).select_related("by", "segment")
    return [board for board in boards if may_see(membership, board)]


def may_see(membership: Membership, board: Board) -> bool:
    """Whether a board is shown to a member: to its roles, to who made it and to owners."""
    mine = membership.role == Role.OWNER or (board.by_id is not None and board.by_id == membership.person_id)
    return mine or not board.roles or membership.role in board.roles


def own_choice(board: Board) -> dict[str, str]:
    """Return a board's own period, comparison and segment, as an address says them."""
    segment = board.segment.slug if board.segment else ""
    return {"period": board.period, "compare": board.compare, "segment": segment}


def needs_of(card: Card, choice: Choice) -> tuple[Need, ...]:
    """Return what a card asks; a series asks for the days before, too, when it is compared with some."""
    options = tuple(sorted(card.options.items()))
    if card.kind == "figure":
        return Need(compared=True, options=options), Need(grain=choice.steps, options=options)
    if card.kind == "series":
        series = Need(grain=choice.steps, options=options)
        earlier = choice.before is not None or choice.compare == "segment"
        return (series, Need(grain=choice.steps, before=True, options=options)) if earlier else (series,)
    if card.kind == "table" and card.grain:
        return (Need(grain=card.grain, options=options),)
    return (Need(by=card.by, compared=True, options=options),)


def ask(workspace: Workspace, cards: Iterable[Card], choice: Choice) -> Answers:
    """Return what all cards ask, in as few questions as there are different needs."""
    wanted: dict[Need, dict[str, None]] = {}
    series: dict[str, None] = {}
    for card in cards:
        for need in needs_of(card, choice) if card.indicators else ():
            wanted.setdefault(need, {}).update(dict.fromkeys(card.indicators))
        if card.kind == "series":
            series |= dict.fromkeys(card.indicators)
    results, refused = dict[Need, list[Result]](), dict[tuple[Need, str], BadQuestion]()
    both = _both(wanted, choice)
    tasks: list[Callable[[], dict[Need, list[Result]]]] = [
        partial(_with_series, workspace, need, series_need, keys, choice, refused) for need, series_need, keys in both
    ]
    asked = {need: _query(workspace, need, tuple(keys), choice) for need, keys in wanted.items() if keys}
    tasks += [partial(_one, query, need, refused) for need, query in asked.items()]
    # While one question is being read by the engine, the next is written and the last made into figures.
    for found in AT_ONCE.map(lambda task: task(), tasks):
        for need, several in found.items():
            results.setdefault(need, []).extend(several)
    return Answers(results, refused, _notes(workspace, tuple(series), choice))


def _both(wanted: dict[Need, dict[str, None]], choice: Choice) -> list[tuple[Need, Need, tuple[str, ...]]]:
    """Take out of `wanted` what wants a figure and its series, which one pass over the facts gives."""
    found = []
    for need in [need for need in wanted if need.compared and not need.by]:
        twin = Need(grain=choice.steps, options=need.options)
        keys = tuple(key for key in wanted[need] if key in wanted.get(twin, {}))
        for key in keys:
            del wanted[need][key], wanted[twin][key]
        if keys:
            found.append((need, twin, keys))
    return found


def _with_series(
    workspace: Workspace,
    need: Need,
    series: Need,
    keys: tuple[str, ...],
    choice: Choice,
    refused: dict[tuple[Need, str], BadQuestion],
) -> dict[Need, list[Result]]:
    """Return figures and series of some indicators; when the question does not fit all, those of each that it fits."""
    query = _query(workspace, need, keys, choice)
    try:
        total, steps = queries.with_series(query, choice.steps)
    except BadQuestion:
        steps_query = _query(workspace, series, keys, choice)
        return _one(query, need, refused) | _one(steps_query, series, refused)
    return {need: [total], series: [steps]}


def _one(query: Query, need: Need, refused: dict[tuple[Need, str], BadQuestion]) -> dict[Need, list[Result]]:
    return {need: _answered(query, need, refused)}


def result_of(card: Card, answers: Answers, choice: Choice) -> Result:
    """Return the figures of a card, of all its indicators, as a download holds them.

    Raises
    ------
    BadQuestion : the card asks what cannot be answered.
    """
    need = needs_of(card, choice)[0]
    parts = [answers.of(need, key) for key in card.indicators]
    return Result(replace(parts[0].query, indicators=card.indicators), tuple(c for part in parts for c in part), {})


def _query(workspace: Workspace, need: Need, keys: tuple[str, ...], choice: Choice) -> Query:
    changes: dict[str, Any] = {"options": dict(need.options), "grain": need.grain or None}
    changes["by"] = (need.by,) if need.by else ()
    if not need.compared:
        changes["compare"] = None
    if need.before and choice.before is not None:
        changes["period"] = choice.before
    elif need.before:
        other = choice.beside_rule
        plain = isinstance(other, Mapping)
        changes |= {"segment": other if plain else {}, "within": None if plain else other}
    return choice.query(workspace, keys, **changes)


def _answered(query: Query, need: Need, refused: dict[tuple[Need, str], BadQuestion]) -> list[Result]:
    """Return the answer; when the question fits only some of the indicators, each of theirs, and why the others not."""
    try:
        return [queries.answer(query)]
    except BadQuestion:
        found = []
        for key in query.indicators:
            try:
                found.append(queries.answer(_alone(query, key)))
            except BadQuestion as error:
                refused[need, key] = error
        return found


def _alone(query: Query, key: str) -> Query:
    """Return the question about one of its indicators, with the options that this one has."""
    options = {name: value for name, value in query.options.items() if name in INDICATORS[key].options}
    return replace(query, indicators=(key,), options=options)


def _notes(workspace: Workspace, keys: Sequence[str], choice: Choice) -> dict[str, list[Annotation]]:
    """Return the annotations of several indicators in the period, asked for at once."""
    if not keys:
        return {}
    days = Q(day__gte=choice.period.start, day__lt=choice.period.end)
    found: QuerySet[Annotation] = Annotation.objects.filter(days, workspace=workspace, indicator__in=(*keys, ""))
    rows = list(found)
    return {key: [note for note in rows if note.indicator in (key, "")] for key in keys}
