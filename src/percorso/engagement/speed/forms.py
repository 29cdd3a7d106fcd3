"""What the address of the page about speed asks for."""

from dataclasses import dataclass
from typing import Any, Self

from django.http import QueryDict

from percorso.analytics.behaviour.speed import SCORES, Score
from percorso.i18n import mark

VITALS = ("LCP", "INP", "CLS", "FCP", "TTFB")
# What pages can be told apart by: columns of the events.
BY = {
    "page": mark("Page"),
    "device": mark("Device"),
    "customer.country": mark("Country"),
    "properties.release": mark("Release"),
    "channel": mark("Channel"),
}


@dataclass(frozen=True)
class Asked:
    """Which measurement is looked at closely, what it is broken down by (`place`), and which scores it is held against."""

    vital: str = "LCP"
    place: str = "page"
    score: Score = "nps"

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """Return what an address asks for; what does not exist asks for nothing."""
        vital, place, score = (given.get(name, "") for name in ("vital", "place", "score"))
        found: Score = next((s for s in SCORES if s == score), "nps")
        return cls(vital if vital in VITALS else "LCP", place if place in BY else "page", found)

    @property
    def link(self) -> dict[str, Any]:
        """The parameters that differ from the defaults."""
        usual = type(self)()
        return {name: "" if value == getattr(usual, name) else value for name, value in vars(self).items()}
