"""What stands in a column: the facts from which its role is told."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from percorso.sources.instants import Dates, instants
from percorso.sources.values import flags, numbers, text
from percorso.sources.words import plain

EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
CLOCK = r"^\d{1,4}:\d{2}(:\d{2})?$"
SAMPLE = 5000


@dataclass(frozen=True)
class Profile:
    """One column's first records: `values` are its texts (or typed values), blanks left out."""

    name: str
    values: pl.Series
    records: int

    @classmethod
    def of(cls, column: pl.Series) -> "Profile":
        """Look at a column."""
        head = column.head(SAMPLE)
        kept = text(head) if head.dtype == pl.String else head
        return cls(column.name, kept.drop_nulls(), len(head))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The column's name as words."""
        return plain(self.name)

    @property
    def filled(self) -> int:
        """How many records have a value."""
        return len(self.values)

    @cached_property
    def distinct(self) -> int:
        """How many different values there are."""
        return self.values.n_unique()

    @cached_property
    def numbers(self) -> pl.Series:
        """The values that are numbers."""
        return numbers(self.values).values.drop_nulls()

    @cached_property
    def number_share(self) -> float:
        """Part of the values that are numbers; texts that mean blank count for neither side."""
        bad = int(numbers(self.values).bad.sum())
        return len(self.numbers) / max(1, len(self.numbers) + bad)

    @cached_property
    def date_share(self) -> float:
        """Part of the values that are dates; bare small numbers are none."""
        if self.values.dtype.is_temporal():
            return 1.0
        if self.values.dtype != pl.String:
            return 0.0
        small = int(self.values.str.contains(r"^[-+]?\d{1,7}([.,]\d+)?$").sum())
        reads = [instants(self.values, Dates(order)) for order in ("day", "month")]
        bad = min(int(read.bad.sum()) for read in reads)
        blank = int((reads[0].values.is_null() & ~reads[0].bad).sum())
        return max(0, self.filled - bad - blank - small) / max(1, self.filled - blank)

    @cached_property
    def flag_share(self) -> float:
        """Part of the values that are yes or no."""
        return 1 - int(flags(self.values).bad.sum()) / max(1, self.filled)

    def share_of(self, pattern: str) -> float:
        """Part of the values that match a pattern."""
        if self.values.dtype != pl.String or not self.filled:
            return 0.0
        return int(self.values.str.contains(pattern).sum()) / self.filled

    @cached_property
    def length(self) -> float:
        """Mean length of the texts."""
        return float(self.values.str.len_chars().mean() or 0) if self.values.dtype == pl.String else 0.0  # type: ignore[arg-type]

    @cached_property
    def is_scale(self) -> bool:
        """Whether most values are small whole numbers, as scores are."""
        found = self.numbers
        if self.number_share < 0.8 or not len(found) or self.distinct > 120:
            return False
        inside = found.filter(found.is_between(0, 10))
        return len(inside) >= 0.5 * len(found) and bool((found.filter(found.is_not_null()) % 1 == 0).mean() >= 0.9)  # type: ignore[operator]

    @property
    def examples(self) -> list[str]:
        """A few values."""
        return [str(v) for v in self.values.head(50).unique(maintain_order=True).head(3)]
