"""A Zendesk ticket as facts: the ticket itself, its events, its promise, its text and its rating."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from percorso.i18n import mark
from percorso.sources.connectors._zendesk_events import (
    DONE,
    Beside,
    Data,
    Rows,
    Story,
    Unusable,
    identity,
    instant,
    kind_of,
    speaks,
    words,
)
from percorso.sources.sieve import json_of

# A good or bad rating stands at the ends of 1-5: a two-step scale would count both of its steps as satisfied, because
# satisfied are the two highest steps. "offered" and "unoffered" are no answers.
RATINGS = {"good": 5.0, "bad": 1.0, "1": 1.0, "2": 2.0, "3": 3.0, "4": 4.0, "5": 5.0}
CHANNELS = {"voice": "phone", "native_messaging": "chat", "messaging": "chat", "mail": "email"}


def convert(record: Data, beside: Beside) -> Rows:
    """Return the facts of one object of an export; none for users, groups and metrics.

    Raises
    ------
    Unusable : a ticket without id or opening, or a time that cannot be read.
    """
    rows: Rows = {}
    kind = kind_of(record)
    if kind == "ticket":
        _ticket(record, beside, rows)
    elif kind in ("comment", "audit"):
        ticket = identity(record["ticket_id"])
        if ticket is None:
            raise Unusable(mark("it belongs to no ticket."))
        story = Story(ticket, None, beside, rows)
        story.comment(record) if kind == "comment" else story.audit(record)
    return rows


def _ticket(record: Data, beside: Beside, rows: Rows) -> None:
    ticket, opened = identity(record.get("id")), instant(record, "created_at")
    if ticket is None or opened is None:
        raise Unusable(mark("the ticket has no id or no time of creation."))
    channel = words((record.get("via") or {}).get("channel"))
    requester = record.get("requester_id")
    common = {"customer": identity(requester), "channel": CHANNELS.get(channel or "", channel)}
    story = Story(ticket, requester, beside, rows, common)
    metrics = record.get("metric_set") or record.get("metrics") or beside.metrics.get(ticket) or {}
    status = words(record.get("status"))
    reply = _after(opened, metrics.get("reply_time_in_minutes"))
    solved = instant(metrics, "solved_at") or (instant(record, "updated_at") if status in DONE else None)
    charge = _charge(record, beside)
    submitter = record.get("submitter_id")
    starter = "customer" if submitter is None or requester is None else beside.actor(submitter, requester)
    due = instant(record, "due_at")
    story.add(
        "tickets", id=ticket, opened_at=opened, first_reply_at=reply, resolved_at=solved, status=status, sla_due_at=due,
        reopens=_count(metrics.get("reopens")), replies=_count(metrics.get("replies")), initiated_by=starter,
        properties=_properties(record), **charge,
    )  # fmt: skip
    _events(record, story, opened, reply, solved, starter)
    if due:
        story.add(
            "promises", id=f"{ticket}:resolution", ticket=ticket, kind="resolution", due_at=due, kept_at=solved,
            cancelled=False, **charge,
        )  # fmt: skip
    if (text := words(record.get("description"))) is not None:
        story.add("mentions", id=f"{ticket}:description", at=opened, source="ticket", item=charge["topic"], text=text)
    _rating(record, story, solved or opened, charge)


def _charge(record: Data, beside: Beside) -> Data:
    team, agent = identity(record.get("group_id")), identity(record.get("assignee_id"))
    return {
        "team": beside.names.get(team or "", team),
        "agent": beside.names.get(agent or "", agent),
        "priority": words(record.get("priority")),
        "topic": words(record.get("type")) or words(record.get("subject")),
    }


def _events(
    record: Data, story: Story, opened: datetime, reply: datetime | None, solved: datetime | None, starter: str
) -> None:
    comments, audits = record.get("comments") or [], record.get("audits") or []
    for number, comment in enumerate(comments):
        story.comment(comment, number)
    for audit in audits:
        story.audit(audit)
    if not (comments or story.ticket in story.beside.commented or any(speaks(audit) for audit in audits)):
        story.event("opened", opened, "message", starter, True)
        story.event("reply", reply, "message", "agent", True)
    if not (audits or story.ticket in story.beside.audited):
        story.event("resolved", solved, "resolved", "agent", False)


def _rating(record: Data, story: Story, at: datetime, charge: Data) -> None:
    rating = record.get("satisfaction_rating") or {}
    rating = rating if isinstance(rating, dict) else {"score": rating}
    score = RATINGS.get(str(rating.get("score", "")).lower().removesuffix("_with_comment"))
    if score is None:
        return
    at = instant(rating, "updated_at") or instant(rating, "created_at") or instant(record, "updated_at") or at
    story.add(
        "answers", id=f"{story.ticket}:csat", at=at, survey="Zendesk satisfaction", question="satisfaction_rating",
        interaction=story.ticket, metric="csat", score=score, scale_min=1.0, scale_max=5.0, polarity="higher",
        population="customer", team=charge["team"], agent=charge["agent"],
    )  # fmt: skip
    if (text := words(rating.get("comment"))) is not None:
        story.add("mentions", id=f"{story.ticket}:csat:comment", at=at, source="survey", text=text)


def _after(opened: datetime, minutes: Any) -> datetime | None:
    """The first reply, so many minutes after the opening; `minutes` is a number or holds calendar and business ones."""
    value = minutes.get("calendar") if isinstance(minutes, dict) else minutes
    try:
        return None if value is None else opened + timedelta(minutes=float(value))
    except (TypeError, ValueError):
        return None


def _count(value: Any) -> int | None:
    return int(value) if value is not None and str(value).isdecimal() else None


def _properties(record: Data) -> str | None:
    tags = " ".join(map(str, record.get("tags") or ())) or None
    return json_of(pl.DataFrame({"subject": [words(record.get("subject"))], "tags": [tags]}, schema_overrides={"subject": pl.String, "tags": pl.String})).item()  # fmt: skip
