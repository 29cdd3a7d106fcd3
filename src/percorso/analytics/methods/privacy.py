"""Groups in which somebody could be recognised (specification 1.8)."""

from collections.abc import Callable
from dataclasses import replace

from percorso.analytics.result import Cell

PRIVACY_MIN = 5


def without_small_groups(cells: list[Cell], people: Callable[[Cell], int | None], totals: bool = True) -> list[Cell]:
    """Hide groups of fewer than five people; if exactly one of a breakdown is hidden, hide the next smallest too.

    Otherwise the hidden one could be had by subtraction from the total.

    Parameters
    ----------
    people : how many people stand behind a cell. totals : whether figures that are no group are hidden as well.
    """
    small = {id(c) for c in cells if (totals or c.by) and 0 < (people(c) or 0) < PRIVACY_MIN}
    for start in {c.start for c in cells}:
        group = sorted((c for c in cells if c.start == start and c.by and people(c)), key=lambda c: people(c) or 0)
        if sum(id(c) in small for c in group) == 1 and len(group) > 1:
            small.add(id(group[1]))
    return [_hide(c) if id(c) in small else _hide_small_change(c) for c in cells]


def _hide(cell: Cell) -> Cell:
    nothing = dict.fromkeys(cell.details)
    return replace(cell, value=None, low=None, high=None, n=None, status="suppressed", details=nothing, change=None)


def _hide_small_change(cell: Cell) -> Cell:
    """A figure that could be compared only with a group too small to show is not compared."""
    before = cell.change.before_n if cell.change else None
    return replace(cell, change=None) if before and before < PRIVACY_MIN else cell
