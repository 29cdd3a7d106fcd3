"""Shares and lengths of time as a person reads them, and the data of a chart of shares."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext, ngettext

from percorso.analytics.behaviour.shares import Share
from percorso.analytics.format import format_value
from percorso.base import drawing, words

FEW = 30


def percent(share: Share | None) -> str:
    """Return a share in per cent; an en dash of nobody."""
    return (
        "–" if share is None or share.value is None else format_value(share.value, "share", words.language(), share.n)
    )


def interval(share: Share | None) -> str:
    """Return the ends of a share's interval; empty of nobody."""
    if share is None or share.low is None or share.high is None:
        return ""
    low, high = (format_value(end, "share", words.language(), share.n) for end in (share.low, share.high))
    return gettext("{low} to {high}").format(low=low, high=high)


def of_how_many(share: Share) -> str:
    """Return how many of how many."""
    return gettext("{count} of {n}").format(count=words.count(share.count), n=words.count(share.n))


def time(seconds: float | None) -> str:
    """Return a length of time; an en dash for none."""
    return "–" if seconds is None else format_value(seconds, "seconds", words.language())


def customers(n: int) -> str:
    """Return a number of customers."""
    return ngettext("{n} customer", "{n} customers", n).format(n=words.count(n))


def chart(
    key: str, steps: Sequence[tuple[str, str]], shares: Sequence[Share | None], notes: Sequence[str]
) -> dict[str, Any]:
    """Return the data of a chart of shares, see `insights/value/chart.html`.

    Parameters
    ----------
    steps : the short and the long name of each step. notes : what is to be known of it, e.g. that it still runs.
    """
    there = [s for s in shares if s is not None and s.value is not None]
    ends = [end for s in there for end in (s.low, s.high, s.value) if end is not None]
    ticks = drawing.ticks(0.0, max(ends, default=1.0), "share", (0.0, 1.0))
    known = [s if s is not None and s.value is not None else None for s in shares]
    return {
        "id": key,
        "script": f"{key}-data",
        "label": "",
        "any": bool(there),
        "data": {
            "steps": [short for short, _ in steps],
            "ticks": [[tick, format_value(tick, "share", words.language(), 100)] for tick in ticks],
            "value": [s and s.value for s in known],
            "low": [s and s.low for s in known],
            "high": [s and s.high for s in known],
            "before": [],
            "faint": [bool(note) or (s is not None and s.n < FEW) for s, note in zip(known, notes, strict=True)],
            "told": [
                {
                    "step": long, "value": percent(s), "interval": interval(s), "sample": of_how_many(s) if s else "",
                    "note": note or (gettext("too few to rely on") if s and s.n < FEW else ""), "before": "",
                }
                for (_, long), s, note in zip(steps, known, notes, strict=True)
            ],
            "marks": [],
        },
    }  # fmt: skip
