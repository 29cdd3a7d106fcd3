"""The whole is made up differently than before."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from pydantic import Field
from scipy import special

from percorso.analytics.statistics.intervals import FloatArray
from percorso.i18n import mark
from percorso.insights.alerts._base import Alert, Direction, Firing, Grain, Series, Settings
from percorso.insights.alerts._expectation import rolling_median
from percorso.insights.alerts._spells import Signals, Story, told

# Buckets looked at, and buckets before them that they are compared with: a week with the eight before.
RECENT: dict[Grain, int] = {"day": 7, "week": 1, "month": 1}
BEFORE: dict[Grain, int] = {"day": 56, "week": 12, "month": 12}
CHANCE = 1e-4


class MixSettings(Settings):
    """How much the composition must move."""

    drift: float = Field(
        0.1, gt=0, le=2, title=mark("Drift of the composition"),
        description=mark("Population stability index: below 0.1 little has changed, above 0.25 it is another population."),
    )  # fmt: skip
    minimum_n: int = Field(100, ge=20, title=mark("Smallest number of answers or cases in the days looked at"))


class Mix(Alert[MixSettings]):
    """Composition of the newest week against the eight weeks before: chi-squared, and the population stability index.

    A figure of the whole may move because its parts do, or because it has other parts. `shares` must hold the share of
    every part, adding up to 1 in each bucket with facts.
    """

    label = mark("Mix")
    about = mark(
        "Tells when the whole is made up differently: another share of channels, products, countries, carriers."
    )
    chance = mark(
        "Chi-squared test of the newest week's composition against that of the eight weeks before, divided by how much"
        " days differed beyond chance."
    )
    minimum_n = 100
    needs = "shares"
    Config = MixSettings

    def firings(self, series: Series, config: MixSettings) -> list[Firing]:
        """Return the drifts; the direction is that of the part that moved most, neither is good."""
        if not series.shares or not len(series):
            return []
        names = sorted(series.shares)
        counts = np.stack([np.nan_to_num(series.shares[name] * series.n) for name in names])
        now = _summed(counts, RECENT[series.grain])
        before = _lagged(_summed(counts, BEFORE[series.grain]), RECENT[series.grain])
        share, share_before = _shares(now), _shares(before)
        chance = _chance(counts, now, before, BEFORE[series.grain])
        drift = np.nansum((share - share_before) * np.log(share / share_before), axis=0)
        known = (now.sum(axis=0) >= config.minimum_n) & (before.sum(axis=0) >= 4 * config.minimum_n)
        alarm = known & (drift >= config.drift) & (chance <= CHANCE)
        calm = known & (drift < config.drift / 2)
        # What one part gains another loses: of two that moved alike, the one that grew is named.
        moved = share - share_before
        largest = np.argmax(np.abs(moved) * np.where(moved > 0, 1.1, 1.0), axis=0)

        def story(at: int) -> Story:
            i = int(largest[at])
            params = {"part": names[i], "share": float(share[i, at]), "share_before": float(share_before[i, at])}
            since = max(0, at - RECENT[series.grain] + 1)
            return Story(mark("{indicator}: {part} makes {share} of the whole, {share_before} before."), params, None, since)  # fmt: skip

        made = told(series, "up", Signals(alarm, calm, known, chance), story)
        return [replace(f, good=None, direction=_way(f.params)) for f in made]


def _way(params: Mapping[str, float]) -> Direction:
    return "up" if params["share"] >= params["share_before"] else "down"


def _summed(counts: FloatArray, buckets: int) -> FloatArray:
    """Return the sums of the last `buckets` at each point; 0 where there are not as many."""
    sums = np.concatenate([np.zeros((counts.shape[0], 1)), np.cumsum(counts, axis=1)], axis=1)
    made = np.zeros_like(counts)
    made[:, buckets - 1 :] = sums[:, buckets:] - sums[:, : counts.shape[1] - buckets + 1]
    return made


def _lagged(counts: FloatArray, buckets: int) -> FloatArray:
    return np.concatenate([np.zeros((counts.shape[0], buckets)), counts], axis=1)[:, : counts.shape[1]]


def _shares(counts: FloatArray) -> FloatArray:
    """Return shares with half a case more for each part, so that none is 0."""
    more = counts + 0.5
    shares: FloatArray = more / more.sum(axis=0)
    return shares


def _chance(counts: FloatArray, now: FloatArray, before: FloatArray, reach: int) -> FloatArray:
    """Return the chance of so different a composition, widened by how much single buckets differ beyond chance."""
    df = max(1, counts.shape[0] - 1)
    usual = _shares(before)
    single = np.where(counts.sum(axis=0) > 0, _chi(counts, usual), np.nan)
    typical = rolling_median(single, 1, reach, least=reach // 4) / special.chdtri(df, 0.5)
    over = np.maximum(np.where(np.isnan(typical), 1.0, typical), 1.0)
    # Both sides vary: the newest buckets, and those that they are compared with.
    with np.errstate(divide="ignore", invalid="ignore"):
        both = 1 + now.sum(axis=0) / before.sum(axis=0)
        chances = special.chdtrc(df, _chi(now, usual) / over / both)
    return np.where(np.isfinite(chances), chances, 1.0)


def _chi(counts: FloatArray, usual: FloatArray) -> FloatArray:
    expected = counts.sum(axis=0) * usual
    with np.errstate(divide="ignore", invalid="ignore"):
        chi: FloatArray = np.nansum((counts - expected) ** 2 / expected, axis=0)
    return chi
