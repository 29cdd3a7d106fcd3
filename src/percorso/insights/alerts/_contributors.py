"""Which segments moved a figure: the change taken apart into their own change and the change of their weight."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A segment in one period: its figure (None without one) and how many answers or cases stand behind it."""

    value: float | None
    n: float


@dataclass(frozen=True)
class Contribution:
    """What a segment adds to the move of the whole, in the unit of the figure; all of them add up to the move.

    `within` : because its own figure changed. `mix` : because it makes more or less of the whole than before.
    `share` : of the move that it explains; above 1 or below 0 when others move against it; None when nothing moved.
    """

    name: str
    before: Part
    after: Part
    within: float
    mix: float
    share: float | None

    @property
    def total(self) -> float:
        """Both together."""
        return self.within + self.mix


NOBODY = Part(None, 0.0)


def contributors(before: Mapping[str, Part], after: Mapping[str, Part]) -> list[Contribution]:
    """Return what each segment contributes to the move of the whole figure, the largest first.

    Parameters
    ----------
    before, after : every segment of the whole, once, with figure and n. For figures that are means of their cases:
        shares, means, NPS (not medians).

    Returns
    -------
    list : within = mean weight * change of the figure; mix = change of the weight * (mean figure - mean of the whole).
        They add up exactly to the change of the whole, the sum of weight * figure. A segment that was not there before
        or is not there any more has no change of its own, only of its weight. Empty when one side is.
    """
    sides = [{name: part for name, part in side.items() if _counts(part)} for side in (before, after)]
    totals = [sum(part.n for part in side.values()) for side in sides]
    if not all(totals):
        return []
    old, new = (
        {name: (part.n / total, float(part.value or 0.0)) for name, part in side.items()}
        for side, total in zip(sides, totals, strict=True)
    )
    whole = [sum(weight * value for weight, value in side.values()) for side in (old, new)]
    move, centre = whole[1] - whole[0], (whole[0] + whole[1]) / 2
    made = []
    for name in sorted(old.keys() | new.keys()):
        w0, v0 = old.get(name, (0.0, new.get(name, (0.0, 0.0))[1]))
        w1, v1 = new.get(name, (0.0, v0))
        within, mix = (w0 + w1) / 2 * (v1 - v0), (w1 - w0) * ((v0 + v1) / 2 - centre)
        share = (within + mix) / move if abs(move) > 1e-12 else None
        made.append(Contribution(name, before.get(name, NOBODY), after.get(name, NOBODY), within, mix, share))
    sign = -1 if move < 0 else 1
    return sorted(made, key=lambda c: (-sign * c.total, c.name))


def _counts(part: Part) -> bool:
    return part.n > 0 and part.value is not None
