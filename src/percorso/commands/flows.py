"""``percorso flows``: which ways customers take from touchpoint to touchpoint."""

from datetime import datetime
from typing import Any

import rich_click as click

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.paths import UNITS, PathQuery, paths
from percorso.analytics.query import Period
from percorso.analytics.store import Store
from percorso.commands.behaviour import Row, answered, asking, seconds_of


@click.command()
@click.option(
    "--node", default="name", show_default=True, help="What a touchpoint is: name, page, channel, properties.KEY."
)
@click.option("--event", "names", multiple=True, help="Only events of this name; repeat for more.")
@click.option("--start", "start_node", help="Only ways from here on.")
@click.option("--end", "end_node", help="Only ways to here.")
@click.option("--unit", type=click.Choice(list(UNITS)), default="session", show_default=True)
@click.option("--gap", default="30m", show_default=True, help="So long without an event ends a visit.")
@click.option("--steps", "max_steps", type=int, default=4, show_default=True)
@click.option("--top", "top_k", type=int, default=8, show_default=True, help="Touchpoints a step; the rest is (other).")
@click.option("--repeats", is_flag=True, help="Show touchpoints that follow themselves.")
@asking
def command(gap: str, repeats: bool, as_of: datetime | None, **given: Any) -> None:
    """Show which ways customers take: `percorso flows --node page --start /prices --period last_30_days`."""
    names = ("node", "names", "start_node", "end_node", "unit", "max_steps", "top_k")
    asked = {name: given.pop(name) for name in names}

    def ask(store: Store, workspace: Workspace, period: Period | None) -> tuple[list[Row], str]:
        query = PathQuery(
            workspace.slug, period, gap_seconds=seconds_of(gap), collapse=not repeats, as_of=as_of, **asked
        )
        result = paths(store, query)
        return [
            {"step": w.step, "from": w.source, "to": w.target, "ways": w.count, "share": w.share}
            for w in sorted(result.links, key=lambda w: (w.step, -w.count, w.source, w.target))
        ], result.sql

    answered(ask, **given)
