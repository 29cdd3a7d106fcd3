"""What lines of the spool say, worked out from the lines alone: no database, no store, so that any process can do it."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from percorso.customers.identity.belonging import Claim
from percorso.sources.tracking.counted import HOUR, Counted
from percorso.sources.tracking.lines import Line
from percorso.sources.tracking.rows import ANONYMOUS, Row, Said, Unreadable, claims_of, row_of, table_of

# A call of which no fact is made, the name of the reason, and more of it.
Refused = tuple[Line, str, str]


@dataclass
class Read:
    """What the lines of one workspace say.

    events : rows without their customers; None: there are none. people : who they and `said` are of. said : what calls tell of
    customers and companies. claims : each with the last source that made it. counts : how many lines became what.
    """

    events: pa.Table | None = None
    people: set[str] = field(default_factory=set)
    said: list[Said] = field(default_factory=list)
    claims: dict[Claim, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    counts: Counter[Counted] = field(default_factory=Counter)

    @property
    def sources(self) -> set[int]:
        """The sources that were heard."""
        return {counted.source for counted in self.counts}

    def without(self, gone: Collection[str]) -> "Read":
        """Return what the others say, and not even what was refused of those who are gone."""
        events = self.events
        if events is not None:
            events = events.filter(
                pc.invert(pc.is_in(events["identity"], value_set=pa.array(sorted(gone), pa.string())))
            )
        return replace(
            self,
            events=events if events is not None and events.num_rows else None,
            people=self.people - set(gone),
            said=[one for one in self.said if one.ids[0] not in gone],
            claims={claim: source for claim, source in self.claims.items() if gone.isdisjoint(claim[:2])},
            refused=[one for one in self.refused if who_of(one[0]) not in gone],
        )

    @property
    def named(self) -> set[str]:
        """Everybody who is named."""
        claimed = {one for claim in self.claims for one in claim[:2]}
        return {*self.people, *claimed, *(who_of(line) for line, _, _ in self.refused)}


def read(lines: Sequence[Line]) -> Read:
    """Return what lines of one workspace say."""
    made, rows = Read(), list[Row]()
    for line in lines:
        problem = line.refused or _read_one(line, made, rows)
        # Plain tuples: a named one takes as long to make as a call to read.
        made.counts[line.source, int(line.received // HOUR), problem] += 1  # type: ignore[index]
        if line.refused:
            made.refused.append((line, problem, ""))
    made.counts = Counter({Counted(*key): count for key, count in made.counts.items()})
    if rows:
        made.events = table_of(rows)
        made.people.update(pc.unique(made.events["identity"]).to_pylist())
    return made


def _read_one(line: Line, made: Read, rows: list[Row]) -> str:
    """Add what a line says; return the name of the reason why it cannot be read, or nothing."""
    try:
        row, said = row_of(line)
    except Unreadable as error:
        made.refused.append((line, "unreadable", str(error)))
        return "unreadable"
    if row is not None:
        rows.append(row)
    if said is not None:
        if row is None or said.traits or said.group:
            made.said.append(said)
        made.people.add(said.ids[0])
        made.claims.update(dict.fromkeys(claims_of(said), line.source))
    return ""


class _Who(msgspec.Struct):
    userId: str | int | float | None = None
    anonymousId: str | int | float | None = None


_read_who = msgspec.json.Decoder(_Who).decode


def who_of(line: Line) -> str:
    """Return who made a call, also one that is refused: the user, the visitor where there is none, or nobody."""
    try:
        who = _read_who(line.call)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    user, anonymous = (str(one).strip() if one is not None else "" for one in (who.userId, who.anonymousId))
    return user or (ANONYMOUS + anonymous if anonymous else "")
