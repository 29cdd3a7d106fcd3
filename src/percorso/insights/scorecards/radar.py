"""Where the marks of a radar go: one axis a pillar, from the middle (0) to the rim (100). Numbers only, templates draw."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from percorso.analytics.scorecards import Score

WIDTH, HEIGHT, RADIUS = 440.0, 340.0, 112.0
RINGS = (25, 50, 75, 100)


@dataclass(frozen=True)
class Axis:
    """One axis: its end, the place of its name, and on it the value and the interval."""

    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str
    value: tuple[float, float] | None
    low: tuple[float, float] | None
    high: tuple[float, float] | None


@dataclass(frozen=True)
class Radar:
    """The radar of some scores: rings and shape as SVG paths. The shape joins neighbours that both have a score."""

    axes: tuple[Axis, ...]
    rings: tuple[str, ...]
    shape: str
    filled: bool


def radar(scores: Sequence[Score]) -> Radar:
    """Return the radar of at least three scores."""
    angles = [2 * math.pi * i / len(scores) - math.pi / 2 for i in range(len(scores))]
    axes = tuple(_axis(angle, score) for angle, score in zip(angles, scores, strict=True))
    rings = tuple(_path([_point(angle, ring) for angle in angles], closed=True) for ring in RINGS)
    points = [axis.value for axis in axes]
    if all(point is not None for point in points):
        return Radar(axes, rings, _path([point for point in points if point], closed=True), True)
    sides = [(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True) if a and b]
    return Radar(axes, rings, " ".join(_path(list(side), closed=False) for side in sides), False)


def _axis(angle: float, score: Score) -> Axis:
    x, y = _point(angle, 100)
    label_x, label_y = _point(angle, 118)
    side = math.cos(angle)
    return Axis(
        x,
        y,
        label_x,
        round(label_y + 4 + 8 * math.sin(angle), 1),
        "middle" if abs(side) < 0.2 else "start" if side > 0 else "end",
        *(None if number is None else _point(angle, number) for number in (score.value, score.low, score.high)),
    )


def _point(angle: float, share: float) -> tuple[float, float]:
    far = RADIUS * share / 100
    return round(WIDTH / 2 + far * math.cos(angle), 1), round(HEIGHT / 2 + far * math.sin(angle), 1)


def _path(points: Sequence[tuple[float, float]], *, closed: bool) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) + ("Z" if closed else "")
