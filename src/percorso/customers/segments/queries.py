"""Reads of segments: their rules, what uses them, what a rule may speak of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import ibis
from django.db.models import PROTECT, Model, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext

from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Ask, Indicator
from percorso.analytics.segments import Answered, Did, Last, Rule, Trait, Went, members, parse, resolve
from percorso.analytics.segments.rules import leaves
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.base.columns import OPEN_TRAITS, tells_who
from percorso.base.owner import store
from percorso.customers.models import Segment
from percorso.customers.segments.counting import remembered
from percorso.errors import BadQuestion
from percorso.i18n import mark

# Columns whose values are few enough to be ticked.
MOST_VALUES = 60
READ_TRAITS, READ_FACTS = 500, 2000
# What uses a segment: as it is called, its address and the field that this takes; other kinds are called by their model's name.
USES = {
    "persona": (mark("Persona"), "persona", "pk"),
    "goal": (mark("Goal"), "goal", "pk"),
    "planitem": (mark("Collection plan"), "plan", "plan_id"),
    "board": (mark("Board"), "board", "slug"),
    "watch": (mark("Alert"), "alerts_watch", "pk"),
    "scorecard": (mark("Scorecard"), "scorecard", "pk"),
    "trigger": (mark("Rule that sends a survey"), "survey_send", "survey_slug"),
}


@dataclass(frozen=True)
class Use:
    """Something that a segment is used by; one that `holds` it keeps it from being removed."""

    kind: str
    name: str
    href: str
    holds: bool


def segments(workspace: Workspace) -> QuerySet[Segment]:
    """Return the segments by name."""
    return Segment.objects.filter(workspace=workspace)


def rules_of(workspace: Workspace) -> dict[str, Rule]:
    """Return the rule of every segment by its slug, as it was written."""
    return {slug: parse(given) for slug, given in segments(workspace).values_list("slug", "rule")}


def resolved(workspace: Workspace, rule: Rule, slug: str = "", known: Mapping[str, Rule] | None = None) -> Rule:
    """Return a rule with the segments that it names in place of their names; `slug` is the segment it is of.

    Raises
    ------
    BadQuestion : it names a segment that does not exist, or itself.
    """
    if not members(rule):
        return rule
    return resolve(rule, rules_of(workspace) if known is None else known, (slug,) if slug else ())


def rule_given(workspace: Workspace, given: str | Mapping[str, Any]) -> Rule:
    """Return the resolved rule that a program gives: a segment's slug, or a rule.

    Raises
    ------
    BadQuestion : it is neither.
    """
    return resolved(workspace, parse({"segment": given} if isinstance(given, str) else given))


def tells_about_people(rule: Rule) -> bool:
    """Whether a resolved rule picks by what can tell who somebody is (`tells_who`): not for everybody to build or read."""
    for leaf in leaves(rule):
        if isinstance(leaf, Trait) and tells_who(f"customer.{leaf.name}"):
            return True
        if isinstance(leaf, Did | Last | Answered):
            table = "answers" if isinstance(leaf, Answered) else leaf.table
            # An event's name says what happened, not to whom.
            if any(tells_who(w.column) and (table, w.column) != ("events", "name") for w in leaf.where):
                return True
        if isinstance(leaf, Went) and any(tells_who(column) for _, where in leaf.steps for column, _ in where):
            return True
    return False


def uses(segment: Segment) -> list[Use]:
    """Return what uses a segment: whatever points to it, and segments whose rule names it."""
    found = []
    for relation in Segment._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.one_to_many and relation.is_relation):
            continue
        model: Any = relation.related_model
        rows = model._base_manager.filter(**{relation.field.name: segment})  # type: ignore[union-attr]
        holds = relation.on_delete is PROTECT  # type: ignore[union-attr]
        # A board for some roles only is not told of to all.
        found += [_use(row, segment.workspace, holds) for row in rows if holds or not getattr(row, "roles", None)]
    for other in segments(segment.workspace).exclude(pk=segment.pk):
        if segment.slug in members(parse(other.rule)):
            href = reverse("segment", args=[segment.workspace.slug, other.slug])
            found.append(Use(gettext("Segment"), other.name, href, True))
    return sorted(found, key=lambda use: (not use.holds, use.kind, use.name))


def _use(row: Model, workspace: Workspace, holds: bool) -> Use:
    kind = row._meta.model_name or ""
    label, page, field = USES.get(kind, (kind, "", ""))
    indicator = INDICATORS.get(getattr(row, "indicator", ""))
    name = gettext(indicator.label) if indicator else str(row)
    try:
        href = reverse(page, args=[workspace.slug, getattr(row, field)]) if page else ""
    except NoReverseMatch:
        href = ""
    return Use(gettext(label), name, href, holds)


_figures: list[str] = []


def figures(workspace: Workspace) -> list[Indicator]:
    """Return the indicators that a single customer has without choosing any option, by name."""
    keys = figure_keys(workspace)
    return sorted((INDICATORS[key] for key in keys), key=lambda i: gettext(i.label).casefold())


def figure_keys(workspace: Workspace) -> tuple[str, ...]:
    """Return the keys of indicators that a single customer has; what is so once stays so while the process runs."""
    if not _figures:
        ask = Ask(store(), workspace.slug, datetime.now(UTC), {}, 0.95, workspace.schedule)
        _figures.extend(key for key, indicator in INDICATORS.items() if _of_one_customer(indicator, ask))
    return tuple(_figures)


def _of_one_customer(indicator: Indicator, ask: Ask) -> bool:
    if (
        type(indicator).per_customer is Indicator.per_customer
        or indicator.always_by
        or getattr(indicator, "population", "customer") != "customer"
    ):
        return False
    own = replace(ask, options=indicator.chosen({}))
    return indicator.per_customer(indicator.rows(own), own) is not None


def values(workspace: Workspace, table: str, column: str) -> tuple[str, ...]:
    """Return the values of a column in the facts, the most frequent first, `MOST_VALUES` at most."""

    def make(facts: Store) -> tuple[str, ...]:
        t = facts.table(table, workspace.slug)
        t = t.select(value=t[column].cast("string")).filter(ibis._.value.notnull(), ibis._.value != "")
        t = t.group_by("value").aggregate(n=ibis._.count()).order_by(ibis.desc("n"), "value").limit(MOST_VALUES)
        return tuple(facts.engine.fetch(facts.engine.sql(t))["value"].to_pylist())

    return tuple(remembered(workspace, f"values of {table}.{column}", make))


def channels(workspace: Workspace, table: str) -> tuple[str, ...]:
    """Return the channels of a table's facts."""
    return values(workspace, table, "channel")


def columns(workspace: Workspace, table: str, personal: bool) -> list[str]:
    """Return the columns of a table that a condition may compare, and the properties that its facts have."""
    own = [c.name for c in TABLES[table].own if c.kind in ("text", "number", "integer", "flag")]
    if table == "events":
        own.remove("name")
    names = [name for name in own if personal or not tells_who(name)]
    if not personal:
        return names

    def make(facts: Store) -> tuple[str, ...]:
        t = facts.table(table, workspace.slug)
        t = t.filter(t.properties.notnull()).select("properties").limit(READ_FACTS)
        every = (_keys(text) for text in facts.engine.fetch(facts.engine.sql(t))["properties"].to_pylist())
        return tuple(sorted({f"properties.{key}" for keys in every for key in keys}))

    return [*names, *remembered(workspace, f"properties of {table}", make)]


def metrics(workspace: Workspace) -> tuple[str, ...]:
    """Return what answers measure."""
    return values(workspace, "answers", "metric")


def traits(workspace: Workspace, personal: bool) -> list[str]:
    """Return the traits that a rule may speak of: columns of customers, and for `personal` the company's own traits too."""
    names: list[str] = [
        name for name in ("country", "region", "language", "plan", "segment", "company") if name in OPEN_TRAITS
    ]
    if not personal:
        return names

    def make(facts: Store) -> tuple[str, ...]:
        t = facts.table("customers", workspace.slug)
        t = t.filter(t.traits.notnull()).select("traits").limit(READ_TRAITS)
        every = (_keys(text) for text in facts.engine.fetch(facts.engine.sql(t))["traits"].to_pylist())
        return tuple(sorted({key for keys in every for key in keys}))

    own = remembered(workspace, "own traits", make)
    return [*names, "name", "id", *(key for key in own if key not in names)]


def _keys(text: Any) -> list[str]:
    try:
        found = json.loads(text) if isinstance(text, str) else {}
    except ValueError:
        return []
    return [key for key in found if 0 < len(key) <= 200] if isinstance(found, dict) else []


def by_slug(workspace: Workspace, slug: str) -> Segment:
    """Return a segment by its slug.

    Raises
    ------
    BadQuestion : there is none.
    """
    found = segments(workspace).filter(slug=slug).first()
    if found is None:
        raise BadQuestion(mark("There is no segment {segment}. It may have been removed."), segment=slug)
    return found
