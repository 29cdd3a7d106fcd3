"""``percorso retention``: how many of those who began come back."""

from datetime import datetime
from typing import Any

import rich_click as click

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.retention import DAYS, KINDS, RetentionQuery, brackets_of, retention
from percorso.analytics.query import Period
from percorso.analytics.store import Store
from percorso.commands.behaviour import Row, answered, asking


@click.command()
@click.argument("start_event")
@click.argument("return_event", required=False)
@click.option("--grain", type=click.Choice(list(DAYS)), default="week", show_default=True)
@click.option("--kind", type=click.Choice(list(KINDS)), default="n_day", show_default=True)
@click.option(
    "--offsets", type=click.IntRange(1, 100), default=8, show_default=True, help="How many periods after the first."
)
@click.option("--brackets", metavar="LIST", help="For --kind bracket: periods put together, e.g. 1-3,4-7,8-14.")
@asking
def command(
    start_event: str,
    return_event: str | None,
    grain: Any,
    kind: Any,
    offsets: int,
    brackets: str | None,
    as_of: datetime | None,
    **asked: Any,
) -> None:
    """Show who came back, by when they first did START_EVENT; RETURN_EVENT is the same event unless it is told."""

    def ask(store: Store, workspace: Workspace, period: Period | None) -> tuple[list[Row], str]:
        query = RetentionQuery(
            start_event, return_event, workspace.slug, period, grain, kind, offsets,
            brackets_of(brackets) if brackets else (), as_of=as_of, tz=asked["zone"] or workspace.time_zone,
        )  # fmt: skip
        result = retention(store, query)
        names = [str(low) if low == high else f"{low}-{high}" for low, high in query.spans]
        rows: list[Row] = [
            {"cohort": c.start.isoformat(), "customers": c.size} | dict(zip(names, c.returned, strict=True))
            for c in result.total.cohorts
        ]
        everybody = sum(c.size for c in result.total.cohorts)
        rows.append({"cohort": "all", "customers": everybody} | dict(zip(names, result.total.average, strict=True)))
        return rows, result.sql

    answered(ask, **asked)
