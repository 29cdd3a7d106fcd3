"""Which events a workspace has: counted in the facts, and kept for as long as counting anew would cost too much."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any

import ibis
import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.methods.base import marker
from percorso.analytics.run import fill, written
from percorso.analytics.store import Store
from percorso.base.owner import store

DAYS = 14
WEEK = 7
MOST_NAMES = 1000
DAY_US = 86_400_000_000
# A count that took longer than so is used again until it is a twentieth of the time that has passed since.
QUICK_SECONDS, REUSED_TIMES, KEPT_SECONDS = 0.25, 20, 60.0


@dataclass(frozen=True)
class SeenEvent:
    """One name of events: how often, when first and last, and how often on each of the last days (24 hours), oldest first."""

    name: str
    count: int
    first: datetime
    last: datetime
    days: tuple[int, ...]

    @property
    def week(self) -> int:
        """How often in the last seven days."""
        return sum(self.days[-WEEK:])


@dataclass(frozen=True)
class Seen:
    """The events of a workspace by how often they came, as of an instant; `cut`: there are more names than are listed."""

    events: tuple[SeenEvent, ...]
    as_of: datetime
    cut: bool

    def of(self, name: str) -> SeenEvent | None:
        """Return the event of a name; None where there is none."""
        return next((event for event in self.events if event.name == name), None)


@dataclass(frozen=True)
class _Kept:
    seen: Seen
    version: int
    at: float
    reused_until: float

    def holds(self, version: int) -> bool:
        now = monotonic()
        return now < self.reused_until or (version == self.version and now - self.at < KEPT_SECONDS)


_kept: dict[tuple[int, str], _Kept] = {}
_lock = Lock()


def seen_events(workspace: Workspace) -> Seen:
    """Return the events of a workspace; they may be as old as `as_of` says."""
    facts = store()
    place, version = (facts.number, workspace.slug), facts.version(workspace.slug)
    found = _kept.get(place)
    if found is None or not found.holds(version):
        start = monotonic()
        seen = _counted(facts, workspace.slug)
        now = monotonic()
        reused = now + REUSED_TIMES * (now - start) if now - start > QUICK_SECONDS else 0.0
        found = _Kept(seen, version, now, reused)
        with _lock:
            _kept[place] = found
    return found.seen


def rows_of(
    facts: Store,
    shape: Hashable,
    make: Callable[[], ir.Table],
    moments: Mapping[str, datetime],
    texts: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of what `make` returns, compiled once a shape; instants have their zone.

    moments, texts : what stands for the markers in it, by their roles (`percorso.analytics.methods.base.marker`).
    """
    [template] = facts.compiled(("arriving", shape), lambda: [make()])
    given = written(moments) | {role: facts.engine.escaped(text) for role, text in (texts or {}).items()}
    rows: list[dict[str, Any]] = facts.engine.fetch(fill(template.sql, given)).to_pylist()
    return [{k: v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for k, v in row.items()} for row in rows]


def since(facts: Store) -> ir.TimestampScalar:
    """Return the instant of the role "since" as facts are compared with it."""
    return facts.engine.instant(marker("since"))


def _counted(facts: Store, slug: str) -> Seen:
    now = datetime.now(UTC)
    moments = {"since": now - timedelta(days=DAYS), "now": now}
    names = rows_of(facts, ("names", slug), lambda: _totals(facts, slug), moments)
    days: dict[str, list[int]] = {row["name"]: [0] * DAYS for row in names}
    for row in rows_of(facts, ("days", slug), lambda: _by_day(facts, slug), moments):
        if row["name"] in days and 0 <= row["ago"] < DAYS:
            days[row["name"]][DAYS - 1 - row["ago"]] = row["n"]
    return Seen(
        tuple(
            SeenEvent(row["name"], row["n"], row["first"], row["last"], tuple(days[row["name"]]))
            for row in names[:MOST_NAMES]
        ),
        now,
        len(names) > MOST_NAMES,
    )


def _named(facts: Store, slug: str) -> ir.Table:
    t = facts.table("events", slug)
    return t.filter(t.name.notnull())


def _totals(facts: Store, slug: str) -> ir.Table:
    t = _named(facts, slug)
    totals = t.group_by("name").aggregate(n=t.count(), first=t.at.min(), last=t.at.max())
    return totals.order_by([ibis.desc("n"), "name"]).limit(MOST_NAMES + 1)


def _by_day(facts: Store, slug: str) -> ir.Table:
    t = _named(facts, slug)
    recent = t.filter(t.at >= since(facts))
    end = facts.engine.epoch_us(facts.engine.instant(marker("now")))
    aged = recent.mutate(ago=((end - facts.engine.epoch_us(recent.at)) // DAY_US).cast("int64"))
    return aged.group_by(["name", "ago"]).aggregate(n=aged.count())
