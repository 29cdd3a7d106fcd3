"""``percorso frequency``: how often customers come, who is new, back, gone."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import rich_click as click

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.frequency import GRAINS, FrequencyQuery, FrequencyResult, frequency
from percorso.analytics.behaviour.shares import share_of
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.commands.behaviour import Row, answered, asking, or_lately


@click.command()
@click.option("--grain", type=click.Choice(GRAINS), default="week", show_default=True, help="Steps of the lifecycle.")
@click.option(
    "--event", "names", multiple=True, help="Events that show that somebody was there; repeat for more.  [default: any]"
)
@click.option(
    "--show",
    type=click.Choice(["lifecycle", "active", "days"]),
    default="lifecycle",
    show_default=True,
    help="Who is new, returning, back after a break, gone; active customers of a day, 7 and 28 days; on how many days they came.",
)  # fmt: skip
@asking
def command(grain: Any, names: tuple[str, ...], show: str, as_of: datetime | None, **given: Any) -> None:
    """Show how often customers come: `percorso frequency --grain month --period last_12_months`."""

    def ask(store: Store, workspace: Workspace, period: Period | None) -> tuple[list[Row], str]:
        days = or_lately(period, given["zone"] or workspace.time_zone)
        if show == "days":
            return _days(store, workspace, days, names, as_of)
        found = frequency(store, FrequencyQuery(workspace.slug, days, grain, names, as_of=as_of))
        return SHOWN[show](found), found.sql

    answered(ask, **given)


def _lifecycle(found: FrequencyResult) -> list[Row]:
    return [
        {
            "start": step.start.isoformat(), "active": step.active, "new": step.new, "returning_customers": step.returning,
            "resurrected": step.resurrected, "dormant": step.dormant, "kept": step.kept,
        }
        for step in found.lifecycle
    ]  # fmt: skip


def _active(found: FrequencyResult) -> list[Row]:
    return [
        {"day": day.day.isoformat(), "daily": day.daily, "weekly": day.weekly, "monthly": day.monthly,
         "stickiness": share_of(day.daily, day.monthly, found.query.confidence)}
        for day in found.reach
    ]  # fmt: skip


def _days(
    store: Store, workspace: Workspace, period: Period, names: tuple[str, ...], as_of: datetime | None
) -> tuple[list[Row], str]:
    options = {"events": list(names)} if names else {}
    result = measure(store, Query(("access_frequency",), workspace.slug, period, as_of=as_of, options=options))
    histogram = result.one().details.get("histogram") or ()
    n = sum(entry["users"] for entry in histogram)
    rows = [
        {"active_days": e["days"], "customers": e["users"], "share": share_of(e["users"], n, 0.95)} for e in histogram
    ]
    return rows, ";\n\n".join(result.sql().values())


SHOWN: dict[str, Callable[[FrequencyResult], list[Row]]] = {"lifecycle": _lifecycle, "active": _active}
