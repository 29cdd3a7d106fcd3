"""``percorso retention``: how many of those who began come back."""

from datetime import datetime
from typing import Any

import rich_click as click

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.retention import DAYS, KINDS, RetentionQuery, retention
from percorso.analytics.query import Period
from percorso.analytics.store import Store
from percorso.commands.behaviour import Row, answered, asking


@click.command()
@click.argument("start_event")
@click.argument("return_event", required=False)
@click.option("--grain", type=click.Choice(list(DAYS)), default="week", show_default=True)
@click.option("--kind", type=click.Choice([k for k in KINDS if k != "bracket"]), default="n_day", show_default=True)
@click.option(
    "--offsets", type=click.IntRange(1, 100), default=8, show_default=True, help="How many periods after the first."
)
@asking
def command(
    start_event: str,
    return_event: str | None,
    grain: Any,
    kind: Any,
    offsets: int,
    as_of: datetime | None,
    **asked: Any,
) -> None:
    """Show who came back, by when they first did START_EVENT; RETURN_EVENT is the same event unless it is told."""

    def ask(store: Store, workspace: Workspace, period: Period | None) -> tuple[list[Row], str]:
        query = RetentionQuery(
            start_event, return_event, workspace.slug, period, grain, kind, offsets, as_of=as_of,
            tz=asked["zone"] or workspace.time_zone,
        )  # fmt: skip
        result = retention(store, query)
        rows: list[Row] = [
            {"cohort": c.start.isoformat(), "customers": c.size} | {str(k): share for k, share in enumerate(c.returned)}
            for c in result.total.cohorts
        ]
        everybody = sum(c.size for c in result.total.cohorts)
        rows.append({"cohort": "all", "customers": everybody} | {str(k): s for k, s in enumerate(result.total.average)})
        return rows, result.sql

    answered(ask, **asked)
