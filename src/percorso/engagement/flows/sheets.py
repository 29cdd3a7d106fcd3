"""The tables of the page as files: numbers unrounded, shares 0 to 1, times in seconds."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext

from percorso.analytics.behaviour.differences import StepDifference
from percorso.engagement.files import Sheet
from percorso.engagement.flows.queries import Flows
from percorso.i18n import mark

TABLES = {
    "steps": mark("Ways step by step"),
    "transitions": mark("What follows what"),
    "touchpoints": mark("Touchpoints"),
    "frequent": mark("Most frequent ways"),
    "differences": mark("Steps that differ"),
}
PERCENT, WHOLE, SMALL = "0.0%", "#,##0", "0.0000"
# A column: its name for programs, its heading for people, its number format, and where it stands in a row.
Column = tuple[str, str, str, Callable[[Any], Any]]


def _share(name: str, heading: str, of: Callable[[Any], Any]) -> list[Column]:
    """Return the columns of a share and its interval."""
    return [
        (name, heading, PERCENT, lambda row: of(row).value),
        (f"{name}_low", mark("Interval from"), PERCENT, lambda row: of(row).low),
        (f"{name}_high", mark("Interval to"), PERCENT, lambda row: of(row).high),
    ]


FROM: Column = ("from", mark("From"), "", lambda row: row.source)
TO: Column = ("to", mark("To"), "", lambda row: row.target)
STEPS: list[Column] = [
    ("step", mark("Step"), WHOLE, lambda link: link.step), FROM, TO,
    ("ways", mark("Ways"), WHOLE, lambda link: link.count), *_share("share", mark("Share"), lambda link: link.share),
]  # fmt: skip
TRANSITIONS: list[Column] = [
    FROM, TO, ("times", mark("Times"), WHOLE, lambda t: t.count), *_share("share", mark("Share"), lambda t: t.share),
    ("median_seconds", mark("Median time in seconds"), "#,##0.0", lambda t: t.median_seconds),
    ("back", mark("Straight back"), WHOLE, lambda t: t.back.count),
    *_share("back_share", mark("Share that goes straight back"), lambda t: t.back),
]  # fmt: skip
TOUCHPOINTS: list[Column] = [
    ("touchpoint", mark("Touchpoint"), "", lambda s: s.node),
    ("visits", mark("Reached"), WHOLE, lambda s: s.visits),
    ("ways", mark("Ways"), WHOLE, lambda s: s.paths.count), *_share("ways_share", mark("Share of ways"), lambda s: s.paths),
    ("begins", mark("Ways that begin here"), WHOLE, lambda s: s.begins),
    ("ends", mark("Ways that end here"), WHOLE, lambda s: s.ends.count),
    *_share("ends_share", mark("Share that ends here"), lambda s: s.ends),
    *_share("returning_share", mark("Share that comes back"), lambda s: s.returning),
    ("p_adjusted", mark("p-value, adjusted"), SMALL, lambda s: s.adjusted_p),
    ("dead_end", mark("Dead end"), "", lambda s: s.dead_end),
]  # fmt: skip
DIFFERENCES: list[Column] = [
    FROM, TO, ("count", mark("Times"), WHOLE, lambda d: d.one.count), ("of", mark("of"), WHOLE, lambda d: d.one.n),
    *_share("share", mark("Share"), lambda d: d.one),
    ("other_count", mark("Others: times"), WHOLE, lambda d: d.other.count), ("other_of", mark("of"), WHOLE, lambda d: d.other.n),
    *_share("other_share", mark("Others: share"), lambda d: d.other),
    ("difference", mark("Difference"), PERCENT, lambda d: d.test.difference),
    ("difference_low", mark("Interval from"), PERCENT, lambda d: d.test.low),
    ("difference_high", mark("Interval to"), PERCENT, lambda d: d.test.high),
    ("p", mark("p-value"), SMALL, lambda d: d.test.p_value), ("p_adjusted", mark("p-value, adjusted"), SMALL, lambda d: d.adjusted_p),
    ("differs", mark("Differs"), "", lambda d: d.differs),
]  # fmt: skip


def sheet_of(table: str, flows: Flows, different: Sequence[StepDifference]) -> Sheet:
    """Return one of `TABLES`."""
    columns, rows = {
        "steps": (STEPS, flows.paths.links),
        "transitions": (TRANSITIONS, flows.moves.transitions),
        "touchpoints": (TOUCHPOINTS, flows.moves.stops),
        "frequent": (_frequent(flows.ways.query.max_steps), flows.ways.ways),
        "differences": (DIFFERENCES, different),
    }[table]
    return Sheet(
        name=f"flows-{table}",
        columns=[name for name, *_ in columns],
        headings=[gettext(heading).format(n=name.rpartition("_")[2]) for name, heading, *_ in columns],
        rows=[[of(row) for *_, of in columns] for row in rows],
        forms=[form for _, _, form, _ in columns],
    )


def _frequent(most: int) -> list[Column]:
    """Return the columns of the most frequent ways: a column a step."""
    steps: list[Column] = [
        (f"step_{k}", mark("Step {n}"), "", lambda w, k=k: w.nodes[k - 1] if k <= len(w.nodes) else None)  # type: ignore[misc]
        for k in range(1, most + 1)
    ]
    ways: Column = ("ways", mark("Ways"), WHOLE, lambda w: w.share.count)
    go_on: Column = ("go_on", mark("Go on after it"), WHOLE, lambda w: w.goes_on)
    return [*steps, ways, *_share("share", mark("Share"), lambda w: w.share), go_on]
