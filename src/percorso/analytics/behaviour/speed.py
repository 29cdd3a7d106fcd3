"""What slow and broken pages go with: the scores of customers who lived through them, against those who did not.

For each customer who answered in the period, the measurements of the days before that answer count, for what comes after
it cannot have moved it. A customer's own 75th percentile puts the customer into a band: good, needs improvement, or poor
(specification 4.6). Errors are counted in the same days, of customers who were seen at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import ibis
import ibis.expr.types as ir

from percorso.analytics import frames
from percorso.analytics.behaviour.events import answer, ask_of, events_of
from percorso.analytics.behaviour.groups import in_group, markers_of, texts_of
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Ask, marker
from percorso.analytics.methods.satisfaction import Satisfaction
from percorso.analytics.methods.scores import Scores
from percorso.analytics.methods.vitals import LARGEST, LIMITS, QUANTILE
from percorso.analytics.query import Period, Segment
from percorso.analytics.statistics.comparisons import (
    Comparison,
    benjamini_hochberg,
    nps_difference,
    two_proportions,
)
from percorso.analytics.statistics.intervals import nps_interval, wilson
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from percorso.i18n import mark

Trouble = Literal["LCP", "INP", "CLS", "FCP", "TTFB", "errors"]
Score = Literal["nps", "csat"]
ERRORS = "errors"
TROUBLES: tuple[Trouble, ...] = ("LCP", "INP", "CLS", "FCP", "TTFB", "errors")
SCORES: tuple[Score, ...] = ("nps", "csat")
# The bands of a web vital, and of errors; the first is what all others are compared with.
BANDS: Mapping[bool, tuple[str, ...]] = {
    True: ("good", "needs_improvement", "poor"),
    False: ("none", "one", "several"),
}
UNMEASURED = "unmeasured"
DAY_US = 86_400_000_000
ENOUGH = 30


@dataclass(frozen=True)
class ImpactQuery:
    """A question about what slow or broken pages go with.

    Parameters
    ----------
    trouble : a web vital (`vitals.LIMITS`), or ``errors``. score : the answers that are looked at.
    period : when they were given; of each customer the latest valid one counts. days : how long before the answer the
        customer's visits count, 0 ≤ Δ ≤ days.
    measured, error : names of the events that tell a measurement and a failure. segment : column -> allowed values, of
        the answers. as_of : what was known at that instant; None means now.
    """

    workspace: str
    period: Period
    trouble: Trouble = "LCP"
    score: Score = "nps"
    days: float = 28
    measured: str = "Web Vital Measured"
    error: tuple[str, ...] = ("Error Occurred",)
    segment: Segment = field(default_factory=dict)
    as_of: datetime | None = None
    confidence: float = 0.95

    def __post_init__(self) -> None:
        _one_of(self.trouble, TROUBLES)
        _one_of(self.score, SCORES)
        if not 0 < self.days <= 3660:
            raise BadQuestion(mark("Look at more than 0 and at most 3660 days before an answer."))

    @property
    def vital(self) -> bool:
        """Whether the trouble is a web vital, not errors."""
        return self.trouble != ERRORS

    @property
    def limit(self) -> float:
        """What is still good: the highest value of the web vital (ms, CLS without unit), or 0 errors."""
        return LIMITS[self.trouble][0] if self.vital else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The texts that the SQL says."""
        return (self.measured, self.trouble) if self.vital else self.error


def _one_of(name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise BadQuestion(
            mark("There is no choice {name} here. Choose one of: {known}."), name=name, known=", ".join(known)
        )


@dataclass(frozen=True)
class Group:
    """The scores of some customers: how many answered, of them high (promoters, satisfied) and low (detractors).

    `value` with its interval is NPS in points, or the share of the satisfied; None of nobody. `key` names the band.
    """

    key: str
    n: int
    high: int
    low: int
    value: float | None
    value_low: float | None
    value_high: float | None

    @property
    def status(self) -> str:
        """``no_data``, ``low_sample`` or ``ok``."""
        return "no_data" if self.n == 0 else "low_sample" if self.n < ENOUGH else "ok"


@dataclass(frozen=True)
class Impact:
    """The scores by band, and those of all who had trouble against those who had none.

    `difference` is troubled minus untroubled, with its interval; `adjusted_p` and `differs` are set by `impacts`, where
    several troubles are one family. `unmeasured` customers answered, and nothing is known of their visits.
    """

    query: ImpactQuery
    bands: tuple[Group, ...]
    untroubled: Group
    troubled: Group
    unmeasured: int
    difference: Comparison
    adjusted_p: float | None = None
    differs: bool = False
    sql: str = field(default="", repr=False)

    @property
    def status(self) -> str:
        """That of the smaller side."""
        n = min(self.untroubled.n, self.troubled.n)
        return "no_data" if n == 0 else "low_sample" if n < ENOUGH else "ok"


def impact(store: Store, query: ImpactQuery, customers: ir.Table | None = None) -> Impact:
    """Compare the scores of customers who had slow or broken pages with those who had none.

    Parameters
    ----------
    customers : a table with a column ``customer``; only they count. None: everybody.

    Notes
    -----
    Both groups chose themselves: who has an old phone differs in more than in speed. TEST-NPS or TEST-P.
    """
    ask = ask_of(store, query.workspace, query.as_of, query.confidence)
    moments = {"as_of": ask.as_of}
    moments["start"], moments["end"] = query.period.bounds
    # All web vitals share their SQL: metric and limits enter as values.
    how = query.vital, query.score, query.days, len(query.names)
    shape = "impact", query.workspace, *how, frames.segment_shape(query.segment)
    texts = texts_of(query.segment, query.names, ask)
    texts |= {f"limit_{i}": str(limit) for i, limit in enumerate(LIMITS.get(query.trouble, ()))}
    key = None if customers is not None else shape
    rows, sql = answer(ask, key, lambda: _counted(query, ask, customers), moments, texts)
    found = {row["band"]: tuple(int(row[name] or 0) for name in ("n", "high", "low")) for row in rows.to_pylist()}
    bands = [_group(query, band, *found.get(band, (0, 0, 0))) for band in BANDS[query.vital]]
    untroubled, troubled = bands[0], _together(query, bands[1:])
    unmeasured = found.get(UNMEASURED, (0,))[0]
    return Impact(query, tuple(bands), untroubled, troubled, unmeasured, _test(query, troubled, untroubled), sql=sql)


def impacts(
    store: Store, queries: Sequence[ImpactQuery], customers: ir.Table | None = None, q: float = 0.1
) -> tuple[Impact, ...]:
    """Answer several questions as one family of tests (Benjamini-Hochberg, false discovery rate `q`)."""
    found = [impact(store, query, customers) for query in queries]
    adjusted = benjamini_hochberg([one.difference.p_value for one in found], q)
    return tuple(
        Impact(**{**vars(one), "adjusted_p": p, "differs": bool(rejected)})
        for one, p, rejected in zip(found, adjusted.adjusted, adjusted.rejected, strict=True)
    )


def _counted(query: ImpactQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return, for each band, how many customers answered and how many of them high and low."""
    answers = _answers(query, ask, customers)
    banded = _by_vital(query, answers, ask) if query.vital else _by_errors(query, answers, ask)
    banded = banded.rename(who="user")
    t = answers.left_join(banded, answers.user == banded.who)
    # What a left join misses is '' and not null on ClickHouse.
    band = ibis.ifelse((t.band != "").fill_null(False), t.band.fill_null(""), UNMEASURED)
    t = t.mutate(band=band)
    return t.group_by("band").aggregate(n=t.count(), high=t.high.sum(), low=t.low.sum())


def _answers(query: ImpactQuery, ask: Ask, customers: ir.Table | None) -> ir.Table:
    """Return the latest valid answer of each customer: `user`, `answered` (µs), and whether it is `high` or `low`."""
    found = INDICATORS[query.score]
    assert isinstance(found, Scores)
    t = found.rows(Ask(ask.store, ask.workspace, ask.as_of, found.chosen({}), ask.confidence, None))
    t = in_group(t, query.segment, ask)
    t = t.filter(ask.known(t.moment), t.moment >= ask.instant("start"), t.moment < ask.instant("end"))
    t = t.filter(t.customer.notnull(), found.within_scale(t)).mutate(user=t.customer)
    if customers is not None:
        mine = customers.select(_whose=customers.customer).distinct()
        t = t.semi_join(mine, t.user == mine._whose)
    newest = [ibis.desc(t.at), ibis.desc(t.id)]
    t = t.mutate(turn=ibis.row_number().over(ibis.window(group_by=t.user, order_by=newest)))
    t = t.filter(t.turn == 0)
    high = t.score > t.scale_max - 2 if isinstance(found, Satisfaction) else t.score >= 9
    low = t.score < t.scale_min + 2 if isinstance(found, Satisfaction) else t.score <= 6
    flags = {"high": high.cast("int64"), "low": low.cast("int64")}
    return t.select("user", answered=ask.engine.epoch_us(t.moment), **flags)


def _before(t: ir.Table, answers: ir.Table, query: ImpactQuery) -> ir.Table:
    """Return the events of those who answered, from the days before the answer."""
    whose = answers.select(who="user", answered="answered")
    t = t.inner_join(whose, t.user == whose.who)
    since = t.answered - t.t
    return t.filter(since >= 0, since <= round(query.days * DAY_US))


def _by_vital(query: ImpactQuery, answers: ir.Table, ask: Ask) -> ir.Table:
    """Return the band of each customer's 75th percentile (type 7: linear between the neighbours)."""
    name, metric = markers_of(query.names)
    t = events_of(ask, [name], None)
    t = t.filter(ask.engine.json_text(t.properties, "metric") == metric)
    told = ask.engine.json_text(t.properties, "value").try_cast("float64")
    t = t.mutate(value=told).filter(((told >= 0) & (told < LARGEST)).fill_null(False))
    t = _before(t.select("user", "t", "value", "id"), answers, query)
    whose = ibis.window(group_by=t.user)
    t = t.mutate(
        place=ibis.row_number().over(ibis.window(group_by=t.user, order_by=[t.value, t.id])), of=t.count().over(whose)
    )
    # The two values around the rank weigh as near as they are to it; every other one nothing.
    weight = ibis.greatest(1 - (t.place - QUANTILE * (t.of - 1)).abs(), 0.0)
    t = t.mutate(part=t.value * weight)
    p = t.group_by("user").aggregate(p75=t.part.sum())
    good, poor = (ibis.literal(marker(f"limit_{i}")).cast("float64") for i in range(2))
    return p.select("user", band=ibis.cases((p.p75 <= good, "good"), (p.p75 > poor, "poor"), else_="needs_improvement"))


def _by_errors(query: ImpactQuery, answers: ir.Table, ask: Ask) -> ir.Table:
    """Return, of the customers who were seen at all, whether they met no error, one or several."""
    t = events_of(ask, None, None)
    failed = t.name.isin(markers_of(query.names)).fill_null(False)
    t = _before(t.mutate(failed=failed.cast("int64")).select("user", "t", "failed"), answers, query)
    p = t.group_by("user").aggregate(errors=t.failed.sum())
    return p.select("user", band=ibis.cases((p.errors == 0, "none"), (p.errors == 1, "one"), else_="several"))


def _group(query: ImpactQuery, key: str, n: int, high: int, low: int) -> Group:
    if n == 0:
        return Group(key, 0, 0, 0, None, None, None)
    net = query.score == "nps"
    value = nps_interval(high, low, n, query.confidence) if net else wilson(high, n, query.confidence)
    return Group(key, n, high, low, float(value.value), float(value.low), float(value.high))


def _together(query: ImpactQuery, groups: Sequence[Group]) -> Group:
    n, high, low = (sum(getattr(g, name) for g in groups) for name in ("n", "high", "low"))
    return _group(query, "troubled", n, high, low)


def _test(query: ImpactQuery, a: Group, b: Group) -> Comparison:
    if query.score == "nps":
        return nps_difference(a.high, a.low, a.n, b.high, b.low, b.n, query.confidence)
    return two_proportions(a.high, a.n, b.high, b.n, query.confidence)
