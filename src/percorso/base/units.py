"""How people type a figure: shares in percent, durations in minutes, money in whole units of the currency."""

from dataclasses import dataclass

from django.utils.translation import gettext

from percorso.analytics.methods.base import Indicator
from percorso.i18n import mark


@dataclass(frozen=True)
class Typed:
    """The unit that is typed: how many of it make one of the indicator's own, and its name."""

    factor: float
    label: str

    @property
    def name(self) -> str:
        return gettext(self.label)

    def typed(self, number: float | None) -> float | None:
        """Return a figure as it is typed."""
        return None if number is None else round(number * self.factor, 6)

    def own(self, number: float | None) -> float | None:
        """Return what was typed in the indicator's unit."""
        return None if number is None else number / self.factor


TYPED = {
    "share": Typed(100, mark("per cent")),
    "points": Typed(1, mark("points")),
    "seconds": Typed(1 / 60, mark("minutes")),
    "milliseconds": Typed(1, mark("milliseconds")),
    "days": Typed(1, mark("days")),
    "money": Typed(1 / 100, mark("whole units of the currency")),
    "stars": Typed(1, mark("stars")),
    "score": Typed(1, mark("points of 100")),
    "scale": Typed(1, mark("points of the scale")),
}
PLAIN = Typed(1, mark("as a number"))


def typed_unit(indicator: Indicator) -> Typed:
    """Return the unit in which people type the figures of an indicator."""
    return TYPED.get(indicator.unit, PLAIN)
