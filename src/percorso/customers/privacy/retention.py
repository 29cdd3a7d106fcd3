"""How long what is kept: what is older ends by itself every night, deleted or without whom it was about."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.base.owner import store
from percorso.customers.models import Privacy
from percorso.customers.privacy.erased import look_again
from percorso.customers.privacy.parts import ENDINGS, Ending
from percorso.errors import BadQuestion
from percorso.i18n import mark

log = logging.getLogger("percorso.privacy")
MOST_MONTHS = 240


@dataclass(frozen=True)
class FactEnding:
    """The end of the facts of a table."""

    table: str
    deleted: bool

    def count(self, workspace: Workspace, before: datetime) -> int:
        """Return how many rows it would be."""
        return store().old(workspace.slug, self.table, _written(before), self.deleted)

    def end(self, workspace: Workspace, before: datetime) -> int:
        """End them; return how many rows."""
        return store().end(workspace.slug, self.table, _written(before), self.deleted)


FACTS: tuple[tuple[str, str, bool], ...] = (
    ("events", mark("Events of sites and apps"), True),
    ("answers", mark("Answers"), False),
    ("mentions", mark("Comments, reviews and other free text"), False),
    ("tickets", mark("Tickets"), False),
    ("ticket_events", mark("Steps of tickets"), True),
    ("contacts", mark("Calls and chats"), False),
    ("orders", mark("Orders"), False),
    ("messages", mark("Messages received"), False),
)


def rules() -> dict[str, Ending]:
    """Return all that can end, by its key."""
    facts = [(f"facts.{table}", label, FactEnding(table, deleted)) for table, label, deleted in FACTS]
    own = {key: Ending(key, label, what.deleted, what.count, what.end) for key, label, what in facts}
    return own | ENDINGS


def before(workspace: Workspace, months: int) -> datetime:
    """Return the instant before which things end: whole months, by the workspace's clock."""
    today = timezone.now().astimezone(ZoneInfo(workspace.time_zone))
    first = today.year * 12 + today.month - 1 - months
    return datetime(first // 12, first % 12 + 1, 1, tzinfo=ZoneInfo(workspace.time_zone)).astimezone(UTC)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def preview(workspace: Workspace, months: Mapping[str, int]) -> dict[str, int]:
    """Return how many rows end tonight with these months, by rule."""
    known = rules()
    return {key: known[key].count(workspace, before(workspace, n)) for key, n in months.items() if key in known}


def carry_out(workspace: Workspace, *, by: Person | str) -> dict[str, int]:
    """End what is older than it is kept; return how many rows of each rule. What did something is in the audit log."""
    privacy = Privacy.objects.filter(workspace=workspace).first()
    known, done = rules(), dict[str, int]()
    for key, months in (privacy.months if privacy else {}).items():
        if key in known and (found := known[key].end(workspace, before(workspace, months))):
            done[key] = found
    if done:
        audit.record("kept_long_enough", workspace, by=by, **done)
    return done


def change(workspace: Workspace, *, masked: list[str], months: Mapping[str, int], by: Person | str) -> Privacy:
    """Decide what is masked on entry and how long what is kept.

    Raises
    ------
    BadQuestion : no such rule, or a number of months that cannot be.
    """
    for key, n in months.items():
        if key not in rules() or not 1 <= n <= MOST_MONTHS:
            raise BadQuestion(mark("Keep things for 1 to {most} months, or for good."), most=MOST_MONTHS)
    row, _ = Privacy.objects.update_or_create(workspace=workspace, defaults={"masked": masked, "months": dict(months)})
    audit.record("privacy_changed", workspace, by=by, masked=masked, months=dict(months))
    look_again()
    return row
