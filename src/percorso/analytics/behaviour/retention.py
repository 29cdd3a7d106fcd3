"""How many of those who began come back, by when they began and how long after (specification 5.3)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.analytics import frames
from percorso.analytics.behaviour.events import (
    NOBODY,
    Step,
    answer,
    arrival,
    ask_of,
    events_of,
    masked,
    roles_of,
    step_of,
    with_steps,
    written_texts,
)
from percorso.analytics.behaviour.returned import begun, reading_of, returned
from percorso.analytics.behaviour.shares import Share, shares_of
from percorso.analytics.calendar import zone
from percorso.analytics.frames import Frame
from percorso.analytics.methods.base import Ask
from percorso.analytics.methods.cells import cells_of
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from percorso.i18n import mark

Kind = Literal["n_day", "unbounded", "bracket"]
Grain = Literal["day", "week", "month", "quarter", "year"]
KINDS: Mapping[Kind, str] = {
    "n_day": mark("Came back on it"),
    "unbounded": mark("Came back on it or later"),
    "bracket": mark("Came back between"),
}
# The longest that a local bucket can be.
DAYS: Mapping[Grain, int] = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
FARTHEST = 1000
# Bits of one word: the sign of a 64-bit number stays free on every engine.
WORD = 62
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class RetentionQuery:
    """A question about retention.

    Parameters
    ----------
    start_event : what somebody's first of puts them into a cohort. return_event : what counts as coming back; None: the
        same event. Texts name events.
    period : cohorts of people whose first start event, of all time, lies in it; None asks for all, in `tz`.
    grain : size of the cohorts and of the offsets. kind : see `KINDS`. offsets : the last offset shown, from 0.
    brackets : (first, last) offsets, both inside; for ``bracket``. by : breakdown columns (as in `Query.by`), taken from
        the first start event. as_of : events at it or later do not count; None means now.
    """

    start_event: Step | str
    return_event: Step | str | None = None
    workspace: str = ""
    period: Period | None = None
    grain: Grain = "week"
    kind: Kind = "n_day"
    offsets: int = 12
    brackets: tuple[tuple[int, int], ...] = ()
    by: tuple[str, ...] = ()
    as_of: datetime | None = None
    confidence: float = 0.95
    tz: str = "UTC"

    def __post_init__(self) -> None:
        zone(self.tz)
        if self.kind not in KINDS:
            raise BadQuestion(
                mark("There is no kind of retention called {name}. Choose one of: {known}."),
                name=self.kind,
                known=", ".join(KINDS),
            )
        if self.grain not in DAYS:
            raise BadQuestion(
                mark("There is no grain {grain}. Choose one of: {known}."), grain=self.grain, known=", ".join(DAYS)
            )
        if self.kind == "bracket" and not self.brackets:
            raise BadQuestion(mark("Give at least one bracket: the first and the last offset that it holds."))
        if any(not 0 <= low <= high <= FARTHEST for low, high in self.spans):
            raise BadQuestion(
                mark("Offsets are whole numbers from 0 to {last}, the first not after the last."), last=FARTHEST
            )

    @property
    def steps(self) -> tuple[Step, Step]:
        """The start and the return event."""
        start = step_of(self.start_event)
        return start, start if self.return_event is None else step_of(self.return_event)

    @property
    def roles(self) -> dict[str, str]:
        """The roles of its texts in the SQL."""
        return roles_of(self.steps)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The offsets of each column, (first, last); for ``unbounded`` the first one that counts, twice."""
        return self.brackets if self.kind == "bracket" else tuple((k, k) for k in range(self.offsets + 1))


@dataclass(frozen=True)
class Cohort:
    """People who began in one bucket: its first local day, how many, and which share came back in each column.

    A column is None until the bucket that it needs is complete.
    """

    start: date
    size: int
    returned: tuple[Share | None, ...]


@dataclass(frozen=True)
class Retention:
    """The cohorts of all people or of one group, and the share over all cohorts in which a column is complete."""

    by: Mapping[str, str]
    cohorts: tuple[Cohort, ...]
    average: tuple[Share | None, ...]


@dataclass(frozen=True)
class RetentionResult:
    """The retention of all people and of each group, and the SQL that ran."""

    query: RetentionQuery
    total: Retention
    groups: tuple[Retention, ...] = ()
    sql: str = field(default="", repr=False)


def brackets_of(text: str) -> tuple[tuple[int, int], ...]:
    """Return brackets as people write them: 1-3, 4-7, 8-14.

    Raises
    ------
    BadQuestion : they are written in another way.

    Examples
    --------
    >>> brackets_of("1-3, 4-7, 8")
    ((1, 3), (4, 7), (8, 8))
    """
    parts = [part.strip() for part in text.split(",") if part.strip()][: FARTHEST + 1]
    found = [re.fullmatch(r"(\d{1,4})(?:\s*[-–]\s*(\d{1,4}))?", part, re.ASCII) for part in parts]
    if not found or None in found:
        raise BadQuestion(mark("Write brackets as 1-3, 4-7, 8-14, not {text}."), text=text)
    return tuple((int(each[1]), int(each[2] or each[1])) for each in found if each is not None)


def retention(store: Store, query: RetentionQuery, customers: ir.Table | None = None) -> RetentionResult:
    """Answer a question about retention.

    Parameters
    ----------
    customers : a table with a column ``customer``; only they count. None: everybody.

    Raises
    ------
    BadQuestion : a breakdown column does not exist; see also `RetentionQuery`.
    """
    ask = ask_of(store, query.workspace, query.as_of, query.confidence)
    reading = reading_of(query, ask, customers) if ask.engine.local else None
    # Fetched once, where all of it fits: the period is that of the rows.
    parts = reading.parts() if reading and query.period is None and reading.fits else []
    if query.period is None:
        span = begun(parts) if parts else _begun_by_sql(query, ask, customers)
        if span is None:
            return RetentionResult(query, Retention({}, (), (None,) * len(query.spans)))
        query = replace(query, period=frames.facts_period(*span, query.tz))
    assert query.period
    frame = _frame(query)
    moments = frame.moments(ask.as_of)
    moments["start"], moments["end"] = query.period.bounds
    if reading:
        rows, sql = returned(reading, frame, moments, WORD, parts)
        return _result(query, frame, rows, sql, ask)
    key = None if customers is not None else (*_shape(query), tuple(moments))
    rows, sql = answer(
        ask, key, lambda: _cohorts(query, frame, ask, customers), moments, written_texts(query.roles, ask)
    )
    return _result(query, frame, rows, sql, ask)


def _shape(query: RetentionQuery) -> tuple[object, ...]:
    return ("retention", query.steps, query.workspace, query.grain, query.by, query.period and query.period.tz)


def _begun_by_sql(query: RetentionQuery, ask: Ask, customers: ir.Table | None) -> tuple[datetime, datetime] | None:
    """Return the instants of the first and the last start event; None when there is none."""
    start = masked(query.steps[0], query.roles)
    t = events_of(ask, (start.event,), customers)
    t = with_steps(t.filter(t.moment < ask.instant("as_of")), (start,) if start.where else (), ask)
    t = t.filter(t.is_1) if start.where else t
    span = t.aggregate(low=t.moment.min(), high=t.moment.max())
    rows, _ = answer(ask, None, lambda: span, {"as_of": ask.as_of}, written_texts(query.roles, ask))
    [row] = rows.to_pylist()
    return (_utc(row["low"]), _utc(row["high"])) if row["low"] else None


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _frame(query: RetentionQuery) -> Frame:
    """Return the buckets from the first cohort's until after the last offset of the last cohort."""
    assert query.period
    beyond = (max(high for _, high in query.spans) + 2) * DAYS[query.grain]
    reach = replace(query.period, end=query.period.end + timedelta(days=beyond))
    return frames.frame_of(Query((), query.workspace, reach, query.grain), reach)


def _events(query: RetentionQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    steps = [masked(step, query.roles) for step in query.steps]
    t = events_of(ask, (step.event for step in steps), customers)
    return with_steps(t.filter(t.moment < ask.instant("as_of")), steps, ask)


def _cohorts(query: RetentionQuery, frame: Frame, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return how many people of each cohort came back in which buckets: a bit a bucket, ``word_0``, ``word_1`` …"""
    t = frames.with_columns(_events(query, ask, customers), query.by, "by_", ask)
    by = [f"by_{i}" for i in range(len(query.by))]
    last = len(frame.buckets) - 1
    t = t.mutate(
        bucket=ibis.greatest(ibis.least(frames.bucket_of(t.moment, frame, ask), last), 0),
        touch=ibis.struct(arrival(t, ask) | {name: t[name].fill_null(NOBODY) for name in by}),
    )
    first = {"first": t.t.min(), **({"touch": t.touch.min()} if by else {})}
    start, back = query.steps
    if start == back:
        # Nothing of it comes before the first of it: one pass tells all.
        people = _begun(t.group_by("user").aggregate(**first, **_words(t, last)), ask)
    else:
        began = _begun(t.filter(t.is_1).group_by("user").aggregate(**first), ask)
        # The first start event is among the rows of each, so that nobody is lost who never came back.
        since = t.inner_join(began, "user")
        since = since.filter(since.t >= since["first"])
        kept = {"first": since["first"].min(), **({"touch": since.touch_right.min()} if by else {})}
        people = since.group_by("user").aggregate(**kept, **_words(since, last))
    people = people.mutate(
        cohort=frames.bucket_of(ask.engine.from_epoch_us(people["first"]), frame, ask),
        **{name: people.touch[name] for name in by},
    )
    words = [name for name in people.columns if name.startswith("word_")]
    return people.group_by(["cohort", *by, *words]).aggregate(people=people.count())


def _begun(people: ir.Table, ask: Ask) -> ir.Table:
    start, end = (ask.engine.epoch_us(ask.instant(role)) for role in ("start", "end"))
    return people.filter(people["first"] >= start, people["first"] < end)


def _words(t: ir.Table, last: int) -> dict[str, ir.Scalar]:
    """Return numbers with a bit for each bucket in which something was a return event."""
    # A literal alone would be a number of 8 bits on ClickHouse, and wrap.
    bit = ibis.literal(1).cast("int64") << (t.bucket % WORD).cast("int64")
    places = range(last // WORD + 1)
    return {f"word_{i}": bit.bit_or(where=t.is_2 & (t.bucket // WORD == i)).fill_null(0) for i in places}


@dataclass(frozen=True, eq=False)
class _People:
    """Rows of people: the bucket they began in, how many they are, and whether they came back, a row a column shown."""

    cohort: Ints
    people: Ints
    came_back: NDArray[np.bool_]

    def of(self, own: NDArray[np.bool_]) -> "_People":
        return _People(self.cohort[own], self.people[own], self.came_back[:, own])


def _result(query: RetentionQuery, frame: Frame, rows: pa.Table, sql: str, ask: Ask) -> RetentionResult:
    cohort, people = (rows[name].to_numpy().astype(np.int64) for name in ("cohort", "people"))
    words = [rows[name].to_numpy().astype(np.int64) for name in rows.column_names if name.startswith("word_")]
    everybody = _People(cohort, people, _came_back(query, cohort, words))
    complete = _complete(frame, ask)
    groups = []
    if query.by:
        keys, place = cells_of(rows, [f"by_{i}" for i in range(len(query.by))])
        for number in sorted(range(len(keys)), key=lambda i: keys[i]):
            by = dict(zip(query.by, keys[number], strict=True))
            groups.append(_retention(query, frame, everybody.of(place == number), complete, by))
    return RetentionResult(query, _retention(query, frame, everybody, complete, {}), tuple(groups), sql)


def _came_back(query: RetentionQuery, cohort: Ints, words: list[Ints]) -> NDArray[np.bool_]:
    """Return, for each column and row, whether the return event happened in the buckets that the column asks for."""
    if query.kind == "unbounded":
        last = _last_bucket(words, cohort.size) - cohort
        return np.array([last >= low for low, _ in query.spans])
    if len(words) == 1:
        # All buckets in one word: moved to the right by the cohort's number, the last bit is that of offset 0.
        own = words[0] >> cohort
        masks = [sum(1 << offset for offset in range(low, min(high, WORD) + 1)) for low, high in query.spans]
        return np.array([own & mask != 0 for mask in masks])
    came = np.zeros((len(query.spans), cohort.size), dtype=bool)
    for column, (low, high) in zip(came, query.spans, strict=True):
        for offset in range(low, high + 1):
            bucket = cohort + offset
            for i, word in enumerate(words):
                column |= (bucket // WORD == i) & ((word >> (bucket % WORD)) & 1 == 1)
    return came


def _last_bucket(words: list[Ints], rows: int) -> Ints:
    last = np.full(rows, -1, dtype=np.int64)
    for i, word in enumerate(words):
        for bit in range(WORD):
            last[(word >> bit) & 1 == 1] = i * WORD + bit
    return last


def _complete(frame: Frame, ask: Ask) -> int:
    """Return how many buckets of the frame are complete: the next one has begun."""
    return sum(bucket.end <= ask.as_of for bucket in frame.buckets)


def _retention(query: RetentionQuery, frame: Frame, people: _People, complete: int, by: Mapping[str, str]) -> Retention:
    assert query.period
    own = zone(query.period.tz)
    sizes = np.bincount(people.cohort, people.people)
    back = np.array([np.bincount(people.cohort, people.people * came) for came in people.came_back])
    numbers = np.flatnonzero(np.bincount(people.cohort)).tolist()
    # A column is known of a cohort once the bucket that it needs is complete.
    known = [[number + high < complete for _, high in query.spans] for number in numbers]
    counts = [int(back[i][number]) for number in numbers for i in range(len(query.spans))]
    shares = shares_of(counts, [int(sizes[number]) for number in numbers for _ in query.spans], query.confidence)
    rows = [shares[at : at + len(query.spans)] for at in range(0, len(shares), len(query.spans))]
    cohorts = tuple(
        Cohort(
            frame.buckets[number].start.astimezone(own).date(),
            int(sizes[number]),
            tuple(share if told else None for share, told in zip(row, is_known, strict=True)),
        )
        for number, row, is_known in zip(numbers, rows, known, strict=True)
    )
    return Retention(by, cohorts, _average(query, cohorts))


def _average(query: RetentionQuery, cohorts: Sequence[Cohort]) -> tuple[Share | None, ...]:
    """Return the share of each column over the cohorts that it is known of."""
    columns = [[share for each in cohorts if (share := each.returned[i]) is not None] for i in range(len(query.spans))]
    sums = [(sum(share.count for share in told), sum(share.n for share in told)) for told in columns]
    shares = shares_of([count for count, _ in sums], [n for _, n in sums], query.confidence)
    return tuple(share if share.n else None for share in shares)
