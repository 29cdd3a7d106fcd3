"""Chatwoot: conversations become tickets, with their messages, changes of state and ratings."""

from datetime import datetime
from typing import Literal

from pydantic import Field, SecretStr

from percorso.customers.identity.belonging import Claim
from percorso.i18n import mark
from percorso.sources.tracking.rows import Said
from percorso.sources.webhooks.kind import Call, Data, Reading, Row, WebhookKind, WebhookSettings
from percorso.sources.webhooks.people import claims_of, external, told_of
from percorso.sources.webhooks.signatures import check_signature, check_time, check_token
from percorso.sources.webhooks.values import instant_of, order_of, text_of

HEADER, TIMESTAMP = "X-Chatwoot-Signature", "X-Chatwoot-Timestamp"
CHANNELS = {
    "Channel::WebWidget": "chat", "Channel::Email": "email", "Channel::Whatsapp": "whatsapp", "Channel::Api": "api",
    "Channel::FacebookPage": "facebook", "Channel::Instagram": "instagram", "Channel::Telegram": "telegram",
    "Channel::Sms": "sms", "Channel::TwilioSms": "sms", "Channel::Line": "line", "Channel::TwitterProfile": "twitter",
    "Channel::Voice": "phone",
}  # fmt: skip
ACTORS = {"contact": "customer", "user": "agent", "agent_bot": "bot", "captain_assistant": "bot"}
MESSAGES = {"incoming", "outgoing", "template"}
IGNORED = mark("percorso reads no events of this kind.")


class ChatwootSettings(WebhookSettings):
    """What a webhook of Chatwoot needs."""

    proof: Literal["signature", "token"] = Field(
        "signature", title=mark("How calls prove where they come from"),
        description=mark("Older versions of Chatwoot do not sign: then a token in the address does, which everybody who sees the address knows."),
    )  # fmt: skip
    secret: SecretStr = Field(
        SecretStr(""), title=mark("Secret"), max_length=200,
        description=mark("Chatwoot shows it at the webhook. For a token in the address: any long text."),
    )  # fmt: skip
    account: str = Field(
        "1", title=mark("Number of the account"), pattern=r"^\d{1,12}$",
        description=mark("It stands in Chatwoot's addresses: /app/accounts/1. Conversations of several accounts are told apart by it."),
    )  # fmt: skip


class Chatwoot(WebhookKind):
    """Webhooks of an account or an API inbox of Chatwoot."""

    label = mark("Chatwoot")
    about = mark(
        "Conversations as tickets, replies of people and bots, resolutions and reopenings, and satisfaction ratings."
    )
    icon = "message"
    Config = ChatwootSettings
    steps = (
        mark("In Chatwoot open Settings, Integrations, Webhooks and add one with the address above."),
        mark("Choose the events listed below."),
        mark("Copy its secret, enter it here, and save."),
    )
    events = (
        "conversation_created", "conversation_status_changed", "conversation_updated", "message_created", "message_updated",
        "contact_created", "contact_updated",
    )  # fmt: skip

    def uses_token(self, config: ChatwootSettings) -> bool:
        return config.proof == "token"

    def check(self, call: Call, config: ChatwootSettings, now: datetime) -> None:
        secret = config.secret.get_secret_value()
        if self.uses_token(config):
            check_token(secret, call.token)
            return
        at = call.headers.get(TIMESTAMP.lower(), "")
        given = [call.headers.get(HEADER.lower(), "").removeprefix("sha256=")]
        check_signature(secret, at.encode() + b"." + call.body, given, HEADER)
        check_time(at, now, TIMESTAMP)

    def delivery_of(self, call: Call, config: ChatwootSettings) -> str:
        return call.headers.get("x-chatwoot-delivery", "")

    def event_of(self, call: Call, config: ChatwootSettings) -> str:
        return text_of(call.data.get("event")) or ""

    def read(self, call: Call, config: ChatwootSettings) -> Reading:
        told, event = call.data, self.event_of(call, config)
        if event in ("contact_created", "contact_updated"):
            return Reading(claims=_claims(config.account, told))
        if event.startswith("conversation_") and event in self.events:
            return _conversation(told, event, config.account)
        if event in ("message_created", "message_updated"):
            return _message(told, config.account)
        return Reading(ignored=IGNORED)


class Conversation:
    """A conversation as calls tell it: what is common to all of its rows."""

    def __init__(self, told: Data, account: str) -> None:
        self.told = told
        self.meta: Data = told.get("meta") or {}
        self.id = f"chatwoot-{account}-{told['id']}"
        self.contact: Data = self.meta.get("sender") or {}
        self.account = account
        self.who = external("chatwoot", f"{account}-{self.contact['id']}") if self.contact.get("id") else ""

    def row(self, table: str, values: Data, order: str = "") -> Row:
        channel = text_of(self.told.get("channel"))
        common = {"identity": self.who or None, "channel": CHANNELS.get(channel or "", channel)}
        return Row(table, common | values, f"ticket:{self.id}", order)

    def ticket(self) -> Row:
        """Return the conversation's latest state."""
        labels = self.told.get("labels") or []
        values = {
            "id": self.id, "opened_at": instant_of(self.told["created_at"]), "status": text_of(self.told.get("status")),
            "first_reply_at": instant_of(self.told.get("first_reply_created_at")), "priority": text_of(self.told.get("priority")),
            "team": text_of((self.meta.get("team") or {}).get("name")), "agent": text_of((self.meta.get("assignee") or {}).get("name")),
            "topic": text_of(labels[0]) if labels else None, "initiated_by": "customer",
            "properties": {"labels": labels, "inbox": self.told.get("inbox_id")} | _custom(self.told),
        }  # fmt: skip
        return self.row("tickets", values, order_of(self.told.get("updated_at") or self.told.get("timestamp")))

    def change(self, name: str, at: datetime | None, kind: str, actor: str, *, public: bool = False) -> Row:
        """Return something that happened in the conversation."""
        values = {
            "id": f"{self.id}:{name}",
            "ticket": self.id,
            "at": at,
            "kind": kind,
            "actor": actor,
            "public": public,
        }
        return self.row("ticket_events", values)

    def claims(self) -> list[Claim]:
        return _claims(self.account, self.contact)

    def said(self) -> list[Said]:
        """Return what is told of the contact."""
        at = instant_of(self.told.get("updated_at") or self.told.get("timestamp"))
        names = {"name": "name", "email": "email", "phone_number": "phone"}
        return told_of(self.who, self.claims(), at, {trait: self.contact.get(name) for name, trait in names.items()})


def _conversation(told: Data, event: str, account: str) -> Reading:
    conversation = Conversation(told, account)
    rows = [conversation.ticket()]
    changed = {name: one for each in told.get("changed_attributes") or [] for name, one in each.items()}
    if event == "conversation_status_changed" and "status" in changed:
        now, before = changed["status"].get("current_value"), changed["status"].get("previous_value")
        kind = "pending" if now in ("pending", "snoozed") else "status"
        kind = "resolved" if now == "resolved" else "reopened" if before == "resolved" and now != "resolved" else kind
        at = instant_of(told.get("updated_at") or told.get("timestamp"))
        rows.append(conversation.change(f"status:{order_of(at.isoformat() if at else None)}", at, kind, "agent"))
    return Reading(rows=rows, claims=conversation.claims(), told=conversation.said())


def _message(told: Data, account: str) -> Reading:
    conversation = Conversation(told["conversation"], account)
    rows = [conversation.ticket()]
    kind = told.get("message_type")
    sender = told.get("sender") or {}
    at = instant_of(told["created_at"])
    if kind in MESSAGES:
        usual = "customer" if kind == "incoming" else "bot" if kind == "template" else "agent"
        # Contacts and people are told apart by the message's direction; only bots say in `type` what they are.
        actor = ACTORS.get(str(sender.get("type")), usual) if kind == "outgoing" else usual
        public = told.get("private") is not True
        rows.append(conversation.change(f"message:{told['id']}", at, "message", actor, public=public))
    rows += _rating(conversation, told, at)
    return Reading(rows=rows, claims=conversation.claims(), told=conversation.said())


def _rating(conversation: Conversation, told: Data, at: datetime | None) -> list[Row]:
    """Return the answer to Chatwoot's own satisfaction question, 1 to 5, and what was written with it."""
    submitted = (told.get("content_attributes") or {}).get("submitted_values") or {}
    given = submitted.get("csat_survey_response") if isinstance(submitted, dict) else None
    if told.get("content_type") != "input_csat" or not given or given.get("rating") is None:
        return []
    asked = {
        "id": f"{conversation.id}:csat:{told['id']}", "at": at, "survey": "Chatwoot satisfaction", "question": "csat",
        "interaction": conversation.id, "metric": "csat", "score": float(given["rating"]), "scale_min": 1.0, "scale_max": 5.0,
        "polarity": "higher", "population": "customer",
    }  # fmt: skip
    rows = [conversation.row("answers", asked)]
    if text := text_of(given.get("feedback_message"), 100_000):
        said = {"id": f"{conversation.id}:csat:{told['id']}:comment", "at": at, "source": "survey", "text": text}
        rows.append(conversation.row("mentions", said))
    return rows


def _claims(account: str, contact: Data) -> list[Claim]:
    who = external("chatwoot", f"{account}-{contact['id']}") if contact.get("id") else ""
    own, email, phone = contact.get("identifier"), contact.get("email"), contact.get("phone_number")
    return claims_of(who, own=own, email=email, phone=phone)


def _custom(told: Data) -> Data:
    return dict(told.get("custom_attributes") or {})
