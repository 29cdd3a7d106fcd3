"""One condition as a row of the builder: texts of a form on one side, a rule on the other."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from percorso.analytics.indicators import INDICATORS
from percorso.analytics.segments import (
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
    parse,
    to_json,
)
from percorso.base.units import typed_unit
from percorso.customers.segments.funnel_row import FunnelRow
from percorso.customers.segments.typed import number_of, typed
from percorso.errors import BadQuestion
from percorso.i18n import mark

KINDS = {
    "trait": mark("What they are"),
    "did": mark("What they did"),
    "last": mark("When they did it last"),
    "answered": mark("Their latest answer"),
    "figure": mark("Their own figure"),
    "funnel": mark("How far they got in a funnel"),
    "segment": mark("Another segment"),
}
OPS = {
    "trait": {
        "is": mark("is one of"),
        "is_not": mark("is none of"),
        "contains": mark("contains"),
        "least": mark("is at least"),
        "most": mark("is at most"),
        "known": mark("is known"),
        "empty": mark("is not known"),
    },
    "did": {
        "least": mark("at least"),
        "most": mark("at most"),
        "exactly": mark("exactly"),
        "never": mark("never"),
    },
    "last": {"least": mark("at least"), "most": mark("at most")},
    "answered": {
        "most": mark("is at most"),
        "least": mark("is at least"),
        "exactly": mark("is exactly"),
        "any": mark("was given"),
    },
    "figure": {"most": mark("is at most"), "least": mark("is at least")},
    "segment": {"in": mark("are in"), "out": mark("are not in")},
    "funnel": {"": ""},
    "text": {"": ""},
}
COLUMN_OPS = {"is": mark("is one of"), "least": mark("is at least"), "most": mark("is at most")}
# Columns in minor units (cents), typed in whole ones.
MONEY = ("amount", "mrr")
NO_VALUE = ("known", "empty", "never", "any")
FIRST = {"trait": "country", "did": "events", "last": "orders", "answered": "nps", "figure": "csat"}
# Fields that the form sends once, and those that it sends once a tick.
TEXTS = ("kind", "name", "op", "value", "days", "column", "column_op", "column_value", "json", "was")
LISTS = ("values", "events", "channels")


@dataclass(frozen=True)
class Row:
    """A condition as the form has it. `name`: trait, table, metric, indicator or segment; `json`: one of kind text;
    `funnel`: one of kind funnel. `column` is one further column of the fact that is compared.

    `was` tells the kind and name that the page showed: what was typed for another one is forgotten.
    """

    kind: str = "trait"
    name: str = ""
    op: str = ""
    value: str = ""
    days: str = ""
    column: str = ""
    column_op: str = "is"
    column_value: str = ""
    json: str = ""
    values: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    funnel: FunnelRow = field(default_factory=FunnelRow)
    error: str = field(default="", compare=False)
    was: str = field(default="", compare=False)

    def fitting(self) -> "Row":
        """Return the row with a name and a comparison that its kind has; what another kind had is forgotten."""
        ops = OPS.get(self.kind)
        if ops is None:
            return Row().fitting()
        kind, _, before = self.was.partition(":")
        if kind and kind != self.kind:
            return Row(self.kind).fitting()
        if kind and before != self.name:
            return Row(self.kind, self.name, self.op, days=self.days).fitting()
        name = self.name or FIRST.get(self.kind, "")
        op = self.op if self.op in ops else next(iter(ops))
        value = self.value or ("1" if self.kind == "did" and op not in NO_VALUE else "")
        return replace(self, name=name, op=op, value=value)

    @property
    def takes_value(self) -> bool:
        """Whether something is typed or ticked beside the comparison."""
        return self.op not in NO_VALUE and self.kind not in ("segment", "funnel", "text")

    def rule(self) -> Rule:
        """Return the condition as a rule.

        Raises
        ------
        BadQuestion : something is missing or wrong; the message says what.
        """
        return MADE[self.kind](self)


def row_of(rule: Rule) -> Row:
    """Return the row that shows a condition; one that no fields can show is kept as text."""
    attempt = _shown(rule)
    try:
        if attempt is not None and _ordered(attempt.fitting().rule()) == _ordered(rule):
            return attempt.fitting()
    except BadQuestion:
        pass
    return Row("text", json=json.dumps(to_json(rule), ensure_ascii=False))


def fits(rule: Rule) -> bool:
    """Whether fields can show a condition."""
    return row_of(rule).kind != "text"


def _days(row: Row) -> dict[str, float]:
    return {"within_days": number_of(row.days)} if row.days.strip() else {}


def _ends(row: Row, own: Callable[[float], float] = float) -> dict[str, float]:
    """Return the ends that a comparison with a number sets."""
    if row.op in NO_VALUE:
        return {}
    number = own(number_of(row.value))
    names = {"least": ("at_least",), "most": ("at_most",), "exactly": ("at_least", "at_most")}[row.op]
    return dict.fromkeys(names, number)


def _ticked(row: Row) -> list[str]:
    """Return the values ticked, and those typed with commas between them."""
    return list(dict.fromkeys([*row.values, *_listed(row.value)]))


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _trait(row: Row) -> Rule:
    if row.op in ("known", "empty"):
        return parse({"trait": row.name, "empty": row.op == "empty"})
    if row.op in ("is", "is_not"):
        values = _ticked(row)
        if not values:
            raise BadQuestion(mark("Choose at least one value."))
        found = parse({"trait": row.name, "is": values})
        return found if row.op == "is" else NotIn(found)
    if row.op == "contains":
        if not row.value.strip():
            raise BadQuestion(mark("Type what it contains."))
        return parse({"trait": row.name, "contains": row.value.strip()})
    return parse({"trait": row.name, f"at_{row.op}": number_of(row.value)})


def _where(row: Row) -> dict[str, Any]:
    names = row.events if row.name == "events" else ()
    found: dict[str, Any] = {k: list(v) for k, v in (("name", names), ("channel", row.channels)) if v}
    if not row.column:
        return found
    if row.column_op in ("least", "most"):
        number = number_of(row.column_value) * (100 if row.column in MONEY else 1)
        return found | {row.column: {f"at_{row.column_op}": number}}
    values = _listed(row.column_value)
    if not values:
        raise BadQuestion(mark("Choose at least one value."))
    return found | {row.column: values}


def _did(row: Row) -> Rule:
    often: Mapping[str, float] = {"at_most": 0} if row.op == "never" else _ends(row)
    return parse({"did": row.name, "where": _where(row), **often, **_days(row)})


def _last(row: Row) -> Rule:
    return parse({"last": row.name, "where": _where(row), f"at_{row.op}_days": number_of(row.value)})


def _answered(row: Row) -> Rule:
    return parse({"answered": row.name, **_ends(row), **_days(row)})


def _figure(row: Row) -> Rule:
    if row.name not in INDICATORS:
        raise BadQuestion(mark("There is no indicator {key}."), key=row.name)
    unit = typed_unit(INDICATORS[row.name])
    return parse({"figure": row.name, **_ends(row, lambda n: unit.own(n) or 0.0), **_days(row)})


def _segment(row: Row) -> Rule:
    if not row.name:
        raise BadQuestion(mark("Choose a segment."))
    return Member(row.name) if row.op == "in" else NotIn(Member(row.name))


def rule_from_text(text: str) -> Rule:
    """Return the rule that JSON text says.

    Raises
    ------
    BadQuestion : it is no JSON, or no rule.
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadQuestion(mark("This is no JSON. Copy a rule as a whole, with all its brackets.")) from error
    return parse(given)


MADE: dict[str, Callable[[Row], Rule]] = {
    "trait": _trait,
    "did": _did,
    "last": _last,
    "answered": _answered,
    "figure": _figure,
    "segment": _segment,
    "funnel": lambda row: row.funnel.rule(row.days),
    "text": lambda row: rule_from_text(row.json),
}


def _shown(rule: Rule) -> Row | None:
    """Return the row that could show a condition; whether it says the same is checked by making the rule of it."""
    if isinstance(rule, Member):
        return Row("segment", rule.segment, "in")
    if isinstance(rule, NotIn):
        return _denied(rule.rule)
    if isinstance(rule, Trait):
        op = {"at_least": "least", "at_most": "most"}.get(rule.op, rule.op)
        if rule.op == "is":
            return Row("trait", rule.name, op, values=tuple(str(v) for v in rule.values))
        return Row("trait", rule.name, op, typed(rule.values[0]) if rule.values else "")
    if isinstance(rule, Did | Last):
        return _fact_row(rule)
    if isinstance(rule, Went):
        return Row("funnel", days=typed(rule.within_days), funnel=FunnelRow.of(rule))
    if isinstance(rule, Answered | Figure):
        factor = typed_unit(INDICATORS[rule.indicator]).factor if isinstance(rule, Figure) else 1
        name = rule.indicator if isinstance(rule, Figure) else rule.metric
        kind = "figure" if isinstance(rule, Figure) else "answered"
        low, high = (None if end is None else round(end * factor, 9) for end in (rule.at_least, rule.at_most))
        return Row(kind, name, _op(low, high), typed(high if low is None else low), typed(rule.within_days))
    return None


def _denied(rule: Rule) -> Row | None:
    if isinstance(rule, Member):
        return Row("segment", rule.segment, "out")
    if isinstance(rule, AnyOf) or not isinstance(rule, Trait) or rule.op not in ("is", "empty"):
        return None
    op = "is_not" if rule.op == "is" else "known"
    return Row("trait", rule.name, op, values=tuple(str(v) for v in rule.values))


def _fact_row(rule: Did | Last) -> Row:
    where = {w.column: w for w in rule.where}
    named = where.pop("name", Where("")) if rule.table == "events" else Where("")
    more: dict[str, Any] = {"events": _values(named), "channels": _values(where.pop("channel", Where("")))}
    for column in where.values():
        more |= {"column": column.column, **_column(column)}
    if isinstance(rule, Last):
        low, high = rule.at_least_days, rule.at_most_days
        return Row("last", rule.table, _op(low, high), typed(high if low is None else low), **more)
    op = "never" if (rule.at_least, rule.at_most) == (None, 0) else _op(rule.at_least, rule.at_most)
    value = typed(rule.at_most if rule.at_least is None else rule.at_least)
    return Row("did", rule.table, op, value, typed(rule.within_days), **more)


def _column(where: Where) -> dict[str, str]:
    if where.values:
        return {"column_op": "is", "column_value": ", ".join(_values(where))}
    scale = 100 if where.column in MONEY else 1
    op, end = ("most", where.at_most) if where.at_least is None else ("least", where.at_least)
    return {"column_op": op, "column_value": typed((end or 0) / scale)}


def _ordered(rule: Rule) -> Rule:
    """Return a condition with its columns in the order of their names: the order says nothing."""
    if isinstance(rule, Did | Last | Answered):
        return replace(rule, where=tuple(sorted(rule.where, key=lambda w: w.column)))
    return rule


def _values(where: Where) -> tuple[str, ...]:
    return tuple(v for v in where.values if v is not None)


def _op(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return "any"
    if low is not None and high is not None:
        return "exactly"
    return "most" if low is None else "least"
