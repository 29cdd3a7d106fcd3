"""A limit is crossed."""

from typing import Literal

import numpy as np
from pydantic import Field
from scipy import special

from percorso.i18n import mark
from percorso.insights.alerts._base import Alert, Firing, Series, Settings
from percorso.insights.alerts._expectation import Z95
from percorso.insights.alerts._spells import Signals, Story, told


class ThresholdSettings(Settings):
    """The limit, and how sure one must be."""

    limit: float = Field(title=mark("Limit"), description=mark("In the indicator's unit; shares as 0 to 1."))
    side: Literal["below", "above"] = Field("below", title=mark("Tell when the figure is"))
    buckets: int = Field(1, ge=1, le=31, title=mark("How many days in a row"))
    back: float = Field(
        0.0, ge=0, title=mark("Margin on the way back"),
        description=mark("The alert ends when the figure is this far on the good side again: it does not flutter."),
    )  # fmt: skip
    sure: bool = Field(
        True, title=mark("Only when chance does not explain it"),
        description=mark("The whole 95 % interval of the figure must lie beyond the limit."),
    )  # fmt: skip
    minimum_n: int = Field(30, ge=0, title=mark("Smallest number of answers or cases"))


class Threshold(Alert[ThresholdSettings]):
    """A figure beyond a limit that a person gave; hysteresis by `back` and by the calm buckets after which it ends."""

    label = mark("Limit")
    about = mark("Tells when a figure goes below or above a limit that you give.")
    chance = mark("How likely the true figure is on the other side of the limit: normal, from the 95 % interval.")
    tested = False
    Config = ThresholdSettings

    def firings(self, series: Series, config: ThresholdSettings) -> list[Firing]:
        """Return the times beyond the limit."""
        sign = 1.0 if config.side == "above" else -1.0
        value = series.enough(config.minimum_n)
        edge = series.low if config.side == "above" else series.high
        with np.errstate(invalid="ignore", divide="ignore"):
            beyond = sign * (value - config.limit) > 0
            certain = beyond & (~np.isfinite(edge) | (sign * (edge - config.limit) > 0))
            calm = sign * (value - config.limit) <= -config.back
            error = (series.high - series.low) / (2 * Z95)
            chance = special.ndtr(-sign * (value - config.limit) / error)
        alarm = _in_a_row(certain if config.sure else beyond, ~np.isnan(value), config.buckets)
        chance = np.where(np.isnan(chance), 0.5, chance)

        def story(at: int) -> Story:
            params = {"value": float(value[at]), "limit": config.limit, "at": series.starts[at]}
            text = (
                mark("{indicator}: {value} on {at}, above the limit of {limit}.")
                if config.side == "above"
                else mark("{indicator}: {value} on {at}, below the limit of {limit}.")
            )
            return Story(text, params, float(value[at]) - config.limit, max(0, at - config.buckets + 1))

        signals = Signals(alarm, calm, ~np.isnan(value), chance)
        made = told(series, "up" if config.side == "above" else "down", signals, story)
        # A limit is a person's wish, not one of many tests: it is told whatever else happens.
        return [f.alone() for f in made]


def _in_a_row(beyond: np.ndarray, known: np.ndarray, buckets: int) -> np.ndarray:
    """Return whether the last `buckets` known buckets lie beyond; unknown ones are passed over."""
    run, made = 0, np.zeros(beyond.size, dtype=np.bool_)
    for t in range(beyond.size):
        run = run + 1 if beyond[t] else (0 if known[t] else run)
        made[t] = beyond[t] and run >= buckets
    return made
