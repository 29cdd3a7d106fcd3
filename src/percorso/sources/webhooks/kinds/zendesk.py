"""Zendesk: tickets as they are, and what happened to them, by its event webhooks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import Field, SecretStr

from percorso.i18n import mark
from percorso.sources.webhooks.kind import Call, Data, Reading, Row, WebhookKind, WebhookSettings
from percorso.sources.webhooks.people import claims_of, external, told_of
from percorso.sources.webhooks.signatures import check_signature, check_time
from percorso.sources.webhooks.values import instant_of, order_of, text_of

HEADER, TIMESTAMP = "X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"
TICKET, USER = "zen:event-type:ticket.", "zen:event-type:user."
CHANNELS = {
    "mail": "email", "voice": "phone", "native_messaging": "chat", "messaging": "chat", "chat": "chat", "web_service": "api",
}  # fmt: skip
DONE = ("solved", "closed")


class ZendeskSettings(WebhookSettings):
    """What a webhook of Zendesk needs."""

    secret: SecretStr = Field(
        SecretStr(""), title=mark("Signing secret"), max_length=200,
        description=mark("Zendesk shows it at the webhook: “Reveal secret”."),
    )  # fmt: skip


class Zendesk(WebhookKind):
    """Webhooks that are subscribed to Zendesk events; those of triggers have any form, which the generic kind maps."""

    label = mark("Zendesk")
    about = mark("Tickets, replies, solutions and reopenings as they happen; the same tickets as those of an import.")
    icon = "ticket"
    Config = ZendeskSettings
    steps = (
        mark("In Zendesk's Admin Center open Apps and integrations, Webhooks and create one that listens to Zendesk events; choose those listed below."),
        mark("Enter the address above as its endpoint, with POST and JSON, without authentication."),
        mark("Reveal its signing secret, enter it here, and save."),
    )  # fmt: skip
    events = (
        "ticket.created", "ticket.comment_added", "ticket.status_changed", "ticket.priority_changed",
        "ticket.agent_assignment_changed", "ticket.group_assignment_changed", "ticket.soft_deleted", "user.created",
        "user.identity_created",
    )  # fmt: skip

    def check(self, call: Call, config: ZendeskSettings, now: datetime) -> None:
        at = call.headers.get(TIMESTAMP.lower(), "")
        given = [call.headers.get(HEADER.lower(), "")]
        check_signature(config.secret.get_secret_value(), at.encode() + call.body, given, HEADER, encoding="base64")
        check_time(at, now, TIMESTAMP)

    def delivery_of(self, call: Call, config: ZendeskSettings) -> str:
        return text_of(call.data.get("id")) or call.headers.get("x-zendesk-webhook-invocation-id", "")

    def event_of(self, call: Call, config: ZendeskSettings) -> str:
        return text_of(call.data.get("type")) or ""

    def read(self, call: Call, config: ZendeskSettings) -> Reading:
        event, kind = call.data, self.event_of(call, config)
        if kind.startswith(USER):
            return _user(event)
        if not kind.startswith(TICKET):
            return Reading(ignored=mark("percorso reads no events of this kind."))
        ticket = event["detail"]
        rows = [_ticket(event, ticket)]
        tell = HAPPENED.get(kind.removeprefix(TICKET))
        rows += [made] if tell and (made := tell(event, ticket)) else []
        if description := text_of(ticket.get("description"), 100_000):
            said = {"id": f"{ticket['id']}:description", "at": instant_of(ticket["created_at"]), "source": "ticket"}
            rows.append(_row("mentions", ticket, said | {"item": _topic(ticket), "text": description}))
        return Reading(rows=rows)


def _ticket(event: Data, ticket: Data) -> Row:
    """Return a ticket's latest state; each event tells all of it."""
    status = _word(ticket.get("status"))
    values = {
        "id": str(ticket["id"]), "opened_at": instant_of(ticket["created_at"]), "status": status,
        "team": text_of(ticket.get("group_id")), "agent": text_of(ticket.get("assignee_id")),
        "priority": _word(ticket.get("priority")), "topic": _topic(ticket),
        "initiated_by": "customer" if _by_requester(ticket.get("submitter_id"), ticket) else "agent",
        "properties": {"subject": ticket.get("subject"), "tags": " ".join(ticket.get("tags") or []) or None},
    }  # fmt: skip
    return _row("tickets", ticket, values, order_of(event["time"]))


def _row(table: str, ticket: Data, values: Data, order: str = "") -> Row:
    channel = (ticket.get("via") or {}).get("channel")
    common = {
        "identity": external("zendesk", ticket.get("requester_id")) or None,
        "channel": CHANNELS.get(channel, channel),
    }
    return Row(table, common | values, f"ticket:{ticket['id']}", order)


def _change(event: Data, ticket: Data, kind: str, actor: str, *, public: bool = False, name: str = "") -> Row:
    values = {
        "id": f"{ticket['id']}:{name or event['id']}", "ticket": str(ticket["id"]), "at": instant_of(event["time"]), "kind": kind,
        "actor": actor, "public": public,
    }  # fmt: skip
    return _row("ticket_events", ticket, values)


def _opened(event: Data, ticket: Data) -> Row:
    by_customer = _by_requester(ticket.get("submitter_id"), ticket)
    row = _change(
        event, ticket, "message", "customer" if by_customer else "agent", public=ticket.get("is_public") is not False,
        name="opened",
    )  # fmt: skip
    return Row(row.table, row.values | {"at": instant_of(ticket["created_at"])}, row.thing)


def _comment(event: Data, ticket: Data) -> Row | None:
    comment = event["event"]["comment"]
    at, opened = instant_of(event["time"]), instant_of(ticket["created_at"])
    if at and opened and (at - opened).total_seconds() < 1:
        return None  # what it was opened with, which ticket.created tells
    author = comment.get("author") or {}
    actor = "customer" if _by_requester(author.get("id"), ticket) or author.get("is_staff") is False else "agent"
    return _change(
        event, ticket, "message", actor, public=comment.get("is_public") is True, name=f"comment:{comment['id']}"
    )


def _status(event: Data, ticket: Data) -> Row:
    now, before = _word(event["event"].get("current")), _word(event["event"].get("previous"))
    kind = "pending" if now == "pending" else "status"
    if now in DONE and before not in DONE:
        kind = "resolved"
    elif before in DONE and now not in DONE:
        kind = "reopened"
    return _change(event, ticket, kind, _actor(ticket))


def _assigned(event: Data, ticket: Data) -> Row:
    return _change(event, ticket, "assigned", _actor(ticket))


def _user(event: Data) -> Reading:
    user, told = event.get("detail") or {}, event.get("event") or {}
    who = external("zendesk", user.get("id"))
    identity = told.get("identity") or {}
    of = {"email": user.get("email"), "phone": user.get("phone"), "own": user.get("external_id")}
    if identity.get("type") == "email":
        of["email"] = identity.get("value")
    elif identity.get("type") == "phone_number":
        of["phone"] = identity.get("value")
    claims = claims_of(who, **of)
    told = told_of(who, claims, instant_of(user.get("updated_at")), {"email": of["email"], "phone": of["phone"]})
    return Reading(claims=claims, told=told, ignored="" if claims else mark("percorso reads no events of this kind."))


def _actor(ticket: Data) -> str:
    if str(ticket.get("actor_id") or "-1") == "-1":
        return "system"
    return "customer" if _by_requester(ticket.get("actor_id"), ticket) else "agent"


def _by_requester(person: Any, ticket: Data) -> bool:
    return person is None or str(person) == str(ticket.get("requester_id"))


def _topic(ticket: Data) -> str | None:
    return _word(ticket.get("type")) or text_of(ticket.get("subject"))


def _word(value: Any) -> str | None:
    """Return a word of Zendesk as its exports write it: in small letters."""
    text = text_of(value)
    return text.lower() if text else None


HAPPENED: Mapping[str, Callable[[Data, Data], Row | None]] = {
    "created": _opened,
    "comment_added": _comment,
    "status_changed": _status,
    "agent_assignment_changed": _assigned,
    "group_assignment_changed": _assigned,
}
