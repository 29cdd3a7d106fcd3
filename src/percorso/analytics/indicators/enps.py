from dataclasses import replace

from percorso.analytics.methods.net import NetPromoter
from percorso.analytics.result import Cell
from percorso.i18n import mark

PRIVACY_MIN = 5


class Enps(NetPromoter):
    label = mark("Employee Net Promoter Score")
    about = mark("Would our employees recommend working here?")
    level, kind, nature = "strategic", "input", "leading"
    metrics = ("nps", "enps")
    population = "employee"
    segments = ("team",)

    def publish(self, cells: list[Cell]) -> list[Cell]:
        """Hide groups of fewer than five people; if exactly one of a breakdown is hidden, hide the next smallest too.

        Otherwise the hidden one could be had by subtraction from the total (specification 1.8).
        """
        hidden = {id(c) for c in cells if c.n is not None and 0 < c.n < PRIVACY_MIN}
        for start in {c.start for c in cells}:
            group = sorted((c for c in cells if c.start == start and c.by and c.n), key=lambda c: c.n or 0)
            if sum(id(c) in hidden for c in group) == 1 and len(group) > 1:
                hidden.add(id(group[1]))
        return [_hide(c) if id(c) in hidden else _hide_small_change(c) for c in cells]


def _hide(cell: Cell) -> Cell:
    nothing = dict.fromkeys(cell.details)
    return replace(cell, value=None, low=None, high=None, n=None, status="suppressed", details=nothing, change=None)


def _hide_small_change(cell: Cell) -> Cell:
    """A figure that could be compared only with a group too small to show is not compared."""
    before = cell.change.before_n if cell.change else None
    return replace(cell, change=None) if before and before < PRIVACY_MIN else cell
