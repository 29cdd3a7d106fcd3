"""The rows behind a figure: the facts that an indicator counts, in the order of time."""

from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from percorso.analytics import frames
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Ask, marker
from percorso.analytics.query import Query
from percorso.analytics.run import fill
from percorso.analytics.segments import customers_in
from percorso.analytics.store import Store
from percorso.analytics.tables import TABLES
from percorso.errors import BadQuestion
from percorso.i18n import mark

Place = tuple[datetime, str]


def facts_behind(store: Store, query: Query, limit: int, after: Place | None = None) -> pa.Table:
    """Return the rows that the only indicator of `query` may count in its period and segment, the newest first.

    Parameters
    ----------
    limit : how many rows at most. after : continue behind the row of this moment (UTC) and id.

    Returns
    -------
    The columns of the indicator's fact table, and ``moment``: what puts the row into the period.

    Raises
    ------
    BadQuestion : the indicator is about employees, whose answers are shown to nobody; a column does not exist.
    """
    indicator = INDICATORS[query.indicators[0]]
    if getattr(indicator, "population", "") == "employee":
        raise BadQuestion(mark("Single answers of employees are shown to nobody, so that people can answer freely."))
    frame = frames.frame_of(query, query.period)
    as_of = query.as_of or datetime.now(UTC).replace(second=0, microsecond=0)
    options = indicator.chosen(query.options)
    ask = Ask(store, query.workspace, as_of, options, query.confidence, query.schedule, frame)
    t = _named(indicator.rows(ask))
    t = frames.with_columns(t, query.segment, "segment_", ask)
    t = t.filter(frames.in_segment(t, dict(query.segment), "segment_"), t.id.notnull())
    if query.within is not None:
        mine = customers_in(ask, query.within)
        t = t.semi_join(mine, t.customer == mine.customer)
    if frame.span is not None and not (indicator.cumulative or indicator.snapshot):
        t = t.filter(t.moment >= ask.instant("start"), t.moment < ask.instant("end"))
    elif frame.span is not None and indicator.cumulative:
        t = t.filter(t.moment < ask.instant("end"))
    t = t.filter(ask.known(t.moment))
    moments = frame.moments(as_of) | indicator.moments(ask)
    if after is not None:
        moments["after"] = after[0]
        edge = ask.instant("after")
        t = t.filter((t.moment < edge) | ((t.moment == edge) & (t.id < marker("after_id"))))
    known = [c for c in t.columns if c in TABLES[indicator.table].names]
    t = t.select(*known, "moment").order_by(ibis.desc("moment"), ibis.desc("id")).limit(limit)
    texts = {role: _written(at) for role, at in moments.items()}
    values = frames.segment_values(query.segment, "segment_") | ({"after_id": after[1]} if after else {})
    texts |= {role: ask.engine.escaped(value) for role, value in values.items()}
    return store.engine.fetch(fill(store.engine.sql(t), texts))


def _named(t: ir.Table) -> ir.Table:
    """Return rows with an id: visits go by their session, attempts of a person by the person."""
    if "id" in t.columns:
        return t
    return t.mutate(id=t.session if "session" in t.columns else ibis.coalesce(t.customer, t.identity))


def _written(at: datetime) -> str:
    return (at.astimezone(UTC) if at.tzinfo else at).strftime("%Y-%m-%d %H:%M:%S.%f")
