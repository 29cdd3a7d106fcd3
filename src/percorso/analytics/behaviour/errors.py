"""Which errors customers meet, where, and how many customers meet them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

from percorso.analytics import frames
from percorso.analytics.behaviour.events import answer, ask_of
from percorso.analytics.behaviour.groups import events_in, markers_of, texts_of
from percorso.analytics.behaviour.shares import Share, share_of
from percorso.analytics.methods.base import Ask
from percorso.analytics.query import Period, Segment
from percorso.analytics.store import Store

# What programs call the text of an error: the first of these properties that says something.
TEXTS = ("message", "code", "address", "status")
MOST = 100


@dataclass(frozen=True)
class ErrorQuery:
    """A question about errors.

    Parameters
    ----------
    period : when they happened. by : what they are broken down by: a column of the events, ``customer.…``,
        ``properties.…``; None: by what they say (message, code, address or status). error : names of the events that are one
        failure each. segment : column -> allowed values. as_of : what was known at that instant; None means now.
    """

    workspace: str
    period: Period
    by: str | None = None
    error: tuple[str, ...] = ("Error Occurred",)
    segment: Segment = field(default_factory=dict)
    as_of: datetime | None = None
    confidence: float = 0.95


@dataclass(frozen=True)
class ErrorGroup:
    """The errors of one group: how many, how many people met them, of all who were active in the period, and when last.

    `value` is None where nothing is said.
    """

    value: str | None
    errors: int
    hit: Share
    last_at: datetime


@dataclass(frozen=True)
class ErrorResult:
    """All errors and those of each group, that of the most people first, at most `MOST`; and the SQL that ran."""

    query: ErrorQuery
    errors: int
    hit: Share
    groups: tuple[ErrorGroup, ...]
    sql: str = field(default="", repr=False)


def errors(store: Store, query: ErrorQuery, customers: ir.Table | None = None) -> ErrorResult:
    """Answer which errors people meet, and how many people.

    Parameters
    ----------
    customers : a table with a column ``customer``; only they count. None: everybody.

    Raises
    ------
    BadQuestion : the column of the breakdown does not exist.
    """
    ask = ask_of(store, query.workspace, query.as_of, query.confidence)
    moments = {"as_of": ask.as_of}
    moments["start"], moments["end"] = query.period.bounds
    texts = texts_of(query.segment, query.error, ask)
    shape = query.workspace, query.by, len(query.error), frames.segment_shape(query.segment)
    told = []
    for what, build in (("errors", _groups), ("errors of all", _whole)):
        key = None if customers is not None else (what, *shape)
        told.append(answer(ask, key, lambda build=build: build(query, ask, customers), moments, texts))  # type: ignore[misc]
    (rows, sql), (whole, whole_sql) = told
    [total] = whole.to_pylist()
    active = int(total["active"] or 0)
    groups = tuple(
        ErrorGroup(
            row["value"] or None,
            int(row["errors"]),
            share_of(int(row["people"]), active, query.confidence),
            _utc(row["last_at"]),
        )
        for row in rows.to_pylist()
    )
    hit = share_of(int(total["people"] or 0), active, query.confidence)
    return ErrorResult(query, int(total["errors"] or 0), hit, groups, f"{sql};\n\n{whole_sql}")


def _during(ask: Ask, query: ErrorQuery, names: list[str] | None, customers: ir.Table | None) -> ir.Table:
    t = events_in(ask, query.segment, names, customers)
    return t.filter(t.moment >= ask.instant("start"), t.moment < ask.instant("end"))


def _groups(query: ErrorQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    t = _during(ask, query, markers_of(query.error), customers)
    if query.by is None:
        said = [ask.engine.json_text(t.properties, name).nullif("") for name in TEXTS]
        t = t.mutate(value=ibis.coalesce(*said))
    else:
        t = frames.with_columns(t, [query.by], "value_", ask)
        t = t.mutate(value=t.value_0)
    t = t.mutate(value=t.value.fill_null(""))
    g = t.group_by("value").aggregate(errors=t.count(), people=t.user.nunique(), last_at=t.moment.max())
    return g.order_by(ibis.desc("people"), ibis.desc("errors"), "value").limit(MOST)


def _whole(query: ErrorQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    t = _during(ask, query, None, customers)
    failed = t.name.isin(markers_of(query.error)).fill_null(False)
    people = t.group_by("user").aggregate(failed=failed.cast("int64").sum())
    hit = people.failed > 0
    return people.aggregate(active=people.count(), errors=people.failed.sum(), people=people.count(where=hit))


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
