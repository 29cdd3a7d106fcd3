"""Connectors: what turns the files of one kind of source into facts. One class a file in ``connectors/``."""

import fnmatch
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import polars as pl
from pydantic import ValidationError

from percorso.errors import UserError
from percorso.i18n import mark
from percorso.registry import Registry
from percorso.sources.columns import Suggestion
from percorso.sources.mapping import Mapping as ColumnMapping
from percorso.sources.readers import BadFile, Chunk, Format, Reader, open_file
from percorso.sources.report import Message, Problem, Rejected
from percorso.sources.sieve import Sieve


class WrongFiles(UserError):
    """None of the files given is one that the connector reads, or one that it cannot do without is missing."""


@dataclass(frozen=True)
class Expected:
    """A kind of file that a connector reads: patterns of its name without ``.csv``, ``.parquet`` … and what it holds."""

    name: str
    about: str
    needed: bool = False

    def fits(self, path: Path) -> bool:
        """Whether `path` is named like this."""
        return fnmatch.fnmatch(stem(path).lower(), self.name.lower())


@dataclass
class Piece:
    """Some facts: rows by fact table, and what became of the records they were read from."""

    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    records: int = 0

    @classmethod
    def of(cls, sieve: Sieve, **tables: pl.DataFrame) -> "Piece":
        """The piece that a sieve leaves."""
        return cls(tables, sieve.rejected, sieve.records)


@dataclass
class Context:
    """What a connector is told, and what it tells while it reads.

    `zone` : the workspace's time zone. `kept` : mappings used before, by the fingerprint of the header. `mapping` : the
    one to use, whatever was kept; when the reading is over, the one that was used. `position` : bytes read, by file.
    """

    zone: str = "UTC"
    kept: Mapping[str, ColumnMapping] = field(default_factory=dict)
    mapping: ColumnMapping | None = None
    fingerprint: str | None = None
    columns: list[Suggestion] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    position: dict[Path, int] = field(default_factory=dict)

    def warn(self, template: str, **params: object) -> None:
        """Say something that the person should look at; the same is said once."""
        message = Message(template, params)
        if message not in self.warnings:
            self.warnings.append(message)

    def opened(self, path: Path, given: Format) -> Reader | None:
        """Open a file; None when it cannot be, which is noted."""
        try:
            reader = open_file(path, given)
        except BadFile as error:
            self.problems.append(Problem(str(path), Message.of(error)))
            self.position[path] = path.stat().st_size if path.exists() else 0
            return None
        if reader.encoding not in (None, "utf-8", "utf-16", "utf-32", given.encoding):
            self.warn(mark("{file} is read as {encoding}."), file=path.name, encoding=reader.encoding)
        return reader

    def chunks(self, reader: Reader) -> Iterator[Chunk]:
        """Read a file to its end, or to where it breaks off, which is noted."""
        try:
            for chunk in reader.chunks():
                self.position[reader.path] = chunk.position
                yield chunk
        except BadFile as error:
            self.problems.append(Problem(str(reader.path), Message.of(error)))
        self.position[reader.path] = reader.size

    def sieves(self, path: Path, given: Format) -> Iterator[Sieve]:
        """Read a file chunk by chunk; nothing when it cannot be opened, which is noted."""
        if reader := self.opened(path, given):
            for chunk in self.chunks(reader):
                yield Sieve(chunk, str(path))

    def whole(self, path: Path, given: Format) -> Sieve:
        """Read a file that is small, or whose records belong together, at once."""
        chunks = [Chunk(s.frame, s.lines, 0, s.rejected) for s in self.sieves(path, given)]
        if not chunks:
            return Sieve(Chunk(pl.DataFrame(), np.empty(0, np.int64), 0), str(path))
        frame = pl.concat([c.frame for c in chunks], how="diagonal_relaxed")
        rejected = [r for c in chunks for r in c.rejected]
        return Sieve(Chunk(frame, np.concatenate([c.lines for c in chunks]), 0, rejected), str(path))


C = TypeVar("C", bound=Format)


class Connector(ABC, Generic[C]):
    """One kind of source.

    A subclass states `label` and `about` (marked), `files` that it reads (empty: any), and `Config` with its settings;
    `read` yields pieces. It never raises for one bad record or file: it notes them.
    """

    key: str
    label: ClassVar[str]
    about: ClassVar[str]
    files: ClassVar[tuple[Expected, ...]] = ()
    Config: ClassVar[type[Format]] = Format

    @abstractmethod
    def read(self, files: Sequence[Path], config: C, context: Context) -> Iterator[Piece]:
        """Yield the facts of `files`.

        Raises
        ------
        UserError : nothing can be read at all: a needed file, column or setting is missing.
        """

    def by_kind(self, files: Sequence[Path], context: Context) -> dict[str, list[Path]]:
        """Return the files by the kind that they are named like; others are noted and left.

        Raises
        ------
        WrongFiles : a kind that is needed is not among them.
        """
        found: dict[str, list[Path]] = {expected.name: [] for expected in self.files}
        for path in files:
            kinds = [expected.name for expected in self.files if expected.fits(path)]
            if kinds:
                found[kinds[0]].append(path)
            else:
                context.warn(mark("{file} is not used: {connector} knows no file of that name."), file=path.name, connector=self.key)  # fmt: skip
        missing = [e.name for e in self.files if e.needed and not found[e.name]]
        if missing or not any(found.values()):
            raise WrongFiles(
                mark("{connector} reads files named {expected}. Missing: {missing}. Give the folder that they are in."),
                connector=self.key,
                expected=", ".join(e.name for e in self.files),
                missing=", ".join(missing or ["all of them"]),
            )
        return found


def stem(path: Path) -> str:
    """Return a file's name without ``.csv``, ``.parquet``, ``.gz`` and the like."""
    name = path.name
    for suffix in (".gz", ".csv", ".tsv", ".txt", ".parquet", ".json", ".jsonl", ".ndjson", ".xlsx", ".xls"):
        name = name[: -len(suffix)] if name.lower().endswith(suffix) else name
    return name


def checked(config: type[Format], given: dict[str, Any] | Format | None, connector: str) -> Format:
    """Return a connector's settings.

    Raises
    ------
    UserError : a setting that it does not have, or a value that does not fit; the message says what does.
    """
    if isinstance(given, Format):
        return given
    try:
        return config.model_validate(given or {})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise UserError(
                mark("{connector} has no setting {name}. Its settings: {known}."),
                connector=connector,
                name=name,
                known=", ".join(config.model_fields),
            ) from error
        raise UserError(
            mark("{name} cannot be {value}: give {expected}."),
            name=name,
            value=repr(first["input"]),
            expected=str(first.get("ctx", {}).get("error") or first["msg"]),
        ) from error


CONNECTORS: Registry[Connector] = Registry("percorso.sources.connectors", Connector, "percorso.connectors")  # type: ignore[type-abstract, type-arg]
