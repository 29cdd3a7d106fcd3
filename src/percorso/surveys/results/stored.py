"""What the facts say of a survey: how often each answer was given, when, and the comments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.calendar import zone
from percorso.analytics.segments import Rule
from percorso.analytics.store import Store
from percorso.base.owner import store
from percorso.customers.segments.counting import of_customers, remembered
from percorso.surveys.results.kept import kept
from percorso.surveys.results.scope import Scope

# All zones of the world differ from each other by multiples of this.
SLOT_US = 15 * 60 * 1_000_000
COMMENTS = 20
MOST_FOUND = 500


@dataclass(frozen=True)
class Given:
    """An answer as it was given `n` times: the part of the question, the option and the score (None where there is none)."""

    part: str
    option: str | None
    score: float | None
    n: int


@dataclass(frozen=True)
class Comment:
    """One free text. `at` and `response` are None in an anonymous survey."""

    question: str
    text: str
    at: datetime | None
    response: str | None


@dataclass(frozen=True)
class Answers:
    """All answers of a survey, counted: by question what was given, and how many responses gave any answer."""

    given: dict[str, list[Given]]
    responses: dict[str, int]
    days: dict[date, int]


def answers(scope: Scope) -> Answers:
    """Return the counted answers; kept while the facts stay the same."""

    def make(facts: Store) -> Answers:
        given = _given(facts, scope)
        return Answers(given, _responses(facts, scope, given), _days(facts, scope))

    about = f"answers of {scope.survey.slug} {scope.until}"
    found: Answers = kept(scope, about, lambda: remembered(scope.survey.workspace, about, make))
    return found


def _answers(facts: Store, scope: Scope) -> ir.Table:
    """Return the answers that count, with response, question and part of each."""
    t = facts.table("answers", scope.survey.workspace.slug)
    t = t.filter(t.survey == scope.survey.slug, t.option.notnull() | t.score.notnull())
    t = _known(facts, t, scope)
    return _named(t)


def _named(t: ir.Table) -> ir.Table:
    """Take the id of an answer or a comment apart: <response>.<question>, with .<part> where a question has several."""
    names = t.id.split(".")
    return t.mutate(response=names[0], asked=names[1], part=names[2])


def _texts(facts: Store, scope: Scope) -> ir.Table:
    t = facts.table("mentions", scope.survey.workspace.slug)
    t = t.filter(t.source == "survey", t.item == scope.survey.slug, t.text.notnull(), t.text != "")
    return _named(_known(facts, t, scope))


def _known(facts: Store, t: ir.Table, scope: Scope) -> ir.Table:
    if scope.until is None:
        return t
    return t.filter(t["at"] <= _instant(facts, scope.until))


def _instant(facts: Store, at: datetime) -> ir.TimestampScalar:
    return facts.engine.instant(at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds"))


def _rows(facts: Store, t: ir.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = facts.engine.fetch(facts.engine.sql(t)).to_pylist()
    return rows


def _given(facts: Store, scope: Scope) -> dict[str, list[Given]]:
    t = _answers(facts, scope)
    found: dict[str, list[Given]] = {}
    for row in _rows(facts, t.group_by("asked", "part", "option", "score").aggregate(n=t.count())):
        made = Given(row["part"] or "", row["option"] or None, row["score"], row["n"])
        found.setdefault(row["asked"], []).append(made)
    return found


def _responses(facts: Store, scope: Scope, given: Mapping[str, Sequence[Given]]) -> dict[str, int]:
    """Return how many responses answered each question; a comment may be all of an answer, or a part of one."""
    found = {asked: sum(one.n for one in several) for asked, several in given.items()}
    if any(one.part for several in given.values() for one in several):
        t = _answers(facts, scope)
        t = t.filter(t.id.like("%.%.%"))
        found |= _counted(facts, t.group_by("asked").aggregate(n=t.invitation.nunique()))
    texts = _texts(facts, scope)
    for asked, n in _counted(facts, texts.group_by("asked").aggregate(n=texts.count())).items():
        found[asked] = max(n, found.get(asked, 0))
    return found


def _counted(facts: Store, t: ir.Table) -> dict[str, int]:
    return {row["asked"]: row["n"] for row in _rows(facts, t)}


def _days(facts: Store, scope: Scope) -> dict[date, int]:
    """Return how many responses answered on each day of the workspace's time zone."""
    t = _answers(facts, scope)
    t = t.mutate(slot=_slot(facts, t))
    found: dict[date, int] = {}
    for row in _rows(facts, t.group_by("slot").aggregate(n=t.invitation.nunique())):
        day = _day(row["slot"], scope.survey.workspace)
        found[day] = found.get(day, 0) + row["n"]
    return dict(sorted(found.items()))


def _slot(facts: Store, t: ir.Table) -> ir.IntegerColumn:
    return (facts.engine.epoch_us(t["at"]) // SLOT_US).cast("int64")


def _day(slot: int, workspace: Workspace) -> date:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=slot * SLOT_US)
    return at.astimezone(zone(workspace.time_zone)).date()


def comments(scope: Scope, text: str = "", page: int = 1, hidden: Sequence[str] = ()) -> tuple[list[Comment], int]:
    """Return a page of the comments that hold a text, the newest first, and how many there are; none to `hidden` questions.

    Those of an anonymous survey come in an order that says nothing, without time.
    """

    def make(facts: Store) -> tuple[list[Comment], int]:
        t = _holding(_texts(facts, scope), text)
        t = t.filter(~t.asked.isin(hidden)) if hidden else t
        order = [t.id] if scope.survey.anonymous else [ibis.desc(t.at), t.id]
        chosen = t.order_by(order).select("id", "asked", "response", "text", "at")
        n = int(_rows(facts, t.aggregate(n=t.count()))[0]["n"])
        rows = _rows(facts, chosen.limit(COMMENTS, offset=COMMENTS * (page - 1)))
        return [_comment(row, scope.survey.anonymous) for row in rows], n

    about = f"comments of {scope.survey.slug} {text!r} {page} {hidden} {scope.until}"
    found: tuple[list[Comment], int] = remembered(scope.survey.workspace, about, make)
    return found


def writing(scope: Scope, text: str) -> list[str]:
    """Return the responses with a comment that holds a text, the newest `MOST_FOUND` at most."""
    facts = store()
    t = _holding(_texts(facts, scope), text)
    t = t.group_by("response").aggregate(last=t["at"].max()).order_by(ibis.desc("last"), "response").limit(MOST_FOUND)
    return [row["response"] for row in _rows(facts, t)]


def _holding(t: ir.Table, text: str) -> ir.Table:
    return t.filter(t.text.lower().contains(text.lower())) if text else t


def _comment(row: dict[str, Any], anonymous: bool) -> Comment:
    at = None if anonymous else row["at"].replace(tzinfo=UTC)
    return Comment(row["asked"], row["text"], at, None if anonymous else row["response"])


def rates_by(scope: Scope, column: str) -> list[tuple[str | None, int, int]]:
    """Return invitations delivered and answered by a column of customers, as the facts tell them."""

    def make(facts: Store) -> list[tuple[str | None, int, int]]:
        t = _delivered(facts, scope)
        people = facts.table("customers", scope.survey.workspace.slug)
        people = people.select(whom=people.id, value=people[column])
        t = t.left_join(people, t.customer == people.whom)
        t = t.group_by("value").aggregate(n=t.count(), answered=t.answered.sum())
        return [(row["value"] or None, row["n"], int(row["answered"] or 0)) for row in _rows(facts, t)]

    rows: list[tuple[str | None, int, int]] = remembered(
        scope.survey.workspace, f"rates of {scope.survey.slug} by {column}", make
    )
    return rows


def rate_within(scope: Scope, rule: Rule) -> tuple[int, int]:
    """Return how many of the invitations delivered to customers that a resolved rule holds of were answered, and how many those are."""

    def make(facts: Store) -> tuple[int, int]:
        t = _delivered(facts, scope)

        def counted(people: ir.Table) -> ir.Table:
            own = t.semi_join(people, t.customer == people.customer)
            return own.aggregate(n=own.count(), answered=own.answered.sum())

        row = of_customers(scope.survey.workspace, rule, counted)[0]
        return int(row["answered"] or 0), row["n"]

    found: tuple[int, int] = remembered(scope.survey.workspace, f"rate of {scope.survey.slug} within {rule!r}", make)
    return found


def _delivered(facts: Store, scope: Scope) -> ir.Table:
    """Return the invitations that reached somebody: whom, and 1 for those that were answered."""
    t = facts.table("messages", scope.survey.workspace.slug)
    t = t.filter(t.survey == scope.survey.slug, t.delivered_at.notnull(), ~t.bounced.fill_null(False))
    return t.select("customer", answered=t.completed_at.notnull().cast("int64"))


def daily(workspace: Workspace, since: datetime) -> dict[str, dict[date, int]]:
    """Return how many responses each survey of a workspace got on each day of its time zone, from an instant on."""

    def make(facts: Store) -> dict[str, dict[date, int]]:
        t = facts.table("answers", workspace.slug)
        t = t.filter(t.survey.notnull(), t.option.notnull() | t.score.notnull(), t["at"] >= _instant(facts, since))
        t = t.mutate(slot=_slot(facts, t))
        found: dict[str, dict[date, int]] = {}
        for row in _rows(facts, t.group_by("survey", "slot").aggregate(n=t.invitation.nunique())):
            days, day = found.setdefault(row["survey"], {}), _day(row["slot"], workspace)
            days[day] = days.get(day, 0) + row["n"]
        return found

    made: dict[str, dict[date, int]] = remembered(workspace, f"answers by day since {since}", make)
    return made
