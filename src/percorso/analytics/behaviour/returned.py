"""Who came back when, from columns in memory: the same rows as the SQL of `retention`, for engines in this process."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics import frames
from percorso.analytics.behaviour.columns import EPOCH, Columns, Ints, Users, at_once, begins, us
from percorso.analytics.behaviour.events import NOBODY, bits_of, events_of, masked, written_texts
from percorso.analytics.behaviour.reading import Part, Reading
from percorso.analytics.frames import Frame
from percorso.analytics.methods.base import Ask

if TYPE_CHECKING:
    from percorso.analytics.behaviour.retention import RetentionQuery

START, BACK = 1, 2
NEVER = np.iinfo(np.int64).max


def returned(
    reading: Reading, frame: Frame, moments: Mapping[str, datetime], word: int, parts: Sequence[Part]
) -> tuple[pa.Table, str]:
    """Return a row for each who began in the period: `cohort`, ``word_0`` … (`word` bits each), ``by_0`` …, `people`."""
    found, sql = reading.told(lambda columns: _people(columns, frame, moments, word), parts)
    return pa.concat_tables(found), sql


def begun(parts: Iterable[Part]) -> tuple[datetime, datetime] | None:
    """Return the instants of the first and the last start event; None when there is none."""
    found = [span for span in at_once(_span, [c for c, _ in parts]) if span]
    if not found:
        return None
    low, high = min(first for first, _ in found), max(last for _, last in found)
    return EPOCH + timedelta(microseconds=low), EPOCH + timedelta(microseconds=high)


def _span(c: Columns) -> tuple[int, int] | None:
    t = c.t[c.others["bits"] & START != 0]
    return (int(t.min()), int(t.max())) if len(t) else None


def reading_of(query: "RetentionQuery", ask: Ask, customers: ir.Table | None) -> Reading:
    """Return how the start and return events are fetched, with `bits`."""
    by = tuple(f"by_{i}" for i in range(len(query.by)))
    key = None if customers is not None else ("returned", query.steps, query.workspace, query.by)
    # Only what a breakdown takes from the first event depends on what came first of one instant.
    return Reading(
        ask,
        lambda ask: _rows(query, ask, customers),
        ("bits", *by),
        key,
        {"as_of": ask.as_of},
        written_texts(query.roles, ask),
        bool(by),
    )


def _rows(query: "RetentionQuery", ask: Ask, customers: ir.Table | None) -> ir.Table:
    steps = [masked(step, query.roles) for step in query.steps]
    t = events_of(ask, (step.event for step in steps), customers)
    t, bits = bits_of(t.filter(t.moment < ask.instant("as_of")), steps, (), ask)
    t = frames.with_columns(t.mutate(bits=bits), query.by, "by_", ask)
    return t.mutate(**{f"by_{i}": t[f"by_{i}"].cast("string").fill_null(NOBODY) for i in range(len(query.by))})


def _people(c: Columns, frame: Frame, moments: Mapping[str, datetime], word: int) -> pa.Table:
    bits = c.others["bits"]
    first = np.flatnonzero(bits & START != 0)
    first = first[begins(c.user[first])]
    first = first[(c.t[first] >= us(moments["start"])) & (c.t[first] < us(moments["end"]))]
    # Who did not begin in the period never began: nothing of theirs counts.
    began = np.full(int(c.user[-1]) + 1 if len(c) else 0, NEVER)
    began[c.user[first]] = c.t[first]
    back = np.flatnonzero((bits & BACK != 0) & (c.t >= began[c.user]))
    bounds = np.array([us(bucket.start) for bucket in frame.buckets[1:]], dtype=np.int64)
    place = np.searchsorted(bounds, c.t[back], side="right")
    told = {"cohort": np.searchsorted(bounds, c.t[first], side="right"), "people": np.ones(len(first), dtype=np.int64)}
    for number in range((len(frame.buckets) - 1) // word + 1):
        told[f"word_{number}"] = _word(c.user[back], place, number, word, len(began))[c.user[first]]
    texts = {name: known[c.others[name][first]] for name, known in c.texts.items()}
    return pa.table(told | {name: pa.array(values, pa.string()) for name, values in texts.items()})


def _word(user: Users, place: Ints, number: int, word: int, users: int) -> Ints:
    """Return a number a user with a bit for each of the buckets of a word in which somebody came back."""
    first = number * word
    if len(place) and not (first <= place.min() and place.max() < first + word):
        inside = (place >= first) & (place < first + word)
        user, place = user[inside], place[inside]
    made = np.zeros(users, dtype=np.int64)
    if len(user):
        runs = np.flatnonzero(begins(user))
        made[user[runs]] = np.bitwise_or.reduceat(np.left_shift(np.int64(1), place - first), runs)
    return made
