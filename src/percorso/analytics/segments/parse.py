"""Rules as JSON: what the API takes, what is stored, what the builder in the browser sends.

``{"all": […]}`` · ``{"any": […]}`` · ``{"not": {…}}`` · ``{"segment": "vip"}``
``{"trait": "country", "is": ["BR"]}`` · also ``contains``, ``at_least``, ``at_most``, ``"empty": true``
``{"did": "events", "where": {"name": ["Order Completed"], "properties.total": {"at_least": 100}}, "at_least": 2, "within_days": 90}``
``{"last": "orders", "at_least_days": 60}`` · ``{"answered": "nps", "at_most": 6, "within_days": 180}``
``{"figure": "csat", "at_most": 0.5, "within_days": 365}``
``{"funnel": ["Product Added", {"event": "Order Completed", "where": {"channel": "web"}}], "stopped_at": 1, "window_seconds": 86400}``
also ``mode``, ``anchor``, ``without`` (``{"event": …, "from_step": 1, "to_step": 2}``), and ``within_days``, or ``since`` and ``before``
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from percorso.analytics.indicators import INDICATORS
from percorso.analytics.segments.rules import (
    AllOf,
    Answered,
    AnyOf,
    Did,
    Figure,
    Last,
    Member,
    NotIn,
    Rule,
    Trait,
    Went,
    Where,
)
from percorso.analytics.tables import TABLES
from percorso.errors import BadQuestion
from percorso.i18n import mark

DEEPEST, MOST, MOST_STEPS = 8, 60, 20
KEYS = {
    "all": set(), "any": set(), "not": set(), "segment": set(),
    "trait": {"is", "contains", "at_least", "at_most", "empty"},
    "did": {"where", "at_least", "at_most", "within_days"},
    "last": {"where", "at_least_days", "at_most_days"},
    "answered": {"where", "at_least", "at_most", "within_days"},
    "figure": {"at_least", "at_most", "within_days", "options"},
    "funnel": {"stopped_at", "window_seconds", "mode", "anchor", "without", "within_days", "since", "before"},
}  # fmt: skip


def parse(given: Any) -> Rule:
    """Return the rule that JSON says; an empty object is everybody.

    Raises
    ------
    BadQuestion : it is no rule; the message says where and what would be one.
    """
    if given == {}:
        return AllOf()
    counted = [0]
    return _rule(given, 1, counted)


def _rule(given: Any, depth: int, counted: list[int]) -> Rule:
    counted[0] += 1
    if depth > DEEPEST or counted[0] > MOST:
        raise BadQuestion(
            mark("A rule has at most {most} conditions, {deep} levels deep. Make a segment of a part."),
            most=MOST,
            deep=DEEPEST,
        )
    if not isinstance(given, Mapping):
        raise BadQuestion(mark("A rule is an object, e.g. {example}."), example='{"trait": "country", "is": ["BR"]}')
    kinds = [key for key in given if key in KEYS]
    if len(kinds) != 1:
        raise BadQuestion(
            mark("Each rule says exactly one of: {known}. This one says: {said}."),
            known=", ".join(KEYS),
            said=", ".join(map(str, given)) or "–",
        )
    kind = kinds[0]
    odd = set(given) - KEYS[kind] - {kind}
    if odd:
        raise BadQuestion(
            mark("A rule about {kind} cannot say {odd}. It may say: {known}."),
            kind=kind,
            odd=", ".join(sorted(map(str, odd))),
            known=", ".join(sorted(KEYS[kind])) or "–",
        )
    if kind in ("all", "any"):
        inner = given[kind]
        if not isinstance(inner, list) or (kind == "any" and not inner):
            raise BadQuestion(mark("{kind} needs a list of rules."), kind=kind)
        rules = tuple(_rule(one, depth + 1, counted) for one in inner)
        return AllOf(rules) if kind == "all" else AnyOf(rules)
    if kind == "not":
        return NotIn(_rule(given["not"], depth + 1, counted))
    return LEAVES[kind](given)


def _trait(given: Mapping[str, Any]) -> Rule:
    name, ops = _name(given, "trait"), [op for op in given if op != "trait"]
    if len(ops) != 1:
        raise BadQuestion(mark("A trait needs exactly one of: is, contains, at_least, at_most, empty."))
    op = ops[0]
    if op == "is":
        return Trait(name, "is", tuple(str(v) for v in _values(given["is"])))
    if op == "contains":
        return Trait(name, "contains", (str(given["contains"]),))
    if op == "empty":
        found = Trait(name, "empty")
        return found if given["empty"] else NotIn(found)
    number = _number(given, op)
    assert number is not None
    return Trait(name, op, (number,))


def _did(given: Mapping[str, Any]) -> Rule:
    low, high = _whole(given, "at_least"), _whole(given, "at_most")
    if low is None and high is None:
        low = 1
    _in_order(low, high)
    return Did(_table(given, "did"), _where(given, _table(given, "did")), low, high, _days(given, "within_days"))


def _last(given: Mapping[str, Any]) -> Rule:
    low, high = _days(given, "at_least_days"), _days(given, "at_most_days")
    _in_order(low, high)
    if low is None and high is None:
        raise BadQuestion(mark("Say how many days ago it was: at_least_days, at_most_days, or both."))
    return Last(_table(given, "last"), _where(given, _table(given, "last")), low, high)


def _answered(given: Mapping[str, Any]) -> Rule:
    low, high = _number(given, "at_least"), _number(given, "at_most")
    _in_order(low, high)
    return Answered(_name(given, "answered"), low, high, _days(given, "within_days"), _where(given, "answers"))


def _figure(given: Mapping[str, Any]) -> Rule:
    key = _name(given, "figure")
    if key not in INDICATORS:
        raise BadQuestion(mark("There is no indicator {key}."), key=key)
    low, high = _number(given, "at_least"), _number(given, "at_most")
    _in_order(low, high)
    options = given.get("options") or {}
    if not isinstance(options, Mapping):
        raise BadQuestion(mark("Options are an object of names and values."))
    INDICATORS[key].chosen(options)
    return Figure(key, low, high, _days(given, "within_days"), tuple(sorted(options.items())))


def _funnel(given: Mapping[str, Any]) -> Rule:
    # Funnels are asked of a segment's customers, so they import segments first.
    from percorso.analytics.behaviour.stopped import question_of

    steps = given["funnel"]
    if not isinstance(steps, list) or not 0 < len(steps) <= MOST_STEPS:
        raise BadQuestion(mark("A funnel is a list of one to {most} steps."), most=MOST_STEPS)
    within, since, before = _days(given, "within_days"), _instant(given, "since"), _instant(given, "before")
    if within is not None and (since or before):
        raise BadQuestion(mark("Give either within_days, or since and before."))
    stopped_at = _whole(given, "stopped_at")
    if stopped_at is None or not 1 <= stopped_at <= len(steps):
        raise BadQuestion(mark("{key} is the number of a step, from 1 to {last}."), key="stopped_at", last=len(steps))
    window = _number(given, "window_seconds")
    without = given.get("without") or []
    if window is None or not isinstance(without, list):
        raise BadQuestion(mark("A funnel needs window_seconds; without is a list of events."))
    made = Went(
        tuple(_step(step) for step in steps), stopped_at, window,
        str(given.get("mode", "ordered")), str(given.get("anchor", "first")),
        tuple(_excluded(each, len(steps)) for each in without), within, since, before,
    )  # fmt: skip
    question_of(made)
    return made


def _step(given: Any) -> tuple[str, tuple[tuple[str, str], ...]]:
    step = {"event": given} if isinstance(given, str) else given
    if not isinstance(step, Mapping) or set(step) - {"event", "where"} or "event" not in step:
        raise BadQuestion(mark("A step is the name of an event, or an object with event and where."))
    where = step.get("where") or {}
    if not isinstance(where, Mapping) or not all(isinstance(v, str) and 0 < len(v) <= 500 for v in where.values()):
        raise BadQuestion(mark("{name} is an object of columns and values."), name="where")
    for column in where:
        _check_column(column, "events")
    return _name(step, "event"), tuple((str(column), value) for column, value in where.items())


def _excluded(given: Any, last: int) -> tuple[str, int, int]:
    step = {"event": given} if isinstance(given, str) else given
    if not isinstance(step, Mapping) or set(step) - {"event", "from_step", "to_step"} or "event" not in step:
        raise BadQuestion(
            mark("What must not happen is the name of an event, or an object with event, from_step, to_step.")
        )
    low, high = _whole(step, "from_step"), _whole(step, "to_step")
    return _name(step, "event"), 1 if low is None else low, last if high is None else high


def _instant(given: Mapping[str, Any], key: str) -> datetime | None:
    text = given.get(key)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        found = None
    if found is None or found.tzinfo is None or not 1970 < found.year < 2200:
        raise BadQuestion(mark("{key} is an instant with its offset from UTC, e.g. 2025-12-31T00:00:00Z."), key=key)
    return found.astimezone(UTC)


def _member(given: Mapping[str, Any]) -> Rule:
    return Member(_name(given, "segment"))


LEAVES: dict[str, Callable[[Mapping[str, Any]], Rule]] = {
    "trait": _trait, "did": _did, "last": _last, "answered": _answered, "figure": _figure,
    "segment": _member, "funnel": _funnel,
}  # fmt: skip


def _where(given: Mapping[str, Any], table: str) -> tuple[Where, ...]:
    found = given.get("where") or {}
    if not isinstance(found, Mapping):
        raise BadQuestion(mark("{name} is an object of columns and values."), name="where")
    made = []
    for column, wanted in found.items():
        _check_column(column, table)
        if isinstance(wanted, Mapping):
            low, high = _number(wanted, "at_least"), _number(wanted, "at_most")
            _in_order(low, high)
            if set(wanted) - {"at_least", "at_most"} or (low is None and high is None):
                raise BadQuestion(mark("Give a list of values, or at_least and at_most."))
            made.append(Where(str(column), (), low, high))
        else:
            made.append(Where(str(column), tuple(None if v is None else str(v) for v in _values(wanted))))
    return tuple(made)


def _check_column(column: Any, table: str) -> None:
    if column not in TABLES[table].names and not str(column).startswith("properties."):
        raise BadQuestion(
            mark("There is no column {name} here. Use one of: {known} or properties.<key>."),
            name=str(column),
            known=", ".join(TABLES[table].names),
        )


def _values(given: Any) -> list[Any]:
    values = given if isinstance(given, list) else [given]
    if not values or any(isinstance(v, list | dict) for v in values) or len(values) > 1000:
        raise BadQuestion(mark("Give a list of one to a thousand values."))
    return values


def _table(given: Mapping[str, Any], key: str) -> str:
    name = _name(given, key)
    if name not in TABLES or name == "customers":
        raise BadQuestion(
            mark("There are no facts called {table}. Choose one of: {known}."),
            table=name,
            known=", ".join(t for t in TABLES if t != "customers"),
        )
    return name


def _name(given: Mapping[str, Any], key: str) -> str:
    name = given[key]
    if not isinstance(name, str) or not 0 < len(name) <= 200:
        raise BadQuestion(mark("{key} needs a name."), key=key)
    return name


def _number(given: Mapping[str, Any], key: str) -> float | None:
    value = given.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise BadQuestion(mark("{key} is a number."), key=key)
    return float(value)


def _whole(given: Mapping[str, Any], key: str) -> int | None:
    value = _number(given, key)
    if value is not None and (value % 1 or value < 0):
        raise BadQuestion(mark("{key} is a whole number, 0 or more."), key=key)
    return None if value is None else int(value)


def _days(given: Mapping[str, Any], key: str) -> float | None:
    value = _number(given, key)
    if value is not None and not 0 <= value <= 36_500:
        raise BadQuestion(mark("{key} is a number of days, 0 or more."), key=key)
    return value


def _in_order(low: float | None, high: float | None) -> None:
    if low is not None and high is not None and low > high:
        raise BadQuestion(mark("At least {low} and at most {high}: nobody can be both."), low=low, high=high)


def to_json(rule: Rule) -> dict[str, Any]:
    """Return the JSON of a rule; `parse` makes the same rule of it."""
    if isinstance(rule, AllOf | AnyOf):
        return {"all" if isinstance(rule, AllOf) else "any": [to_json(inner) for inner in rule.rules]}
    if isinstance(rule, NotIn):
        return {"not": to_json(rule.rule)}
    if isinstance(rule, Member):
        return {"segment": rule.segment}
    if isinstance(rule, Trait):
        return {"trait": rule.name, rule.op: _plain(rule)}
    return _funnel_json(rule) if isinstance(rule, Went) else _facts_json(rule)


def _funnel_json(rule: Went) -> dict[str, Any]:
    steps = [{"event": event, "where": dict(where)} if where else event for event, where in rule.steps]
    made: dict[str, Any] = {"funnel": steps, "stopped_at": rule.stopped_at, "window_seconds": rule.window_seconds}
    made |= {
        key: getattr(rule, key)
        for key, usual in (("mode", "ordered"), ("anchor", "first"))
        if getattr(rule, key) != usual
    }
    if rule.without:
        made["without"] = [{"event": e, "from_step": low, "to_step": high} for e, low, high in rule.without]
    if rule.within_days is not None:
        made["within_days"] = rule.within_days
    ends = {"since": rule.since, "before": rule.before}
    return made | {key: f"{end:%Y-%m-%dT%H:%M:%S.%f}Z" for key, end in ends.items() if end is not None}


def _plain(trait: Trait) -> Any:
    if trait.op == "empty":
        return True
    return list(trait.values) if trait.op == "is" else trait.values[0]


def _facts_json(rule: Did | Last | Answered | Figure) -> dict[str, Any]:
    kinds = {
        Did: ("did", "table"),
        Last: ("last", "table"),
        Answered: ("answered", "metric"),
        Figure: ("figure", "indicator"),
    }
    kind, name = kinds[type(rule)]
    made: dict[str, Any] = {kind: getattr(rule, name)}
    if isinstance(rule, Figure):
        made |= {"options": dict(rule.options)} if rule.options else {}
    elif rule.where:
        made["where"] = {w.column: _where_json(w) for w in rule.where}
    for key in ("at_least", "at_most", "within_days", "at_least_days", "at_most_days"):
        if (value := getattr(rule, key, None)) is not None:
            made[key] = value
    return made


def _where_json(where: Where) -> Any:
    ends = {k: v for k, v in (("at_least", where.at_least), ("at_most", where.at_most)) if v is not None}
    return ends or list(where.values)
