"""Data stopped arriving."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import special

from percorso.analytics.statistics.intervals import FloatArray
from percorso.i18n import mark
from percorso.insights.alerts._base import Alert, Firing, Series, Settings
from percorso.insights.alerts._expectation import REACHES, rolling_median
from percorso.insights.alerts._spells import Flags, Signals, Story, told

Ints = NDArray[np.int_]
# Few enough to be told: silence that chance explains more often than this is not.
CHANCE = 1e-4
# The median of chi-squared with one degree of freedom: the median of squared deviations in units of their variance.
CHI_MEDIAN = 0.4549
PAUSES = 3


class SilenceSettings(Settings):
    """When data counts as stopped."""

    buckets: int = Field(
        2, ge=1, le=31, title=mark("How long"),
        description=mark("Days (or weeks, months) in a row with hardly any data. One day alone may be a holiday."),
    )  # fmt: skip
    share: float = Field(
        0.3, gt=0, lt=1, title=mark("Share of the usual number"),
        description=mark("Data counts as stopped when less than this share of the usual number arrives."),
    )  # fmt: skip


class Silence(Alert[SilenceSettings]):
    """Far fewer facts than on the same weekdays before, or no delivery for longer than ever.

    Without `received_at`, numbers of facts are compared; a silence ends with the first usual bucket. With it, facts come
    in deliveries (imports): there is silence when the last one lies further back than the longest pause and `buckets`.
    """

    label = mark("Data stopped")
    about = mark("Tells when far less data arrives than usual, so that a figure stands still instead of being good.")
    chance = mark(
        "How often as few would come if nothing had stopped: negative binomial with mean and variance of the same"
        " weekdays before. With deliveries: how often the newest of so many pauses is the longest."
    )
    minimum_n = 0
    tested = False
    Config = SilenceSettings

    def firings(self, series: Series, config: SilenceSettings) -> list[Firing]:
        """Return the times in which data was missing. They are told whatever else happens."""
        made = _few(series, config) if series.received_at is None else _pauses(series, config, series.received_at)
        # Missing data is neither good nor bad news of the figure.
        return [replace(f.alone(), good=None) for f in made]


def _few(series: Series, config: SilenceSettings) -> list[Firing]:
    reach = REACHES[series.grain]
    usual = rolling_median(series.n, reach.season, reach.cycles, least=4)
    few = _chance_of_few(series.n, usual, reach.season * reach.cycles)
    with np.errstate(invalid="ignore"):
        known = usual >= 1
        low = known & (series.n < config.share * usual)
    chance, begun = _added_up(few, low, known)
    length = np.array([int(low[b : t + 1].sum()) if low[t] else 0 for t, b in enumerate(begun)])
    alarm = low & (length >= config.buckets) & (chance <= CHANCE)

    def story(at: int) -> Story:
        since = int(begun[at])
        days = slice(since, at + 1)
        params = {
            "n": int(series.n[days].sum()),
            "usual": round(float(np.nansum(usual[days]))),
            "since": series.starts[since],
        }
        return Story(mark("{indicator}: {n} cases since {since}, where {usual} are usual. Does its data still arrive?"), params, None, since)  # fmt: skip

    return told(series, "down", Signals(alarm, known & ~low, known, chance), story, calm_buckets=1)


def _chance_of_few(n: FloatArray, usual: FloatArray, reach: int) -> FloatArray:
    """Return the chance of at most `n` facts in a bucket: negative binomial, its variance from the buckets before."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = rolling_median((n - usual) ** 2 / usual, 1, reach, least=8) / CHI_MEDIAN
    over = np.maximum(np.where(np.isfinite(spread), spread, 1.0), 1.05)
    size = np.maximum(np.nan_to_num(usual) / (over - 1), 1e-9)
    return np.asarray(special.betainc(size, np.maximum(n, 0) + 1, 1 / over), dtype=np.float64)


def _added_up(few: FloatArray, low: Flags, known: Flags) -> tuple[FloatArray, Ints]:
    """Return the chance of each run of low buckets so far and where it began; unknown buckets do not end one."""
    chance, begun = np.ones(low.size), np.arange(low.size)
    running, since = 1.0, 0
    for t in range(low.size):
        if low[t]:
            since = t if running == 1.0 else since
            running *= float(few[t])
            chance[t], begun[t] = running, since
        elif known[t]:
            running = 1.0
    return chance, begun


def _pauses(series: Series, config: SilenceSettings, received_at: tuple[datetime, ...]) -> list[Firing]:
    days = sorted({at.astimezone(UTC).date() for at in received_at})
    chance, alarm = np.ones(len(series)), np.zeros(len(series), dtype=np.bool_)
    pause = np.zeros(len(series), dtype=np.int64)
    longest = np.zeros(len(series), dtype=np.int64)
    for t, start in enumerate(series.starts):
        end = series.end(start)
        past = [day for day in days if day < end]
        gaps = [(b - a).days for a, b in pairwise(past)]
        if len(gaps) >= PAUSES:
            pause[t], longest[t] = (end - past[-1]).days, max(gaps)
            chance[t] = 1 / (len(gaps) + 1)
            alarm[t] = pause[t] > longest[t] + config.buckets * (end - start).days

    def story(at: int) -> Story:
        last = series.end(series.starts[at]) - timedelta(days=int(pause[at]))
        params = {"since": last, "days": int(pause[at]), "usual": int(longest[at])}
        return Story(mark("{indicator}: no data has arrived since {since}, for {days} days; the longest pause so far was {usual}."), params, None, None)  # fmt: skip

    return told(series, "down", Signals(alarm, ~alarm, ~alarm, chance), story, calm_buckets=1)
