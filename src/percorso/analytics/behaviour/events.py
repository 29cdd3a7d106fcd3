"""The events of a question about behaviour: who did them, which of them matter, and how the question is asked."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from percorso.analytics import frames
from percorso.analytics.calendar import Schedule
from percorso.analytics.methods.base import Ask, marker
from percorso.analytics.run import fill, written
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from percorso.i18n import mark

NOBODY = "(none)"
# So many bits fit a number of one byte.
SMALL = 7


@dataclass(frozen=True)
class Step:
    """Something that people do: an event of this name and, if given, with these values.

    Parameters
    ----------
    event : name of the event. where : (column, value) pairs that all must hold; columns as in breakdowns, e.g.
        ``("page", "/prices")`` or ``("properties.plan", "pro")``.
    """

    event: str
    where: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """What the step is called where people see it."""
        return " · ".join((self.event, *(value for _, value in self.where)))


def step_of(given: "Step | str") -> Step:
    """Return a step; a text names its event."""
    return Step(given) if isinstance(given, str) else given


def ask_of(
    store: Store, workspace: str, as_of: datetime | None, confidence: float, schedule: Schedule | None = None
) -> Ask:
    """Return who asks what when, for the functions that engines have in common."""
    if not 0.5 <= confidence < 1:
        raise BadQuestion(mark("The confidence is a share between 0.5 and 1, e.g. 0.95."))
    # The end of this minute, as for figures: what arrived this second counts.
    at = as_of or datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    return Ask(store, workspace, at if at.tzinfo else at.replace(tzinfo=UTC), {}, confidence, schedule)


def roles_of(steps: Iterable[Step], names: Iterable[str] = ()) -> dict[str, str]:
    """Return the role in the SQL of each text that steps and event names say: they enter it as values, like segments."""
    said = [text for step in steps for text in (step.event, *(value for _, value in step.where))]
    return {text: f"text_{i}" for i, text in enumerate(dict.fromkeys((*said, *names)))}


def written_texts(roles: Mapping[str, str], ask: Ask) -> dict[str, str]:
    """Return the texts by their roles, as they are written inside of quotes."""
    return {role: ask.engine.escaped(text) for text, role in roles.items()}


def masked(step: Step, roles: Mapping[str, str]) -> Step:
    """Return a step whose texts are the markers of their roles."""
    where = tuple((column, marker(roles[value])) for column, value in step.where)
    return Step(marker(roles[step.event]), where)


def events_of(ask: Ask, names: Iterable[str] | None, customers: ir.Table | None, table: str = "events") -> ir.Table:
    """Return the workspace's events with the columns `user`, `moment` and `t` (µs since 1970).

    Parameters
    ----------
    names : only events of these names; None for all. customers : only of these (column ``customer``); None for all.
    table : the fact table; what is no event has no name of its own and needs one first.

    Notes
    -----
    The user is the customer, or the identity where nobody knows the customer yet; events of nobody are left out.
    """
    t = ask.table(table)
    # Of the column itself, so that blocks of other customers are passed over.
    if ask.from_low:
        t = t.filter(t.customer >= marker("low"))
    if ask.before_high:
        t = t.filter(t.customer < marker("high"))
    if names is not None:
        t = t.filter(ask.engine.is_among(t.name, list(dict.fromkeys(names))))
    # In a slice everybody has a customer: the identities need not be read.
    user = t.customer if ask.from_low or ask.before_high else ibis.coalesce(t.customer, t.identity)
    t = t.mutate(user=user, moment=t.at)
    t = t.filter(t.user.notnull(), t.moment.notnull())
    if customers is not None:
        kept = customers.select(_whose=customers.customer).distinct()
        t = t.semi_join(kept, t.user == kept._whose)
    return t.mutate(t=ask.engine.epoch_us(t.moment))


def with_steps(t: ir.Table, steps: Iterable[Step], ask: Ask) -> ir.Table:
    """Return `t` with a flag ``is_1``, ``is_2`` … for each step."""
    steps = tuple(steps)
    columns = list(dict.fromkeys(column for step in steps for column, _ in step.where))
    t = frames.with_columns(t, columns, "where_", ask)
    place = {column: f"where_{i}" for i, column in enumerate(columns)}
    flags = {}
    for k, step in enumerate(steps, 1):
        flag = t.name == step.event
        for column, value in step.where:
            flag = flag & (t[place[column]] == value)
        flags[f"is_{k}"] = flag.fill_null(False)
    return t.mutate(**flags)


def arrival(t: ir.Table, ask: Ask) -> dict[str, ir.Value]:
    """Return what puts a user's events in order: when they happened, when they arrived, and last their id."""
    return {"t": t.t, "arrived": ask.engine.epoch_us(ibis.coalesce(t.received_at, t.moment)), "id": t.id}


def answer(
    ask: Ask,
    key: Hashable,
    build: Callable[[], ir.Table],
    moments: Mapping[str, datetime],
    texts: Mapping[str, str],
) -> tuple[pa.Table, str]:
    """Return the rows of a question and the SQL that ran.

    Parameters
    ----------
    key : what the SQL depends on but for instants; questions of one key are compiled once. None: never kept.
    moments : the instants that the expression asks for by their roles (see `Ask.instant`).
    texts : what else it asks for, see `written_texts`.
    """
    template = ask.engine.sql(build()) if key is None else ask.store.compiled(key, lambda: [build()])[0].sql
    sql = fill(template, {**written(moments), **texts})
    return ask.engine.fetch(sql), sql


def bits_of(t: ir.Table, steps: Sequence[Step], excluded: Sequence[str], ask: Ask) -> tuple[ir.Table, ir.IntegerValue]:
    """Return a number with a bit for each step that an event is, then for each excluded name; and `t` with what that needs."""
    names = [*(step.event for step in steps), *excluded]
    if ask.engine.local and len(set(names)) == len(names) and not any(step.where for step in steps):
        return t, _bit_among(t, names, ask)
    t = with_steps(t, steps, ask)
    flags = [t[f"is_{k}"] for k in range(1, len(steps) + 1)]
    flags += [(t.name == name).fill_null(False) for name in excluded]
    bits = [ibis.ifelse(flag, ibis.literal(1 << i, "int64"), 0) for i, flag in enumerate(flags)]
    return t, sum(bits, start=ibis.literal(0, "int64"))


def _bit_among(t: ir.Table, names: Sequence[str], ask: Ask) -> ir.IntegerValue:
    if len(names) > SMALL:
        place = ask.engine.place_among(t.name, names)
        return (ibis.literal(1, "int64") << (place - 1).cast("int64")).fill_null(0)
    # Each name stands first at the place that is its bit: nothing is to be worked out from the place.
    texts = [names[0]] * (1 << len(names) >> 1)
    for i, name in enumerate(names):
        texts[(1 << i) - 1] = name
    # As narrow as it can be: most of what is done with many rows is done with their bits. The sign stays free.
    return ask.engine.place_among(t.name, texts).fill_null(0).cast("int8")
