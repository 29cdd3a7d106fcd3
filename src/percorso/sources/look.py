"""A first look at files before they are imported: their columns and first rows, and what each column probably is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from percorso.i18n import mark
from percorso.sources.connector import Connector, Context
from percorso.sources.corrections import Corrections
from percorso.sources.mapped import MappedConnector
from percorso.sources.mapping import Mapping, fingerprint
from percorso.sources.profiles import Profile
from percorso.sources.readers import BadFile, Format, open_file
from percorso.sources.report import Message

SHOWN_ROWS = 5
LOOKED_AT = 5000
LONGEST = 80


@dataclass(frozen=True)
class Column:
    """A column of the file: a few of its values, and why it is taken for what it is."""

    name: str
    examples: list[str]
    reason: Message | None = None


@dataclass
class Look:
    """What files look like. `mapping` is None for connectors that know their files' columns."""

    columns: list[Column] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    mapping: Mapping | None = None
    kept: bool = False
    kinds: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)
    problems: list[Message] = field(default_factory=list)


def look_at(
    connector: Connector,  # type: ignore[type-arg]
    paths: Sequence[Path],
    settings: Format,
    context: Context,
) -> Look:
    """Look at the start of the files.

    Parameters
    ----------
    context : the workspace's zone, the mappings kept before, and the mapping that a person gave before, if any.

    Returns
    -------
    Look : of the first file that can be read; those that cannot are its `problems`.
    """
    look = Look(kinds=[(path.name, _kind(connector, path)) for path in paths])
    readers = []
    for path in paths:
        try:
            readers.append(open_file(path, settings))
        except BadFile as error:
            look.problems.append(Message.of(error))
    if not readers:
        return look
    reader = readers[0]
    try:
        chunk = next(reader.chunks(), None)
    except BadFile as error:
        look.problems.append(Message.of(error))
        return look
    head = chunk.frame.head(LOOKED_AT) if chunk is not None else pl.DataFrame({c: [] for c in reader.columns})
    look.rows = [[_short(value) for value in row] for row in head.head(SHOWN_ROWS).iter_rows()]
    reasons: dict[str, Message] = {}
    if isinstance(connector, MappedConnector):
        assert isinstance(settings, Corrections)
        kept = context.kept.get(fingerprint(reader.columns))
        look.kept = context.mapping is None and kept is not None
        look.mapping = context.mapping or kept or connector.suggested(paths, reader, settings, context)
        look.warnings = context.warnings
        reasons = {s.column: s.reason for s in context.columns if s.role}
    look.columns = [
        Column(n, [_short(e) for e in Profile.of(head[n]).examples[:3]], reasons.get(n)) for n in head.columns
    ]
    return look


def _kind(connector: Connector, path: Path) -> str:  # type: ignore[type-arg]
    """What the connector takes a file for, marked; '' when it takes any, a sentence when it knows none of that name."""
    if not connector.files:
        return ""
    return next(
        (expected.about for expected in connector.files if expected.fits(path)),
        mark("not used: no file of this kind has such a name"),
    )


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
