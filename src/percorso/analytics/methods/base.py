"""What every indicator says about itself, and what it may ask while it states its parts."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from percorso.analytics.calendar import Schedule
from percorso.analytics.engines.base import Engine
from percorso.analytics.methods.cells import cells_of
from percorso.analytics.result import Cell
from percorso.analytics.statistics.comparisons import Comparison
from percorso.analytics.store import Store
from percorso.errors import BadQuestion
from percorso.i18n import mark

if TYPE_CHECKING:
    from percorso.analytics.frames import Frame

Array = NDArray[np.float64]
Parts = Mapping[str, Array]
Family = Literal["surveys", "research", "service", "loop", "commerce", "revenue", "product"]
# Money is in minor units of `details["currency"]`; numbers have no unit of their own.
Unit = Literal[
    "points",
    "share",
    "scale",
    "score",
    "seconds",
    "milliseconds",
    "days",
    "stars",
    "tickets",
    "count",
    "number",
    "money",
]


@dataclass(frozen=True)
class Option:
    """A variant that an indicator offers: its choices (None: any value), its default and what it means."""

    about: str
    default: Any = None
    choices: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Edition:
    """One version of a definition: its number, since when it holds, and what it changed."""

    version: int
    since: date
    about: str


@dataclass(frozen=True)
class Ask:
    """The question as an indicator sees it: the workspace's tables, the variant wanted, what was known when."""

    store: Store
    workspace: str
    as_of: datetime
    options: Mapping[str, Any]
    confidence: float
    schedule: Schedule | None
    frame: "Frame | None" = None
    # A second one, whose states are asked in the same pass (see `WholeAndStates`).
    also: "Frame | None" = None
    # The columns that rows are picked or broken down by.
    columns: frozenset[str] = frozenset()
    # Those of them that are equal in all rows of a cell.
    equal: frozenset[str] = frozenset()
    # Of customers in the order of their ids: whether only those from the marker `low` on count, and those before `high`.
    from_low: bool = False
    before_high: bool = False

    @property
    def engine(self) -> Engine:
        """The engine, for the functions whose meaning differs between engines."""
        return self.store.engine

    def table(self, name: str) -> ir.Table:
        """Return the workspace's rows of a fact table."""
        return self.store.table(name, self.workspace)

    def known(self, instant: ir.TimestampValue) -> ir.BooleanValue:
        """Whether `instant` had come by `as_of`: what comes later does not exist (specification 1.4)."""
        return instant <= self.instant("as_of")

    def instant(self, role: str) -> ir.TimestampScalar:
        """Return the instant that plays `role` in the query (see `statements`): as_of, start, end …

        The SQL holds a marker, filled in when it runs: the same question about another period is not compiled again.
        """
        return self.engine.instant(marker(role))

    def seconds(self, start: ir.TimestampValue, end: ir.TimestampValue) -> ir.FloatingValue:
        """Calendar seconds from `start` to `end`, with their fraction."""
        return (self.engine.epoch_us(end) - self.engine.epoch_us(start)) / 1e6


def marker(role: str) -> str:
    """Return the text that stands for an instant in compiled SQL."""
    return f"«{role}»"


@dataclass(frozen=True)
class Figures:
    """What an indicator makes of the parts of k cells: arrays of k, NaN where there is no figure."""

    value: Array
    low: Array
    high: Array
    n: Array
    details: Mapping[str, Any] = field(default_factory=dict)
    status: Mapping[int, str] = field(default_factory=dict)


class Indicator:
    """One defined figure. An indicator is a file: facts about itself and two small functions.

    `rows` gives the facts that may count, each with the `moment` that puts it into a period; `parts` names aggregates
    over them, computed by the engine; `figures` makes value, interval and n of the parts, on arrays; `compare` tests
    two cells. Parts that add up over disjoint rows make the indicator `additive`: days make months.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    about: ClassVar[str]
    formula: ClassVar[str]
    table: ClassVar[str]
    family: ClassVar[Family]
    unit: ClassVar[Unit]
    better: ClassVar[Literal["higher", "lower"] | None]
    method: ClassVar[str]
    time: ClassVar[str]
    interval: ClassVar[str]
    test: ClassVar[str]
    minimum_n: ClassVar[int] = 30
    materiality: ClassVar[float] = 0.02
    relative_materiality: ClassVar[bool] = False
    range: ClassVar[tuple[float | None, float | None]] = (None, None)
    additive: ClassVar[bool] = True
    level: ClassVar[str]
    kind: ClassVar[str]
    nature: ClassVar[str]
    segments: ClassVar[tuple[str, ...]] = ("channel", "touchpoint", "customer.country")
    knows_future: ClassVar[bool] = False
    snapshot: ClassVar[bool] = False
    cumulative: ClassVar[bool] = False
    always_by: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[Mapping[str, Option]] = {}
    # Whether it acts as a performance signal (desempenho ou sinalizador): shown with a target wherever it has one.
    signal: ClassVar[bool] = False
    exclusions: ClassVar[tuple[str, ...]] = ()
    traps: ClassVar[tuple[str, ...]] = ()
    literature: ClassVar[tuple[str, ...]] = ()
    history: ClassVar[tuple[Edition, ...]] = (Edition(1, date(2026, 11, 22), mark("First definition.")),)

    @property
    def version(self) -> int:
        """The number of the definition that holds now; a report keeps the one that it was made with."""
        return self.history[-1].version

    def rows(self, ask: Ask) -> ir.Table:
        """Return the facts that may count, with a column `moment`."""
        raise TypeError(f"{type(self).__name__} must say which rows count")

    def same_rows(self, ask: Ask) -> Hashable | None:
        """Return what tells that another indicator has the very same rows, so that one pass makes the parts of both."""
        return None

    def moments(self, ask: Ask) -> dict[str, datetime]:
        """Return further instants that the rows ask for by their roles; snapshots have some."""
        return {}

    def keep(self, t: ir.Table, cells: list[str], ask: Ask) -> ir.Table:
        """Return the rows that count within their cell (`cells`: the columns that make one); all, unless overridden."""
        return t

    def parts(self, t: ir.Table, ask: Ask) -> dict[str, ir.Scalar]:
        """Return named aggregates. Names that begin with ``min_`` or ``max_`` merge so; all others add up."""
        raise TypeError(f"{type(self).__name__} must name its parts")

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        """Return the queries whose rows `fold` reads: one, with a row a cell and its parts, unless overridden."""
        parts = self.parts(t, ask)
        return [t.group_by(cells).aggregate(**parts) if cells else t.aggregate(**parts)]

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[tuple[Any, ...]], Parts]:
        """Return the keys of the cells and their parts from the rows that the engine gave."""
        keys, place = cells_of(rows, cells)
        # Keys come in their own order, rows in the engine's.
        order = np.argsort(place)
        return keys, {name: numbers(rows[name], name)[order] for name in rows.column_names if name not in cells}

    def running(self, keys: Sequence[tuple[Any, ...]], parts: Parts, groups: int) -> Parts:
        """Return the parts of the cells; only indicators of a state add up the cells before."""
        return parts

    def figures(self, p: Parts, ask: Ask) -> Figures:
        """Return value, interval and n of every cell from its parts."""
        raise TypeError(f"{type(self).__name__} must say what its parts make")

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        """Return the figure of the rows of one customer, as an aggregate; None where one customer has no such figure."""
        return None

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        """Test cell `a` against cell `b`; None when the indicator has no test."""
        return None

    def wanted(self, ask: Ask) -> str | None:
        """Return which direction is good; `better`, unless it depends on the variant asked for."""
        return self.better

    def publish(self, cells: list[Cell]) -> list[Cell]:
        """Return the cells as they may be shown; only privacy rules change them."""
        return cells

    def chosen(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return this indicator's options with defaults filled in; BadQuestion for a value that is no choice."""
        picked = {}
        for name, option in self.options.items():
            value = options.get(name, option.default)
            if option.choices is not None and value not in option.choices:
                raise BadQuestion(
                    mark("{option} cannot be {value}. Choose one of: {known}."),
                    option=name,
                    value=str(value),
                    known=", ".join(map(str, option.choices)),
                )
            picked[name] = value
        return picked


def numbers(column: pa.ChunkedArray, name: str) -> Array:
    """Return a part as floats: an empty sum is 0, an empty minimum or maximum is NaN."""
    empty = np.nan if name.startswith(("min_", "max_")) else 0.0
    return np.array([empty if v is None else float(v) for v in column.to_pylist()], dtype=np.float64)
