"""Out of the ordinary: against what the same weekdays before let expect."""

from collections.abc import Callable
from typing import get_args

import numpy as np
from pydantic import Field

from percorso.analytics.statistics.control_charts import ewma_chart
from percorso.analytics.statistics.intervals import FloatArray
from percorso.i18n import mark
from percorso.insights.alerts._base import Alert, Direction, Firing, Grain, Series, Settings
from percorso.insights.alerts._expectation import (
    AVERAGE_TAILS,
    Expectation,
    autocorrelation_before,
    chance_of,
    expectation,
)
from percorso.insights.alerts._spells import Signals, Story, told

SMOOTHING = 0.2
# What one day can add to the average: a spike alone does not make a shift.
CLIP = 3.5
# The average is calm again below this share of its limit.
SLACK = 0.5
# Weeks and months come less often than days: a lower limit gives as few false messages a year.
EASIER: dict[Grain, float] = {"day": 1.0, "week": 0.875, "month": 0.8}
# Autocorrelation that simulated companies have by themselves; above it the limit of the average widens.
USUAL_AUTOCORRELATION = 0.2


class ChangeSettings(Settings):
    """The defaults give at most one false message a month for twenty indicators watched daily (bench/alerts.py)."""

    spike: float = Field(
        4.0, ge=2.5, le=10, title=mark("Single days: deviations from the expected value"),
        description=mark("How many standard deviations one day must lie from what was expected."),
    )  # fmt: skip
    shift: float = Field(
        4.0, ge=2.5, le=10, title=mark("Lasting changes: deviations of the moving average"),
        description=mark("How many standard deviations the moving average of the days must lie from what was expected."),
    )  # fmt: skip
    minimum_n: int = Field(
        10, ge=1, title=mark("Smallest number of answers or cases a day"),
        description=mark("Days with fewer are passed over."),
    )  # fmt: skip


class Change(Alert[ChangeSettings]):
    """Spikes by robust seasonal z, lasting shifts by the moving average (EWMA) of z (specification 5.13).

    The moving average's limit widens with the autocorrelation that the series had before. Single days add at most
    `CLIP`, so that a spike stays a spike. While a firing is open the average runs on: it begins afresh in effect, because
    a firing closes only when the average has been near 0 for seven buckets.
    """

    label = mark("Unusual change")
    about = mark("Tells when a figure leaves its usual course: a day far off, or a lasting shift up or down.")
    chance = mark(
        "How often an unchanged series lies this far from what the same weekdays before let expect, on one day:"
        " Student's t with 20 degrees of freedom (15 for the moving average), the tails found on simulated companies."
    )
    minimum_n = 10
    Config = ChangeSettings

    def firings(self, series: Series, config: ChangeSettings) -> list[Firing]:
        """Return the firings up and down, by bucket."""
        found = expectation(series, config.minimum_n)
        average = _average(found.z)
        made = [
            firing
            for direction in get_args(Direction)
            for firing in _one_way(series, config, found, average, direction)
        ]
        return sorted(made, key=lambda f: f.at)


def _average(z: FloatArray) -> FloatArray:
    """Return the moving average of z in multiples of its own standard deviation."""
    chart = ewma_chart(np.clip(z, -CLIP, CLIP), smoothing=SMOOTHING, limit=1.0)
    keep = 1 - SMOOTHING
    excess = np.clip(autocorrelation_before(z) - USUAL_AUTOCORRELATION, 0, 0.8) * keep
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled: FloatArray = chart.ewma / chart.half_width / np.sqrt((1 + excess) / (1 - excess))
    return scaled


def _one_way(
    series: Series,
    config: ChangeSettings,
    found: Expectation,
    average: FloatArray,
    direction: Direction,
) -> list[Firing]:
    sign = 1.0 if direction == "up" else -1.0
    z, mean = sign * found.z, sign * average
    easier = EASIER[series.grain]
    with np.errstate(invalid="ignore"):
        spike, shift = z >= easier * config.spike, mean >= easier * config.shift
        calm = (z < easier * config.spike) & (mean < SLACK * easier * config.shift)
    chance = np.fmin(np.where(spike, chance_of(z), np.nan), np.where(shift, chance_of(mean, AVERAGE_TAILS), np.nan))
    signals = Signals(spike | shift, calm, ~np.isnan(z), chance)
    return told(series, direction, signals, _story(series, found, z))


def _story(series: Series, found: Expectation, z: FloatArray) -> Callable[[int], Story]:
    def story(at: int) -> Story:
        since = since_of(z, at)
        days = np.flatnonzero(~np.isnan(z[since : at + 1])) + since
        value, expected = (
            float(np.average(figures[days], weights=series.n[days])) for figures in (series.value, found.expected)
        )
        params = {"value": value, "expected": expected, "at": series.starts[at], "since": series.starts[since]}
        if since == at:
            return Story(mark("{indicator}: {value} on {at}, where {expected} was to be expected."), params, value - expected, since)  # fmt: skip
        return Story(mark("{indicator}: {value} on average since {since}, where {expected} was to be expected."), params, value - expected, since)  # fmt: skip

    return story


def since_of(z: FloatArray, at: int, reach: int = 56) -> int:
    """Return where a rise of z that was noticed at `at` probably began: where the sum of z - 0.5 from there is largest."""
    past = np.nan_to_num(z[max(0, at - reach) : at + 1] - 0.5)
    sums = np.cumsum(past[::-1])
    back = int(np.argmax(sums))
    since = at - back
    while np.isnan(z[since]) and since < at:
        since += 1
    return since
