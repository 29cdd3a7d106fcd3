"""What became of a funnel's attempts, from columns in memory: passes over the rows of all users at once.

The same answer as `outcomes` gives by SQL, for engines in this process: the earliest event of a step after a row is found
by searching in the places of that step's rows. Tests hold both equal to the specification told user by user.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from percorso.analytics import frames
from percorso.analytics.behaviour.columns import Columns, Ints, Users, begins, us
from percorso.analytics.behaviour.events import NOBODY, bits_of, events_of, masked
from percorso.analytics.behaviour.reading import Reading
from percorso.analytics.frames import Frame
from percorso.analytics.methods.base import Ask, marker

if TYPE_CHECKING:
    from percorso.analytics.behaviour.funnel import FunnelQuery

Bools = NDArray[np.bool_]
NEVER = np.iinfo(np.int64).max


def swept(
    query: "FunnelQuery",
    frame: Frame,
    ask: Ask,
    moments: Mapping[str, datetime],
    texts: Mapping[str, str],
    customers: ir.Table | None,
) -> tuple[pd.DataFrame, str]:
    """Return a row a user, as `outcomes` does, and the SQL that ran."""
    by = tuple(f"by_{i}" for i in range(len(query.by)))
    key = None if customers is not None else ("swept", *_shape(query))
    reading = Reading(ask, lambda ask: _rows(query, ask, customers), ("bits", *by), key, moments, texts)
    found, sql = reading.told(lambda columns: _outcomes(query, frame, columns, moments))
    return pd.concat(found, ignore_index=True), sql


def _shape(query: "FunnelQuery") -> tuple[object, ...]:
    events = tuple(e.event for e in query.exclusions)
    return query.made_steps, query.workspace, query.mode == "strict", events, query.by, query.period is None


def _rows(query: "FunnelQuery", ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return the events that matter: `bits` has one for each step that an event is, then one for each exclusion."""
    steps = [masked(step, query.roles) for step in query.made_steps]
    excluded = [marker(query.roles[e.event]) for e in query.exclusions]
    names = (*(step.event for step in steps), *excluded)
    t = events_of(ask, None if query.mode == "strict" else names, customers)
    t = t.filter(ask.known(t.moment))
    if query.period is not None:
        t = t.filter(t.moment >= ask.instant("start"), t.moment <= ask.instant("until"))
    t, bits = bits_of(t, steps, excluded, ask)
    t = frames.with_columns(t.mutate(bits=bits), query.by, "by_", ask)
    return t.mutate(**{f"by_{i}": t[f"by_{i}"].cast("string").fill_null(NOBODY) for i in range(len(query.by))})


@dataclass(frozen=True, eq=False)
class _Attempts:
    """Attempts: the row that each began with, and for each step the rows that reached it; the number of rows: none did."""

    rows: Columns
    began: Ints
    reached: list[Ints]

    @property
    def depth(self) -> Ints:
        """How many steps each got to."""
        return np.sum([then < len(self.rows) for then in self.reached], axis=0, dtype=np.int64)

    def of(self, kept: Bools | Ints) -> "_Attempts":
        return _Attempts(self.rows, self.began[kept], [then[kept] for then in self.reached])


def _outcomes(query: "FunnelQuery", frame: Frame, c: Columns, moments: Mapping[str, datetime]) -> pd.DataFrame:
    end = us(moments["end"]) if query.period is not None else NEVER
    entries = (c.others["bits"] & (1 if query.mode != "any" else (1 << len(query.steps)) - 1) != 0) & (c.t < end)
    began = np.flatnonzero(entries)
    if query.anchor == "first":
        began = began[begins(c.user[began])]
    if query.anchor == "best" and query.mode == "ordered" and not query.exclusions:
        return _told(query, frame, _furthest(query, c, began), us(moments["as_of"]))
    made = _Attempts(
        c, began, {"ordered": _in_order, "strict": _in_a_row, "any": _in_any_order}[query.mode](query, c, began)
    )
    for number, exclusion in enumerate(query.exclusions, len(query.steps)):
        made = made.of(~_spoiled(query, made, 1 << number, exclusion.from_step, exclusion.to_step))
    if query.anchor == "best":
        made = made.of(_best_of_each(made))
    return _told(query, frame, made, us(moments["as_of"]))


def _places(c: Columns, bit: int) -> Ints:
    """Return the rows that have a bit, and one after the last: none."""
    return np.append(np.flatnonzero(c.others["bits"] & bit != 0), len(c))


def _inside(query: "FunnelQuery", c: Columns, began: Ints, then: Ints) -> Ints:
    """Return `then` where it is a row of the same user inside the window, else none."""
    row = np.minimum(then, len(c) - 1)
    fits = (then < len(c)) & (c.user[row] == c.user[began]) & (c.t[row] <= c.t[began] + query.window_us)
    return np.where(fits, then, len(c))


def _in_order(query: "FunnelQuery", c: Columns, began: Ints) -> list[Ints]:
    return [began, *_followed(query, c, 1, began, c.user[began], c.t[began] + query.window_us)]


def _followed(query: "FunnelQuery", c: Columns, step: int, at: Ints, user: Users, until: Ints) -> Iterator[Ints]:
    """Yield for each further step the rows that are reached from the rows `at`, which rise, by a user in time."""
    going, many = np.arange(len(at)), len(at)
    for k in range(step, len(query.steps)):
        places = _places(c, 1 << k)
        then = places[np.searchsorted(places, at, side="right")]
        # Both rise: behind the last row of the step nobody gets there.
        some = int(np.searchsorted(then, len(c)))
        then, going, user, until = then[:some], going[:some], user[:some], until[:some]
        # Only those who got there are followed further.
        there = np.flatnonzero((c.user[then] == user) & (c.t[then] <= until))
        at, going, user, until = then[there], going[there], user[there], until[there]
        reached = np.full(many, len(c))
        reached[going] = at
        yield reached


def _furthest(query: "FunnelQuery", c: Columns, began: Ints) -> _Attempts:
    """Return the attempt of each user that gets furthest, of several the earliest.

    All that begin between two events of the second step go the same way, the last of them has the most time: only it is
    followed. Of those that get as far as the one that gets furthest, the earliest counts.
    """
    none, firsts = len(c), began[begins(c.user[began])]
    reached = [firsts, *(np.full(len(firsts), none) for _ in query.steps[1:])]
    second = _places(c, 2)[:-1] if len(query.steps) > 1 else began[:0]
    # How many begin before each event of the second step, and how many up to it: those in between are the ones it ends.
    starts = np.zeros(len(c), dtype=np.int32)
    starts[began] = 1
    up_to = np.cumsum(starts, dtype=np.int32)[second].astype(np.int64)
    low, last = np.concatenate(([0], up_to[:-1])) if len(second) else up_to, up_to - starts[second] - 1
    row = began[last] if len(began) else second
    kept = np.flatnonzero((last >= low) & (c.user[row] == c.user[second]) & (c.t[second] <= c.t[row] + query.window_us))
    second, low, last = second[kept], low[kept], last[kept]
    user, until = c.user[second], c.t[row[kept]] + query.window_us
    ways = _Attempts(c, second, [second, *_followed(query, c, 2, second, user, until)])
    best = _best_of_each(ways)
    ways, low, last = ways.of(best), low[best], last[best]
    end = (
        np.max([np.where(then < none, c.t[np.minimum(then, none - 1)], 0) for then in ways.reached], axis=0)
        if len(best)
        else low
    )
    place = np.searchsorted(c.user[firsts], c.user[ways.began])
    low = np.maximum(low, np.searchsorted(began, firsts[place]))
    made = firsts.copy()
    made[place] = began[_earliest(c.t, began, low, last, end - query.window_us)]
    reached[0] = made
    for k, then in enumerate(ways.reached, 1):
        reached[k][place] = then
    return _Attempts(c, made, reached)


def _earliest(t: Ints, rows: Ints, low: Ints, high: Ints, since: Ints) -> Ints:
    """Return in each range of `rows` (both ends inside, of times that rise) the first place that is not before `since`."""
    while (wide := low < high).any():
        middle = (low + high) // 2
        late = t[rows[middle]] >= since
        high = np.where(wide & late, middle, high)
        low = np.where(wide & ~late, middle + 1, low)
    return low


def _in_a_row(query: "FunnelQuery", c: Columns, began: Ints) -> list[Ints]:
    reached, there = [began], np.ones(len(began), dtype=bool)
    bits = np.append(c.others["bits"], 0)
    for k in range(1, len(query.steps)):
        then = _inside(query, c, began, np.where(there, began + k, len(c)))
        there = bits[then] & (1 << k) != 0
        reached.append(np.where(there, then, len(c)))
    return reached


def _in_any_order(query: "FunnelQuery", c: Columns, began: Ints) -> list[Ints]:
    """Step k is the k-th of the different steps that somebody got to."""
    done = []
    for k in range(len(query.steps)):
        places = _places(c, 1 << k)
        done.append(_inside(query, c, began, places[np.searchsorted(places, began, side="left")]))
    return list(np.sort(done, axis=0))


def _spoiled(query: "FunnelQuery", made: _Attempts, bit: int, after: int, before: int) -> Bools:
    """Return of which attempts an excluded event happened strictly between two steps, of those that got to the first."""
    c, none = made.rows, len(made.rows)
    t, user = np.append(c.t, NEVER), np.append(c.user, -1)
    since, until = made.reached[after - 1], made.reached[before - 1]
    end = np.where(until < none, t[until], c.t[made.began] + query.window_us) if len(made.began) else made.began
    places = _places(c, bit)
    turn = np.minimum(np.searchsorted(places, since, side="right"), len(places) - 1)
    then = places[turn]
    # What happened at the instant of the step itself is not between.
    while (again := (since < none) & (user[then] == user[since]) & (t[then] == t[since])).any():
        turn = turn + again
        then = places[turn]
    return (since < none) & (user[then] == user[since]) & (t[then] < end)


def _best_of_each(made: _Attempts) -> Ints:
    """Return the attempt of each user that got furthest, of several the earliest."""
    if not len(made.began):
        return made.began
    firsts = np.flatnonzero(begins(made.rows.user[made.began]))
    count = len(made.began)
    # One number says both: more steps first, then what began earlier.
    return count - 1 - np.maximum.reduceat(made.depth * count + (count - 1 - np.arange(count)), firsts) % count


def _told(query: "FunnelQuery", frame: Frame, made: _Attempts, as_of: int) -> pd.DataFrame:
    c, last = made.rows, made.reached[-1]
    started, there = c.t[made.began], last < len(c)
    is_open = started + query.window_us > as_of
    seen = np.where(is_open, as_of - started, query.window_us)
    waited = np.where(there, c.t[np.minimum(last, len(c) - 1)] - started, seen) if len(c) else seen
    told: dict[str, object] = {}
    for i in range(len(query.by)):
        name = f"by_{i}"
        told[name] = c.texts[name][c.others[name][made.began]]
    if frame.buckets:
        bounds = np.array([us(bucket.start) for bucket in frame.buckets[1:]], dtype=np.int64)
        told["bucket"] = np.searchsorted(bounds, started, side="right")
    return pd.DataFrame(told | {"depth": made.depth, "open": is_open.astype(np.int8), "waited": waited, "people": 1})
