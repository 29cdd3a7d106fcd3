"""The orders and subscriptions of a workspace as the lifetime analyses need them: Ibis, for either engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from percorso.analytics.calendar import instant, offsets, zone
from percorso.analytics.clocks import MICROSECOND, to_micros
from percorso.analytics.engines.base import nullable
from percorso.analytics.run import fill, written
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from percorso.i18n import mark

DAY_US = 86_400_000_000
# What sources call an order that was taken back before it was fulfilled; in lower case.
CANCELLED = ("cancelled", "canceled", "cancelado", "cancelada", "annullato", "annullata", "voided", "void")
# An end that is not known: no instant of the fact tables is so late.
NEVER_US = 2**62
Pieces = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Facts:
    """Whose facts are asked for: the workspace, what was known when, the zone of its days, and which customers.

    `segment` is an Ibis table of the store's engine with a column `customer`; None for everybody. `currency` picks the
    orders of one currency; None takes the only one there is.
    """

    store: Store
    workspace: str
    as_of: datetime
    tz: str
    segment: ir.Table | None = None
    currency: str | None = None

    @property
    def end_us(self) -> int:
        """The instant of knowledge in microseconds; what happens then or later does not exist."""
        return to_micros(self.as_of)

    @property
    def last_day(self) -> int:
        """The local day of the last instant known, in days since 1970."""
        return days_since_1970((instant(self.as_of) - MICROSECOND).astimezone(zone(self.tz)).date())

    @property
    def today(self) -> date:
        """The local date of the instant of knowledge itself: the first day that is not over."""
        return instant(self.as_of).astimezone(zone(self.tz)).date()

    def fetch(self, expression: ir.Table) -> pa.Table:
        """Run an expression."""
        engine = self.store.engine
        # The rule of a segment asks for the instant of knowledge by its marker.
        return engine.fetch(fill(engine.sql(expression), written({"as_of": self.as_of})))

    def pieces(self, first_us: int) -> Pieces:
        """Return (since, offset) in microseconds of the zone's offsets from an instant until the end."""
        first = datetime.fromtimestamp(first_us // 10**6, UTC)
        if first >= instant(self.as_of):
            first = instant(self.as_of) - MICROSECOND
        return [(to_micros(since), offset * 10**6) for since, offset in offsets(first, self.as_of, self.tz)]


@dataclass(frozen=True)
class Orders:
    """The orders that count, with columns `customer`, `us` (microseconds since 1970), `day` (local) and `amount`."""

    table: ir.Table
    currency: str | None


def orders(facts: Facts) -> Orders | None:
    """Return the orders that are neither cancelled nor of nobody; None when there are none.

    Raises
    ------
    BadQuestion
        The orders are in several currencies and none was chosen: sums of them mean nothing.
    """
    t = _known(facts)
    if facts.currency is not None:
        t = t.filter(t.currency == facts.currency)
    found = facts.fetch(t.group_by("currency").aggregate(since=t.us.min())).to_pylist()
    if not found:
        return None
    # An order without a currency is in the one that the others are in.
    currencies = sorted(row["currency"] for row in found if row["currency"])
    if len(currencies) > 1:
        raise BadQuestion(
            mark("The orders are in several currencies ({currencies}), which cannot be added up. Choose one of them."),
            currencies=", ".join(currencies),
        )
    since = min(int(row["since"]) for row in found)
    t = t.mutate(day=local_day(t.us, facts.pieces(since)), amount=t.amount.cast("float64").fill_null(0.0))
    return Orders(t, currencies[0] if currencies else None)


def currencies(facts: Facts) -> list[str]:
    """Return the currencies of the orders that count, the most used first."""
    t = _known(facts)
    t = t.filter(t.currency.notnull(), t.currency != "")
    found = facts.fetch(t.group_by("currency").aggregate(n=t.count()).order_by(ibis.desc("n"), "currency"))
    return [str(name) for name in found["currency"].to_pylist()]


@dataclass(frozen=True)
class Tally:
    """How many customers have ordered, how often, and for how much: other facts have another tally."""

    customers: int
    orders: int
    spent: float


def tally(facts: Facts) -> Tally:
    """Count the orders that count, in the currency asked for or all of them."""
    t = _known(facts)
    if facts.currency is not None:
        t = t.filter(t.currency == facts.currency)
    spent = t.amount.cast("float64").sum().fill_null(0.0)
    row = facts.fetch(t.aggregate(customers=t.customer.nunique(), orders=t.count(), spent=spent)).to_pylist()[0]
    return Tally(int(row["customers"]), int(row["orders"]), float(row["spent"]))


def order_days(facts: Facts) -> ir.Table | None:
    """Return one row a customer and local day with orders in any currency; None when there are none."""
    t = _known(facts)
    since = facts.fetch(t.aggregate(since=t.us.min()))["since"][0].as_py()
    if since is None:
        return None
    return t.select("customer", day=local_day(t.us, facts.pieces(int(since)))).distinct()


def purchase_days(t: ir.Table) -> ir.Table:
    """Return one row a customer and local day with orders (a transaction): `customer`, `day`, `spent`."""
    return t.group_by("customer", "day").aggregate(spent=t.amount.sum())


def first_subscriptions(facts: Facts) -> ir.Table:
    """Return each customer's first time as a subscriber: `customer`, `start_us`, `end_us` (`NEVER_US` while it runs).

    Price periods that overlap or follow each other without a gap are one time; what ends later has not ended yet.
    """
    engine, end = facts.store.engine, ibis.literal(facts.end_us, "int64")
    t = _of_segment(facts.store.table("subscriptions", facts.workspace), facts)
    t = t.filter(t.started_at < _instant(facts), t.ended_at.isnull() | (t.ended_at > t.started_at))
    ended = engine.epoch_us(t.ended_at)
    never = ibis.literal(NEVER_US, "int64")
    t = t.select("customer", "id", start_us=engine.epoch_us(t.started_at), ended=ended)
    # Stays nullable, so that there is nothing (and not 0) before a customer's first row.
    t = t.mutate(end_us=ibis.ifelse((t.ended < end).fill_null(False), t.ended, never))
    order = ["start_us", "id"]
    so_far = ibis.cumulative_window(group_by="customer", order_by=order)
    t = t.mutate(upto=t.end_us.max().over(so_far))
    t = t.mutate(before=nullable(t.upto).lag().over(ibis.window(group_by="customer", order_by=order)))
    t = t.mutate(again=ibis.ifelse((t.before < t.start_us).fill_null(False), 1, 0))
    t = t.mutate(turn=t.again.sum().over(so_far))
    t = t.filter(t.turn == 0)
    return t.group_by("customer").aggregate(start_us=t.start_us.min(), end_us=t.end_us.max())


def local_day(us: ir.IntegerValue, pieces: Pieces) -> ir.IntegerValue:
    """Return the local day of instants, in days since 1970; `pieces` as from `Facts.pieces`."""
    offset: ir.IntegerValue = ibis.literal(pieces[-1][1], "int64")
    if len(pieces) > 1:
        until = [(us < since, ibis.literal(o, "int64")) for (since, _), (_, o) in zip(pieces[1:], pieces, strict=False)]
        offset = ibis.cases(*until, else_=offset)
    return ((us + offset) // ibis.literal(DAY_US, "int64")).cast("int64")


def days_since_1970(day: date) -> int:
    """Return the number of a date, 1970-01-01 being 0."""
    return (day - date(1970, 1, 1)).days


def _known(facts: Facts) -> ir.Table:
    t = _of_segment(facts.store.table("orders", facts.workspace), facts)
    t = t.filter(t["at"] < _instant(facts), ~t.status.lower().isin(CANCELLED).fill_null(False))
    return t.select("customer", "amount", "currency", us=facts.store.engine.epoch_us(t["at"]))


def _of_segment(t: ir.Table, facts: Facts) -> ir.Table:
    t = t.mutate(customer=ibis.coalesce(t.customer, t.identity))
    t = t.filter(t.customer.notnull())
    return t if facts.segment is None else t.semi_join(facts.segment.select("customer"), "customer")


def _instant(facts: Facts) -> ir.TimestampScalar:
    return facts.store.engine.instant(f"{instant(facts.as_of):%Y-%m-%d %H:%M:%S.%f}")
