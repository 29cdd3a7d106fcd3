"""What day it is where the tests' workspace is: for three hours of each night another one than in UTC."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

ZONE = "America/Sao_Paulo"


def today() -> datetime:
    """Return midnight, in UTC, of the day that the workspace has now: facts of the days before it lie in finished days."""
    return datetime.now(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)


def begun() -> datetime:
    """Return the instant at which the workspace's day began."""
    return datetime.now(ZoneInfo(ZONE)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
