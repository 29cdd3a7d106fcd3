"""Which figures changed: the last whole week against the week before, told to other systems once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.analytics.query import Period, Query
from percorso.analytics.result import Cell
from percorso.base.outbox import publish
from percorso.insights import queries
from percorso.insights.cards import of_overview


def tell_changes(workspace: Workspace, now: datetime | None = None) -> int:
    """Publish ``figure.changed`` for every chosen indicator whose change chance does not explain; return how many.

    All indicators are asked together, so that of the changes told few are chance (Benjamini-Hochberg). Each is told
    once a week, however often this runs.
    """
    keys = of_overview(workspace.chosen_indicators)
    week = last_week(workspace.time_zone, now or datetime.now(UTC))
    asked = Query(
        keys, workspace.slug, period=week, compare="previous", schedule=workspace.schedule, tz=workspace.time_zone
    )
    changed = [cell for cell in queries.answer(asked) if cell.change and cell.change.verdict in ("up", "down")]
    for cell in changed:
        key = f"{cell.indicator}:{'/'.join(str(value) for value in cell.by.values())}:{week.start.isoformat()}"
        publish("figure.changed", workspace.slug, _told(cell, week), key=key)
    return len(changed)


def last_week(tz: str, now: datetime) -> Period:
    """Return the last whole week, Monday to Sunday, in a time zone."""
    today: date = now.astimezone(zone(tz)).date()
    monday = today - timedelta(days=today.weekday())
    return Period(monday - timedelta(days=7), monday, tz)


def _told(cell: Cell, week: Period) -> dict[str, Any]:
    assert cell.change is not None
    return {
        "indicator": cell.indicator,
        "by": dict(cell.by),
        "from": week.start.isoformat(),
        "to": (week.end - timedelta(days=1)).isoformat(),
        "time_zone": week.tz,
        "value": cell.value,
        "low": cell.low,
        "high": cell.high,
        "n": cell.n,
        "before": cell.change.before,
        "before_n": cell.change.before_n,
        "difference": cell.change.difference,
        "verdict": cell.change.verdict,
        "good": cell.change.good,
    }
