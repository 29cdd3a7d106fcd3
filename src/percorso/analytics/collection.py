"""Who was asked about an experience, who answered and who did not: counted by group, or listed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import ibis
import ibis.expr.types as ir

from percorso.analytics.calendar import Schedule
from percorso.analytics.methods.base import Ask, marker
from percorso.analytics.query import Period
from percorso.analytics.run import fill, written
from percorso.analytics.segments import Rule, customers_in
from percorso.analytics.store import Store

Who = Literal["not_asked", "silent"]
FLAGS = ("person", "asked", "responded", "inside")


@dataclass(frozen=True)
class Experience:
    """What is measured: a touchpoint, a survey, or (both empty) the whole relationship."""

    touchpoint: str = ""
    survey: str = ""

    @property
    def segment(self) -> dict[str, tuple[str, ...]]:
        """The values of columns that pick its facts out."""
        return {name: (value,) for name, value in vars(self).items() if value}


@dataclass(frozen=True)
class Collecting:
    """One question about collecting: which experience, of which customers, in which days."""

    store: Store
    workspace: str
    experience: Experience
    period: Period
    rule: Rule | None = None
    schedule: Schedule | None = None


@dataclass(frozen=True)
class Reach:
    """Customers of one group: how many there are, were asked, and answered (asked or not)."""

    key: tuple[str | None, ...]
    people: int
    asked: int
    responded: int
    asked_and_responded: int


def reach(question: Collecting, by: Sequence[str] = ()) -> list[Reach]:
    """Return the reach of each group of customers.

    Parameters
    ----------
    by : columns of `customers` (country, plan …) that make groups; none makes one of all.

    Notes
    -----
    A customer counts as asked when a survey invitation was delivered in the period, as having answered when one of those
    was answered or an answer about the experience came in. Answers of employees never count.
    """

    def make() -> ir.Table:
        t = _people(question, by)
        sums = {
            "people": t.count(),
            "asked": t.count(where=t.asked == 1),
            "responded": t.count(where=t.responded == 1),
            "both": t.count(where=(t.asked == 1) & (t.responded == 1)),
        }
        return t.group_by(list(_named(by))).aggregate(**sums) if by else t.aggregate(**sums)

    rows = _fetched(question, ("reach", *by), make)
    found = [
        Reach(tuple(row[name] for name in _named(by)), row["people"], row["asked"], row["responded"], row["both"])
        for row in rows
    ]
    return sorted(found, key=lambda r: (-r.people, tuple(map(str, r.key))))


def listed(question: Collecting, who: Who, limit: int, after: str = "") -> list[dict[str, Any]]:
    """Return customers who were not asked, or who were and did not answer: id and name, by id, after the id given."""

    def make() -> ir.Table:
        t = _people(question, ())
        t = t.filter(t.asked == 0) if who == "not_asked" else t.filter((t.asked == 1) & (t.responded == 0))
        return t.filter(t.customer > marker("after")).select("customer", "name").order_by("customer").limit(limit)

    return _fetched(question, ("listed", who, limit), make, {"after": after})


def values(store: Store, workspace: str) -> tuple[list[str], list[str]]:
    """Return the touchpoints and the surveys that customers' answers and survey invitations name, by name."""
    answers, messages = store.table("answers", workspace), store.table("messages", workspace)
    answers = answers.filter(answers.population.fill_null("customer") != "employee")
    stacked = ibis.union(
        answers.select("touchpoint", "survey"),
        messages.filter(messages.purpose == "survey").select("touchpoint", "survey"),
    ).distinct()
    rows = store.engine.fetch(store.engine.sql(stacked)).to_pylist()
    return (
        sorted({row["touchpoint"] for row in rows if row["touchpoint"]}),
        sorted({row["survey"] for row in rows if row["survey"]}),
    )


def _people(question: Collecting, by: Sequence[str]) -> ir.Table:
    """Return each customer once, with the columns of the groups and whether asked and answered; without any join."""
    ask = _ask(question)
    names = _named(by)
    t = ask.table("customers")
    people = {name: t[column] for name, column in names.items()}
    branches = [_branch(t, t.id, names, person=1, name=t.name, **people)]
    branches += [_messages(question, ask, names), _answers(question, ask, names)]
    if question.rule is not None:
        mine = customers_in(ask, question.rule)
        branches.append(_branch(mine, mine.customer, names, inside=1))
    stacked = ibis.union(*branches)
    columns = ("name", "person", "asked", "responded", "inside", *names)
    t = stacked.group_by("customer").aggregate(**{name: stacked[name].max() for name in columns})
    t = t.filter(t.person == 1)
    return t if question.rule is None else t.filter(t.inside == 1)


def _messages(question: Collecting, ask: Ask, names: Mapping[str, str]) -> ir.Table:
    t = _picked(ask.table("messages"), question)
    t = t.filter(t.purpose == "survey", ~t.holdout.fill_null(False), ~t.bounced.fill_null(False))
    answered = t.first_answer_at.notnull() | t.completed_at.notnull()
    return _branch(t, t.customer, names, asked=1, responded=ibis.ifelse(answered, 1, 0))


def _answers(question: Collecting, ask: Ask, names: Mapping[str, str]) -> ir.Table:
    t = _picked(ask.table("answers"), question)
    t = t.filter(t.population.fill_null("customer") != "employee")
    return _branch(t, t.customer, names, responded=1)


def _picked(t: ir.Table, question: Collecting) -> ir.Table:
    """Return the facts of the experience in the period."""
    for column in question.experience.segment:
        t = t.filter(t[column] == marker(column))
    engine = question.store.engine
    start, end = (engine.instant(marker(role)) for role in ("start", "end"))
    return t.filter(t.customer.notnull(), t["at"] >= start, t["at"] < end)


def _branch(t: ir.Table, customer: ir.Value, names: Mapping[str, str], **given: Any) -> ir.Table:
    """Return a part of the stack: who, flags, and the columns of the groups; what it does not say is empty."""
    empty = ibis.null("string")
    texts = {name: given.get(name, empty).cast("string") for name in ("name", *names)}
    flags = {name: ibis.literal(0) if name not in given else given[name] for name in FLAGS}
    whole = {
        name: (flag if isinstance(flag, ir.Value) else ibis.literal(flag)).cast("int64") for name, flag in flags.items()
    }
    return t.select(customer=customer.cast("string"), **texts, **whole)


def _named(by: Sequence[str]) -> dict[str, str]:
    return {f"by_{i}": column for i, column in enumerate(by)}


def _ask(question: Collecting) -> Ask:
    return Ask(
        store=question.store,
        workspace=question.workspace,
        as_of=datetime.now(UTC),
        options={},
        confidence=0.95,
        schedule=question.schedule,
    )


def _fetched(
    question: Collecting, shape: tuple[Any, ...], make: Callable[[], ir.Table], more: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    """Return the rows of a question; its SQL is compiled once a shape, with markers in place of instants and values."""
    ask = _ask(question)
    picked = tuple(question.experience.segment)
    key = ("collecting", *shape, question.workspace, picked, question.rule, question.schedule)
    [template] = question.store.compiled(key, lambda: [make()])
    start, end = question.period.bounds
    texts = written({"as_of": ask.as_of, "start": start, "end": end})
    values = {name: found[0] for name, found in question.experience.segment.items()} | dict(more or {})
    texts |= {name: ask.engine.escaped(value) for name, value in values.items()}
    rows: list[dict[str, Any]] = ask.engine.fetch(fill(template.sql, texts)).to_pylist()
    return rows
