"""What a card shows, as plain values: pages draw it, mails and PDFs too, and a report keeps it as it was."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext

from percorso.analytics.indicators import INDICATORS
from percorso.analytics.result import Cell
from percorso.base import columns, words
from percorso.errors import UserError
from percorso.insights.boards.cards import Card
from percorso.insights.boards.queries import Answers, needs_of
from percorso.insights.cards import row
from percorso.insights.figures import Figure, close_scale, figure_of, scale_for
from percorso.insights.forms import Choice
from percorso.insights.views.around import compared_with
from percorso.insights.views.indicator import charts

Shown = dict[str, Any]
GROUPS = 12
LINES = 60


def shown(cards: Sequence[Card], answers: Answers, choice: Choice) -> list[Shown]:
    """Return what each card shows; one that cannot be answered says why in `reason`."""
    return [_card(card, answers, choice) for card in cards]


def withheld(cards: Sequence[Shown], personal: bool, reason: str = "") -> list[Shown]:
    """Return the cards; those that tell who customers are, to whom that is not for, hold nothing but the reason."""
    if personal:
        return list(cards)
    reason = reason or gettext("This card names customers. Your role does not show personal data.")
    kept = ("id", "kind", "width", "title", "personal")
    return [{n: card[n] for n in kept} | {"reason": reason} if card["personal"] else card for card in cards]


def _card(card: Card, answers: Answers, choice: Choice) -> Shown:
    told: Shown = {
        "id": card.id,
        "kind": card.kind,
        "width": card.width,
        "title": card.title if card.kind == "text" else card.name,
        "key": card.key,
        "personal": card.tells_who,
    }
    if card.kind == "text":
        return told | {"text": card.text}
    if not card.indicators:
        return told | {"reason": gettext("This version has no such indicator any more. Remove the card.")}
    told["about"] = gettext(INDICATORS[card.key].about)
    try:
        return told | SHOWN[card.kind](card, answers, choice)
    except UserError as error:
        return told | {"reason": gettext(error.message).format(**error.params)}


def _figure(card: Card, answers: Answers, choice: Choice) -> Shown:
    total, over_time = needs_of(card, choice)
    cells = answers.of(total, card.key).rows
    scale = scale_for(INDICATORS[card.key], cells)
    if len(cells) == 1 and not cells[0].by:
        series = answers.of(over_time, card.key).rows
        return {"figure": told_of(figure_of(cells[0], scale, series, beside=choice.beside)), "beside": choice.beside}
    figures = [row(cell, scale, beside=choice.beside) for cell in cells]
    return {"rows": [told_of(figure) for figure in figures], "beside": choice.beside}


def _series(card: Card, answers: Answers, choice: Choice) -> Shown:
    need, *before = needs_of(card, choice)
    series = answers.of(need, card.key)
    earlier = answers.of(before[0], card.key) if before else None
    notes = answers.notes.get(card.key, ())
    drawn = charts(INDICATORS[card.key], series, earlier, choice, notes)
    for i, chart in enumerate(drawn):
        chart |= {"id": f"plot-{card.id}-{i}", "script": f"plot-{card.id}-{i}-data"}
    return {
        "charts": drawn,
        "compared": compared_with(choice) if earlier else "",
        "notes": [{"day": date_format(n.day, "SHORT_DATE_FORMAT"), "text": n.text} for n in notes],
    }


def _breakdown(card: Card, answers: Answers, choice: Choice) -> Shown:
    (need,) = needs_of(card, choice)
    cells = [c for c in answers.of(need, card.key).rows if c.status != "no_data"]
    scale = close_scale(INDICATORS[card.key], cells)
    figures = [row(c, scale, beside=choice.beside) for c in sorted(cells, key=lambda c: -(c.n or -1))]
    return {
        "by": columns.column_name(card.by),
        "look": card.look,
        "beside": choice.beside,
        "scale": list(scale),
        "rows": [told_of(figure) for figure in figures[:GROUPS]],
        "smaller": max(0, len(figures) - GROUPS),
    }


def _table(card: Card, answers: Answers, choice: Choice) -> Shown:
    """Return a row for each group or step, the largest group or the latest step first, and a column for each indicator."""
    (need,) = needs_of(card, choice)
    parts = {key: answers.of(need, key) for key in card.indicators}
    found = {key: {_place(cell, card): cell for cell in part.rows} for key, part in parts.items()}
    places = _places(found, card)
    return {
        "by": columns.column_name(card.by) if card.by else gettext("When"),
        "columns": [{"key": key, "name": gettext(INDICATORS[key].label)} for key in parts],
        "rows": [
            {
                "label": _label(place, card, choice),
                "cells": [_cell(key, found[key].get(place), choice) for key in parts],
            }
            for place in places[:LINES]
        ],
        "smaller": max(0, len(places) - LINES),
    }


SHOWN = {"figure": _figure, "series": _series, "breakdown": _breakdown, "table": _table}


def _place(cell: Cell, card: Card) -> Any:
    return cell.by.get(card.by) if card.by else cell.start


def _places(found: dict[str, dict[Any, Cell]], card: Card) -> list[Any]:
    """Return the places that any indicator has a figure in."""
    every = {p: None for cells in found.values() for p, cell in cells.items() if cell.status != "no_data"}
    if not card.by:
        return sorted((p for p in every if p is not None), reverse=True)
    sizes = {p: max((cells[p].n or 0) for cells in found.values() if p in cells) for p in every}
    return sorted(every, key=lambda p: -sizes[p])


def _label(place: Any, card: Card, choice: Choice) -> str:
    if card.by:
        return columns.value_name(card.by, place)
    return words.bucket(place, card.grain, choice.period.tz)  # type: ignore[arg-type]


def _cell(key: str, cell: Cell | None, choice: Choice) -> Shown:
    """Return one figure of a table; an en dash where there is none."""
    if cell is None:
        return {"value": "–", "interval": "", "note": "", "faint": True, "verdict": None, "n": None, "number": None}
    figure = row(cell, (0.0, 1.0), beside=choice.beside)
    names = ("value", "interval", "note", "faint")
    told: Shown = {name: getattr(figure, name) for name in names}
    return told | {"verdict": asdict(figure.verdict) if figure.verdict else None, "n": cell.n, "number": cell.value}


def told_of(figure: Figure) -> Shown:
    """Return what is shown of a figure as plain values."""
    names = (
        *("key", "name", "value", "interval", "sample", "note", "faint", "before"),
        *("difference", "scale_low", "scale_high", "label"),
    )
    told: Shown = {name: getattr(figure, name) for name in names}
    cell = figure.cell
    return told | {
        "verdict": asdict(figure.verdict) if figure.verdict else None,
        "bar": asdict(figure.bar),
        "spark": asdict(figure.spark) if figure.spark else None,
        "status": cell.status,
        "number": cell.value,
        "low": cell.low,
        "high": cell.high,
        "n": cell.n,
    }
