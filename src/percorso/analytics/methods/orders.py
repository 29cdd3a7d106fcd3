"""Orders that stand: what was bought and not taken back before it was sent."""

from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir

from percorso.analytics.calendar import offsets
from percorso.analytics.clocks import EPOCH
from percorso.analytics.methods.base import Ask, Option
from percorso.analytics.methods.occurrences import names_of
from percorso.i18n import mark

CANCELLED = Option(
    mark("states of an order that mean that it was cancelled"), default="cancelled, canceled, unavailable"
)
DAY_US = 86_400_000_000


def kept_orders(ask: Ask) -> ir.Table:
    """Return the orders known by `as_of` that were not cancelled, with `whose`: the customer, or who the source said."""
    t = ask.table("orders")
    states = [state.lower() for state in names_of(ask.options["cancelled"])]
    t = t.filter(ask.known(t.at), ~t.status.lower().isin(states).fill_null(False))
    t = t.mutate(whose=ibis.coalesce(t.customer, t.identity))
    return t.filter(t.whose.notnull())


def day_moments(ask: Ask, days: int) -> dict[str, datetime]:
    """Return the instants that `local_day` needs by their roles, to some days after the span of the question."""
    if ask.frame is None or ask.frame.period is None or ask.frame.span is None:
        return {}
    start, end = ask.frame.span
    pieces = offsets(start, end + timedelta(days=days + 1), ask.frame.period.tz)
    made: dict[str, datetime] = {}
    for i, (since, offset) in enumerate(pieces):
        made |= {f"day_since_{i}": since, f"day_origin_{i}": EPOCH - timedelta(seconds=offset)}
    return made


def local_day(instant: ir.TimestampValue, ask: Ask, days: int) -> ir.IntegerValue:
    """Return the number of an instant's day in the zone of the period; of its day in UTC when all time is asked for."""
    at_us = ask.engine.epoch_us(instant)
    number = at_us // DAY_US
    for i in range(len(day_moments(ask, days)) // 2):
        counted = (at_us - ask.engine.epoch_us(ask.instant(f"day_origin_{i}"))) // DAY_US
        number = counted if i == 0 else ibis.ifelse(instant >= ask.instant(f"day_since_{i}"), counted, number)
    return number
