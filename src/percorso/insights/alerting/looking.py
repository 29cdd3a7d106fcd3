"""What the watches find, today and in the past: firings, judged and put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from pydantic import ValidationError

from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.errors import BadQuestion, UserError
from percorso.i18n import mark
from percorso.insights.alerting.series import BY, Tell, Watched, silently, watched
from percorso.insights.alerts import ALERTS, Flagged, Message, Settings, grouped
from percorso.insights.models import Watch

YEAR = timedelta(days=365)


@dataclass(frozen=True, eq=False)
class Look:
    """What watches see as known at the first instant of `end`: series, firings, and the messages they make.

    `owners` tells of each firing which watch it belongs to, and in which series it stands; `failed` are watches that
    could not be looked at, with the reason.
    """

    end: date
    series: tuple[tuple[Watch, Watched], ...]
    owners: dict[Flagged, tuple[Watch, Watched]]
    messages: tuple[Message, ...]
    failed: tuple[tuple[Watch, UserError], ...] = field(default=())

    def in_a_year(self) -> list[Message]:
        """Return the messages that would have been told in the last twelve months."""
        return [message for message in self.messages if message.told >= self.end - YEAR]


def today(workspace: Workspace) -> date:
    """Return today in the workspace's time zone."""
    return datetime.now(UTC).astimezone(zone(workspace.time_zone)).date()


def settings_of(watch: Watch) -> Settings:
    """Return the settings of a watch, checked.

    Raises
    ------
    BadQuestion : they do not fit the alert.
    """
    given = {name: value for name, value in watch.config.items() if name != BY}
    try:
        return ALERTS[watch.alert].Config.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or watch.alert
        raise BadQuestion(mark("The setting {name} does not fit: {why}."), name=where, why=first["msg"]) from error


def look(watches: Sequence[Watch], end: date, tell: Tell = silently) -> Look:
    """Return what watches see when the day before `end` is over; one that cannot be asked does not stop the others.

    `tell` is told for each watch how many of its indicators are done.
    """
    series: list[tuple[Watch, Watched]] = []
    owners: dict[Flagged, tuple[Watch, Watched]] = {}
    failed: list[tuple[Watch, UserError]] = []
    tested = 0
    for watch in watches:
        try:
            found, config = watched(watch, end, tell), settings_of(watch)
        except UserError as error:
            failed.append((watch, error))
            continue
        alert = ALERTS[watch.alert]
        tested += len(found) if alert.tested else 0
        for one in found:
            series.append((watch, one))
            owners |= {Flagged(watch.alert, one.series, f): (watch, one) for f in alert.firings(one.series, config)}
    return Look(end, tuple(series), owners, tuple(grouped(owners, tested)), tuple(failed))
