"""When a report is due: at an hour of the recipient's own day, and not before its days are over."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from percorso.analytics.calendar import zone
from percorso.analytics.clocks import EPOCH, local_seconds_to_utc, seconds_of_day
from percorso.analytics.query import Period
from percorso.insights.models import Report

LONGEST = 32  # days between two slots of a month


def last_slot(report: Report, time_zone: str, now: datetime) -> tuple[date, datetime]:
    """Return the latest local day on which the report is due, and the instant of its hour, not after `now`."""
    today = now.astimezone(zone(time_zone)).date()
    for back in range(LONGEST + 1):
        day = today - timedelta(days=back)
        if _falls_on(report, day) and (at := _instant(day, report.hour, time_zone)) <= now:
            return day, at
    raise ValueError(f"the report {report.pk} is due on no day")


def next_slot(report: Report, time_zone: str, now: datetime) -> datetime:
    """Return the instant at which the report goes out next in a time zone."""
    today = now.astimezone(zone(time_zone)).date()
    days = (today + timedelta(days=ahead) for ahead in range(LONGEST + 1))
    slots = (ready_at(report, day, time_zone) for day in days if _falls_on(report, day))
    return next(at for at in slots if at > now)


def ready_at(report: Report, day: date, time_zone: str) -> datetime:
    """Return when the issue of a local day can be made: at its hour, or when its days are over in the workspace's zone."""
    at, period = _instant(day, report.hour, time_zone), period_on(report, day)
    return max(at, period.bounds[1]) if period.end <= day else at


def period_on(report: Report, day: date) -> Period:
    """Return the days that the issue of `day` tells about; they are the workspace's days, the same for everybody."""
    tz = report.workspace.time_zone
    return Period.preset(report.period, tz, datetime.combine(day, time(12), zone(tz)))


def is_due(report: Report, recipient: Mapping[str, Any], now: datetime) -> date | None:
    """Return the day of the issue that a recipient should have by now; None when there is none since they are one."""
    day, at = last_slot(report, recipient["time_zone"], now)
    since = datetime.fromisoformat(recipient["since"]) if recipient.get("since") else report.created_at
    return day if at > since and ready_at(report, day, recipient["time_zone"]) <= now else None


def _falls_on(report: Report, day: date) -> bool:
    if report.every == Report.Every.WEEK:
        return day.weekday() == report.weekday
    return report.every == Report.Every.DAY or day.day == report.day


def _instant(day: date, hour: int, time_zone: str) -> datetime:
    """Return the instant of a local hour; of two (autumn) the first, of none (spring) the change of the clock."""
    return EPOCH + timedelta(seconds=local_seconds_to_utc(seconds_of_day(day) + hour * 3600, time_zone))
