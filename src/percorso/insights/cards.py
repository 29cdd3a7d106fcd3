"""Indicators as the overview and the catalogue show them."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from percorso.analytics import families
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.result import Cell, Result
from percorso.base import columns
from percorso.insights.figures import Figure, figure_of, scale_for

FAMILIES = {key: family.label for key, family in families.FAMILIES.items()}
ORDER = ("strategic", "tactical", "managerial", "impact", "product", "process", "input")
COMMANDS = {key: f"percorso import {family.table} FILE.csv" for key, family in families.FAMILIES.items()}

# What the overview shows until a team chooses: a few of each family, so that it is read in one look and asked in one.
USUAL = (
    "nps", "csat", "ces", "response_rate", "review_rating", "net_sentiment", "closed_loop_rate", "conversion_rate",
    "cart_abandonment_rate", "repeat_purchase_rate", "churn_rate", "mrr", "nrr", "activation_rate",
    "first_response_time", "median_resolution_time", "fcr", "sla_compliance", "abandonment_rate", "service_level",
)  # fmt: skip


def of_overview(chosen: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of the indicators that the overview asks about: the chosen ones, and the usual ones for what changed."""
    return tuple(dict.fromkeys([*(key for key in chosen if key in INDICATORS), *USUAL]))


def ordered(family: str | None = None) -> list[str]:
    """Return the keys of a family (or all): strategic first, impact before process, then by name as it is read."""

    def rank(key: str) -> tuple[int, int, int, str]:
        found = INDICATORS[key]
        level, kind = (ORDER.index(w) if w in ORDER else len(ORDER) for w in (found.level, found.kind))
        return list(FAMILIES).index(found.family), level, kind, gettext(found.label).casefold()

    return sorted((k for k, i in INDICATORS.items() if family in (None, i.family)), key=rank)


def cards(keys: Sequence[str], totals: Result, series: Result | None, beside: bool) -> list[dict[str, Any]]:
    """Return a card for each indicator; one with a figure for each of several groups lists them in one card."""
    made = []
    for key in keys:
        indicator, cells = INDICATORS[key], totals.of(key)
        card: dict[str, Any] = {"key": key, "name": gettext(indicator.label), "about": gettext(indicator.about)}
        if cells and cells[0].by:
            card["rows"] = [row(c, scale_for(indicator, in_currency(cells, c)), beside=beside) for c in cells]
        elif cells:
            card["figure"] = figure_of(
                cells[0], scale_for(indicator, cells), series.of(key) if series else (), beside=beside
            )
        made.append(card)
    return made


def in_currency(cells: Sequence[Cell], cell: Cell) -> list[Cell]:
    """Return the cells whose amounts can be drawn on one scale with those of `cell`."""
    return [c for c in cells if c.currency == cell.currency]


def is_empty(card: dict[str, Any]) -> bool:
    """Whether an indicator has no figure at all in the period."""
    return "rows" not in card and ("figure" not in card or card["figure"].cell.status == "no_data")


def row(cell: Cell, scale: tuple[float, float], series: Sequence[Cell] = (), beside: bool = False) -> Figure:
    """Return the figure of one group, named by its values."""
    label = " · ".join(columns.value_name(column, value) for column, value in cell.by.items())
    return figure_of(cell, scale, series, label, beside)


def changes(totals: Result, beside: bool) -> tuple[list[Figure], int]:
    """Return what changed, the bad first and the surest first, and how many were tested without a change."""
    moved = [c for c in totals if c.change and c.change.verdict in ("up", "down")]
    steady = sum(1 for c in totals if c.change and c.change.verdict == "none")

    def order(cell: Cell) -> tuple[bool, bool, float]:
        assert cell.change
        p = cell.change.adjusted_p
        return cell.change.good is True, cell.change.good is None, 1.0 if p is None else p

    return [row(c, (0.0, 1.0), beside=beside) for c in sorted(moved, key=order)], steady
