"""Whom a survey can be sent to: customers of a segment as the facts know them, or people of a list."""

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import ibis.expr.types as ir

from percorso.accounts.models import Workspace
from percorso.analytics.methods.base import marker
from percorso.analytics.run import fill
from percorso.analytics.segments import Rule
from percorso.base.owner import store
from percorso.customers.models import Segment
from percorso.customers.queries import rule_of
from percorso.customers.segments.counting import EVERYBODY, ids
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.outreach import endings
from percorso.outreach.channel import CHANNELS
from percorso.surveys.inviting.languages import in_their_language
from percorso.surveys.models import Survey

PORTION = 500
COLUMNS = ("name", "company", "country", "region", "language", "plan", "segment")
MOST_TRAITS = 60
LONGEST_TRAIT = 500
Row = dict[str, Any]
_compiling = threading.Lock()


@dataclass(frozen=True)
class Invitee:
    """One person who may be invited; `address` is empty when the channel has none, `interaction` is what is asked about."""

    address: str
    customer: str = ""
    name: str = ""
    language: str = ""
    traits: Mapping[str, Any] = field(default_factory=dict)
    interaction: str = ""


class Reach:
    """What a channel makes of addresses in a workspace; its settings (a default country) are read once."""

    def __init__(self, workspace: Workspace, channel: str) -> None:
        self.channel = CHANNELS[channel]
        self._config = endings.settings_of(workspace, channel)

    @property
    def is_set_up(self) -> bool:
        """Whether messages go out by the channel."""
        return self._config is not None

    def address(self, text: str) -> str:
        """Return an address as it is kept; empty when it is none."""
        return self.channel.compared(text, self._config)

    def address_in(self, customer: Row) -> str:
        """Return a customer's address, by columns and own traits; empty when there is none."""
        known = {**own_traits(customer), **customer}
        found = (self.address(str(known[name])) for name in self.channel.traits if known.get(name))
        return next((address for address in found if address), "")


def audience_of(survey: Survey, channel: str, audience: Mapping[str, Any]) -> Iterator[list[Invitee]]:
    """Yield the people of an audience in portions: of a segment (``{"segment": id}``, null: everybody) or of a list.

    Raises
    ------
    BadQuestion : the segment is gone, or its rule asks for what does not exist.
    """
    if "people" in audience:
        people = audience["people"]
        for start in range(0, len(people), PORTION):
            yield of_list(survey, channel, people[start : start + PORTION])
        return
    rule, after = rule_for(survey.workspace, audience.get("segment")), ""
    while keys := ids(survey.workspace, rule, PORTION, after):
        yield of_customers(survey, channel, keys)
        after = keys[-1]


def rule_for(workspace: Workspace, segment: int | None) -> Rule:
    """Return the rule of a segment; of None that of everybody.

    Raises
    ------
    BadQuestion : it is gone.
    """
    if segment is None:
        return EVERYBODY
    found = Segment.objects.filter(workspace=workspace, pk=segment).first()
    rule = rule_of(found)
    if rule is None:
        raise BadQuestion(mark("The segment is gone. Choose another audience."))
    return rule


def of_list(survey: Survey, channel: str, people: Sequence[Mapping[str, Any]]) -> list[Invitee]:
    """Return the people of a list, each with the language in which they are written to."""
    reach = Reach(survey.workspace, channel)
    found = [
        Invitee(
            reach.address(str(person.get("address", ""))),
            str(person.get("customer", ""))[:254],
            str(person.get("name", ""))[:254],
            str(person.get("language", "")),
            _kept(survey, person.get("traits", {}) | {"name": person.get("name", "")}),
        )
        for person in people
    ]
    return _in_their_language(survey, found)


def of_customers(survey: Survey, channel: str, keys: Sequence[str]) -> list[Invitee]:
    """Return customers by their ids, in the order given; who is known by facts alone has no address."""
    rows, reach = customer_rows(survey.workspace, keys), Reach(survey.workspace, channel)
    found = []
    for key in keys:
        row = rows.get(key, {"id": key})
        found.append(
            Invitee(
                reach.address_in(row),
                key,
                str(row.get("name") or "")[:254],
                str(row.get("language") or ""),
                _kept(survey, _traits(row)),
            )
        )
    return _in_their_language(survey, found)


def customer_rows(workspace: Workspace, keys: Sequence[str]) -> dict[str, Row]:
    """Return the rows of customers by their ids: columns, and traits as JSON text."""
    facts, found = store(), dict[str, Row]()
    for start in range(0, len(keys), PORTION):
        part = keys[start : start + PORTION]

        def make(n: int = len(part)) -> ir.Table:
            t = facts.table("customers", marker("workspace"))
            return t.filter(t.id.isin([marker(f"id_{i}") for i in range(n)])).select("id", "traits", *COLUMNS)

        with _compiling:
            [template] = facts.compiled(("invitees", len(part)), lambda make=make: [make()])  # type: ignore[misc]
        values = {"workspace": workspace.slug} | {f"id_{i}": key for i, key in enumerate(part)}
        sql = fill(template.sql, {name: facts.engine.escaped(value) for name, value in values.items()})
        found |= {row["id"]: row for row in facts.engine.fetch(sql).to_pylist()}
    return found


def own_traits(row: Row) -> Row:
    """Return a customer's own traits; none when they cannot be read."""
    try:
        own = json.loads(row.get("traits") or "{}")
    except ValueError:
        return {}
    return own if isinstance(own, dict) else {}


def _traits(row: Row) -> dict[str, Any]:
    """Return what of a customer may be recalled and asked for: columns, and plain values of their own traits."""
    plain = {key: value for key, value in own_traits(row).items() if isinstance(value, str | int | float | bool)}
    known = {name: row[name] for name in COLUMNS if row.get(name)}
    return dict(list({**plain, **known}.items())[-MOST_TRAITS:])


def _kept(survey: Survey, traits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the traits that an invitation keeps; of an anonymous survey the name in the letter and nothing else."""
    cut = {
        key: value[:LONGEST_TRAIT] if isinstance(value, str) else value for key, value in traits.items() if value != ""
    }
    return {key: value for key, value in cut.items() if key == "name" or not survey.anonymous}


def _in_their_language(survey: Survey, people: Iterable[Invitee]) -> list[Invitee]:
    """Return people with the survey's language that is nearest to what they chose, or to what is known of them."""
    people = list(people)
    spoken = in_their_language(survey, [(one.address, one.language) for one in people])
    return [replace(one, language=language) for one, language in zip(people, spoken, strict=True)]
