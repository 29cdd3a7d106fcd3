"""What the commands on behaviour (funnel, retention, flows, frequency, features, speed) have in common: whom they ask about,
and how they answer.
"""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import rich_click as click
from django.utils.translation import get_language, gettext
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.shares import Share
from percorso.analytics.behaviour.speed import Group
from percorso.analytics.format import format_count, format_value
from percorso.analytics.query import PRESETS, Period
from percorso.analytics.statistics.comparisons import Comparison
from percorso.analytics.store import Store
from percorso.base.upgrades import migrate
from percorso.commands.periods import period_of
from percorso.commands.session import console, owning
from percorso.commands.workspaces import workspace_to_read
from percorso.engagement.usage.shown import signed
from percorso.i18n import mark

HEADINGS = {
    "step": mark("Step"), "event": mark("Event"), "customers": mark("Customers"), "of_first": mark("Of the first"),
    "of_step_before": mark("Of the step before"), "median_seconds": mark("Median time"), "in_progress": mark("On the way"),
    "cohort": mark("Began"), "from": mark("From"), "to": mark("To"), "ways": mark("Times"), "share": mark("Share"),
    "way": mark("Way"), "goes_on": mark("Go on after it"), "touchpoint": mark("Touchpoint"), "begins": mark("Ways that begin here"),
    "ends": mark("Share that ends here"), "returning": mark("Share that comes back"), "back": mark("Straight back"), "dead_end": mark("Dead end"),
    "start": mark("From"), "active": mark("Active"), "new": mark("New customers"), "returning_customers": mark("Returning"), "resurrected": mark("Resurrected"),
    "dormant": mark("Dormant"), "kept": mark("Stayed"), "day": mark("Day"), "daily": mark("That day"), "weekly": mark("In 7 days"),
    "monthly": mark("In 28 days"), "stickiness": mark("Stickiness"), "active_days": mark("Active days"), "feature": mark("Feature"),
    "uses": mark("Uses"), "adoption": mark("Adoption"), "before": mark("Before"), "change": mark("Against before"), "differs": mark("Differs"),
    "last_at": mark("Last time"), "trouble": mark("Trouble"), "without": mark("Had none"), "score_without": mark("Their score"),
    "with": mark("Had some"), "score_with": mark("Their score"), "difference": mark("Difference"), "unmeasured": mark("Not measured"),
    "error": mark("Error"), "errors": mark("Errors"), "of_active": mark("Of active customers"),
}  # fmt: skip
Row = dict[str, Any]
LATELY = "last_90_days"
# A terminal is narrow: these are in files alone.
WIDE = {"before", "unmeasured", "last_at"}
# The least width of a column of names, and what stands between two columns.
LEAST, GAP = 10, 3
# The unit of what two shares differ by: told in percentage points.
DIFFERENCE = "difference"


@dataclass(frozen=True)
class Told:
    """A figure that is no share of a count, with its interval; None where it cannot be known."""

    value: float | None
    low: float | None
    high: float | None
    unit: str

    @classmethod
    def of(cls, found: Comparison | None, unit: str) -> "Told":
        """Return a difference; None: nothing was compared."""
        return cls(found.difference, found.low, found.high, unit) if found else cls(None, None, None, unit)

    @classmethod
    def group(cls, found: Group, unit: str) -> "Told":
        """Return the score of some customers."""
        return cls(found.value, found.value_low, found.value_high, unit)


def or_lately(period: Period | None, zone: str) -> Period:
    """Return the period that is asked for; without one the last ninety days."""
    return period or Period.preset(LATELY, zone)


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options by which every question about behaviour is narrowed and its answer shaped."""
    for option in reversed((
        click.option("--period", "preset", type=click.Choice(list(PRESETS)), help="A period by its name."),
        click.option("--from", "start", type=date.fromisoformat, metavar="DATE", help="First day (2025-01-31)."),
        click.option("--to", "end", type=date.fromisoformat, metavar="DATE", help="Last day, included."),
        click.option("--zone", metavar="NAME", help="Another reporting time zone, e.g. Europe/Rome."),
        click.option("--as-of", type=datetime.fromisoformat, metavar="INSTANT", help="What was known at that instant."),
        click.option("--workspace", metavar="NAME", help="Whose facts; default: your own."),
        click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True),
        click.option("--sql", is_flag=True, help="Show the SQL that ran."),
    )):  # fmt: skip
        command = option(command)
    return command


def answered(
    ask: Callable[[Store, Workspace, Period | None], tuple[Sequence[Row], str]],
    *,
    preset: str | None,
    start: date | None,
    end: date | None,
    zone: str | None,
    workspace: str | None,
    form: str,
    sql: bool,
) -> None:
    """Ask, and print the rows and if wanted the SQL; shares of rows are told with their intervals."""
    with owning() as store:
        migrate()
        whose = workspace_to_read(workspace)
        rows, statement = ask(store, whose, period_of(preset, start, end, zone or whose.time_zone))
    {"table": _draw, "json": _as_json, "csv": _as_csv}[form](rows)
    if sql:
        console().print(f"\n{statement}", markup=False, highlight=False)


def _draw(rows: Sequence[Row]) -> None:
    language = get_language() or "en"
    first = {name: value for name, value in (rows[0] if rows else {}).items() if name not in WIDE}
    cells = {name: [_shown(row[name], language) for row in rows] for name in first}
    headings = {name: gettext(HEADINGS[name]) if name in HEADINGS else name for name in first}
    # Numbers are broken in no place as long as names can give way.
    numbers = [name for name, value in first.items() if not isinstance(value, str)]
    room = console().width - GAP * len(first) - LEAST * (len(first) - len(numbers))
    whole = {name: max([_widest([headings[name]]), *map(len, cells[name])]) for name in numbers}
    by_words = {name: _widest([headings[name], *cells[name]]) for name in numbers}
    widths = next((some for some in (whole, by_words) if sum(some.values()) <= room), {})
    table = Table(header_style="bold", pad_edge=False, collapse_padding=True, box=SIMPLE_HEAD)
    for name, heading in headings.items():
        table.add_column(
            heading, justify="right" if name in numbers else "left", width=widths.get(name), overflow="fold"
        )
    for line in zip(*cells.values(), strict=True):
        table.add_row(*line)
    console().print(table)


def _widest(texts: Sequence[str]) -> int:
    return max(len(word) for text in texts for word in text.split() or [""])


def _shown(value: Any, language: str) -> str:
    if isinstance(value, Share) and value.value is not None:
        low, high = (format_value(end, "share", language, value.n) for end in (value.low, value.high))
        return f"{format_value(value.value, 'share', language, value.n)} ({low.removesuffix('%')}–{high})"
    if isinstance(value, Told) and value.value is not None:
        return _with_interval(value, language)
    if value is None or isinstance(value, (Share, Told)):
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int):
        return format_count(value, language)
    return format_value(value, "seconds", language) if isinstance(value, float) else escape(str(value))


def _with_interval(told: Told, language: str) -> str:
    ends = (told.value, told.low, told.high)
    if told.unit == DIFFERENCE:
        figure, low, high = ("–" if end is None else signed(end) for end in ends)
        return gettext("{difference} pp ({low} to {high})").format(difference=figure, low=low, high=high)
    figure, low, high = (format_value(end, told.unit, language) for end in ends)
    return f"{figure} ({low}–{high})"


def _as_json(rows: Sequence[Row]) -> None:
    plain = [{k: vars(v) if isinstance(v, (Share, Told)) else v for k, v in row.items()} for row in rows]
    console().file.write(json.dumps(plain, default=str, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _as_csv(rows: Sequence[Row]) -> None:
    flat = [_flat(row) for row in rows]
    out = io.StringIO()
    writer = csv.DictWriter(
        out, fieldnames=list(dict.fromkeys(name for row in flat for name in row)), lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(flat)
    console().file.write(out.getvalue())


def _flat(row: Row) -> Row:
    made: Row = {}
    for name, value in row.items():
        if isinstance(value, (Share, Told)):
            made |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
        else:
            made[name] = value
    return made
