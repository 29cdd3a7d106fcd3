"""The builder of rules: groups of rows, as a form sends them; works with and without script."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from percorso.analytics.segments import AllOf, AnyOf, NotIn, Rule
from percorso.customers.segments import funnel_row
from percorso.customers.segments.funnel_row import FunnelRow
from percorso.customers.segments.rows import LISTS, TEXTS, Row, fits, row_of
from percorso.errors import BadQuestion
from percorso.i18n import mark

HOWS = {"all": mark("all of these"), "any": mark("any of these"), "none": mark("none of these")}
ONCE, EACH = (*TEXTS, *funnel_row.TEXTS), (*LISTS, *funnel_row.LISTS)
FIELD = re.compile(r"g(\d{1,2})\.r(\d{1,2})\.(\w+)")
MOST_ROWS = 40


@dataclass
class Group:
    """Rows that hold together: all of them, any of them, none of them."""

    how: str = "all"
    rows: list[Row] = field(default_factory=list)


@dataclass
class Builder:
    """Groups of which all or any must hold; `place` is the id of the field where somebody goes on after a button."""

    how: str = "all"
    groups: list[Group] = field(default_factory=list)
    place: str = ""

    @classmethod
    def of(cls, rule: Rule) -> "Builder":
        """Return the builder that shows a rule; parts that no fields can show are kept as text."""
        if isinstance(rule, AnyOf) and not all(fits(r) for r in rule.rules):
            return cls("any", [_group(r) for r in rule.rules])
        if not isinstance(rule, AllOf):
            return cls("all", [_group(rule)])
        made = cls("all")
        for inner in rule.rules:
            group = _group(inner)
            if group.how == "all" and made.groups and made.groups[-1].how == "all":
                made.groups[-1].rows += group.rows
            else:
                made.groups.append(group)
        return made if made.groups else cls("all", [Group(rows=[Row().fitting()])])

    @classmethod
    def read(cls, given: QueryDict) -> "Builder":
        """Return the builder that a form sends; an empty one has one row."""
        found: dict[int, dict[int, dict[str, Any]]] = {}
        for key in given:
            match = FIELD.fullmatch(key)
            if match and match[3] in ONCE + EACH:
                value = tuple(given.getlist(key)) if match[3] in EACH else given[key]
                found.setdefault(int(match[1]), {}).setdefault(int(match[2]), {})[match[3]] = value
        groups = [
            Group(_how(given.get(f"g{g}.how"), HOWS), [_read(rows[r]) for r in sorted(rows)][:MOST_ROWS])
            for g, rows in sorted(found.items())
        ]
        return cls(_how(given.get("how"), ("all", "any")), groups or [Group(rows=[Row().fitting()])])

    def act(self, do: str) -> None:
        """Add or remove a row or a group: add-row:0, remove-row:0.1, add-group, remove-group:0; or change the funnel of
        a row, see `FunnelRow.changed`: add-step:0.1, remove-step:0.1.2.
        """
        verb, _, at = do.partition(":")
        g, r, i = (int(n) if n.isdecimal() and len(n) < 3 else -1 for n in [*at.split("."), "", "", ""][:3])
        group = self.groups[g] if 0 <= g < len(self.groups) else None
        row = group.rows[r] if group is not None and 0 <= r < len(group.rows) else None
        if verb == "add-group":
            self.groups.append(Group("any", [Row().fitting()]))
        elif verb == "add-row" and group is not None:
            group.rows.append(Row().fitting())
        elif verb == "remove-group" and group is not None:
            self.groups.remove(group)
        elif verb == "remove-row" and group is not None and row is not None:
            del group.rows[r]
        elif group is not None and row is not None:
            funnel = row.funnel.changed(verb, i)
            group.rows[r], self.place = replace(row, funnel=funnel), f"g{g}.r{r}.{funnel.place(verb, i)}"
        self.groups = [each for each in self.groups if each.rows] or [Group(rows=[Row().fitting()])]

    @property
    def has_errors(self) -> bool:
        """Whether something stands beside a row that is wrong with it."""
        return any(row.error for group in self.groups for row in group.rows)

    def rule(self) -> Rule:
        """Return the rule that all rows make; errors stand in their rows.

        Raises
        ------
        BadQuestion : a row is wrong or not finished.
        """
        made: list[tuple[str, list[Rule]]] = []
        wrong: BadQuestion | None = None
        for group in self.groups:
            rules = []
            for i, row in enumerate(group.rows):
                try:
                    rules.append(row.rule())
                except BadQuestion as error:
                    wrong = wrong or error
                    group.rows[i] = replace(row, error=told(error))
            made.append((group.how, rules))
        if wrong is not None:
            raise wrong
        return self._joined(made)

    def _joined(self, made: list[tuple[str, list[Rule]]]) -> Rule:
        flat: list[Rule] = []
        for how, rules in made:
            if how == self.how and how != "none":
                flat += rules
            else:
                flat.append(_together(how, rules))
        if len(flat) == 1:
            return flat[0]
        return AllOf(tuple(flat)) if self.how == "all" else AnyOf(tuple(flat))


def told(error: BadQuestion) -> str:
    """Return what was wrong, in the language of the request."""
    return gettext(error.message).format(**error.params)


def _together(how: str, rules: list[Rule]) -> Rule:
    if how == "none":
        return NotIn(rules[0] if len(rules) == 1 else AnyOf(tuple(rules)))
    if len(rules) == 1:
        return rules[0]
    return AllOf(tuple(rules)) if how == "all" else AnyOf(tuple(rules))


def _group(rule: Rule) -> Group:
    """Return the group that shows one part of a rule."""
    if fits(rule):
        return Group("all", [row_of(rule)])
    how, inner = "all", (rule,)
    if isinstance(rule, AllOf | AnyOf):
        how, inner = "all" if isinstance(rule, AllOf) else "any", rule.rules
    elif isinstance(rule, NotIn):
        how, inner = "none", rule.rule.rules if isinstance(rule.rule, AnyOf) else (rule.rule,)
    if not inner or not (how == "none" or all(fits(r) for r in inner)):
        return Group("all", [row_of(rule)])
    return Group(how, [row_of(r) for r in inner])


def _how(given: str | None, known: object) -> str:
    return given if given in known else "all"  # type: ignore[operator, return-value]


def _read(fields: dict[str, Any]) -> Row:
    texts = {name: fields[name] for name in TEXTS if name in fields}
    ticked = {name: tuple(v for v in fields[name] if v) for name in LISTS if name in fields}
    return Row(**texts, **ticked, funnel=FunnelRow.read(fields)).fitting()
