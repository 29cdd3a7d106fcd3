"""What the address of a page of customer value asks for, beside the segment."""

from dataclasses import dataclass
from typing import Any, Self

from django.http import QueryDict

from percorso.analytics.lifetime.groups import COLUMNS
from percorso.analytics.lifetime.loop import QUESTIONS
from percorso.errors import BadQuestion
from percorso.i18n import mark

MONTHS = (6, 12, 24, 36)
# The menu's; an address may ask for any other whole per cent.
MARGINS = range(5, 101, 5)


@dataclass(frozen=True)
class Asked:
    """The currency (empty: the one used most), the months to look ahead, the margin in per cent, the groups, the question."""

    currency: str
    months: int
    margin: int
    by: str
    question: str = "nps"

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """Return what an address asks for; a group, currency or question that does not exist asks for nothing.

        Raises
        ------
        BadQuestion : months or a margin that cannot be.
        """
        months, margin = _whole(given.get("months"), 12), _whole(given.get("margin"), 100)
        if months not in MONTHS or margin is None or not 1 <= margin <= 100:
            raise BadQuestion(
                mark("Look {months} months ahead, with a gross margin of 1 to 100 per cent."),
                months=", ".join(map(str, MONTHS)),
            )
        by = given.get("by", "")
        question = given.get("question", "nps")
        currency, asked = given.get("currency", "")[:8], question if question in QUESTIONS else "nps"
        return cls(currency, months, margin, by if by in COLUMNS else "", asked)

    @property
    def link(self) -> dict[str, Any]:
        """The parameters that differ from the defaults."""
        usual = {"months": 12, "margin": 100, "question": "nps"}
        return {name: value for name, value in vars(self).items() if value and usual.get(name) != value}


def _whole(text: str | None, usual: int) -> int | None:
    if not text:
        return usual
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
