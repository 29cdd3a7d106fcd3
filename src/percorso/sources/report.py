"""What an import says: messages, rejected records, progress and the closing report."""

import json
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from percorso.errors import UserError
from percorso.i18n import mark

if TYPE_CHECKING:  # mapping.py imports this module
    from percorso.sources.columns import Suggestion
    from percorso.sources.mapping import Mapping


@dataclass(frozen=True)
class Message:
    """A sentence for a person: a marked template and what goes into its places."""

    template: str
    params: Dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.params)

    def as_told(self, tone: str) -> dict[str, Any]:
        """The message as JSON values with its tone (bad, warn); of files only the names, not where they lie."""
        params = {k: Path(str(v)).name if k in ("file", "path") else v for k, v in self.params.items()}
        told: dict[str, Any] = json.loads(json.dumps({"template": self.template, "params": params}, default=str))
        return {"tone": tone} | told

    @classmethod
    def of(cls, error: UserError) -> "Message":
        """The message that `error` carries."""
        return cls(error.message, error.params)


@dataclass(frozen=True)
class Rejected:
    """A record that could not be imported: its file, the line where it starts, why, and what stood there."""

    file: str
    line: int
    reason: Message
    values: Dict[str, Any] | str

    def as_json(self) -> str:
        """One line of the file of rejected records."""
        entry = {
            "file": self.file,
            "line": self.line,
            "reason": str(self.reason),
            "template": self.reason.template,
            "params": dict(self.reason.params),
            "values": self.values,
        }
        # Bytes that are not text come as lone surrogates, which UTF-8 refuses.
        text = json.dumps(entry, ensure_ascii=False, default=str)
        return text.encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True)
class Problem:
    """A file that could not be read, or not to its end."""

    file: str
    message: Message


@dataclass(frozen=True)
class Progress:
    """How far an import is."""

    rows: int
    rejected: int
    bytes_done: int
    bytes_total: int
    file: str

    @property
    def share(self) -> float:
        """Part of the bytes that is read, 0 to 1."""
        return min(1.0, self.bytes_done / self.bytes_total) if self.bytes_total else 1.0


@dataclass
class Counts:
    """Rows of one fact table: given, new, and repeated (an id that is known or came twice)."""

    rows: int = 0
    new: int = 0
    repeated: int = 0


@dataclass
class Report:
    """What an import did, or would do."""

    state: str = "done"
    import_id: int | None = None
    records: int = 0
    tables: dict[str, Counts] = field(default_factory=dict)
    rejected: int = 0
    rejects: list[Rejected] = field(default_factory=list)
    rejected_file: Path | None = None
    first: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    mapping: "Mapping | None" = None
    columns: "list[Suggestion]" = field(default_factory=list)
    warnings: list[Message] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    bytes_done: int = 0
    bytes_total: int = 0
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        """Rows given, over all tables."""
        return sum(c.rows for c in self.tables.values())

    @property
    def new(self) -> int:
        """Rows that were new, over all tables."""
        return sum(c.new for c in self.tables.values())

    @property
    def repeated(self) -> int:
        """Rows whose id was known or came twice, over all tables."""
        return sum(c.repeated for c in self.tables.values())


def told_of(report: Report) -> list[dict[str, Any]]:
    """What a report says to a person as JSON values, the problems first."""
    problems = [problem.message.as_told("bad") for problem in report.problems]
    return problems + [warning.as_told("warn") for warning in report.warnings]


def told_of_error(error: BaseException) -> dict[str, Any]:
    """What ended an import as JSON values."""
    if isinstance(error, UserError):
        return Message.of(error).as_told("bad")
    template = mark("Something went wrong inside of percorso ({reason}). What was stored by now is kept; run it again.")
    return Message(template, {"reason": type(error).__name__}).as_told("bad")


def preview_of(report: Report) -> dict[str, Any]:
    """What a dry run found, as JSON values: counts, the first rows of each table, what it says."""
    tables = {name: {"rows": c.rows, "new": c.new, "repeated": c.repeated} for name, c in report.tables.items()}
    preview = {"records": report.records, "rejected": report.rejected, "tables": tables, "first": report.first}
    made: dict[str, Any] = json.loads(json.dumps(preview, default=str))
    return made | {"told": told_of(report), "seconds": round(report.seconds, 1)}
