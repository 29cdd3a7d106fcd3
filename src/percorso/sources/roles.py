"""The roles that columns of a file can have: what a record of each fact table can say of itself.

Answers and tickets have roles of their own, because one record of their files becomes rows of several tables. A record
of any other table is one row of it: its roles are the table's columns.
"""

from typing import Literal, get_args

from percorso.analytics.tables import TABLES, Kind
from percorso.i18n import mark

DurationUnit = Literal["seconds", "minutes", "hours", "days"]
MoneyUnit = Literal["major", "minor"]
Unit = Literal[DurationUnit, MoneyUnit]

SCORE, COMMENT = "score", "comment"
SEVERAL = (SCORE, COMMENT)
CHANNEL = {
    "channel": mark("how: e-mail, phone, chat, web, app, store …"),
    "touchpoint": mark("where customer and company met"),
}
IDENTITY = {"identity": mark("who the source said it was, before anybody signed in")}
CHARGE = {
    "team": mark("the team in charge"),
    "agent": mark("the person in charge"),
    "priority": mark("its priority"),
    "topic": mark("what it is about"),
}
PROPERTIES = {"properties": mark("a JSON object with everything else")}

ROLES: dict[str, dict[str, str]] = {
    "answers": {
        "id": mark("the id of the response"),
        "at": mark("when it was answered"),
        "customer": mark("who answered"),
        SCORE: mark("a score"),
        COMMENT: mark("a free text"),
        "survey": mark("the survey asked"),
        "interaction": mark("the order, ticket or visit that is rated"),
        "invitation": mark("the message that invited to it"),
        "language": mark("language of the questionnaire"),
        "population": mark("customer, employee or partner"),
        "team": mark("the team that is rated"),
        "agent": mark("the person who is rated"),
        "weight": mark("survey weight of the respondent"),
        "metric": mark("what the score measures, row by row: nps, csat, see …"),
        "question": mark("the question or item, row by row"),
        "aspect": mark("the part of the experience asked about, row by row"),
        "option": mark("the option chosen"),
        "scale_min": mark("the lowest possible score, row by row"),
        "scale_max": mark("the highest possible score, row by row"),
        "polarity": mark("whether a higher or a lower score is good, row by row"),
    }
    | CHANNEL | IDENTITY,
    "tickets": {
        "id": mark("the id of the ticket"),
        "opened_at": mark("when it was created"),
        "customer": mark("whose ticket it is"),
        "first_reply_at": mark("first reply by a person"),
        "first_reply_after": mark("time until the first reply"),
        "resolved_at": mark("when it was resolved"),
        "resolved_after": mark("time until it was resolved"),
        "closed_at": mark("when it was closed for good"),
        "first_reply_due_at": mark("when the first reply is due"),
        "sla_due_at": mark("when the resolution is due"),
        "status": mark("its state"),
        "reopens": mark("how often it was reopened"),
        "replies": mark("public replies by a person"),
        "escalated": mark("whether it was escalated"),
        "initiated_by": mark("customer or agent"),
        SCORE: mark("a score"),
        COMMENT: mark("a free text"),
    }
    | CHARGE | CHANNEL | IDENTITY,
    "events": {
        "id": mark("the id of the event"),
        "at": mark("when it happened"),
        "name": mark("what happened, e.g. Order Completed"),
        "customer": mark("who did it"),
        "session": mark("the visit it belongs to"),
        "page": mark("the page or screen"),
        "device": mark("desktop, mobile, tablet …"),
        "received_at": mark("when the source received it"),
    }
    | CHANNEL | IDENTITY | PROPERTIES,
    "mentions": {
        "id": mark("the id of the text"),
        "at": mark("when it was written"),
        "text": mark("the text"),
        "rating": mark("stars given with it, 1 to 5"),
        "source": mark("review, survey, ticket, social …"),
        "customer": mark("who wrote it"),
        "item": mark("what is reviewed: the product, place or app"),
        "language": mark("its language"),
        "reply_at": mark("when the company answered in public"),
        "sentiment": mark("its sentiment, from -1 to 1"),
        "emotion": mark("its emotion"),
        "themes": mark("its themes, with commas between them"),
    }
    | CHANNEL | IDENTITY | PROPERTIES,
    "ticket_events": {
        "id": mark("the id of the change"),
        "at": mark("when it happened"),
        "ticket": mark("the id of the ticket"),
        "kind": mark("message, resolved, reopened, escalated, pending, assigned …"),
        "actor": mark("customer, agent, bot or system"),
        "public": mark("whether the customer can see it"),
        "customer": mark("whose ticket it is"),
    }
    | CHANNEL | IDENTITY | PROPERTIES,
    "promises": {
        "id": mark("the id of the promise"),
        "due_at": mark("when it is due"),
        "kept_at": mark("when it was done"),
        "kind": mark("what was promised: first_reply, resolution, delivery …"),
        "customer": mark("to whom it was promised"),
        "ticket": mark("the ticket it belongs to"),
        "cancelled": mark("whether it was taken back"),
    }
    | CHARGE | CHANNEL | IDENTITY | PROPERTIES,
    "contacts": {
        "id": mark("the id of the call or chat"),
        "queued_at": mark("when it entered the queue"),
        "answered_at": mark("when a person answered"),
        "abandoned_at": mark("when the customer gave up waiting"),
        "ended_at": mark("when it ended"),
        "customer": mark("who called or wrote"),
        "queue": mark("the queue it waited in"),
        "handled": mark("whether a person handled it"),
        "talk_seconds": mark("talking time"),
        "hold_seconds": mark("time on hold"),
        "wrap_seconds": mark("after-work"),
        "handle_seconds": mark("the whole handling time"),
        "by_bot": mark("whether a bot or help centre served it"),
        "engaged": mark("whether the customer used the bot or article in earnest"),
        "handed_off": mark("whether the bot handed it to a person"),
        "resolved": mark("whether the issue was solved in it"),
        "resolvable": mark("whether the issue can be solved in a first contact at all"),
    }
    | CHARGE | CHANNEL | IDENTITY | PROPERTIES,
    "orders": {
        "id": mark("the id of the order"),
        "at": mark("when it was placed"),
        "customer": mark("who ordered"),
        "amount": mark("what the customer pays"),
        "currency": mark("its currency, such as BRL"),
        "status": mark("its state"),
        "product": mark("the product or category"),
        "carrier": mark("who delivers"),
        "promised_at": mark("promised delivery"),
        "delivered_at": mark("real delivery"),
    }
    | CHANNEL | IDENTITY | PROPERTIES,
    "subscriptions": {
        "id": mark("the id of the price period"),
        "started_at": mark("when the price period began"),
        "ended_at": mark("when it ended; empty while it runs"),
        "subscription": mark("the subscription; several price periods share it"),
        "customer": mark("who pays"),
        "plan": mark("the plan"),
        "mrr": mark("what is paid a month"),
        "currency": mark("its currency, such as BRL"),
    }
    | CHANNEL | IDENTITY | PROPERTIES,
    "messages": {
        "id": mark("the id of the message"),
        "at": mark("when it was sent"),
        "customer": mark("to whom it was sent"),
        "campaign": mark("the campaign or automation"),
        "survey": mark("the survey it invites to"),
        "purpose": mark("survey, campaign, service …"),
        "language": mark("its language"),
        "delivered_at": mark("when it was delivered"),
        "bounced": mark("whether it could not be delivered"),
        "clicked_at": mark("first click"),
        "started_at": mark("when the survey was opened"),
        "first_answer_at": mark("when the first answer was given"),
        "completed_at": mark("when the survey was finished"),
        "unsubscribed_at": mark("when the person asked for no more"),
        "holdout": mark("whether it was kept back on purpose"),
    }
    | CHANNEL | IDENTITY | PROPERTIES,
    "cases": {
        "id": mark("the id of the follow-up"),
        "opened_at": mark("when it was raised"),
        "first_contact_at": mark("when somebody first got back to the customer"),
        "closed_at": mark("when it was closed"),
        "customer": mark("whom it is about"),
        "kind": mark("what raised it: detractor, low_csat, complaint …"),
        "response": mark("the answer, review or ticket that raised it"),
        "outcome": mark("how it ended"),
    }
    | CHARGE | CHANNEL | IDENTITY | PROPERTIES,
    "customers": {
        "id": mark("the customer's id"),
        "customer": mark("the customer's id, where it is not the row's own"),
        "name": mark("the name shown"),
        "company": mark("the company the customer belongs to"),
        "created_at": mark("when the relationship began"),
        "country": mark("the country, two letters"),
        "region": mark("state or region"),
        "language": mark("the customer's language"),
        "plan": mark("the plan now"),
        "segment": mark("the business's own segment"),
        "traits": mark("a JSON object with further traits"),
    }
    | CHANNEL | IDENTITY,
}  # fmt: skip
TIME = {name: table.at_from or "at" for name, table in TABLES.items()}
# Without these a row counts nowhere. Answers and tickets look after themselves.
NEEDED = {
    "events": ("at", "name"), "mentions": ("at",), "ticket_events": ("at", "ticket", "kind"), "promises": ("due_at",),
    "contacts": ("queued_at",), "orders": ("at",), "subscriptions": ("started_at", "mrr"), "messages": ("at",),
    "cases": ("opened_at",), "customers": (), "answers": ("at",), "tickets": ("opened_at",),
}  # fmt: skip
KINDS: dict[str, Kind] = {column.name: column.kind for table in TABLES.values() for column in table.columns} | {
    "first_reply_due_at": "instant",
    "escalated": "flag",
}
DATES = {name for name, kind in KINDS.items() if kind == "instant"}
MONEY = ("amount", "mrr")
DURATIONS = ("first_reply_after", "resolved_after", *(name for name in KINDS if name.endswith("_seconds")))


def units_of(role: str) -> tuple[Unit, ...]:
    """Return the units that a role's numbers can be in, the one that holds when nothing is said first."""
    if role in MONEY:
        return get_args(MoneyUnit)
    return get_args(DurationUnit) if role in DURATIONS else ()
