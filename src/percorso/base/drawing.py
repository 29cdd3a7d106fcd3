"""Where marks of small pictures go: intervals on a scale, sparklines, axis ticks. Numbers only, templates draw."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Scale = tuple[float, float]
Numbers = Sequence[float | None]


@dataclass(frozen=True)
class Bar:
    """An interval on a scale, in percent of its width; None where there is no such mark."""

    low: float | None
    high: float | None
    value: float | None
    before: float | None


@dataclass(frozen=True)
class Spark:
    """The paths of a sparkline in a box of 100 × 32: its line, its band, points without neighbours, the last point."""

    line: str
    band: str
    dots: str
    last: str


CLOCK = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


def scale_of(known: tuple[float | None, float | None], numbers: Numbers, unit: str) -> Scale:
    """Return the scale to draw on: the indicator's own, its open end closed above the largest number."""
    there = [v for v in numbers if v is not None]
    low = known[0] if known[0] is not None else min([0.0, *there])
    high = known[1] if known[1] is not None else nice_above(max([low, *there]), unit)
    return (low, high if high > low else low + 1)


def nice_above(number: float, unit: str) -> float:
    """Return a number above that reads well: round in the decimal system, for durations on the clock."""
    if number <= 0:
        return 1.0
    step = _step(number / 5, unit)
    return math.ceil(number * 1.02 / step) * step


def bar(value: float | None, low: float | None, high: float | None, before: float | None, scale: Scale) -> Bar:
    """Return where value, interval and earlier value lie on `scale`."""

    def place(number: float | None) -> float | None:
        if number is None:
            return None
        share = (number - scale[0]) / (scale[1] - scale[0])
        return round(100 * min(1.0, max(0.0, share)), 2)

    return Bar(place(low), place(high), place(value), place(before))


def spark(values: Numbers, lows: Numbers, highs: Numbers) -> Spark | None:
    """Return the paths of a sparkline; None when fewer than two values are known. Unknown values are gaps."""
    there = [v for v in values if v is not None]
    if len(there) < 2:
        return None
    low, high = _view(there, [v for v in (*lows, *highs) if v is not None])
    xs = [round(2 + 96 * i / (len(values) - 1), 2) for i in range(len(values))]

    def y(number: float) -> float:
        return round(29 - 26 * (min(high, max(low, number)) - low) / (high - low or 1), 2)

    ys = [None if v is None else y(v) for v in values]
    line = " ".join("M" + "L".join(f"{xs[i]} {ys[i]}" for i in run) for run in _runs(ys) if len(run) > 1)
    dots = " ".join(f"M{xs[run[0]]} {ys[run[0]]}h0" for run in _runs(ys) if len(run) == 1)
    edges = [None if a is None or b is None else (y(a), y(b)) for a, b in zip(lows, highs, strict=True)]
    band = " ".join(_areas(xs, edges))
    at = max(i for i, v in enumerate(values) if v is not None)
    return Spark(line, band, dots, f"M{xs[at]} {y(values[at] or 0.0)}h0")


def spot(values: Numbers, lows: Numbers, highs: Numbers, at: int) -> str:
    """Return the path of one point of a sparkline; empty when its value is unknown."""
    there, value = [v for v in values if v is not None], values[at]
    if value is None or len(there) < 2:
        return ""
    low, high = _view(there, [v for v in (*lows, *highs) if v is not None])
    y = round(29 - 26 * (min(high, max(low, value)) - low) / (high - low or 1), 2)
    return f"M{round(2 + 96 * at / (len(values) - 1), 2)} {y}h0"


def _view(values: list[float], edges: list[float]) -> Scale:
    """Return the range to show: all values, and the band as far as it does not flatten them."""
    low, high = min(values), max(values)
    room = 0.6 * (high - low) or abs(high) * 0.05 or 1.0
    return max(min([low, *edges]), low - room), min(max([high, *edges]), high + room)


def _runs(known: Sequence[object]) -> list[range]:
    """Return the stretches of indices without a gap."""
    runs, start = [], None
    for i, v in enumerate([*known, None]):
        if v is not None and start is None:
            start = i
        elif v is None and start is not None:
            runs.append(range(start, i))
            start = None
    return runs


def _areas(xs: Sequence[float], edges: Sequence[tuple[float, float] | None]) -> list[str]:
    paths = []
    for run in _runs(edges):
        there = [(xs[i], edge) for i in run if (edge := edges[i]) is not None]
        below = [f"{x} {edge[0]}" for x, edge in there]
        above = [f"{x} {edge[1]}" for x, edge in reversed(there)]
        paths.append("M" + "L".join(below + above) + "Z")
    return paths


def ticks(low: float, high: float, unit: str, bounds: tuple[float | None, float | None]) -> list[float]:
    """Return four to seven round numbers that cover `low` to `high` and stay inside `bounds`."""
    if high == low:
        room = abs(high) * 0.05 or 0.5
        low, high = low - room, high + room
    step = _step((high - low) / 4, unit)
    first, last = math.floor(low / step) * step, math.ceil(high / step) * step
    if bounds[0] is not None:
        first = max(first, bounds[0])
    if bounds[1] is not None:
        last = min(last, bounds[1])
    return [round(first + i * step, 9) for i in range(round((last - first) / step) + 1)]


def _step(rough: float, unit: str) -> float:
    if unit == "seconds":
        return next((float(s) for s in CLOCK if s >= rough), math.ceil(rough / 86400) * 86400.0)
    if unit in ("money", "count", "tickets"):
        rough = max(rough, 1.0)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough * 0.999)
