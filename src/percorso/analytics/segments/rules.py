"""What a rule can say of a customer. Rules are values: equal rules are equal questions."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Union

from percorso.errors import BadQuestion
from percorso.i18n import mark


@dataclass(frozen=True)
class Where:
    """A condition on one column of a fact: one of `values` (None: empty), or a number in a range (ends inside)."""

    column: str
    values: tuple[str | None, ...] = ()
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True)
class Trait:
    """A column of the customer, or one of the further traits: `op` is is, contains, at_least, at_most or empty."""

    name: str
    op: str
    values: tuple[str | float, ...] = ()


@dataclass(frozen=True)
class Did:
    """How often a fact of `table` came: `at_most=0` is never. `within_days` before the instant of the question."""

    table: str
    where: tuple[Where, ...] = ()
    at_least: int | None = 1
    at_most: int | None = None
    within_days: float | None = None


@dataclass(frozen=True)
class Last:
    """How many days ago a fact of `table` came last; who never had one is not in it."""

    table: str
    where: tuple[Where, ...] = ()
    at_least_days: float | None = None
    at_most_days: float | None = None


@dataclass(frozen=True)
class Answered:
    """The latest valid score given to a metric (nps, csat …)."""

    metric: str
    at_least: float | None = None
    at_most: float | None = None
    within_days: float | None = None
    where: tuple[Where, ...] = ()


@dataclass(frozen=True)
class Figure:
    """An indicator of the customer alone, in its unit."""

    indicator: str
    at_least: float | None = None
    at_most: float | None = None
    within_days: float | None = None
    options: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Went:
    """Who got to step `stopped_at` of a funnel and no further before the window closed; at the last step: who finished.

    `steps` are events, each with (column, value) pairs that must hold; `without` are events, each with the two steps between
    which it must not happen. Attempts begin within `within_days`, or in [`since`, `before`). See `behaviour.funnel`.
    """

    steps: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    stopped_at: int
    window_seconds: float
    mode: str = "ordered"
    anchor: str = "first"
    without: tuple[tuple[str, int, int], ...] = ()
    within_days: float | None = None
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True)
class Member:
    """Who is in another segment, by its name in the address; `resolve` puts its rule in place."""

    segment: str


@dataclass(frozen=True)
class AllOf:
    """All of the rules hold; without any, everybody is in."""

    rules: tuple["Rule", ...] = ()


@dataclass(frozen=True)
class AnyOf:
    """At least one of the rules holds."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True)
class NotIn:
    """The rule does not hold."""

    rule: "Rule"


Leaf = Union[Trait, Did, Last, Answered, Figure, Went]  # noqa: UP007 - named in an annotation of a class above
Rule = Union[AllOf, AnyOf, NotIn, Member, Leaf]  # noqa: UP007


def leaves(rule: Rule) -> Iterator[Leaf]:
    """Yield the conditions of a rule, each as often as it is written."""
    if isinstance(rule, AllOf | AnyOf):
        for inner in rule.rules:
            yield from leaves(inner)
    elif isinstance(rule, NotIn):
        yield from leaves(rule.rule)
    elif not isinstance(rule, Member):
        yield rule


def members(rule: Rule) -> set[str]:
    """Return the segments that a rule names."""
    if isinstance(rule, AllOf | AnyOf):
        return set().union(*(members(inner) for inner in rule.rules))
    if isinstance(rule, NotIn):
        return members(rule.rule)
    return {rule.segment} if isinstance(rule, Member) else set()


def resolve(rule: Rule, known: Mapping[str, Rule], above: tuple[str, ...] = ()) -> Rule:
    """Return `rule` with the rules of the segments that it names in place of their names.

    Raises
    ------
    BadQuestion : a segment does not exist, or contains itself.
    """
    if isinstance(rule, AllOf | AnyOf):
        return type(rule)(tuple(resolve(inner, known, above) for inner in rule.rules))
    if isinstance(rule, NotIn):
        return NotIn(resolve(rule.rule, known, above))
    if not isinstance(rule, Member):
        return rule
    if rule.segment in above:
        raise BadQuestion(
            mark("The segment {segment} contains itself. Take it out of its own rule."), segment=rule.segment
        )
    if rule.segment not in known:
        raise BadQuestion(mark("There is no segment {segment}. It may have been removed."), segment=rule.segment)
    return resolve(known[rule.segment], known, (*above, rule.segment))


def holds_of_nobody_known(rule: Rule) -> bool:
    """Return whether a rule holds of somebody of whom nothing is known: then everybody has to be looked at."""
    if isinstance(rule, AllOf):
        return all(holds_of_nobody_known(inner) for inner in rule.rules)
    if isinstance(rule, AnyOf):
        return any(holds_of_nobody_known(inner) for inner in rule.rules)
    if isinstance(rule, NotIn):
        return not holds_of_nobody_known(rule.rule)
    if isinstance(rule, Did):
        return not rule.at_least
    return isinstance(rule, Trait) and rule.op == "empty"


def mapped(rule: Rule, change: Callable[[Leaf], Any], everyone: Any) -> Any:
    """Return what `change` makes of the conditions, joined by ``&``, ``|`` and ``~`` as the rule joins them."""
    if isinstance(rule, AllOf | AnyOf):
        made = [mapped(inner, change, everyone) for inner in rule.rules]
        if not made:
            return everyone
        joined = made[0]
        for one in made[1:]:
            joined = joined & one if isinstance(rule, AllOf) else joined | one
        return joined
    if isinstance(rule, NotIn):
        return ~mapped(rule.rule, change, everyone)
    assert not isinstance(rule, Member), "resolve the rule first"
    return change(rule)
