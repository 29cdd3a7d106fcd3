"""Ready rules that most teams need, to begin with."""

from dataclasses import dataclass
from typing import Any

from percorso.i18n import mark


@dataclass(frozen=True)
class Starter:
    """A name and a rule as JSON."""

    name: str
    rule: dict[str, Any]


STARTERS = {
    "detractors": Starter(mark("Detractors of the last 90 days"), {"answered": "nps", "at_most": 6, "within_days": 90}),
    "quiet": Starter(mark("No order for 60 days"), {"last": "orders", "at_least_days": 60}),
    "tickets": Starter(mark("Three tickets in 30 days"), {"did": "tickets", "at_least": 3, "within_days": 30}),
}
