"""Whom a question about use is of, which events there are, and how its answer is kept."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.events import answer, ask_of
from percorso.analytics.lifetime.groups import customers_of
from percorso.analytics.query import Period
from percorso.analytics.segments import AllOf, AnyOf, Member, Rule, Trait
from percorso.analytics.store import Store
from percorso.customers.queries import rule_of
from percorso.insights import queries as figures
from percorso.insights.forms import Choice

COUNTRY = "customer.country"
# Of more names than these the most frequent are offered; every other one can be typed.
MOST_NAMES = 300
STEP = timedelta(minutes=5)


def rule_in(choice: Choice) -> Rule | None:
    """Return the rule of the segment and the countries that were chosen; None for everybody."""
    return _joined([r for r in (rule_of(choice.within), _in_countries(choice)) if r is not None])


def rule_named(choice: Choice, rule: Rule) -> Rule:
    """Return `rule` of the customers that were chosen only; their segment stands by its name."""
    within = Member(choice.within.slug) if choice.within else None
    joined = _joined([r for r in (rule, within, _in_countries(choice)) if r is not None])
    assert joined is not None
    return joined


def _joined(rules: list[Rule]) -> Rule | None:
    return rules[0] if len(rules) == 1 else AllOf(tuple(rules)) if rules else None


def _in_countries(choice: Choice) -> Rule | None:
    values = choice.segment.get(COUNTRY, ())
    told = tuple(v for v in values if v is not None)
    rules: list[Rule] = [Trait("country", "is", told)] if told else []
    rules += [Trait("country", "empty")] if None in values else []
    return AnyOf(tuple(rules)) if len(rules) > 1 else rules[0] if rules else None


def now() -> datetime:
    """Return the end of these five minutes: what arrived this second counts, and nothing is asked twice within them."""
    past = datetime.now(UTC).timestamp() // STEP.total_seconds()
    return datetime.fromtimestamp((past + 1) * STEP.total_seconds(), UTC)


def customers(store: Store, workspace: Workspace, rule: Rule | None, as_of: datetime) -> ir.Table | None:
    """Return the customers of a resolved rule, see `customers_of`."""
    return customers_of(store, workspace.slug, as_of, rule, workspace.schedule)


def answered(workspace: Workspace, question: str, make: Callable[[Store], Any]) -> Any:
    """Return what `make` makes of the facts, kept until they change."""
    return figures.remembered(workspace, question, lambda store: (make(store),))[0]


def is_answered(workspace: Workspace, question: str) -> bool:
    """Return whether the answer to a question is at hand; see `answered`."""
    return figures.is_remembered(workspace.slug, question)


def names(workspace: Workspace, period: Period | None = None) -> tuple[tuple[str, int], ...]:
    """Return the names of events in a period (None: ever) with how often they came, the most frequent first."""

    def make(store: Store) -> tuple[tuple[str, int], ...]:
        ask = ask_of(store, workspace.slug, None, 0.95)
        moments = {} if period is None else dict(zip(("start", "end"), period.bounds, strict=True))

        def counted() -> ir.Table:
            t = ask.table("events")
            t = t.filter(t.name.notnull(), t.name != "")
            if period is not None:
                t = t.filter(t.at >= ask.instant("start"), t.at < ask.instant("end"))
            n = t.group_by("name").aggregate(n=t.count())
            return n.order_by([n.n.desc(), n.name]).limit(MOST_NAMES)

        key = ("names of events", workspace.slug, period is None)
        rows, _ = answer(ask, key, counted, moments, {})
        return tuple((row["name"], row["n"]) for row in rows.to_pylist())

    found: tuple[tuple[str, int], ...] = answered(workspace, f"names of events in {period!r}", make)
    return found
