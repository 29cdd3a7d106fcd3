"""What happened to a Zendesk ticket, from comments and audits; and how the values of an export are read."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from percorso.i18n import mark
from percorso.sources.instants import Dates, one_instant
from percorso.sources.values import Unreadable, is_blank

DONE = ("solved", "closed")
UTC_TIMES = Dates("year", "UTC")

Data = dict[str, Any]
Rows = dict[str, list[Data]]


class Unusable(Exception):
    """A record that cannot become facts: a marked template and its values."""

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template)
        self.template, self.values = template, values


class Beside:
    """What stands beside the tickets: users and groups by id, metrics by ticket, tickets with comments or audits."""

    def __init__(self) -> None:
        self.roles: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.metrics: dict[str, Data] = {}
        self.commented: set[str] = set()
        self.audited: set[str] = set()

    def learn(self, record: Data) -> None:
        """Take in a record that is no ticket."""
        kind, own, ticket = kind_of(record), identity(record.get("id")), identity(record.get("ticket_id"))
        if kind == "user" and own:
            self.roles[own] = str(record.get("role", ""))
        if kind in ("user", "group") and own and record.get("name"):
            self.names[own] = str(record["name"])
        if kind == "metric" and ticket:
            self.metrics[ticket] = record
        if kind == "comment" and ticket:
            self.commented.add(ticket)
        if kind == "audit" and ticket:
            self.audited.add(ticket)
            if speaks(record):
                self.commented.add(ticket)

    def actor(self, author: Any, requester: Any) -> str:
        """Return who wrote: the customer, an agent or the system."""
        if author is None or str(author) == "-1":
            return "system"
        if self.roles.get(str(author)) == "end-user" or (requester is not None and str(author) == str(requester)):
            return "customer"
        return "agent"


@dataclass
class Story:
    """What happened to one ticket; every addition goes to `rows`."""

    ticket: str
    requester: Any
    beside: Beside
    rows: Rows
    common: Data = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> None:
        """Add a row to a fact table."""
        self.rows.setdefault(table, []).append(self.common | values)

    def event(self, name: str, at: datetime | None, kind: str, actor: str, public: bool) -> None:
        """Add an event, when it has a time."""
        if at is not None:
            values = {"id": f"{self.ticket}:{name}", "ticket": self.ticket, "at": at}
            self.add("ticket_events", **values, kind=kind, actor=actor, public=public)

    def comment(self, comment: Data, number: int = 0) -> None:
        """Add a comment as a message."""
        if (at := instant(comment, "created_at")) is None:
            raise Unusable(mark("a comment has no time."))
        self._message(f"comment:{comment.get('id', number)}", at, comment, comment.get("author_id"))

    def audit(self, audit: Data) -> None:
        """Add what an audit tells: messages, changes of the state, assignments."""
        if (at := instant(audit, "created_at")) is None:
            raise Unusable(mark("an audit has no time."))
        author = audit.get("author_id")
        for number, change in enumerate(audit.get("events") or ()):
            name = f"audit:{audit.get('id', at.timestamp())}:{change.get('id', number)}"
            if change.get("type") == "Comment":
                self._message(name, at, change, change.get("author_id", author))
            elif change.get("type") == "Change" and (kind := _kind(change)):
                self.event(name, at, kind, self.beside.actor(author, self.requester), False)

    def _message(self, name: str, at: datetime, comment: Data, author: Any) -> None:
        self.event(name, at, "message", self.beside.actor(author, self.requester), comment.get("public") is not False)


def kind_of(record: Data) -> str:
    """Return what an object of an export is: ticket, comment, audit, metric, user or group."""
    if "ticket_id" in record:
        if "events" in record:
            return "audit"
        return "comment" if "body" in record or "plain_body" in record else "metric"
    if "role" in record and "status" not in record:
        return "user"
    return "ticket" if any(name in record for name in ("status", "requester_id", "subject")) else "group"


def speaks(audit: Data) -> bool:
    """Whether an audit holds a comment."""
    return any(event.get("type") == "Comment" for event in audit.get("events") or ())


def _kind(change: Data) -> str | None:
    if change.get("field_name") in ("group_id", "assignee_id"):
        return "assigned"
    if change.get("field_name") != "status":
        return None
    value, before = change.get("value"), change.get("previous_value")
    if value == "solved":
        return "resolved"
    if before in DONE and value not in DONE:
        return "reopened"
    return "pending" if value == "pending" else "status"


def identity(value: Any) -> str | None:
    """Return an id as text."""
    return None if value is None or str(value).strip() == "" else str(value)


def words(value: Any) -> str | None:
    """Return a text; None when it says nothing."""
    return None if value is None or is_blank(str(value)) else str(value).strip()


def instant(record: Data, name: str) -> datetime | None:
    """Return a time; `Unusable` when something stands there that is none."""
    if (value := words(record.get(name))) is None:
        return None
    try:
        return one_instant(value, UTC_TIMES)
    except Unreadable as error:
        template = mark("{column}: {value} is not a date and time that can be read.")
        raise Unusable(template, column=name, value=value) from error
