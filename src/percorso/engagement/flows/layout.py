"""Where the boxes and bands of a Sankey diagram go: columns of touchpoints, bands between them. Numbers only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Place = tuple[int, str]
# How much of the height the gaps of the fullest column may take.
MOST_GAPS = 0.45


@dataclass(frozen=True)
class Flow:
    """How many go from `source` in column `step` (from 1) to `target` in the next one."""

    step: int
    source: str
    target: str
    count: int


@dataclass(frozen=True)
class Box:
    """One touchpoint of one column: its left upper corner, its size, how many are there."""

    step: int
    name: str
    x: float
    y: float
    width: float
    height: float
    count: int


@dataclass(frozen=True)
class Band:
    """One flow: where it leaves (x0, y0) and arrives (x1, y1), both at its upper edge, and how thick it is."""

    flow: Flow
    x0: float
    y0: float
    x1: float
    y1: float
    thickness: float

    @property
    def path(self) -> str:
        """The outline as an SVG path: two curves, upper and lower edge."""
        middle = (self.x0 + self.x1) / 2
        below0, below1 = self.y0 + self.thickness, self.y1 + self.thickness
        there = f"M{self.x0:.1f} {self.y0:.2f}C{middle:.1f} {self.y0:.2f} {middle:.1f} {self.y1:.2f} {self.x1:.1f} {self.y1:.2f}"
        back = f"L{self.x1:.1f} {below1:.2f}C{middle:.1f} {below1:.2f} {middle:.1f} {below0:.2f} {self.x0:.1f} {below0:.2f}Z"
        return there + back


@dataclass(frozen=True)
class Sankey:
    """A diagram of `width` × `height` with its boxes and bands."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Frame:
    """The size of a diagram: its height, from one column to the next, the width of a box, the gap between boxes."""

    height: float = 420
    column: float = 250
    box: float = 12
    gap: float = 26
    smallest: float = 2


def sankey(flows: Iterable[Flow], last: Sequence[str] = (), frame: Frame = Frame()) -> Sankey:
    """Lay flows out: heights are in proportion to counts, alike in all columns; the largest boxes stand at the top.

    Parameters
    ----------
    last : names that stand at the bottom of their column, in this order: exits, the rest.

    Notes
    -----
    What leaves a box is as thick as what is in it, and so is what arrives, where all of it comes from the column before.
    The height of a box is never less than `frame.smallest`, so that it can be seen; bands keep their proportion.
    """
    every = [flow for flow in flows if flow.count > 0]
    counts = _counts(every)
    columns: defaultdict[int, list[str]] = defaultdict(list)
    for (step, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0][1])):
        if count:
            columns[step].append(name)
    if not columns:
        return Sankey(0, 0, (), ())
    rank = {name: i for i, name in enumerate(last, 1)}
    ordered = {step: sorted(columns[step], key=lambda name: rank.get(name, 0)) for step in sorted(columns)}
    scale, gap = _scale(ordered, counts, frame)
    boxes = {place: box for step in ordered for place, box in _column(step, ordered[step], counts, scale, gap, frame)}
    width = frame.column * (len(ordered) - 1) + frame.box
    height = max(box.y + box.height for box in boxes.values())
    return Sankey(width, height, tuple(boxes.values()), tuple(_bands(every, boxes, scale)))


def _counts(flows: Iterable[Flow]) -> Mapping[Place, int]:
    """Return how many are at each touchpoint of each column: the larger of what comes and what goes."""
    comes, goes = defaultdict[Place, int](int), defaultdict[Place, int](int)
    for flow in flows:
        goes[flow.step, flow.source] += flow.count
        comes[flow.step + 1, flow.target] += flow.count
    return {place: max(comes[place], goes[place]) for place in {*comes, *goes}}


def _scale(columns: Mapping[int, list[str]], counts: Mapping[Place, int], frame: Frame) -> tuple[float, float]:
    """Return the height of one, and the gap between two boxes: the fullest column fills the height."""
    most = max(len(names) for names in columns.values())
    gap = min(frame.gap, frame.height * MOST_GAPS / max(most - 1, 1))
    room = frame.height - gap * (most - 1)
    largest = max(sum(counts[step, name] for name in names) for step, names in columns.items())
    return room / largest, gap


def _column(
    step: int, names: Sequence[str], counts: Mapping[Place, int], scale: float, gap: float, frame: Frame
) -> Iterable[tuple[Place, Box]]:
    y = 0.0
    for name in names:
        count = counts[step, name]
        height = max(count * scale, frame.smallest)
        yield (step, name), Box(step, name, frame.column * (step - 1), y, frame.box, height, count)
        y += height + gap


def _bands(flows: Sequence[Flow], boxes: Mapping[Place, Box], scale: float) -> Iterable[Band]:
    """Yield the bands; at both ends they lie one below the other, in the order of the boxes at their other end."""
    left, right = defaultdict[Place, float](float), defaultdict[Place, float](float)
    turns = sorted(flows, key=lambda f: (f.step, boxes[f.step, f.source].y, boxes[f.step + 1, f.target].y))
    arrives = {}
    for flow in sorted(turns, key=lambda f: (f.step, boxes[f.step + 1, f.target].y, boxes[f.step, f.source].y)):
        place = flow.step + 1, flow.target
        arrives[flow] = boxes[place].y + right[place]
        right[place] += flow.count * scale
    for flow in turns:
        place = flow.step, flow.source
        source, target = boxes[place], boxes[flow.step + 1, flow.target]
        yield Band(flow, source.x + source.width, source.y + left[place], target.x, arrives[flow], flow.count * scale)
        left[place] += flow.count * scale
