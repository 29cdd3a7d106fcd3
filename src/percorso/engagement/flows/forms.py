"""What the address of the page of flows asks for, beside period and group."""

from dataclasses import dataclass
from typing import Any, Self

from django.http import QueryDict

from percorso.analytics.behaviour.lengths import seconds_of
from percorso.analytics.behaviour.path_query import FACTS, UNITS
from percorso.analytics.methods.vitals import MEASURED
from percorso.errors import BadQuestion
from percorso.i18n import mark

# What a touchpoint may be; an address may also name a property: properties.plan.
NODES = {
    "name": mark("Event"),
    "page": mark("Page"),
    "touchpoint": mark("Touchpoint"),
    "channel": mark("Channel"),
    "device": mark("Device"),
}
STEPS = (3, 4, 5, 6)
TOPS = (4, 6, 8, 12)
GAPS = ("30m", "2h", "12h", "7d")
# Measurements of the page happen beside the customer's way, not on it.
UNSEEN = (str(MEASURED.default),)
SORTS = ("count", "share", "time", "back")
LONGEST_NAME = 200


@dataclass(frozen=True)
class Asked:
    """What a touchpoint is, where ways begin or end, what they lead over, and how much of them is shown."""

    of: str = "name"
    channels: bool = False
    facts: tuple[str, ...] = ("events",)
    start: str = ""
    end: str = ""
    without: tuple[str, ...] = UNSEEN
    unit: str = "session"
    gap: str = "30m"
    steps: int = 4
    top: int = 6
    repeats: bool = False
    sort: str = "count"

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """Return what an address asks for.

        Raises
        ------
        BadQuestion : a table, unit, length or number that cannot be; the message says what can.
        """
        start, end = given.get("start", "")[:LONGEST_NAME], given.get("end", "")[:LONGEST_NAME]
        facts = tuple(name for name in FACTS if name in given.getlist("facts")) or ("events",)
        without = tuple(dict.fromkeys(name for name in given.getlist("without") if name))
        gap, unit, sort = given.get("gap") or "30m", given.get("unit") or "session", given.get("sort") or "count"
        seconds_of(gap)
        return cls(
            of=given.get("of") or "name",
            channels=given.get("channels") == "1",
            facts=facts,
            start=start,
            end=end,
            # Ticking nothing sends an empty one: then nothing is left out.
            without=without if "without" in given else UNSEEN,
            unit=_one_of(unit, tuple(UNITS)),
            gap=gap,
            steps=_whole(given.get("steps"), 4, 2, 8),
            top=_whole(given.get("top"), 6, 1, 20),
            repeats=given.get("repeats") == "1",
            sort=sort if sort in SORTS else "count",
        )

    @property
    def link(self) -> dict[str, Any]:
        """The parameters that differ from the defaults."""
        usual = Asked()
        found = {k: v for k, v in vars(self).items() if v != getattr(usual, k)}
        if "without" in found:
            found["without"] = self.without or ("",)
        return found | {k: "1" for k in ("channels", "repeats") if k in found}

    def changed(self, **changes: Any) -> dict[str, Any]:
        """Return the parameters of the same page with some of them changed."""
        return Asked(**(vars(self) | changes)).link

    @property
    def query(self) -> dict[str, Any]:
        """What of a `PathQuery` the address says."""
        return {
            "node": self.of,
            "by_channel": self.channels and self.of != "channel",
            "tables": self.facts,
            "without": self.without,
            "start_node": self.start or None,
            "end_node": self.end or None,
            "backwards": bool(self.end) and not self.start,
            "unit": self.unit,
            "gap_seconds": seconds_of(self.gap),
            "collapse": not self.repeats,
            "max_steps": self.steps,
            "top_k": self.top,
        }


def _one_of(name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise BadQuestion(
            mark("There is no choice {name} here. Choose one of: {known}."), name=name, known=", ".join(known)
        )
    return name


def _whole(text: str | None, usual: int, least: int, most: int) -> int:
    if not text:
        return usual
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    if not least <= number <= most:
        raise BadQuestion(
            mark("{text} is out of reach. Give a whole number from {least} to {most}."),
            text=text,
            least=least,
            most=most,
        )
    return number
