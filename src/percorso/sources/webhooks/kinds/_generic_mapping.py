"""What each place of a call is: the mapping of imports, with places of a JSON object in the place of columns."""

import json
from collections.abc import Mapping as Map
from typing import Any, Literal

import numpy as np
import polars as pl
from pydantic import Field, field_validator, model_validator

from percorso.customers.identity.belonging import Claim
from percorso.customers.identity.contacts import email_identity, phone_identity
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.checks import id_column, read_constant
from percorso.sources.connector import CONNECTORS
from percorso.sources.ids import Occurrences
from percorso.sources.mapped import MappedConnector, Record
from percorso.sources.mapping import Mapping
from percorso.sources.readers.base import Chunk
from percorso.sources.roles import NEEDED, ROLES
from percorso.sources.sieve import Sieve
from percorso.sources.webhooks.kind import Data, Reading, Row, Unusable
from percorso.sources.webhooks.paths import elements_at, steps_of, value_at
from percorso.sources.webhooks.people import claims_of, external
from percorso.sources.webhooks.values import order_of

Who = Literal["id", "email", "phone", "external"]
MOST_RECORDS = 2_000


class CallMapping(Mapping):
    """How calls become rows: see `Mapping`; every column is a place: `$…` in the call, `@…` in one of its records.

    `records` : where the list of records is; a call is one record without it. `when` : what must stand at places,
    or the call says nothing. `keep` : more places that go to the properties, by name. `customer_is` : what the role
    customer holds; `system` names the ids of `external`. `email`, `phone` : further places that tell who it is.
    `changed` : when the record was changed last, so that an older state never replaces a newer one.
    """

    records: str = ""
    when: dict[str, str | int | bool | list[str | int | bool]] = Field(default_factory=dict)
    keep: dict[str, str] = Field(default_factory=dict)
    customer_is: Who = "id"
    system: str = Field("", max_length=40, pattern=r"^[\w-]*$")
    email: str = ""
    phone: str = ""
    changed: str = ""

    @field_validator("table")
    @classmethod
    def _has_connector(cls, name: str) -> str:
        if not isinstance(CONNECTORS.get(name), MappedConnector):
            raise ValueError("a table that files can be imported to")
        return name

    @model_validator(mode="after")
    def _places(self) -> "CallMapping":
        given = [*self.used(), *self.when, *self.keep.values(), self.records, self.email, self.phone, self.changed]
        for path in given:
            if path:
                steps_of(path)
        if self.customer_is == "external" and not self.system:
            raise ValueError("system: the name of the system whose ids these are")
        self._check_roles()
        return self

    def _check_roles(self) -> None:
        roles = ROLES[self.table]
        wanted = [role for role in NEEDED[self.table] if not self.has(role)]
        wanted += ["id"] if self.table == "customers" and id_column(self) is None else []
        if wanted:
            raise BadQuestion(mark("The mapping does not say {about}: give the place of {role}."), about=roles[wanted[0]], role=wanted[0])  # fmt: skip
        if self.table == "answers" and not self.scores and not self.comments:
            raise BadQuestion(mark("The mapping needs a score or a comment: give the place of one."))
        for role in self.constants:
            read_constant(self, role)

    def places(self) -> list[str]:
        """The places that become values of rows."""
        return list(dict.fromkeys([*self.columns.values(), *(s.column for s in self.scores), *self.comments]))


def read_mapped(body: Data, mapping: CallMapping) -> Reading:
    """Return what a call says by a mapping; records that cannot be read are left out, and why the first one cannot is told.

    Raises
    ------
    Unusable : there are too many records.
    """
    for path, wanted in mapping.when.items():
        if value_at(body, steps_of(path)) not in (wanted if isinstance(wanted, list) else [wanted]):
            return Reading(ignored=mark("The mapping leaves out calls like this one."))
    records = elements_at(body, steps_of(mapping.records)) if mapping.records else [body]
    if len(records) > MOST_RECORDS:
        raise Unusable(
            mark("A call may have {most} records; this one has {count}."), most=MOST_RECORDS, count=len(records)
        )
    if not records:
        return Reading(ignored=mark("The call holds no records."))
    tables, ids, sieve = _tables(body, records, mapping)
    reading = Reading(trouble=_trouble(sieve))
    orders = _orders(body, records, mapping)
    for table, frame in tables.items():
        for row in frame.to_dicts():
            number = _record_of(str(row["id"]), ids)
            who = _who(row.get("customer"), mapping)
            values = {k: v for k, v in row.items() if v is not None and k != "customer"}
            values |= {"identity": who or row.get("identity")}
            reading.rows.append(Row(table, values, f"{mapping.table}:{row['id']}", orders[number]))
            reading.claims += _claims(body, records[number], who or row.get("identity") or "", mapping)
    return reading


def _tables(
    body: Data, records: list[Any], mapping: CallMapping
) -> tuple[dict[str, pl.DataFrame], dict[str, int], Sieve]:
    """Return the rows by table, which record each id is of, and what was set aside."""
    named = {path: path for path in mapping.places()} | dict(mapping.keep.items())
    columns = {name: [_text(_at(body, record, path)) for record in records] for name, path in named.items()}
    frame = pl.DataFrame([pl.Series(name, values, pl.String) for name, values in columns.items()])
    sieve = Sieve(Chunk(frame, np.arange(1, len(records) + 1, dtype=np.int64), 0), "call")
    connector: Any = CONNECTORS[mapping.table]
    record = Record(sieve, mapping, Occurrences())
    tables = connector.facts(record)
    return tables, {str(value): number for number, value in enumerate(record.ids)}, sieve


def _trouble(sieve: Sieve) -> Unusable | None:
    if not sieve.rejected:
        return None
    first = sieve.rejected[0].reason
    return Unusable(first.template, **first.params)


def _record_of(row: str, ids: Map[str, int]) -> int:
    """Return which record a row is of; rows that a record has beside its own have its id with something behind it."""
    while row not in ids and ":" in row:
        row = row.rpartition(":")[0]
    return ids.get(row, 0)


def _orders(body: Data, records: list[Any], mapping: CallMapping) -> list[str]:
    if not mapping.changed:
        return [""] * len(records)
    return [order_of(_at(body, record, mapping.changed)) for record in records]


def _at(body: Data, record: Any, path: str) -> Any:
    return value_at(record if path.startswith("@") else body, steps_of(path))


def _text(value: Any) -> str | None:
    """Return a value as files have it: text; lists and objects as JSON."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _who(value: Any, mapping: CallMapping) -> str:
    if value is None:
        return ""
    made: Map[str, str | None] = {
        "id": str(value), "email": email_identity(str(value)), "phone": phone_identity(str(value)),
        "external": external(mapping.system, str(value)),
    }  # fmt: skip
    return made[mapping.customer_is] or ""


def _claims(body: Data, record: Any, who: str, mapping: CallMapping) -> list[Claim]:
    email = _at(body, record, mapping.email) if mapping.email else None
    phone = _at(body, record, mapping.phone) if mapping.phone else None
    return claims_of(who, email=email, phone=phone)
