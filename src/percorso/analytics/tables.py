"""The canonical fact tables: what one row means, its columns, their types and units.

Every fact carries who it is about twice: ``identity`` is who the source said it was and never changes, ``customer``
is whom we believe it to be now. All instants are UTC with microseconds; money is in integer minor units (cents).
"""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

Kind = Literal["text", "number", "integer", "flag", "instant", "json"]

ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "flag": pa.bool_(),
    "instant": pa.timestamp("us"),
    "json": pa.string(),
}


@dataclass(frozen=True)
class Column:
    """One column: its name, kind and meaning."""

    name: str
    kind: Kind
    about: str


@dataclass(frozen=True)
class Table:
    """One fact table: what a row is, and its columns. `at_from` is the instant that gives `at`, and is given by it.

    `together` are the columns that questions pick rows by: rows of a batch that agree in them are stored side by side,
    so that whole blocks of others are passed over (decision record 7). `repeated` says which of several rows of one id in
    one delivery counts; a later delivery always replaces an earlier one (decision records 2 and 13). `by_customer` says
    that a compaction puts each customer's rows together instead (decision record 20).
    """

    name: str
    about: str
    own: tuple[Column, ...]
    at_from: str | None = None
    together: tuple[str, ...] = ()
    repeated: Literal["last", "first"] = "last"
    by_customer: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        return COMMON + self.own + STORED

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError when the table has none of that name."""
        return next(c for c in self.columns if c.name == name)

    @property
    def order(self) -> tuple[str, ...]:
        """What its rows are kept ordered by: questions about ways, and a customer's page, read each customer's rows as one."""
        return ("workspace", *(("customer",) if self.by_customer else self.together), '"at"')

    @property
    def schema(self) -> pa.Schema:
        """The table as an Arrow schema: what `Store.append` writes."""
        return pa.schema([pa.field(c.name, ARROW[c.kind]) for c in self.columns])


def _text(name: str, about: str) -> Column:
    return Column(name, "text", about)


def _at(name: str, about: str) -> Column:
    return Column(name, "instant", about)


COMMON = (
    _text("workspace", "the workspace (tenant) that owns the row"),
    _text("id", "the row's id, unique in its table and workspace; a second delivery replaces the first"),
    Column("customer", "text", "whom we believe it is about now; rewritten when identities merge"),
    Column("identity", "text", "who the source said it was; never rewritten"),
    _at("at", "when it happened"),
    _text("channel", "how: e-mail, phone, chat, web, app, store …"),
    _text("touchpoint", "where customer and company met"),
)

# What can tell who somebody is; emptied when a customer asks to be forgotten. Scores stay, so that past figures do; names of
# events too, which tell nothing of anybody.
# What stays in the place of a customer who was forgotten begins so.
FORGOTTEN = "forgotten:"
PERSONAL = ("customer", "identity", "text", "properties", "traits")

STORED = (
    Column("properties", "json", "everything else that the source said, as one JSON object"),
    _text("batch", "the import or sender that delivered the row"),
    Column("deliveries", "integer", "how often this id was delivered; 1 when it never came twice"),
)

EVENTS = Table(
    "events",
    "something that happened",
    (
        _text("name", "what happened, e.g. Order Completed"),
        _text("session", "the visit it belongs to"),
        _text("page", "the page or screen"),
        _text("device", "desktop, mobile, tablet …"),
        _at("received_at", "when the server got it"),
    ),
    together=("name",),
    repeated="first",
    by_customer=True,
)

ANSWERS = Table(
    "answers",
    "one answered question",
    (
        _text("survey", "the survey asked"),
        _text("question", "the question asked"),
        _text("invitation", "the message that invited to it"),
        _text("interaction", "the order, ticket or visit that is rated; empty for a relational survey"),
        _text("metric", "what the question measures: nps, csat, ces, fcr …"),
        _text("aspect", "the part of the experience asked about: service, product, after-sales, company"),
        Column("score", "number", "the score as answered, on the question's own scale; not a number when unreadable"),
        Column("scale_min", "number", "lowest possible score"),
        Column("scale_max", "number", "highest possible score"),
        _text("polarity", "'higher' when a high score is good, 'lower' when a low one is"),
        _text("option", "the option chosen, for questions without a score"),
        _text("language", "language of the questionnaire, BCP 47"),
        _text("population", "who was asked: customer, employee or partner"),
        _text("team", "the team that is rated"),
        _text("agent", "the person who is rated"),
        Column("weight", "number", "survey weight of the respondent; empty counts as 1"),
    ),
    together=("metric", "population", "aspect"),
)

MENTIONS = Table(
    "mentions",
    "one free text",
    (
        _text("source", "survey, review, ticket, social …"),
        _text("item", "what is reviewed: the product, place or app"),
        _text("text", "the text"),
        _text("language", "its language, BCP 47"),
        Column("rating", "number", "stars given with it, 1 to 5"),
        _at("reply_at", "when the company answered in public"),
        Column("sentiment", "number", "-1 … 1; empty until enriched"),
        _text("emotion", "empty until enriched"),
        Column("themes", "json", "list of themes; empty until enriched"),
    ),
)

TICKETS = Table(
    "tickets",
    "one request, latest state",
    (
        _at("opened_at", "when it was created"),
        _at("first_reply_at", "first public reply by a person; used when the source gives no ticket events"),
        _at("resolved_at", "last resolution; used when the source gives no ticket events"),
        _at("closed_at", "when it was closed for good"),
        Column("reopens", "integer", "how often it was reopened"),
        Column("replies", "integer", "public replies by a person"),
        _text("team", "the team in charge"),
        _text("agent", "the person in charge"),
        _text("priority", "its priority"),
        _text("topic", "what it is about"),
        _text("status", "its state as the source names it"),
        _text("initiated_by", "customer or agent; empty counts as customer"),
        _at("sla_due_at", "when the promised resolution is due"),
    ),
    at_from="opened_at",
)

TICKET_EVENTS = Table(
    "ticket_events",
    "one change of a ticket",
    (
        _text("ticket", "the ticket's id"),
        _text("kind", "message, resolved, reopened, escalated, pending, assigned, status …"),
        _text("actor", "customer, agent, bot or system"),
        Column("public", "flag", "whether the customer can see it"),
    ),
    together=("kind", "actor"),
)

PROMISES = Table(
    "promises",
    "one deadline given to a customer",
    (
        _text("ticket", "the ticket it belongs to, if any"),
        _text("kind", "what was promised: first_reply, resolution, delivery, callback …"),
        _at("due_at", "when it is due, business hours and pauses already counted"),
        _at("kept_at", "when it was done; empty while it is not"),
        Column("cancelled", "flag", "taken back: counts nowhere"),
        _text("team", "the team in charge"),
        _text("agent", "the person in charge"),
        _text("priority", "its priority"),
        _text("topic", "what it is about"),
    ),
    at_from="due_at",
)

CONTACTS = Table(
    "contacts",
    "one live contact (call, chat, conversation with a bot)",
    (
        _text("queue", "the queue it waited in"),
        _text("topic", "the issue; repeats of the same customer and topic are one issue"),
        _text("team", "the team in charge"),
        _text("agent", "who answered"),
        _text("priority", "its priority"),
        _at("queued_at", "when it entered the queue"),
        _at("answered_at", "when a person answered"),
        _at("abandoned_at", "when the customer gave up waiting"),
        _at("ended_at", "when it ended"),
        Column("handled", "flag", "a person handled it"),
        Column("talk_seconds", "number", "talking or active time"),
        Column("hold_seconds", "number", "time on hold"),
        Column("wrap_seconds", "number", "after-work"),
        Column("handle_seconds", "number", "the whole handling time, when the source does not split it"),
        Column("by_bot", "flag", "a bot or help centre served it"),
        Column("engaged", "flag", "the customer used the bot or article in earnest"),
        Column("handed_off", "flag", "the bot handed it to a person"),
        Column("resolved", "flag", "the issue was solved in it"),
        Column("resolvable", "flag", "false when the issue can never be solved in a first contact"),
    ),
    at_from="queued_at",
)

ORDERS = Table(
    "orders",
    "one order",
    (
        Column("amount", "integer", "what the customer pays, in minor units of the currency"),
        _text("currency", "ISO 4217"),
        _text("status", "its state as the source names it"),
        _text("product", "the product or category"),
        _text("carrier", "who delivers"),
        _at("promised_at", "promised delivery"),
        _at("delivered_at", "real delivery"),
    ),
)

SUBSCRIPTIONS = Table(
    "subscriptions",
    "one price period of one subscription",
    (
        _text("subscription", "the subscription; several price periods share it"),
        _text("plan", "the plan"),
        Column("mrr", "integer", "monthly recurring revenue in minor units of the currency"),
        _text("currency", "ISO 4217"),
        _at("started_at", "first instant of the price period"),
        _at("ended_at", "end of the price period (exclusive); empty while it runs"),
    ),
    at_from="started_at",
)

MESSAGES = Table(
    "messages",
    "one message sent",
    (
        _text("campaign", "the campaign or automation"),
        _text("survey", "the survey it invites to"),
        _text("purpose", "survey, campaign, service …"),
        _text("language", "its language, BCP 47"),
        _at("delivered_at", "when it was delivered"),
        Column("bounced", "flag", "it could not be delivered"),
        _at("clicked_at", "first click"),
        _at("started_at", "the survey was opened by a person"),
        _at("first_answer_at", "first answer given"),
        _at("completed_at", "the survey was finished"),
        _at("unsubscribed_at", "the person asked for no more"),
        Column("holdout", "flag", "kept back on purpose, to measure the campaign's effect"),
    ),
)

CASES = Table(
    "cases",
    "one follow-up with one customer who told us that something was wrong",
    (
        _text("response", "the answer, review or ticket that raised it"),
        _text("kind", "what raised it: detractor, low_csat, complaint …"),
        _at("opened_at", "when it was raised"),
        _at("first_contact_at", "when somebody first got back to the customer"),
        _at("closed_at", "when it was closed"),
        _text("outcome", "how it ended"),
        _text("team", "the team in charge"),
        _text("agent", "the person in charge"),
        _text("priority", "its priority"),
        _text("topic", "what it is about"),
    ),
    at_from="opened_at",
)

CUSTOMERS = Table(
    "customers",
    "one customer, as of now",
    (
        _text("name", "the name shown"),
        _text("company", "the company (B2B account) the customer belongs to"),
        _at("created_at", "when the relationship began"),
        _text("country", "ISO 3166-1 alpha-2"),
        _text("region", "state or region"),
        _text("language", "BCP 47"),
        _text("plan", "the plan now"),
        _text("segment", "the business's own segment"),
        Column("traits", "json", "all further traits, as one JSON object"),
    ),
    at_from="created_at",
)

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        EVENTS,
        ANSWERS,
        MENTIONS,
        TICKETS,
        TICKET_EVENTS,
        PROMISES,
        CONTACTS,
        ORDERS,
        SUBSCRIPTIONS,
        MESSAGES,
        CASES,
        CUSTOMERS,
    )
}
