"""A card of a board as a value: what it shows, how wide, of which indicators."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django.utils.translation import gettext

from percorso.analytics.indicators import INDICATORS
from percorso.base import columns
from percorso.i18n import mark

KINDS = {
    "figure": mark("Figure"),
    "series": mark("Over time"),
    "breakdown": mark("Breakdown"),
    "table": mark("Table"),
    "text": mark("Text"),
}
# How wide a new card is, in columns of four.
USUAL = {"figure": 1, "series": 2, "breakdown": 2, "table": 4, "text": 2}
LOOKS = {"bars": mark("Bars"), "table": mark("Table")}
GRAINS = {"day": mark("Days"), "week": mark("Weeks"), "month": mark("Months"), "quarter": mark("Quarters")}
WIDEST = 4
MOST_CARDS = 40
MOST_INDICATORS = 8
LONGEST_TEXT = 4000
LONGEST_TITLE = 80


@dataclass(frozen=True)
class Card:
    """One card. `indicators` are several for a table only; a table has either a column (`by`) or steps (`grain`)."""

    id: str
    kind: str
    width: int = 1
    title: str = ""
    indicators: tuple[str, ...] = ()
    by: str = ""
    grain: str = ""
    look: str = "bars"
    options: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Self:
        """Return the card that was kept; what this version does not know any more is left out."""
        known = {name: kept[name] for name in cls.__dataclass_fields__ if name in kept}
        return cls(**known | {"indicators": tuple(k for k in kept.get("indicators", ()) if k in INDICATORS)})

    @classmethod
    def made(cls, kind: str, **values: Any) -> Self:
        """Return a new card of a kind, as wide as such cards are."""
        return cls(**{"id": secrets.token_hex(4), "kind": kind, "width": USUAL[kind]} | values)

    def kept(self) -> dict[str, Any]:
        """Return the card as JSON, without what is empty."""
        told = vars(self) | {"indicators": list(self.indicators), "options": dict(self.options)}
        return {name: value for name, value in told.items() if value not in ("", [], {})}

    def wider(self, by: int) -> Self:
        """Return the card so many columns wider, within the board."""
        return replace(self, width=min(WIDEST, max(1, self.width + by)))

    @property
    def key(self) -> str:
        """The first indicator; empty for a text."""
        return self.indicators[0] if self.indicators else ""

    @property
    def name(self) -> str:
        """What the card is called on its page, in the language of the reader."""
        if self.title:
            return self.title
        if self.kind == "text":
            return gettext("Text")
        return " · ".join(gettext(INDICATORS[key].label) for key in self.indicators) or gettext("Gone")

    @property
    def tells_who(self) -> bool:
        """Whether its groups can tell who somebody is: not for everybody."""
        return bool(self.by) and columns.tells_who(self.by)


def cards_of(board: Any) -> list[Card]:
    """Return the cards of a board, in order; kinds that this version does not know are left out."""
    return [Card.read(kept) for kept in board.cards if kept.get("kind") in KINDS]


def usual_column(key: str) -> str:
    """Return the column by which an indicator is broken down unless another is chosen; empty when it has none."""
    found = INDICATORS[key]
    return (found.always_by or found.segments or ("",))[0]


def known_columns(keys: Sequence[str]) -> list[str]:
    """Return the columns by which all of some indicators can be broken down."""
    offered = [
        list(dict.fromkeys([*INDICATORS[k].always_by, *INDICATORS[k].segments])) for k in keys if k in INDICATORS
    ]
    return [column for column in offered[0] if all(column in other for other in offered)] if offered else []
