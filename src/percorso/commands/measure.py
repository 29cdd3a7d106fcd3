"""``percorso measure``: figures with interval, n and verdict, as a table, JSON or CSV."""

from datetime import date, datetime
from typing import Any

import rich_click as click

from percorso.analytics.indicators import INDICATORS
from percorso.analytics.measure import measure
from percorso.analytics.query import GRAINS, PRESETS, Query
from percorso.base.upgrades import migrate
from percorso.commands import tables
from percorso.commands.periods import period_of
from percorso.commands.session import console, owning
from percorso.commands.workspaces import workspace_to_read
from percorso.errors import BadQuestion
from percorso.i18n import mark


@click.command()
@click.argument("indicators", nargs=-1, required=True)
@click.option("--by", multiple=True, metavar="COLUMN", help="Break down by a column, customer.TRAIT or properties.KEY.")
@click.option("--grain", type=click.Choice(GRAINS), help="One figure for each hour, day, week … of the time zone.")
@click.option("--period", "preset", type=click.Choice(list(PRESETS)), help="A period by its name.")
@click.option("--from", "start", type=date.fromisoformat, metavar="DATE", help="First day (2025-01-31).")
@click.option("--to", "end", type=date.fromisoformat, metavar="DATE", help="Last day, included.")
@click.option("--compare", metavar="WITH", help="previous, year, rest, or another segment: column=value.")
@click.option("--segment", multiple=True, metavar="COLUMN=VALUE", help="Only these facts; repeat for more values.")
@click.option("--option", "options", multiple=True, metavar="NAME=VALUE", help="A variant, e.g. hours=business.")
@click.option("--as-of", type=datetime.fromisoformat, metavar="INSTANT", help="What was known at that instant.")
@click.option("--confidence", type=float, default=0.95, show_default=True, help="Confidence of the intervals.")
@click.option("--zone", metavar="NAME", help="Another reporting time zone, e.g. Europe/Rome.")
@click.option("--workspace", metavar="NAME", help="Whose facts; default: your own.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.option("--sql", is_flag=True, help="Show the SQL that ran.")
def command(indicators: tuple[str, ...], form: str, sql: bool, workspace: str | None, **asked: Any) -> None:
    """Measure INDICATORS, e.g. `percorso measure nps csat --by channel --grain month`.

    Every figure comes with its 95 % interval and n. `percorso indicators` lists what can be measured.
    """
    for key in indicators:
        INDICATORS[key]
    with owning() as store:
        migrate()
        whose = workspace_to_read(workspace)
        query = _query(indicators, whose, **asked)
        result = measure(store, query)
    {"table": tables.draw, "json": tables.as_json, "csv": tables.as_csv}[form](result, console())
    if sql:
        for key, statement in result.sql().items():
            console().print(f"\n-- {key}\n{statement}", markup=False, highlight=False)


def _query(indicators: tuple[str, ...], workspace: Any, *, segment: tuple[str, ...], **asked: Any) -> Query:
    zone = asked["zone"] or workspace.time_zone
    period = period_of(asked["preset"], asked["start"], asked["end"], zone)
    compare = asked["compare"]
    if compare and "=" in compare:
        compare = _segment((compare,))
    elif compare is None and period is not None:
        compare = "previous"
    return Query(
        indicators=indicators,
        workspace=workspace.slug,
        period=period,
        grain=asked["grain"],
        by=tuple(name for given in asked["by"] for name in given.split(",")),
        segment=_segment(segment),
        compare=compare,
        as_of=asked["as_of"],
        confidence=asked["confidence"],
        options=dict(_option(text) for text in asked["options"]),
        schedule=workspace.schedule,
        tz=zone,
    )


def _segment(pairs: tuple[str, ...]) -> dict[str, tuple[str | None, ...]]:
    segment: dict[str, tuple[str | None, ...]] = {}
    for pair in pairs:
        name, _, value = _split(pair)
        segment[name] = (*segment.get(name, ()), value or None)
    return segment


def _option(text: str) -> tuple[str, Any]:
    name, _, value = _split(text)
    if value.lower() in ("true", "false"):
        return name, value.lower() == "true"
    try:
        number = float(value)
    except ValueError:
        return name, value
    return name, int(number) if number.is_integer() else number


def _split(text: str) -> tuple[str, str, str]:
    if "=" not in text:
        raise BadQuestion(mark("Write {text} as name=value, e.g. channel=email."), text=text)
    return text.partition("=")
