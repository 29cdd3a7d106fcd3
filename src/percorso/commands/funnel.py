"""``percorso funnel``: how many get from each step to the next."""

from datetime import datetime
from typing import Any

import rich_click as click

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.funnel import ANCHORS, MODES, Exclusion, Funnel, FunnelQuery, funnel
from percorso.analytics.behaviour.lengths import seconds_of
from percorso.analytics.query import Period
from percorso.analytics.store import Store
from percorso.commands.behaviour import Row, answered, asking


@click.command()
@click.argument("steps", nargs=-1, required=True)
@click.option("--window", default="7d", show_default=True, help="Time from the first step to the last: 30m, 24h, 7d.")
@click.option("--mode", type=click.Choice(list(MODES)), default="ordered", show_default=True)
@click.option("--anchor", type=click.Choice(list(ANCHORS)), default="first", show_default=True)
@click.option(
    "--without", multiple=True, metavar="EVENT", help="Leave out who does EVENT between the first and last step."
)
@click.option("--by", multiple=True, metavar="COLUMN", help="A funnel for each value of a column of the first event.")
@asking
def command(
    steps: tuple[str, ...], window: str, mode: Any, anchor: Any, without: tuple[str, ...], by: tuple[str, ...],
    as_of: datetime | None, **asked: Any,
) -> None:  # fmt: skip
    """Follow customers through STEPS, names of events: `percorso funnel search product checkout purchase --window 7d`."""
    exclusions = tuple(Exclusion(event, 1, len(steps)) for event in without)

    def ask(store: Store, workspace: Workspace, period: Period | None) -> tuple[list[Row], str]:
        query = FunnelQuery(
            steps, seconds_of(window), workspace.slug, period, mode, anchor, exclusions, by, as_of=as_of
        )
        result = funnel(store, query)
        return [row for one in (result.groups or (result.total,)) for row in _rows(one, steps)], result.sql

    answered(ask, **asked)


def _rows(one: Funnel, steps: tuple[str, ...]) -> list[Row]:
    shown = enumerate(zip(steps, one.counts, one.shares, one.step_rates, strict=True), 1)
    last = {"median_seconds": one.median_seconds, "in_progress": one.in_progress}
    return [
        {**one.by, "step": k, "event": name, "customers": count, "of_first": share, "of_step_before": rate}
        | (last if k == len(steps) else dict.fromkeys(last))
        for k, (name, count, share, rate) in shown
    ]
