"""One fact as a sentence: what the customer did, or what was done for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from percorso.customers import words
from percorso.i18n import mark

Fact = Mapping[str, Any]

# Each table as the filter of a customer's facts names it, and its picture.
TABLES = {
    "answers": (mark("Answers"), "star"),
    "mentions": (mark("Texts"), "message"),
    "tickets": (mark("Tickets"), "ticket"),
    "ticket_events": (mark("Ticket events"), "mail"),
    "promises": (mark("Promises"), "flag"),
    "contacts": (mark("Contacts"), "phone"),
    "orders": (mark("Orders"), "shopping-cart"),
    "subscriptions": (mark("Subscriptions"), "refresh"),
    "messages": (mark("Messages"), "send"),
    "events": (mark("Events"), "bolt"),
}
METRICS = {"nps": "NPS", "csat": "CSAT", "ces": "CES", "fcr": "FCR", "sps": "SPS", "enps": "eNPS"}
KINDS = {
    "message": mark("Message in ticket {ticket}"),
    "resolved": mark("Ticket {ticket} was resolved"),
    "reopened": mark("Ticket {ticket} was opened again"),
    "escalated": mark("Ticket {ticket} was escalated"),
    "pending": mark("Ticket {ticket} waits for the customer"),
    "assigned": mark("Ticket {ticket} was given to somebody"),
}


@dataclass(frozen=True)
class Told:
    """One fact for a person: when, its table's picture and name, a sentence, and further words."""

    at: str
    icon: str
    table: str
    sentence: str
    more: str
    quote: str


def told(table: str, fact: Fact, tz: str, when: Callable[[datetime, str], str] = words.instant) -> Told:
    """Return a fact as a sentence, with what else is known of it in a second line; `when` tells its instant."""
    label, icon = TABLES[table]
    names = (
        "channel",
        "touchpoint",
        "aspect",
        "team",
        "agent",
        "product",
        "carrier",
        "page",
        "device",
        "priority",
        "queue",
    )
    more = " · ".join(dict.fromkeys(str(fact[n]) for n in names if fact.get(n)))
    quote = str(fact.get("text") or "") if table == "mentions" else ""
    return Told(when(fact["at"], tz), icon, gettext(label), SENTENCES[table](fact, tz), more, quote)


def _answer(f: Fact, tz: str) -> str:
    metric = METRICS.get((f.get("metric") or "").lower(), f.get("metric") or f.get("question") or gettext("a question"))
    score = f.get("score")
    if score is not None and score == score:
        scale = f.get("scale_max")
        if scale is None:
            return gettext("Answered {metric} with {score}").format(metric=metric, score=words.number(score))
        return gettext("Answered {metric} with {score} of {scale}").format(
            metric=metric, score=words.number(score), scale=words.number(scale)
        )
    if f.get("option"):
        return gettext("Answered {metric} with “{option}”").format(metric=metric, option=f["option"])
    return gettext("Answered {metric}").format(metric=metric)


def _mention(f: Fact, tz: str) -> str:
    source = f.get("source") or gettext("a text")
    if f.get("rating") is not None:
        return gettext("Wrote in {source}, {stars} stars").format(source=source, stars=words.number(f["rating"]))
    return gettext("Wrote in {source}").format(source=source)


def _ticket(f: Fact, tz: str) -> str:
    if not f.get("topic"):
        return gettext("Opened ticket {ticket}").format(ticket=f["id"])
    return gettext("Opened ticket {ticket} about {topic}").format(ticket=f["id"], topic=f["topic"])


def _ticket_event(f: Fact, tz: str) -> str:
    kind = f.get("kind") or ""
    if kind in KINDS:
        return gettext(KINDS[kind]).format(ticket=f.get("ticket") or "–")
    return gettext("Ticket {ticket}: {what}").format(ticket=f.get("ticket") or "–", what=kind)


def _promise(f: Fact, tz: str) -> str:
    due, kept = words.instant(f.get("due_at"), tz), f.get("kept_at")
    if f.get("cancelled"):
        return gettext("A promise for {due} was taken back").format(due=due)
    if kept is None:
        return gettext("Was promised something for {due}").format(due=due)
    if f.get("due_at") is not None and kept > f["due_at"]:
        return gettext("The promise for {due} was kept late, {kept}").format(due=due, kept=words.instant(kept, tz))
    return gettext("The promise for {due} was kept").format(due=due)


def _contact(f: Fact, tz: str) -> str:
    topic = f.get("topic") or f.get("queue") or gettext("something")
    if f.get("abandoned_at") is not None:
        return gettext("Gave up waiting ({topic})").format(topic=topic)
    if f.get("by_bot"):
        return gettext("Was served by a bot ({topic})").format(topic=topic)
    return gettext("Got in contact ({topic})").format(topic=topic)


def _order(f: Fact, tz: str) -> str:
    if f.get("amount") is None:
        return gettext("Order {order}").format(order=f["id"])
    amount = words.money(f["amount"], f.get("currency"))
    delivered: datetime | None = f.get("delivered_at")
    if delivered is None:
        return gettext("Order of {amount}").format(amount=amount)
    return gettext("Order of {amount}, delivered {day}").format(amount=amount, day=words.instant(delivered, tz))


def _subscription(f: Fact, tz: str) -> str:
    plan, monthly = f.get("plan") or "–", words.money(f.get("mrr") or 0, f.get("currency"))
    if f.get("ended_at") is None:
        return gettext("Subscribed to {plan} for {amount} a month").format(plan=plan, amount=monthly)
    return gettext("Subscribed to {plan} for {amount} a month, until {day}").format(
        plan=plan, amount=monthly, day=words.instant(f["ended_at"], tz)
    )


def _message(f: Fact, tz: str) -> str:
    name = f.get("survey") or f.get("campaign") or f.get("purpose") or "–"
    if f.get("bounced"):
        return gettext("“{name}” could not be delivered").format(name=name)
    if f.get("completed_at") is not None:
        return gettext("Was sent “{name}” and finished it").format(name=name)
    if f.get("started_at") is not None or f.get("clicked_at") is not None:
        return gettext("Was sent “{name}” and opened it").format(name=name)
    return gettext("Was sent “{name}”").format(name=name)


def _event(f: Fact, tz: str) -> str:
    return str(f.get("name") or gettext("An event"))


SENTENCES: dict[str, Callable[[Fact, str], str]] = {
    "answers": _answer,
    "mentions": _mention,
    "tickets": _ticket,
    "ticket_events": _ticket_event,
    "promises": _promise,
    "contacts": _contact,
    "orders": _order,
    "subscriptions": _subscription,
    "messages": _message,
    "events": _event,
}
