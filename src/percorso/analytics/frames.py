"""From the facts that may count to the cells of a query: segment, period, side, bucket, breakdown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

import ibis
import ibis.expr.types as ir

from percorso.analytics.calendar import bucket_starts, offsets, zone
from percorso.analytics.engines.base import Engine
from percorso.analytics.methods.base import Ask, marker
from percorso.analytics.query import Grain, Period, Query
from percorso.analytics.segments import Rule, customers_in
from percorso.analytics.tables import TABLES
from percorso.errors import BadQuestion
from percorso.i18n import mark

# Grains whose buckets are equally long on the local clock; months and longer are not.
STEP_SECONDS: dict[Grain, int] = {"hour": 3600, "day": 86400, "week": 7 * 86400}
# Up to so many buckets, comparing with each bound is faster than a division.
FEW = 40
# The columns that facts have.
COLUMNS = frozenset(name for table in TABLES.values() for name in table.names)
NOW, BEFORE = 0, 1


@dataclass(frozen=True)
class Bucket:
    """One step of a series: its first instant, the first after it, and whether the period cuts it."""

    start: datetime
    end: datetime
    whole: bool


@dataclass(frozen=True)
class Frame:
    """The windows of time of a query. Sides: `NOW` is what is asked, `BEFORE` what it is compared with."""

    period: Period | None
    before: Period | None
    grain: Grain | None
    buckets: tuple[Bucket, ...]
    shift: int | None
    first: int

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """First and last instant that any side needs."""
        if self.period is None:
            return None
        if self.buckets:
            return min(self.buckets[0].start, self.period.bounds[0]), self.period.bounds[1]
        start, end = self.period.bounds
        return (min(start, self.before.bounds[0]), end) if self.before else (start, end)

    @property
    def steps(self) -> tuple[tuple[datetime, datetime], ...]:
        """Since when buckets are counted from which origin, where they are equally long; empty where they are not.

        The count starts anew wherever the zone's offset changes: on each piece the local clock runs evenly.
        """
        if len(self.buckets) <= FEW or self.grain not in STEP_SECONDS or self.span is None or self.period is None:
            return ()
        step, first = timedelta(seconds=STEP_SECONDS[self.grain]), self.buckets[0].start
        if self.grain == "hour":
            even = all(b.end - b.start == step for b in self.buckets)
            return ((first, first),) if even else ()
        pieces = offsets(*self.span, self.period.tz)
        # The first bucket's local midnight, as if each offset had always held.
        local = datetime.combine(first.astimezone(zone(self.period.tz)).date(), time.min, UTC)
        return tuple((since, local - timedelta(seconds=offset)) for since, offset in pieces)

    def moments(self, as_of: datetime) -> dict[str, datetime]:
        """Return the instants of the query by their roles (see `Ask.instant`)."""
        made = {"as_of": as_of}
        if self.span is not None:
            made["start"], made["end"] = self.span
        if self.period is not None and self.before is not None:
            made["asked_from"], made["before_to"] = self.period.bounds[0], self.before.bounds[1]
        for i, (since, origin) in enumerate(self.steps):
            made[f"since_{i}"], made[f"origin_{i}"] = since, origin
        if not self.steps:
            made |= {f"bound_{i}": b.start for i, b in enumerate(self.buckets) if i}
        return made


def frame_of(query: Query, period: Period | None) -> Frame:
    """Return the windows of `query`; `period` is the query's, or what its facts cover when it asks for all time."""
    return _frame(period, query.grain, query.compare if isinstance(query.compare, str) else None)


@lru_cache(maxsize=256)
def _frame(period: Period | None, grain: Grain | None, compare: str | None) -> Frame:
    if grain is None or period is None:
        before = {"previous": Period.previous, "year": Period.year_before}.get(str(compare))
        return Frame(period, before(period) if before and period else None, None, (), None, 0)
    start, end = _reach(period, grain, compare).bounds
    starts = bucket_starts(start, end, period.tz, grain)
    ends = [*starts[1:], _next_start(starts[-1], period.tz, grain)]
    asked, stop = period.bounds
    buckets = tuple(Bucket(a, b, start <= a and b <= stop) for a, b in zip(starts, ends, strict=True))
    first = next(i for i, b in enumerate(buckets) if b.end > asked)
    shift = {"previous": 1, "year": first}.get(str(compare))
    return Frame(period, None, grain, buckets, shift, first)


def _reach(period: Period, grain: Grain, compare: str | None) -> Period:
    """Return the period with the earlier buckets that its own are compared with."""
    if compare == "previous":
        first = bucket_starts(*period.bounds, period.tz, grain)[0]
        earlier = bucket_starts(first - timedelta(microseconds=1), first, period.tz, grain)[0]
        return replace(period, start=earlier.astimezone(zone(period.tz)).date())
    if compare == "year":
        if grain in ("week", "hour"):
            # 52 whole weeks: the same weekdays, and the same ISO week but for years of 53.
            return replace(period, start=period.start - timedelta(days=364))
        return replace(period, start=period.year_before().start)
    return period


def _next_start(start: datetime, tz: str, grain: Grain) -> datetime:
    reach = {"hour": 2 / 24, "day": 3, "week": 9, "month": 40, "quarter": 100, "year": 400}[grain]
    return next(s for s in bucket_starts(start, start + timedelta(days=reach), tz, grain) if s > start)


def with_columns(t: ir.Table, names: Iterable[str], prefix: str, ask: Ask) -> ir.Table:
    """Return `t` with the breakdown columns `names` as text columns ``<prefix>0``, ``<prefix>1`` …

    Raises
    ------
    BadQuestion : a name is no column of the table, no ``customer.…`` and no ``properties.…``.
    """
    names = list(names)
    traits = [name for name in names if name.startswith("customer.")]
    if traits:
        t = _join_customers(t, traits, ask)
    picked = {f"{prefix}{i}": _text(_column(t, name, ask.engine)) for i, name in enumerate(names)}
    return t.mutate(**picked) if picked else t


def _join_customers(t: ir.Table, traits: list[str], ask: Ask) -> ir.Table:
    customers = ask.table("customers")
    known = set(TABLES["customers"].names)
    columns = {}
    for name in dict.fromkeys(traits):
        trait = name.removeprefix("customer.")
        inside = trait in known
        columns[name] = customers[trait] if inside else ask.engine.json_text(customers.traits, trait)
    people = customers.select(_whose=customers.id, **columns)
    already = [name for name in columns if name in t.columns]
    return t.drop(*already).left_join(people, t.customer == people._whose).drop("_whose")


def _column(t: ir.Table, name: str, engine: Engine) -> ir.Column:
    # What is worked out on the way to an answer has names too: nobody asks for those.
    known = [column for column in t.columns if column in COLUMNS]
    if name in known or (name.startswith("customer.") and name in t.columns):
        return t[name]
    if name.startswith("properties.") and "properties" in t.columns:
        return engine.json_text(t.properties, name.removeprefix("properties."))
    raise BadQuestion(
        mark("There is no column {name} to break down by. Use one of: {known}, customer.<trait> or properties.<key>."),
        name=name,
        known=", ".join(known),
    )


def _text(column: ir.Column) -> ir.StringColumn:
    if column.type().is_boolean():
        return ibis.cases((column.isnull(), ibis.null("string")), (column, "true"), else_="false")
    return column if column.type().is_string() else column.cast("string")


def in_segment(t: ir.Table, segment: dict[str, tuple[str | None, ...]], prefix: str) -> ir.BooleanValue:
    """Return the condition that a row is inside `segment`, whose columns `with_columns` attached as `prefix`.

    Values enter as markers (see `segment_values`): the same question about another channel is not compiled again.
    """
    condition: ir.BooleanValue = ibis.literal(True)
    for i, values in enumerate(segment.values()):
        column = t[f"{prefix}{i}"]
        told = [marker(f"{prefix}{i}_{j}") for j, v in enumerate(values) if v is not None]
        inside = column.isin(told).fill_null(False)
        condition = condition & (inside | column.isnull() if None in values else inside)
    return condition


def with_members(t: ir.Table, rule: Rule, name: str, ask: Ask) -> ir.Table:
    """Return `t` with a column `name`: whether the rule holds of the row's customer."""
    mine = customers_in(ask, rule).select(_whose="customer")
    t = t.left_join(mine, t.customer == mine._whose)
    # What a left join misses is '' and not null on ClickHouse; no customer is called ''.
    return t.mutate(**{name: (t._whose != "").fill_null(False)}).drop("_whose")


def segment_values(segment: Mapping[str, tuple[str | None, ...]], prefix: str) -> dict[str, str]:
    """Return the values of a segment by their roles in the SQL."""
    columns = enumerate(segment.values())
    return {f"{prefix}{i}_{j}": v for i, values in columns for j, v in enumerate(values) if v is not None}


def segment_shape(segment: Mapping[str, tuple[str | None, ...]]) -> tuple[tuple[str, tuple[bool, ...]], ...]:
    """Return what the SQL of a segment depends on: its columns, how many values, which of them mean empty."""
    return tuple((name, tuple(v is None for v in values)) for name, values in segment.items())


def bucket_of(moment: ir.TimestampValue, frame: Frame, ask: Ask) -> ir.IntegerValue:
    """Return the number of the bucket of `moment`, from 0.

    The bounds of buckets are instants found here, so no engine needs to know time zones: a day of 23 hours is one bucket,
    an hour that comes twice in autumn is two.
    """
    if not frame.steps:
        bounds = [(moment < ask.instant(f"bound_{i}"), i - 1) for i in range(1, len(frame.buckets))]
        last = len(frame.buckets) - 1
        return ibis.cases(*bounds, else_=last).cast("int64") if bounds else ibis.literal(0, "int64")
    assert frame.grain
    step_us = STEP_SECONDS[frame.grain] * 1_000_000
    at_us = ask.engine.epoch_us(moment)
    number: ir.IntegerValue | None = None
    for i in range(len(frame.steps)):
        counted = (at_us - ask.engine.epoch_us(ask.instant(f"origin_{i}"))) // step_us
        number = counted if number is None else ibis.ifelse(moment >= ask.instant(f"since_{i}"), counted, number)
    assert number is not None
    return number.cast("int64")


def facts_period(low: datetime, high: datetime, tz: str) -> Period:
    """Return the local days from `low` to `high`, both inside."""
    first = low.replace(tzinfo=UTC).astimezone(zone(tz)).date()
    last = high.replace(tzinfo=UTC).astimezone(zone(tz)).date()
    return Period(first, last + timedelta(days=1), tz)
