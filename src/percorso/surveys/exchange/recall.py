"""Answers that texts of other systems recall, as our texts do."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Found = re.Match[str]
# What a place in a text stands for: our name of it, empty for nothing that is known here.
Named = Callable[[Found], str]
TEXTS = ("text", "help", "title", "thanks", "low", "high", "agreement", "other_text")


@dataclass(frozen=True)
class Recalls:
    """How another system writes a place in a text, and what it stands for."""

    pattern: re.Pattern[str]
    named: Named

    def put(self, text: str, lost: Callable[[str], None]) -> str:
        """Return a text with our places; `lost` is told of those that stand for nothing here."""

        def place(found: Found) -> str:
            if name := self.named(found):
                return "{" + name + "}"
            lost(found[0])
            return ""

        return self.pattern.sub(place, text)


def texts_in(part: Any) -> Iterator[dict[str, str]]:
    """Give the texts by language of a page or a question, and of its settings."""
    if isinstance(part, list):
        for one in part:
            yield from texts_in(one)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in TEXTS and isinstance(value, dict):
                yield value
            elif key in ("settings", "options", "rows", "columns", "items"):
                yield from texts_in(value)
            elif key == "labels" and isinstance(value, dict):
                yield from value.values()
