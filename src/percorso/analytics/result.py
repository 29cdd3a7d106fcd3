"""The answer: cells of value, interval, n and verdict, in every form that somebody may want them."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import altair
    import pandas
    import polars
    import pyarrow

    from percorso.analytics.query import Query

Verdict = Literal["up", "down", "none", "untested", "running"]


@dataclass(frozen=True)
class Change:
    """A comparison: what it was before, the difference, and whether chance may explain it.

    `verdict` is up or down only if the adjusted p-value is at most q and the difference matters (specification 2);
    `good` says whether that is the direction wanted, None when there is no verdict or no wanted direction.
    """

    before: float | None
    before_n: int | None
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    adjusted_p: float | None
    method: str | None
    verdict: Verdict
    good: bool | None


@dataclass(frozen=True)
class Cell:
    """One figure: an indicator in one bucket of one group.

    `start` is the first instant of the bucket (UTC), None without a grain. Shares are 0–1, points −100…100,
    durations seconds, money minor units of `currency`; None means that there is no figure, never 0.
    """

    indicator: str
    start: datetime | None
    by: Mapping[str, str | None]
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    status: str
    details: Mapping[str, Any] = field(default_factory=dict)
    change: Change | None = None

    @property
    def currency(self) -> str | None:
        """The currency (ISO 4217) of a figure that is money; None for any other."""
        found: str | None = self.details.get("currency")
        return found


@dataclass(frozen=True)
class Result:
    """The cells of a query and the SQL that ran for each indicator."""

    query: "Query"
    rows: tuple[Cell, ...]
    statements: Mapping[str, str]

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def one(self, indicator: str | None = None) -> Cell:
        """Return the only cell (of `indicator`); ValueError when there are several or none."""
        cells = [c for c in self.rows if indicator in (None, c.indicator)]
        if len(cells) != 1:
            raise ValueError(f"{len(cells)} cells, not one: ask without grain and breakdown")
        return cells[0]

    def of(self, indicator: str) -> list[Cell]:
        """Return the cells of one indicator, in order."""
        return [c for c in self.rows if c.indicator == indicator]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one flat dict a cell: breakdown columns by their names, details and change as dicts."""
        return [
            {
                "indicator": c.indicator,
                "start": c.start,
                **c.by,
                "value": c.value,
                "low": c.low,
                "high": c.high,
                "n": c.n,
                "status": c.status,
                "verdict": c.change.verdict if c.change else None,
                "details": dict(c.details),
                "change": asdict(c.change) if c.change else None,
            }
            for c in self.rows
        ]

    def to_arrow(self) -> "pyarrow.Table":
        """Return the cells as an Arrow table, without details; the change is spread over columns ``change_*``."""
        import pyarrow as pa  # loaded when somebody wants it

        flat = []
        for cell, row in zip(self.rows, self.to_dicts(), strict=True):
            change = row.pop("change") or {}
            row.pop("details")
            names = ("before", "difference", "low", "high", "p_value", "adjusted_p")
            flat.append({"currency": cell.currency, **row, **{f"change_{name}": change.get(name) for name in names}})
        schema = pa.schema(
            [("indicator", pa.string()), ("start", pa.timestamp("us", tz="UTC"))]
            + [(name, pa.string()) for name in self._by_names()]
            + [("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("n", pa.int64())]
            + [("status", pa.string()), ("verdict", pa.string())]
            + [(name, pa.string()) for name in ("currency",) if name not in self._by_names()]
            + [(f"change_{n}", pa.float64()) for n in ("before", "difference", "low", "high", "p_value", "adjusted_p")]
        )
        return pa.Table.from_pylist(flat, schema=schema)

    def _by_names(self) -> list[str]:
        return list(dict.fromkeys(name for c in self.rows for name in c.by))

    def to_pandas(self) -> "pandas.DataFrame":
        """Return `to_arrow` as a pandas data frame."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> "polars.DataFrame":
        """Return `to_arrow` as a polars data frame."""
        import polars  # loaded when somebody wants it

        frame = polars.from_arrow(self.to_arrow())
        assert isinstance(frame, polars.DataFrame)
        return frame

    def sql(self) -> dict[str, str]:
        """Return the SQL that ran, by indicator."""
        return dict(self.statements)

    def chart(self) -> "altair.TopLevelMixin":
        """Return an Altair chart: lines with interval bands over time, or points with interval bars."""
        from percorso.analytics.chart import draw  # loaded when somebody wants it

        return draw(self)

    def _repr_html_(self) -> str:
        """Return the table a notebook shows."""
        from percorso.analytics.display import html_table  # loaded when somebody wants it

        return html_table(self)
