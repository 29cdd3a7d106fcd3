"""The events that came last, and what those of one name look like: a bounded number of them is read."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any

import ibis
import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.methods.base import marker
from percorso.base.owner import store
from percorso.sources.arriving.seen import rows_of, since
from percorso.sources.tracking.plan import OWN_PROPERTY, TYPES

SHOWN = 50
SAMPLED = 1000
MOST_IDS = 20
EXAMPLES, EXAMPLE_LETTERS = 4, 60
COLUMNS = ("id", "name", "customer", "identity", "at", "received_at", "channel", "device", "page", "properties")
# Nothing older is shown as if it had just come; the shorter is tried first, for it reads less.
SPANS = (timedelta(hours=1), timedelta(days=1), timedelta(days=30))


def latest(workspace: Workspace, name: str = "") -> list[dict[str, Any]]:
    """Return the events that the server got last, the newest first; those of one name, or of all."""
    facts, now = store(), datetime.now(UTC)

    def newest() -> ir.Table:
        t = facts.table("events", workspace.slug)
        t = t.filter(t.name == marker("name") if name else t.name.notnull(), t.received_at >= since(facts))
        return t.select(*COLUMNS).order_by([ibis.desc("received_at"), "id"]).limit(SHOWN)

    found: list[dict[str, Any]] = []
    for span in SPANS:
        found = rows_of(facts, ("latest", workspace.slug, bool(name)), newest, {"since": now - span}, {"name": name})
        if len(found) == SHOWN:
            break
    return found


def by_ids(workspace: Workspace, ids: list[str]) -> dict[str, dict[str, Any]]:
    """Return events by their ids, those that are there; `MOST_IDS` of them at most."""
    if not ids:
        return {}
    facts, roles = store(), [f"id_{n}" for n in range(MOST_IDS)]

    def those() -> ir.Table:
        t = facts.table("events", workspace.slug)
        return t.filter(t.id.isin([marker(role) for role in roles])).select(*COLUMNS)

    texts = dict(zip(roles, islice(cycle(ids[:MOST_IDS]), MOST_IDS), strict=True))
    return {row["id"]: row for row in rows_of(facts, ("ids", workspace.slug), those, {}, texts)}


@dataclass
class SeenProperty:
    """A property of events of one name, in a sample of them."""

    name: str
    filled: int = 0
    types: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The one type that all values have, a key of `TYPES`; `any` when they differ."""
        kinds = set(self.types)
        if kinds == {"integer", "number"}:
            return "number"
        if kinds == {"instant", "text"}:
            return "text"
        return next(iter(kinds)) if len(kinds) == 1 else "any"

    def add(self, value: Any) -> None:
        """Count a value."""
        self.filled += 1
        self.types[type_of(value)] += 1
        shown = (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:EXAMPLE_LETTERS]
        if len(self.examples) < EXAMPLES and shown not in self.examples:
            self.examples.append(shown)


@dataclass(frozen=True)
class Sample:
    """The newest events of one name: how many, and their properties, those first that most of them have."""

    size: int
    properties: tuple[SeenProperty, ...]


def type_of(value: Any) -> str:
    """Return the narrowest type that a value has."""
    return next(
        kind
        for kind in ("flag", "integer", "number", "instant", "text", "list", "object", "any")
        if TYPES[kind][1](value)
    )


def sample(workspace: Workspace, name: str, size: int = SAMPLED) -> Sample:
    """Return what the properties of an event are, by the newest `size` of that name."""
    facts = store()

    def newest() -> ir.Table:
        t: ir.Table = facts.table("events", workspace.slug)
        t = t.filter(t.name == marker("name")).select("at", "properties")
        return t.order_by(ibis.desc("at")).limit(size)

    rows = rows_of(facts, ("sample", workspace.slug, size), newest, {}, {"name": name})
    found: dict[str, SeenProperty] = {}
    for row in rows:
        for key, value in read_properties(row["properties"]).items():
            if key != OWN_PROPERTY and value is not None:
                found.setdefault(key, SeenProperty(key)).add(value)
    return Sample(len(rows), tuple(sorted(found.values(), key=lambda p: (-p.filled, p.name))))


def read_properties(text: str | None) -> dict[str, Any]:
    """Return the properties of a fact; none where they are no JSON object."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
