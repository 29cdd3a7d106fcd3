"""How the data folder is: sizes, free space, rows, versions, the last backup."""

import json
import os
import platform
import shutil
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ibis
from django.db import connection

from percorso.accounts.models import Workspace
from percorso.analytics.tables import TABLES
from percorso.base import backup, owner
from percorso.config import data_folder, setting

LOW_SHARE = 0.1


@dataclass(frozen=True)
class Health:
    """What the page says; sizes in bytes, None where a server keeps the data."""

    folder: Path
    database: str
    database_bytes: int | None
    facts: str
    facts_bytes: int | None
    free_bytes: int
    total_bytes: int
    rows: list[tuple[str, int]]
    backup: dict[str, Any] | None
    process: int
    account: str
    versions: list[tuple[str, str]]

    @property
    def is_low(self) -> bool:
        """Whether less than a tenth of the disk is free."""
        return self.free_bytes < self.total_bytes * LOW_SHARE


def health(workspace: Workspace) -> Health:
    """Look at the data folder and the stores; the rows are those of `workspace`."""
    folder = data_folder()
    disk = shutil.disk_usage(folder)
    remote = bool(setting("ANALYTICS_URL"))
    return Health(
        folder=folder,
        database=connection.display_name,
        database_bytes=_database_bytes(),
        facts="ClickHouse" if remote else "DuckDB",
        facts_bytes=None if remote else _size(folder, "facts.duckdb"),
        free_bytes=disk.free,
        total_bytes=disk.total,
        rows=_rows(workspace),
        backup=_last_backup(folder),
        process=os.getpid(),
        account=_account(),
        versions=_versions(),
    )


def _size(folder: Path, name: str) -> int:
    """Return the bytes of a file and of what its engine keeps beside it (write-ahead logs)."""
    return sum(file.stat().st_size for file in folder.glob(f"{name}*") if file.is_file())


def _database_bytes() -> int | None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    file = Path(str(connection.settings_dict["NAME"]))
    return _size(file.parent, file.name) if file.is_file() else None


def _rows(workspace: Workspace) -> list[tuple[str, int]]:
    """Return how many rows each fact table has; one question for all."""
    store = owner.store()
    counted = [
        store.table(name, workspace.slug).aggregate(n=lambda t: t.count()).mutate(name=ibis.literal(name))
        for name in TABLES
    ]
    found = store.engine.fetch(store.engine.sql(ibis.union(*counted)))
    counts = dict(zip(found["name"].to_pylist(), found["n"].to_pylist(), strict=True))
    return [(name, int(counts[name])) for name in TABLES]


def _last_backup(folder: Path) -> dict[str, Any] | None:
    try:
        told = json.loads((folder / backup.NOTE).read_text())
        return told | {"at": datetime.fromisoformat(told["at"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _account() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _versions() -> list[tuple[str, str]]:
    known = [("percorso", "percorso"), ("Django", "django"), ("DuckDB", "duckdb"), ("Ibis", "ibis-framework")]
    return [(label, version(name)) for label, name in known] + [("Python", platform.python_version())]
