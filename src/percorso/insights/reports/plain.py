"""An issue as plain text, for those who read mails so."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext

from percorso.customers.words import instant
from percorso.insights.boards.text import plain
from percorso.insights.models import ReportIssue

Shown = dict[str, Any]
STEPS = 12


def plain_text(issue: ReportIssue, board_link: str, leave: str, problem: str) -> str:
    """Return the whole mail in words; `problem` says why the PDF is missing."""
    content = issue.content
    lines = [issue.name, content["workspace"], _about(content), ""]
    for card in content["cards"]:
        lines += [card["title"], "-" * len(card["title"])] if card["title"] else []
        lines += [*_card(card), ""]
    lines += [gettext("Open the board: {link}").format(link=board_link), ""]
    lines += [problem, ""] if problem else []
    lines += [
        made_text(issue),
        gettext("Receive it no more: {link}").format(link=leave),
    ]
    return "\n".join(lines) + "\n"


def made_text(issue: ReportIssue) -> str:
    """Return when an issue was made, in its time zone, and whose days it counts."""
    text = gettext("Made on {time} ({zone}). Days are those of {days_zone}.")
    time = instant(issue.made_at, issue.time_zone)
    return text.format(time=time, zone=issue.time_zone, days_zone=issue.content["time_zone"])


def _about(content: Shown) -> str:
    days = content["days"]
    if content["before_days"]:
        days = gettext("{days}, compared with {before}").format(days=days, before=content["before_days"])
    return " · ".join(text for text in (days, content["segment"]) if text)


def _card(card: Shown) -> list[str]:
    if card.get("reason"):
        return [card["reason"]]
    return list(CARDS[card["kind"]](card)) or [gettext("No data in this period")]


def _figure(card: Shown) -> Iterator[str]:
    for figure in card.get("rows") or [card["figure"]]:
        yield from figure_lines(figure)


def figure_lines(figure: Shown) -> Iterator[str]:
    """Give a figure with its group, interval, sample and note; below it the verdict."""
    words = [text for text in (figure["interval"], figure["sample"], figure["note"]) if text]
    value = f"{figure['value']} ({', '.join(words)})" if words else figure["value"]
    yield f"{figure['label']}: {value}" if figure["label"] else value
    if figure["verdict"] and not figure["label"]:
        yield figure["verdict"]["sentence"]


def _series(card: Shown) -> Iterator[str]:
    for chart in card["charts"]:
        if chart["label"]:
            yield chart["label"]
        for told in chart["data"]["told"][-STEPS:]:
            words = [text for text in (told["interval"], told["note"]) if text]
            yield f"{told['step']}: {told['value']}" + (f" ({', '.join(words)})" if words else "")
    for number, note in enumerate(card["notes"], start=1):
        yield f"{number}. {note['day']}: {note['text']}"


def _table(card: Shown) -> Iterator[str]:
    names = [column["name"] for column in card["columns"]]
    for line in card["rows"]:
        cells = ", ".join(f"{name} {cell['value']}" for name, cell in zip(names, line["cells"], strict=True))
        yield f"{line['label']}: {cells}"


def _text(card: Shown) -> Iterator[str]:
    yield plain(card["text"])


CARDS = {"figure": _figure, "series": _series, "breakdown": _figure, "table": _table, "text": _text}
