"""A goal is in danger."""

from typing import get_args

import numpy as np
from pydantic import Field
from scipy import special

from percorso.analytics.statistics.intervals import FloatArray
from percorso.i18n import mark
from percorso.insights.alerts._base import Aim, Alert, Direction, Firing, Series, Settings
from percorso.insights.alerts._line import line
from percorso.insights.alerts._spells import Signals, Story, told

DAYS = {"day": 1.0, "week": 7.0, "month": 30.4375}


class GoalSettings(Settings):
    """When a goal counts as in danger."""

    probability: float = Field(
        0.2, gt=0, lt=1, title=mark("Probability of reaching it"),
        description=mark("Tell when the present trend reaches the goal with less than this probability."),
    )  # fmt: skip
    points: int = Field(
        13, ge=5, le=26, title=mark("How long"),
        description=mark("Number of weeks (of months, for a figure by month) that the trend is taken from."),
    )  # fmt: skip
    minimum_n: int = Field(30, ge=1, title=mark("Smallest number of answers or cases a week"))


class Goal(Alert[GoalSettings]):
    """The line through the newest weeks, prolonged to the goal's day: how probable is a week at the target or better?

    Over when the probability is one half again. Looks only at days from the goal's start to its end.
    """

    label = mark("Goal in danger")
    about = mark("Tells when a goal will probably be missed if all goes on as it does.")
    chance = mark(
        "The probability that the goal is reached after all: Student's t, from the line through the newest weeks"
        " prolonged to the goal's day."
    )
    needs = "goal"
    tested = False
    Config = GoalSettings

    def firings(self, series: Series, config: GoalSettings) -> list[Firing]:
        """Return the times of danger; each is bad."""
        goal = series.goal
        if goal is None or not len(series):
            return []
        sign = _wanted(series, goal)
        days = np.array([(goal.by - series.end(start)).days for start in series.starts], dtype=np.float64)
        fitted = line(series, config.points, config.minimum_n)
        projected, error = fitted.projected(np.maximum(days, 0) / DAYS[series.grain])
        chance = _reached(sign * (projected - goal.target), error, config.points - 2)
        running = (days > 0) & np.array([goal.start is None or start >= goal.start for start in series.starts])
        with np.errstate(invalid="ignore"):
            alarm = running & (chance < config.probability)
            calm = ~running | (chance >= 0.5)

        def story(at: int) -> Story:
            params = {
                "target": goal.target,
                "by": goal.by,
                "projected": float(projected[at]),
                "probability": float(chance[at]),
            }
            text = mark(
                "{indicator}: the goal of {target} by {by} is in danger. The present trend leads to {projected}"
                " (probability of reaching it: {probability})."
            )
            return Story(text, params, float(projected[at]) - goal.target, None)

        direction: Direction = get_args(Direction)[0 if sign < 0 else 1]
        # A goal is a person's wish, not one of many tests.
        signals = Signals(alarm, calm, np.isfinite(chance), chance)
        return [f.alone() for f in told(series, direction, signals, story)]


def _wanted(series: Series, goal: Aim) -> float:
    """Return 1 when the figure has to rise to the target, -1 when it has to fall."""
    if series.better is not None:
        return 1.0 if series.better == "higher" else -1.0
    known = series.value[~np.isnan(series.value)]
    begin = goal.baseline if goal.baseline is not None else (known[0] if known.size else goal.target)
    return 1.0 if goal.target >= begin else -1.0


def _reached(above: FloatArray, error: FloatArray, df: int) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        reached: FloatArray = special.stdtr(df, above / error)
    return reached
