"""A slow drift in one direction."""

from typing import get_args

import numpy as np
from pydantic import Field

from percorso.i18n import mark
from percorso.insights.alerts._base import Alert, Direction, Firing, Series, Settings
from percorso.insights.alerts._line import WIDTH, line
from percorso.insights.alerts._spells import Signals, Story, told


class TrendSettings(Settings):
    """How long and how sure."""

    points: int = Field(
        8, ge=5, le=26, title=mark("How long"),
        description=mark("Number of weeks (of months, for a figure by month) that the line goes through."),
    )  # fmt: skip
    chance: float = Field(
        0.001, gt=0, le=0.1, title=mark("Chance of noise"),
        description=mark("How seldom a flat series may show such a slope."),
    )  # fmt: skip
    minimum_n: int = Field(30, ge=1, title=mark("Smallest number of answers or cases a week"))


class Trend(Alert[TrendSettings]):
    """A straight line through weekly means, weighted with n: its slope tested by Student's t."""

    label = mark("Trend")
    about = mark(
        "Tells when a figure has been creeping up or down for weeks, too slowly for a single day to stand out."
    )
    chance = mark("How often a flat series shows such a slope: Student's t of a line through the weekly means.")
    Config = TrendSettings

    def firings(self, series: Series, config: TrendSettings) -> list[Firing]:
        """Return the trends; one ends when its slope is no longer likely."""
        if not len(series):
            return []
        fitted = line(series, config.points, config.minimum_n)
        back = (config.points - 1) * WIDTH[series.grain]

        def story(at: int) -> Story:
            before, after = float(fitted.start[at]), float(fitted.level[at])
            since = max(0, at - back)
            params = {"before": before, "after": after, "since": series.starts[since]}
            text = mark("{indicator}: a steady trend from {before} around {since} to {after}.")
            return Story(text, params, after - before, since)

        made: list[Firing] = []
        for direction in get_args(Direction):
            sign = 1.0 if direction == "up" else -1.0
            with np.errstate(invalid="ignore"):
                alarm = (sign * fitted.slope > 0) & (fitted.chance <= config.chance)
                calm = (sign * fitted.slope <= 0) | (fitted.chance > 0.05)
            made += told(series, direction, Signals(alarm, calm, np.isfinite(fitted.slope), fitted.chance), story)
        return sorted(made, key=lambda f: f.at)
