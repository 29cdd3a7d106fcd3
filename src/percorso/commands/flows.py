"""``percorso flows``: which ways customers take from touchpoint to touchpoint."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import rich_click as click

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.lengths import seconds_of
from percorso.analytics.behaviour.path_query import FACTS, UNITS, PathQuery
from percorso.analytics.behaviour.paths import paths
from percorso.analytics.behaviour.transitions import transitions
from percorso.analytics.behaviour.ways import ways
from percorso.analytics.query import Period
from percorso.analytics.store import Store
from percorso.commands.behaviour import Row, answered, asking


@click.command()
@click.option(
    "--node", default="name", show_default=True, help="What a touchpoint is: name, page, channel, properties.KEY."
)
@click.option("--channels", "by_channel", is_flag=True, help="The same touchpoint on two channels is two.")
@click.option(
    "--facts",
    "tables",
    type=click.Choice(FACTS),
    multiple=True,
    help="Facts that ways lead over; repeat for more.  [default: events]",
)
@click.option("--event", "names", multiple=True, help="Only events of this name; repeat for more.")
@click.option("--without", multiple=True, help="Pass over this touchpoint; repeat for more.")
@click.option("--start", "start_node", help="Only ways from here on.")
@click.option("--end", "end_node", help="Only ways to here.")
@click.option("--unit", type=click.Choice(list(UNITS)), default="session", show_default=True)
@click.option("--gap", default="30m", show_default=True, help="So long without an event ends a visit.")
@click.option("--steps", "max_steps", type=int, default=4, show_default=True)
@click.option("--top", "top_k", type=int, default=8, show_default=True, help="Touchpoints a step; the rest is (other).")
@click.option("--repeats", is_flag=True, help="Show touchpoints that follow themselves.")
@click.option(
    "--show",
    type=click.Choice(["steps", "transitions", "touchpoints", "ways"]),
    default="steps",
    show_default=True,
    help="Ways step by step, what follows what, where ways begin, end and come back, or the most frequent ones.",
)
@asking
def command(gap: str, repeats: bool, as_of: datetime | None, show: str, tables: tuple[str, ...], **given: Any) -> None:
    """Show which ways customers take: `percorso flows --node page --start /prices --period last_30_days`."""
    names = ("node", "by_channel", "names", "without", "start_node", "end_node", "unit", "max_steps", "top_k")
    asked = {name: given.pop(name) for name in names}

    def ask(store: Store, workspace: Workspace, period: Period | None) -> tuple[list[Row], str]:
        query = PathQuery(
            workspace.slug,
            period,
            gap_seconds=seconds_of(gap),
            collapse=not repeats,
            as_of=as_of,
            tables=tables or ("events",),
            **asked,
        )
        return SHOWN[show](store, query)

    answered(ask, **given)


def _steps(store: Store, query: PathQuery) -> tuple[list[Row], str]:
    result = paths(store, query)
    return [
        {"step": w.step, "from": w.source, "to": w.target, "ways": w.count, "share": w.share}
        for w in sorted(result.links, key=lambda w: (w.step, -w.count, w.source, w.target))
    ], result.sql


def _transitions(store: Store, query: PathQuery) -> tuple[list[Row], str]:
    result = transitions(store, query)
    return [
        {"from": t.source, "to": t.target, "ways": t.count, "share": t.share, "median_seconds": t.median_seconds, "back": t.back}
        for t in result.transitions
    ], result.sql  # fmt: skip


def _touchpoints(store: Store, query: PathQuery) -> tuple[list[Row], str]:
    result = transitions(store, query)
    return [
        {"touchpoint": s.node, "ways": s.visits, "begins": s.begins, "ends": s.ends, "returning": s.returning, "dead_end": s.dead_end}
        for s in result.stops
    ], result.sql  # fmt: skip


def _ways(store: Store, query: PathQuery) -> tuple[list[Row], str]:
    result = ways(store, query)
    return [
        {"way": " → ".join(w.nodes), "ways": w.share.count, "share": w.share, "goes_on": w.goes_on} for w in result.ways
    ], result.sql


SHOWN: dict[str, Callable[[Store, PathQuery], tuple[list[Row], str]]] = {
    "steps": _steps,
    "transitions": _transitions,
    "touchpoints": _touchpoints,
    "ways": _ways,
}
