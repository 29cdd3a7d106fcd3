"""A rule as a sentence in the language of the request: whole phrases, one a condition, joined as lists are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.lists import format_list
from babel.numbers import format_decimal
from django.utils.translation import gettext, ngettext

from percorso.analytics.indicators import INDICATORS
from percorso.analytics.segments import (
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
from percorso.base import words
from percorso.base.columns import COLUMNS, column_name, value_name
from percorso.customers.segments.rows import MONEY
from percorso.customers.sentences import METRICS
from percorso.i18n import mark

TRAIT = {
    "is": mark("whose {trait} is {values}"),
    "is_not": mark("whose {trait} is not {values}"),
    "contains": mark("whose {trait} contains “{values}”"),
    "at_least": mark("whose {trait} is at least {values}"),
    "at_most": mark("whose {trait} is at most {values}"),
    "empty": mark("whose {trait} is not known"),
    "known": mark("whose {trait} is known"),
}
# What happened, by how often it is asked, ever and of the last days.
DID = {
    "once": (mark("who did {what}"), mark("who did {what} in the last {days}")),
    "least": (mark("who did {what} at least {times}"), mark("who did {what} at least {times} in the last {days}")),
    "most": (mark("who did {what} at most {times}"), mark("who did {what} at most {times} in the last {days}")),
    "exactly": (mark("who did {what} exactly {times}"), mark("who did {what} exactly {times} in the last {days}")),
    "between": (
        mark("who did {what} at least {low} and at most {times}"),
        mark("who did {what} at least {low} and at most {times} in the last {days}"),
    ),
    "never": (mark("who never did {what}"), mark("who did not do {what} in the last {days}")),
}
HAD = {
    "least": (mark("who had at least {things}"), mark("who had at least {things} in the last {days}")),
    "most": (mark("who had at most {things}"), mark("who had at most {things} in the last {days}")),
    "exactly": (mark("who had exactly {things}"), mark("who had exactly {things} in the last {days}")),
    "between": (
        mark("who had at least {low} and at most {things}"),
        mark("who had at least {low} and at most {things} in the last {days}"),
    ),
    "never": (mark("who never had {what}"), mark("who had no {what} in the last {days}")),
}
LAST = {
    "least": (mark("who last did {what} at least {low} ago"), mark("who last had {what} at least {low} ago")),
    "most": (mark("who last did {what} at most {high} ago"), mark("who last had {what} at most {high} ago")),
    "between": (
        mark("who last did {what} between {low} and {high} ago"),
        mark("who last had {what} between {low} and {high} ago"),
    ),
}
ANSWERED = {
    "any": (mark("who answered {metric}"), mark("who answered {metric} in the last {days}")),
    "least": (
        mark("whose latest {metric} answer is at least {low}"),
        mark("whose latest {metric} answer of the last {days} is at least {low}"),
    ),
    "most": (
        mark("whose latest {metric} answer is at most {high}"),
        mark("whose latest {metric} answer of the last {days} is at most {high}"),
    ),
    "exactly": (
        mark("whose latest {metric} answer is {low}"),
        mark("whose latest {metric} answer of the last {days} is {low}"),
    ),
    "between": (
        mark("whose latest {metric} answer is between {low} and {high}"),
        mark("whose latest {metric} answer of the last {days} is between {low} and {high}"),
    ),
}
FIGURE = {
    "any": (mark("who have a figure of {indicator}"), mark("who have a figure of {indicator} of the last {days}")),
    "least": (
        mark("whose own {indicator} is at least {low}"),
        mark("whose own {indicator} of the last {days} is at least {low}"),
    ),
    "most": (
        mark("whose own {indicator} is at most {high}"),
        mark("whose own {indicator} of the last {days} is at most {high}"),
    ),
    "exactly": (
        mark("whose own {indicator} is {low}"),
        mark("whose own {indicator} of the last {days} is {low}"),
    ),
    "between": (
        mark("whose own {indicator} is between {low} and {high}"),
        mark("whose own {indicator} of the last {days} is between {low} and {high}"),
    ),
}
# Where somebody stopped in a funnel: at the first step, further on, who finished; and the same of steps in any order.
WENT = {
    "first": mark("who did {done} and not {next} within {time}"),
    "stopped": mark("who did {done} one after the other and not {next} within {time}"),
    "finished": mark("who did {done} one after the other within {time}"),
    "single": mark("who did {done}"),
    "any_stopped": mark("who did {n} of {steps} within {time}"),
    "any_finished": mark("who did {steps} in any order within {time}"),
}
NOUNS = {
    "events": mark("events"),
    "answers": mark("answers"),
    "mentions": mark("texts"),
    "tickets": mark("tickets"),
    "ticket_events": mark("steps in tickets"),
    "promises": mark("promises"),
    "contacts": mark("contacts"),
    "orders": mark("orders"),
    "subscriptions": mark("subscriptions"),
    "messages": mark("messages"),
    "cases": mark("follow-ups"),
}
THINGS: dict[str, Callable[[int], str]] = {
    "events": lambda n: ngettext("{n} event", "{n} events", n),
    "answers": lambda n: ngettext("{n} answer", "{n} answers", n),
    "mentions": lambda n: ngettext("{n} text", "{n} texts", n),
    "tickets": lambda n: ngettext("{n} ticket", "{n} tickets", n),
    "ticket_events": lambda n: ngettext("{n} step in tickets", "{n} steps in tickets", n),
    "promises": lambda n: ngettext("{n} promise", "{n} promises", n),
    "contacts": lambda n: ngettext("{n} contact", "{n} contacts", n),
    "orders": lambda n: ngettext("{n} order", "{n} orders", n),
    "subscriptions": lambda n: ngettext("{n} subscription", "{n} subscriptions", n),
    "messages": lambda n: ngettext("{n} message", "{n} messages", n),
    "cases": lambda n: ngettext("{n} follow-up", "{n} follow-ups", n),
}


def sentence(rule: Rule, names: Mapping[str, str]) -> str:
    """Return what a rule says, as one sentence without its full stop; `names` are those of segments by their slugs."""
    teller = _Teller(names)
    rule = simplified(rule)
    if isinstance(rule, AnyOf):
        return gettext("Customers {rest}").format(rest=teller.alternatives(rule.rules))
    rules = [*rule.rules] if isinstance(rule, AllOf) else [rule]
    first = next((r for r in rules if isinstance(r, Trait) and (r.name, r.op) == ("country", "is")), None)
    rest = teller.joined([r for r in rules if r is not first], "standard")
    if first is None:
        return gettext("Customers {rest}").format(rest=rest) if rules else gettext("All customers")
    places = _or([value_name("customer.country", str(v)) for v in first.values])
    if not rest:
        return gettext("Customers in {places}").format(places=places)
    return gettext("Customers in {places} {rest}").format(places=places, rest=rest)


def simplified(rule: Rule) -> Rule:
    """Return a rule that means the same with as few groups as it needs: none of one rule, none in one of its kind."""
    if isinstance(rule, NotIn):
        inner = simplified(rule.rule)
        return inner.rule if isinstance(inner, NotIn) else NotIn(inner)
    if not isinstance(rule, AllOf | AnyOf):
        return rule
    kind, rules = type(rule), list[Rule]()
    for inner in map(simplified, rule.rules):
        rules += inner.rules if isinstance(inner, kind) else [inner]
    return rules[0] if len(rules) == 1 else kind(tuple(rules))


@dataclass(frozen=True)
class _Teller:
    names: Mapping[str, str]

    def joined(self, rules: Sequence[Rule], style: str) -> str:
        # Groups come last: what follows one would be taken for a part of it.
        told = [self.phrase(r) for r in sorted(rules, key=_depth)]
        return str(format_list(told, style=style, locale=words.locale())) if told else ""  # type: ignore[arg-type]

    def alternatives(self, rules: Sequence[Rule]) -> str:
        """Return the rules of whom one must hold; those that are several conditions at once are set apart."""
        if not any(isinstance(r, AllOf) for r in rules):
            return self.joined(rules, "or")
        told = [self.joined(r.rules, "standard") if isinstance(r, AllOf) else self.phrase(r) for r in rules]
        text = told[0]
        for other in told[1:]:
            text = gettext("{one}; or {other}").format(one=text, other=other)
        return text

    def phrase(self, rule: Rule) -> str:
        """Return a rule as a clause about customers."""
        if isinstance(rule, AllOf | AnyOf):
            return self.group(rule)
        if isinstance(rule, NotIn):
            return self.denied(rule.rule)
        if isinstance(rule, Member):
            return gettext("who are in the segment “{name}”").format(name=self.names.get(rule.segment, rule.segment))
        return _leaf(rule)

    def group(self, rule: AllOf | AnyOf) -> str:
        """Return a group that stands beside other conditions as a clause of its own."""
        if not rule.rules:
            return gettext("whoever they are")
        if isinstance(rule, AnyOf):
            return gettext("either {rules}").format(rules=self.joined(rule.rules, "or"))
        text = gettext("both {rules}") if len(rule.rules) == 2 else gettext("at once {rules}")
        return text.format(rules=self.joined(rule.rules, "standard"))

    def denied(self, rule: Rule) -> str:
        if isinstance(rule, Trait) and rule.op in ("is", "empty"):
            return _trait(rule, {"is": "is_not", "empty": "known"}[rule.op])
        if isinstance(rule, Member):
            name = self.names.get(rule.segment, rule.segment)
            return gettext("who are not in the segment “{name}”").format(name=name)
        if isinstance(rule, Did) and (rule.at_least, rule.at_most) == (1, None):
            return _did(Did(rule.table, rule.where, None, 0, rule.within_days))
        if isinstance(rule, AnyOf):
            inner = self.alternatives(rule.rules)
        else:
            inner = self.joined(rule.rules, "standard") if isinstance(rule, AllOf) else self.phrase(rule)
        return gettext("who are not among those {inner}").format(inner=inner or gettext("whoever they are"))


def _depth(rule: Rule) -> int:
    """Return how deep a rule is, so that single conditions stand before groups."""
    if isinstance(rule, AllOf | AnyOf):
        return 1 + max(map(_depth, rule.rules), default=0)
    if isinstance(rule, NotIn) and isinstance(rule.rule, AllOf | AnyOf):
        return 1 + _depth(rule.rule)
    return 0


def _leaf(rule: Trait | Did | Last | Answered | Figure | Went) -> str:
    if isinstance(rule, Trait):
        return _trait(rule, rule.op)
    if isinstance(rule, Did):
        return _did(rule)
    if isinstance(rule, Last):
        return _last(rule)
    if isinstance(rule, Went):
        return _went(rule)
    return _answered(rule) if isinstance(rule, Answered) else _figure(rule)


def trait_name(name: str) -> str:
    """Return the name of a trait as it stands in a sentence; a company's own stays as it is."""
    known = f"customer.{name}"
    label = column_name(known)
    return label[:1].lower() + label[1:] if known in COLUMNS else label


def _trait(rule: Trait, op: str) -> str:
    values = _or(
        [_number(v) if isinstance(v, int | float) else value_name(f"customer.{rule.name}", v) for v in rule.values]
    )
    return gettext(TRAIT[op]).format(trait=trait_name(rule.name), values=values)


def _did(rule: Did) -> str:
    what, named = _what(rule.table, rule.where)
    low, high = rule.at_least, rule.at_most
    how = _how(low, high)
    if high == 0:
        how = "never"
    n = (low if high is None else high) or 0
    if named:
        how = "once" if (low, high) == (1, None) else how
        template, counted = DID[how], lambda n: ngettext("{n} time", "{n} times", n).format(n=words.count(n))
    else:
        template, counted = HAD[how], lambda n: _things(rule.table, rule.where, n)
    return gettext(template[rule.within_days is not None]).format(
        what=what, times=counted(n), things=counted(n), low=words.count(low or 0), days=_days(rule.within_days)
    )


def _last(rule: Last) -> str:
    what, named = _what(rule.table, rule.where)
    template = LAST[_how(rule.at_least_days, rule.at_most_days).replace("exactly", "between")]
    low, high = _days(rule.at_least_days), _days(rule.at_most_days)
    return gettext(template[0 if named else 1]).format(what=what, low=low, high=high)


def _answered(rule: Answered) -> str:
    metric = _more(METRICS.get(rule.metric, rule.metric), rule.where)
    template = ANSWERED[_how(rule.at_least, rule.at_most)][rule.within_days is not None]
    low, high = _number(rule.at_least), _number(rule.at_most)
    return gettext(template).format(metric=metric, low=low, high=high, days=_days(rule.within_days))


def _figure(rule: Figure) -> str:
    indicator = INDICATORS[rule.indicator]
    template = FIGURE[_how(rule.at_least, rule.at_most)][rule.within_days is not None]
    low, high = words.value(rule.at_least, indicator), words.value(rule.at_most, indicator)
    name = gettext(indicator.label)
    if rule.options:
        told = [f"{key}: {value}" for key, value in rule.options]
        name = f"{name} ({'; '.join(told)})"
    return gettext(template).format(indicator=name, low=low, high=high, days=_days(rule.within_days))


def _went(rule: Went) -> str:
    steps = [_more(event, [Where(column, (value,)) for column, value in where]) for event, where in rule.steps]
    k, last = rule.stopped_at, rule.stopped_at == len(steps)
    if len(steps) == 1:
        how = "single"
    elif rule.mode == "any":
        how = "any_finished" if last else "any_stopped"
    else:
        how = "finished" if last else "first" if k == 1 else "stopped"
    text = gettext(WENT[how]).format(
        done=_and(steps[:k]), next="" if last else steps[k], steps=_and(steps), n=words.count(k),
        time=words.length(rule.window_seconds),
    )  # fmt: skip
    details = _details(rule)
    return f"{text} ({'; '.join(details)})" if details else text


def _details(rule: Went) -> list[str]:
    """Return what else a rule about a funnel says, each part as it stands in brackets."""
    told = [gettext("nothing in between")] if rule.mode == "strict" else []
    told += [gettext("their best attempt")] if rule.anchor == "best" else []
    told += [
        gettext("without {event} between steps {low} and {high}").format(event=event, low=low, high=high)
        for event, low, high in rule.without
    ]
    if rule.within_days is not None:
        told.append(gettext("begun in the last {days}").format(days=_days(rule.within_days)))
    return told + begun(rule.since, rule.before)


def begun(since: datetime | None, before: datetime | None) -> list[str]:
    """Return between which instants attempts began, each part as it stands in brackets."""
    told = []
    if since is not None:
        told.append(gettext("begun since {instant} UTC").format(instant=words.day_and_time(since)))
    if before is not None:
        told.append(gettext("begun before {instant} UTC").format(instant=words.day_and_time(before)))
    return told


def _how(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return "any"
    if low is None or high is None:
        return "least" if high is None else "most"
    return "exactly" if low == high else "between"


def _what(table: str, where: Sequence[Where]) -> tuple[str, bool]:
    """Return what happened, and whether it is called by its own name (an event) and not by its kind."""
    named = next((w for w in where if table == "events" and w.column == "name" and None not in w.values), None)
    rest = [w for w in where if w is not named]
    what = _or([str(v) for v in named.values]) if named else gettext(NOUNS.get(table, table))
    return _more(what, rest), named is not None


def _things(table: str, where: Sequence[Where], n: int) -> str:
    template = THINGS[table](n) if table in THINGS else f"{{n}} {table}"
    return _more(template.format(n=words.count(n)), where)


def _more(what: str, where: Sequence[Where]) -> str:
    """Return what happened with the further conditions on it behind, in brackets."""
    if not where:
        return what
    return f"{what} ({'; '.join(_condition(w) for w in where)})"


def _condition(where: Where) -> str:
    name = column_name(where.column)
    if where.values:
        return f"{name}: {_or([value_name(where.column, v) for v in where.values])}"
    ends = ((where.at_least, "≥"), (where.at_most, "≤"))
    scale = 100 if where.column in MONEY else 1
    return ", ".join(f"{name} {sign} {_number(end / scale)}" for end, sign in ends if end is not None)


def _days(days: float | None) -> str:
    return "" if days is None else ngettext("{n} day", "{n} days", round(days) or 2).format(n=_number(days))


def _number(value: float | None) -> str:
    return "" if value is None else str(format_decimal(value, "#,##0.######", locale=words.locale()))


def _and(values: Sequence[str]) -> str:
    return str(format_list(list(values), style="standard", locale=words.locale()))


def _or(values: Sequence[str]) -> str:
    return str(format_list(list(values), style="or", locale=words.locale())) if values else ""
