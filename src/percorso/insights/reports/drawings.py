"""Pictures of a kept issue: its series, drawn here for mails (PNG) and for the PDF (SVG)."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from percorso.insights import pictures

MAIL = (440, 180)
PRINT = {2: (300, 150), 3: (480, 170), 4: (640, 190)}


def series_of(cards: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Give every chart of the cards that show a series, with its card."""
    for card in cards:
        for chart in card.get("charts", ()):
            yield card, chart


def png_of(card: dict[str, Any], chart: dict[str, Any]) -> bytes:
    """Return a chart as a picture for a mail."""
    return pictures.png_of(_spec(card, chart, *MAIL))


def svg_of(card: dict[str, Any], chart: dict[str, Any]) -> str:
    """Return a chart as a drawing for a page of paper, as wide as its card."""
    drawn = pictures.svg_of(_spec(card, chart, *PRINT[max(2, card["width"])])).decode()
    # Several drawings stand in one document: their inner names must not meet.
    return re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{chart['id']}-", drawn)


def told_of(card: dict[str, Any], chart: dict[str, Any]) -> str:
    """Return what a chart shows in words, for those who do not see it."""
    steps = [told for told in chart["data"]["told"] if told["value"] != "–"]
    name = " · ".join(text for text in (card["title"], chart["label"]) if text)
    if not steps:
        return name
    text = gettext("{name} over time: from {first} ({first_step}) to {last} ({last_step}).")
    first, last = steps[0], steps[-1]
    return text.format(
        name=name, first=first["value"], first_step=first["step"], last=last["value"], last_step=last["step"]
    )


def _spec(card: dict[str, Any], chart: dict[str, Any], width: int, height: int) -> dict[str, Any]:
    spec = pictures.series_spec("", "", card["compared"], [chart])
    del spec["title"]
    for panel in spec["vconcat"]:
        panel |= {"width": width, "height": height}
        panel["encoding"]["x"]["axis"] |= {"labelOverlap": "greedy", "labelSeparation": 8}
        # A sign that few fonts have would put the whole line into another font.
        panel["title"]["text"] = panel["title"]["text"].replace("╌", "– –")
    return spec | {"padding": 4}
