"""Small bars: numbers of some days beside each other."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, STEP = 7, 24, 10


@dataclass(frozen=True)
class Bars:
    """A drawing: the path of the bars, the line they stand on, how wide it is."""

    path: str
    width: int
    height: int = HEIGHT


def bars(values: Sequence[int]) -> Bars:
    """Return the bars of numbers, the highest as high as the drawing; one that is not 0 can be seen."""
    most = max(values, default=0)
    heights = [max(2.0, round(HEIGHT * value / most, 1)) if value else 0 for value in values]
    drawn = (f"M{i * STEP} {HEIGHT}v-{height:g}h{WIDTH}v{height:g}z" for i, height in enumerate(heights) if height)
    return Bars("".join(drawn), len(values) * STEP)
