"""Customers leave faster."""

import numpy as np
from pydantic import Field
from scipy import special

from percorso.analytics.statistics.intervals import FloatArray
from percorso.i18n import mark
from percorso.insights.alerts._base import Alert, Firing, Grain, Series, Settings
from percorso.insights.alerts._expectation import rolling_median
from percorso.insights.alerts._spells import Signals, Story, told

# Buckets looked at, and buckets before them that they are compared with: four weeks with the twelve before.
RECENT: dict[Grain, int] = {"day": 28, "week": 4, "month": 1}
BEFORE: dict[Grain, int] = {"day": 84, "week": 12, "month": 6}
CHI_MEDIAN = 0.4549


class ChurnSettings(Settings):
    """How much faster, and how sure."""

    rise: float = Field(
        0.1, ge=0, le=5, title=mark("Smallest rise"),
        description=mark("As a share of the churn before: 0.1 tells from one tenth more on."),
    )  # fmt: skip
    chance: float = Field(
        0.001, gt=0, le=0.1, title=mark("Chance of noise"),
        description=mark("How seldom unchanged churn may look like this."),
    )  # fmt: skip
    minimum_n: int = Field(
        20, ge=5, title=mark("Smallest number of customers lost"),
        description=mark("In the weeks looked at; with fewer, chance explains almost anything."),
    )  # fmt: skip


class Churn(Alert[ChurnSettings]):
    """Share of customers lost in the newest four weeks against the twelve before: one-sided test of two shares.

    For series whose value is the share lost of n customers at risk. Single days are too few for `change` when some
    customers leave a day; four weeks together are not.
    """

    label = mark("Churn rising")
    about = mark("Tells when customers leave faster than in the weeks before.")
    chance = mark(
        "One-sided test of the share lost in four weeks against the twelve weeks before, widened by how much days differ"
        " beyond chance."
    )
    minimum_n = 20
    Config = ChurnSettings

    def firings(self, series: Series, config: ChurnSettings) -> list[Firing]:
        """Return the rises."""
        if not len(series):
            return []
        n = np.where(np.isnan(series.value), 0.0, series.n)
        lost = np.nan_to_num(series.value) * n
        recent, before = RECENT[series.grain], BEFORE[series.grain]
        lost_now, n_now = _summed(lost, recent), _summed(n, recent)
        lost_then, n_then = (_lagged(_summed(a, before), recent) for a in (lost, n))
        with np.errstate(divide="ignore", invalid="ignore"):
            now, then = lost_now / n_now, lost_then / n_then
            pooled = (lost_now + lost_then) / (n_now + n_then)
            noise = pooled * (1 - pooled) * (1 / n_now + 1 / n_then) * _beyond_chance(lost, n, then, before)
            chance = special.ndtr(-(now - then) / np.sqrt(noise))
            known = np.isfinite(chance)
            alarm = (
                known & (lost_now >= config.minimum_n) & (now >= (1 + config.rise) * then) & (chance <= config.chance)
            )
            calm = known & (now < (1 + config.rise / 2) * then)

        def story(at: int) -> Story:
            since = max(0, at - recent + 1)
            params = {"after": float(now[at]), "before": float(then[at]), "since": series.starts[since]}
            text = mark("{indicator}: {after} on average since {since}, after {before} in the weeks before.")
            return Story(text, params, float(now[at] - then[at]), since)

        return told(series, "up", Signals(alarm, calm, known, chance), story)


def _summed(values: FloatArray, buckets: int) -> FloatArray:
    """Return the sum of the last `buckets` at each point; NaN where there are not as many."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    made = np.full(values.size, np.nan)
    made[buckets - 1 :] = sums[buckets:] - sums[: max(0, values.size - buckets + 1)]
    return made


def _lagged(values: FloatArray, buckets: int) -> FloatArray:
    return np.concatenate([np.full(buckets, np.nan), values])[: values.size]


def _beyond_chance(lost: FloatArray, n: FloatArray, usual: FloatArray, reach: int) -> FloatArray:
    """How many times the variance of single buckets is that of chance, in the buckets before each; at least 1."""
    square = (lost - n * usual) ** 2 / (n * usual * (1 - usual))
    typical = rolling_median(square, 1, reach, least=4) / CHI_MEDIAN
    return np.maximum(np.where(np.isfinite(typical), typical, 1.0), 1.0)
