"""Boards that are ready: a team changes one instead of beginning with nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from percorso.analytics.indicators import INDICATORS
from percorso.i18n import mark
from percorso.insights.boards.cards import Card, known_columns

Made = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Starter:
    """A ready board: its name, what it tells, and its cards (kind, values)."""

    name: str
    about: str
    cards: Sequence[Made]

    def made(self) -> list[Card]:
        """Return its cards, without those whose indicators this version does not have."""
        found = [Card.made(kind, **values) for kind, values in map(_known, self.cards)]
        return [card for card in found if card.indicators]


def _known(asked: Made) -> Made:
    kind, values = asked
    keys = tuple(key for key in values["indicators"] if key in INDICATORS)
    by = values.get("by", "")
    if by and by not in known_columns(keys):
        keys = ()
    return kind, values | {"indicators": keys}


def _figure(key: str) -> Made:
    return "figure", {"indicators": (key,)}


def _series(key: str, width: int = 2) -> Made:
    return "series", {"indicators": (key,), "width": width}


def _breakdown(key: str, by: str) -> Made:
    return "breakdown", {"indicators": (key,), "by": by}


def _table(*keys: str, **values: str) -> Made:
    return "table", {"indicators": keys, **values}


STARTERS = {
    "voice": Starter(
        mark("Voice of the customer"),
        mark("What customers say when they are asked: recommendation, satisfaction, effort, and who answers."),
        (
            *map(_figure, ("nps", "csat", "ces", "response_rate")),
            *map(_series, ("nps", "csat")),
            _breakdown("csat", "channel"),
            _breakdown("nps", "customer.country"),
            _table("nps", "csat", "ces", "response_rate", grain="month"),
        ),
    ),
    "service": Starter(
        mark("Service"),
        mark("How fast and how well requests are solved, where they wait, and what customers think of it."),
        (
            *map(_figure, ("first_response_time", "fcr", "sla_compliance", "backlog")),
            *map(_series, ("first_response_time", "csat")),
            _breakdown("first_response_time", "team"),
            _breakdown("csat", "channel"),
            _table("first_response_time", "median_resolution_time", "reopen_rate", grain="month"),
        ),
    ),
    "revenue": Starter(
        mark("Revenue and retention"),
        mark("Who stays, who leaves, and what that means in money."),
        (
            *map(_figure, ("mrr", "nrr", "churn_rate", "arpa")),
            *map(_series, ("mrr", "retention_rate")),
            _breakdown("churn_rate", "customer.country"),
            _breakdown("mrr", "plan"),
            _table("retention_rate", "churn_rate", "nrr", "grr", grain="month"),
        ),
    ),
}  # fmt: skip
