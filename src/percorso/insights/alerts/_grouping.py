"""One cause, one message: firings of many series, judged together and put together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from percorso.analytics.statistics.comparisons import benjamini_hochberg
from percorso.insights.alerts._base import Alert, Firing, Series, Settings

# Firings of related series that count within so many days of the first may belong to one message.
WINDOW = timedelta(days=14)
MONTHS_12 = timedelta(days=365)


@dataclass(frozen=True, eq=False)
class Flagged:
    """A firing with the series it is about and the key of the alert that fired."""

    alert: str
    series: Series
    firing: Firing


@dataclass(frozen=True, eq=False)
class Message:
    """Firings that have one cause, as far as can be told; `told` is the day after which the message can be sent.

    `members` are in the order in which they counted, each with its day; those of later days came when it had been sent.
    """

    told: date
    members: tuple[tuple[date, Flagged], ...]

    @property
    def lead(self) -> Flagged:
        """The firing to speak of first: of those that came with the message, the least likely to be noise."""
        return next(flagged for at, flagged in self.members if at == self.told)


def grouped(flagged: Iterable[Flagged], watched: int, q: float = 0.05, window: timedelta = WINDOW) -> list[Message]:
    """Put firings together that have one cause, leaving out what chance explains among so many series.

    Parameters
    ----------
    flagged : firings of all alerts, series and segments, in any order.
    watched : how many pairs of series and alert are tested every day (alerts that are `tested`).
    q : share of false alarms allowed among the firings of one day (Benjamini-Hochberg); a firing that does not pass
        counts on the first later day on which it still alarms and does. Firings without `chances` always pass.
    window : how long after its first firing a message takes in more.

    Returns
    -------
    list : messages by the day on which they are told; the same whatever the order of `flagged`.

    Notes
    -----
    A firing joins a message when its change began before that was told (later changes have other causes), and its series
    shares indicator, family, fact table or (named) segment with one in it. News about missing data, limits and goals
    (firings without `chances`) and news about changes join each other only within one fact table.
    """
    messages: list[tuple[date, list[tuple[date, Flagged]]]] = []
    for at, one in _counted(list(flagged), watched, q):
        for told, members in messages:
            begun = (one.firing.since or at) <= told <= at <= told + window
            if begun and any(_related(one, other) for _, other in members):
                members.append((at, one))
                break
        else:
            messages.append((at, [(at, one)]))
    return [Message(told, tuple(members)) for told, members in messages]


def _counted(flagged: list[Flagged], watched: int, q: float) -> list[tuple[date, Flagged]]:
    """Return the firings that pass, with the day at whose end they do, in order."""
    days: dict[date, list[tuple[int, float]]] = defaultdict(list)
    counted = {i: _known(one, one.firing.at) for i, one in enumerate(flagged) if not one.firing.chances}
    for i, one in enumerate(flagged):
        for at, chance in one.firing.chances.items():
            days[_known(one, at)].append((i, chance))
    for day in sorted(days):
        chances = [chance for _, chance in days[day]]
        rest = [1.0] * max(0, watched - len(chances))
        passed = benjamini_hochberg(chances + rest, q).rejected
        for (i, _), stands in zip(days[day], passed[: len(chances)], strict=True):
            if stands:
                counted.setdefault(i, day)
    return sorted(((day, flagged[i]) for i, day in counted.items()), key=_order)


def _known(one: Flagged, start: date) -> date:
    """Return the last day of a bucket: at its end the figure is known."""
    return one.series.end(start) - timedelta(days=1)


def _order(counted: tuple[date, Flagged]) -> tuple[date, float, str, str, str, str]:
    at, one = counted
    return at, one.firing.chance, one.series.indicator, one.series.segment, one.alert, one.firing.direction


def _related(one: Flagged, other: Flagged) -> bool:
    a, b = one.series, other.series
    same_table = bool(a.table) and a.table == b.table
    if bool(one.firing.chances) != bool(other.firing.chances):
        return same_table
    pairs = ((a.indicator, b.indicator), (a.family, b.family), (a.segment, b.segment))
    return same_table or any(left and left == right for left, right in pairs)


@dataclass(frozen=True)
class Preview:
    """What an alert would have told over the last `days` days of a series (fewer when the series is shorter)."""

    firings: tuple[Firing, ...]
    days: int


def preview(alert: Alert[Settings], series: Series, config: Settings) -> Preview:
    """Return the firings of the last twelve months; what came before is history to compare with.

    A firing may have begun before: it counts when it came within the twelve months.
    """
    if not len(series):
        return Preview((), 0)
    end = series.end(series.starts[-1])
    begin = max(end - MONTHS_12, series.starts[0])
    return Preview(tuple(f for f in alert.firings(series, config) if f.at >= begin), (end - begin).days)
