"""The daily run: what the watches find is written down once, what is calm again is closed."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.insights.alerting.causes import causes_of
from percorso.insights.alerting.looking import Look, look
from percorso.insights.alerting.sentences import kept
from percorso.insights.alerting.series import BY, Watched, by_of
from percorso.insights.alerts import Firing, Flagged, Message
from percorso.insights.models import Alarm, Finding, Watch

# Facts may come late: what counts on one of so many days is still told.
LATE = timedelta(days=35)
# Late facts move the day on which a change shows; within so many days it is the same change.
SAME, SAME_OPEN = timedelta(days=3), timedelta(days=7)


@dataclass(frozen=True)
class Recorded:
    """What a run wrote down: new alarms, and those of them that shall be told."""

    made: tuple[Alarm, ...]
    told: tuple[Alarm, ...]


def run(
    workspace: Workspace,
    end: date,
    quiet: Collection[int] = (),
    then: Callable[[Sequence[Alarm]], None] = lambda told: None,
) -> Recorded:
    """Write down what all watches of a workspace find when the day before `end` is over.

    Parameters
    ----------
    quiet : ids of watches whose findings are kept without telling anybody: those that were switched on just now.
    then : is given the alarms to tell, in the transaction that writes them down.

    Returns
    -------
    Recorded : a repeated run finds everything written down and tells nothing.
    """
    watches = list(workspace.watches.filter(active=True).select_related("workspace", "segment"))
    seen = look(watches, end)
    causes = {one: _causes(workspace, seen, one) for one in _fresh(workspace, seen)}
    silent = {watch.pk for watch in watches if watch.pk in quiet or _snoozed(watch, end)}
    with transaction.atomic():
        # Two runs at once write one after the other; the second finds what the first has written.
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        _close(workspace, seen)
        made = [alarm for message in seen.messages for alarm in _write(workspace, seen, message, causes)]
        close_calm(workspace)
        told = [alarm for alarm in made if _loud(alarm, silent)]
        then(told)
    return Recorded(tuple(made), tuple(told))


def _snoozed(watch: Watch, end: date) -> bool:
    return watch.snoozed_until is not None and end < watch.snoozed_until


def _loud(alarm: Alarm, silent: Collection[int]) -> bool:
    return any(finding.watch_id not in silent for finding in alarm.findings.all())


def _counting(seen: Look, message: Message) -> list[Flagged]:
    """Return the members of a message that count on a day which is still looked back to, or are still so."""
    counted = [(day, one) for day, one in message.members if day < seen.end]
    return [one for day, one in counted if day >= seen.end - LATE or one.firing.closed is None]


def _fresh(workspace: Workspace, seen: Look) -> list[Flagged]:
    known = _known(workspace, seen)
    members = (one for message in seen.messages for one in _counting(seen, message))
    return [one for one in members if _same(known, seen, one) is None]


def _causes(workspace: Workspace, seen: Look, one: Flagged) -> list[dict[str, Any]]:
    watched = seen.owners[one][1]
    return causes_of(workspace, one.alert, watched, one.firing, seen.end)


def _known(workspace: Workspace, seen: Look) -> list[Finding]:
    """Return the findings that a firing could be: the recent ones and those that are open."""
    rows = Finding.objects.filter(alarm__workspace=workspace).select_related("alarm")
    return [row for row in rows if row.closed_at is None or row.day >= seen.end - 2 * LATE - timedelta(days=31)]


def _same(known: Iterable[Finding], seen: Look, one: Flagged) -> Finding | None:
    """Return the finding that a firing is, the nearest in days."""
    watch, watched = seen.owners[one]
    about = (watch.pk, one.series.indicator, watched.subject, one.firing.direction)
    mine = [f for f in known if _about(f) == about]
    near = [f for f in mine if abs(f.day - one.firing.at) <= (SAME if f.closed_at else SAME_OPEN)]
    return min(near, key=lambda f: abs(f.day - one.firing.at), default=None)


def _about(finding: Finding) -> tuple[int, str, str, str]:
    return finding.watch_id, finding.indicator, finding.subject, finding.direction


def _close(workspace: Workspace, seen: Look) -> None:
    """Close the findings that are calm again, and those that better facts have taken back."""
    looked = {(watch.pk, one.series.indicator) for watch, one in seen.series if len(one.series)}
    for finding in Finding.objects.filter(alarm__workspace=workspace, closed_at=None):
        mine = [f for f in seen.owners if _same([finding], seen, f)]
        nearest = min(mine, key=lambda f: abs(f.firing.at - finding.day), default=None)
        over = nearest.firing.closed is not None if nearest else (finding.watch_id, finding.indicator) in looked
        if over:
            finding.closed_at = _instant(nearest, workspace) if nearest else timezone.now()
            finding.save(update_fields=["closed_at"])


def _instant(one: Flagged, workspace: Workspace) -> datetime:
    """Return when the last bucket that had to be calm was over."""
    assert one.firing.closed is not None
    return datetime.combine(one.series.end(one.firing.closed), time(0), zone(workspace.time_zone))


def _write(
    workspace: Workspace, seen: Look, message: Message, causes: dict[Flagged, list[dict[str, Any]]]
) -> list[Alarm]:
    """Write down the new members of a message; return the alarm when it is new."""
    known = _known(workspace, seen)
    found = {one: _same(known, seen, one) for _, one in message.members}
    fresh = [one for one in _counting(seen, message) if found[one] is None and one in causes]
    if not fresh:
        return []
    alarm = next((finding.alarm for finding in found.values() if finding is not None), None)
    made = alarm is None
    alarm = alarm or Alarm.objects.create(workspace=workspace, day=message.told)
    for one in fresh:
        _write_finding(alarm, *seen.owners[one], one, causes[one])
    return [alarm] if made else []


def _write_finding(alarm: Alarm, watch: Watch, one: Watched, flagged: Flagged, causes: list[dict[str, Any]]) -> None:
    firing: Firing = flagged.firing
    column = by_of(watch) if BY in watch.config or "part" in firing.params else ""
    Finding.objects.get_or_create(
        watch=watch,
        indicator=one.series.indicator,
        subject=one.subject,
        direction=firing.direction,
        day=firing.at,
        defaults={
            "alarm": alarm,
            "since": firing.since,
            "good": firing.good,
            "chance": firing.chance,
            "template": firing.message,
            "params": kept(
                firing.params, segment=one.series.segment, currency=one.currency, column=column, grain=one.series.grain
            ),
            "contributors": causes,
            "closed_at": _instant(flagged, alarm.workspace) if firing.closed else None,
        },
    )


def close_calm(workspace: Workspace) -> None:
    """Close the alarms all of whose findings are calm; one without any is gone with its watch."""
    for alarm in workspace.alarms.filter(closed_at=None).prefetch_related("findings"):
        found = list(alarm.findings.all())
        ends = [finding.closed_at for finding in found if finding.closed_at is not None]
        if not found:
            alarm.delete()
        elif len(ends) == len(found):
            alarm.closed_at = max(ends)
            alarm.save(update_fields=["closed_at"])
