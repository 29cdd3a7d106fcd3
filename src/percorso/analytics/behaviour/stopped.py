"""Where customers stopped in a funnel: what a rule about a funnel (`segments.rules.Went`) picks them out by."""

import ibis
import ibis.expr.types as ir

from percorso.analytics.behaviour.events import Step
from percorso.analytics.behaviour.funnel import Exclusion, FunnelQuery
from percorso.analytics.behaviour.outcomes import Which, attempts
from percorso.analytics.methods.base import Ask
from percorso.analytics.segments.rules import Went

DAY_US = 86_400_000_000


def question_of(went: Went, workspace: str = "") -> FunnelQuery:
    """Return the question about the funnel of a rule.

    Raises
    ------
    BadQuestion : there is no such funnel, see `FunnelQuery`.
    """
    steps = tuple(Step(event, where) for event, where in went.steps)
    exclusions = tuple(Exclusion(*each) for each in went.without)
    return FunnelQuery(
        steps, went.window_seconds, workspace, None, went.mode, went.anchor, exclusions  # type: ignore[arg-type]
    )  # fmt: skip


def stopped(went: Went, ask: Ask) -> ir.Table:
    """Return who entered the funnel: `customer`, and `step`: where they stopped; null while they may still go on."""
    query = question_of(went, ask.workspace)
    which = Which(
        steps=query.made_steps,
        excluded=tuple(e.event for e in query.exclusions),
        matters=(lambda t: t.customer.notnull(), *_in_reach(went, query, ask)),
        begins=_begins(went, ask),
    )
    a = attempts(query, which, True, ask, None)
    over = (a.started + query.window_us <= ask.engine.epoch_us(ask.instant("as_of"))) | (a.depth == len(query.steps))
    return a.select(customer=a.user, step=ibis.ifelse(over, a.depth.cast("float64"), ibis.null("float64")))


def _since(went: Went, ask: Ask) -> ir.IntegerValue | None:
    """Return the first instant at which an attempt may begin, in µs since 1970."""
    if went.within_days is not None:
        return ask.engine.epoch_us(ask.instant("as_of")) - round(went.within_days * DAY_US)
    return None if went.since is None else _us(went.since.timestamp())


def _us(seconds: float) -> ir.IntegerValue:
    return ibis.literal(round(seconds * 1_000_000)).cast("int64")


def _in_reach(went: Went, query: FunnelQuery, ask: Ask) -> tuple:  # type: ignore[type-arg]
    since = _since(went, ask)
    found = [] if since is None else [lambda t: ask.engine.epoch_us(t.moment) >= since]
    if went.before is not None:
        until = _us(went.before.timestamp() + query.window_seconds)
        found.append(lambda t: ask.engine.epoch_us(t.moment) <= until)
    return tuple(found)


def _begins(went: Went, ask: Ask) -> tuple:  # type: ignore[type-arg]
    return () if went.before is None else (lambda t: t.t < _us(went.before.timestamp()),)
