"""What the commands on behaviour (funnel, retention, flows) have in common: whom they ask about, and how they answer."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import rich_click as click
from django.utils.translation import get_language, gettext
from rich.markup import escape
from rich.table import Table

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.shares import Share
from percorso.analytics.format import format_count, format_value
from percorso.analytics.query import PRESETS, Period
from percorso.analytics.store import Store
from percorso.base.upgrades import migrate
from percorso.commands.periods import period_of
from percorso.commands.session import console, owning
from percorso.commands.workspaces import workspace_to_read
from percorso.i18n import mark

HEADINGS = {
    "step": mark("Step"), "event": mark("Event"), "customers": mark("Customers"), "of_first": mark("Of the first"),
    "of_step_before": mark("Of the step before"), "median_seconds": mark("Median time"), "in_progress": mark("On the way"),
    "cohort": mark("Began"), "from": mark("From"), "to": mark("To"), "ways": mark("Times"), "share": mark("Share"),
    "way": mark("Way"), "goes_on": mark("Go on after it"), "touchpoint": mark("Touchpoint"), "begins": mark("Ways that begin here"),
    "ends": mark("Share that ends here"), "returning": mark("Share that comes back"), "back": mark("Straight back"), "dead_end": mark("Dead end"),
}  # fmt: skip
Row = dict[str, Any]


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
    table = Table(header_style="bold", pad_edge=False)
    for name, value in (rows[0] if rows else {}).items():
        heading = gettext(HEADINGS[name]) if name in HEADINGS else name
        table.add_column(heading, justify="left" if isinstance(value, str) else "right")
    for row in rows:
        table.add_row(*(_shown(value, language) for value in row.values()))
    console().print(table)


def _shown(value: Any, language: str) -> str:
    if isinstance(value, Share) and value.value is not None:
        low, high = (format_value(end, "share", language, value.n) for end in (value.low, value.high))
        return f"{format_value(value.value, 'share', language, value.n)} ({low.removesuffix('%')}–{high})"
    if value is None or isinstance(value, Share):
        return "–"
    if isinstance(value, int):
        return format_count(value, language)
    return format_value(value, "seconds", language) if isinstance(value, float) else escape(str(value))


def _as_json(rows: Sequence[Row]) -> None:
    plain = [{k: vars(v) if isinstance(v, Share) else v for k, v in row.items()} for row in rows]
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
        if isinstance(value, Share):
            made |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
        else:
            made[name] = value
    return made
