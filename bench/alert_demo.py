"""The causes of the demo company (docs/demo.md) as alerts should find them, and the series that they are looked for in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bench.alert_scores import WITHIN, Score, messages
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.demo import Truth
from percorso.demo.calendars import black_friday, easter
from percorso.insights.alerts import ALERTS, Flagged, Message, Series, fitting_grain, grouped, series_of, with_shares

TZ = "America/Sao_Paulo"
KEYS = (
    "abandonment_rate", "average_handling_time", "average_waiting_time", "backlog", "cart_abandonment_rate", "ces",
    "churn_rate", "complaint_rate", "completion_rate", "containment_rate", "conversion_rate", "csat", "escalation_rate",
    "fcr", "first_response_time", "median_resolution_time", "reopen_rate", "response_rate", "return_rate",
    "sla_compliance",
)  # fmt: skip
# Days that a baseline needs before anything can be told.
HISTORY, AFTER = 84, 28


@dataclass(frozen=True)
class Known:
    """A cause of the demo company: its days, and which way it moves which indicators (one part of a mix grows, another shrinks: any)."""

    name: str
    start: date
    days: int
    moves: dict[str, str]


def known(truth: Truth) -> list[Known]:
    """Return the dated causes whose indicators move as a whole; the first campaigns come before there is history."""
    first = truth.until.replace(year=truth.until.year - 2) + timedelta(days=HISTORY)
    sells = {"conversion_rate": "up", "cart_abandonment_rate": "down", "complaint_rate": "down"}
    campaigns = [
        Known(f"campaign {n}", truth.days_before(days), truth.campaign_window_days, sells)
        for n, days in enumerate(truth.campaign_days_before, 1)
    ]
    causes = [
        Known("bot", truth.bot_from, 28, {"containment_rate": "up", "average_handling_time": "up"}),
        Known("carrier", truth.carrier_from, 28, {"mix": "any"}),
        Known("price rise", truth.price_from, truth.price_window_days, {"churn_rate": "up"}),
        Known(
            "broken checkout", truth.broken_from, truth.broken_days,
            {"conversion_rate": "down", "cart_abandonment_rate": "up", "complaint_rate": "up"},
        ),
        *campaigns,
    ]  # fmt: skip
    return [cause for cause in causes if cause.start >= first]


def seasons(year: int) -> list[tuple[date, date]]:
    """Days on which the calendar moves many figures: messages then are neither found causes nor false."""
    friday, sunday = black_friday(year), easter(year)
    return [
        (friday - timedelta(days=5), date(year, 12, 31)),
        (date(year, 1, 1), date(year, 1, 20)),
        (sunday - timedelta(days=54), sunday - timedelta(days=40)),
        (sunday - timedelta(days=5), sunday + timedelta(days=5)),
        (date(year, 8, 1), date(year, 9, 7)),
    ]


def watched(store: Store, until: date, keys: Iterable[str] = KEYS, workspace: str = "demo") -> list[Series]:
    """Return the demo's series day by day, week by week where days have too few facts."""
    made = []
    for key in keys:
        daily = _series(store, key, until, "day", workspace)
        grain = fitting_grain(daily)
        made.append(daily if grain == "day" else _series(store, key, until, "week", workspace))
    return made


def carriers(store: Store, until: date, workspace: str = "demo") -> Series:
    """Return the orders day by day with the share of each carrier."""
    days = Period(until.replace(year=until.year - 2), until, TZ)
    query = Query(("return_rate",), workspace, days, "day", ("carrier",), tz=TZ, as_of=_end(until))
    return with_shares(_series(store, "return_rate", until, "day", workspace), measure(store, query), "carrier", TZ)


def judge(truth: Truth, series: Sequence[Series], mix: Series) -> tuple[Score, dict[str, bool], list[Message]]:
    """Return how the alerts did: score, which cause was found, and the false messages."""
    drifts = [Flagged("mix", mix, f) for f in ALERTS["mix"].firings(mix, ALERTS["mix"].Config())]
    told = [*messages(series), *grouped(drifts, watched=1)]
    causes = [c for c in known(truth) if set(c.moves) & {*(s.indicator for s in series), "mix"}]
    found = {cause.name: any(_finds(message, cause) for message in told) for cause in causes}
    begin = series[0].starts[0] + timedelta(days=HISTORY)
    judged = [m for m in told if m.told >= begin and not _in_season(m.told)]
    false = [m for m in judged if not any(_about(m, cause) for cause in causes)]
    score = Score(months=(truth.until - begin).days / 365.25 * 12, true=len(judged) - len(false), false=len(false))
    score.causes["demo"], score.found["demo"] = len(found), sum(found.values())
    return score, found, false


def _finds(message: Message, cause: Known) -> bool:
    end = cause.start + timedelta(days=WITHIN)
    return any(
        cause.start <= day < end and cause.moves.get(_name(one)) in ("any", one.firing.direction)
        for day, one in message.members
    )


def _about(message: Message, cause: Known) -> bool:
    end = cause.start + timedelta(days=cause.days + AFTER)
    return any(cause.start <= day < end and _name(one) in cause.moves for day, one in message.members)


def _name(one: Flagged) -> str:
    return "mix" if one.alert == "mix" else one.series.indicator


def _in_season(day: date) -> bool:
    return any(first <= day <= last for first, last in seasons(day.year))


def _series(store: Store, key: str, until: date, grain: str, workspace: str) -> Series:
    start = until.replace(year=until.year - 2)
    if grain == "week":
        start, until = start + timedelta(days=-start.weekday() % 7), until - timedelta(days=until.weekday())
    query = Query((key,), workspace, Period(start, until, TZ), grain, tz=TZ, as_of=_end(until))  # type: ignore[arg-type]
    return series_of(INDICATORS[key], measure(store, query), grain, TZ)


def _end(until: date) -> datetime:
    """Midnight in São Paulo."""
    return datetime.combine(until, time(3), UTC)
