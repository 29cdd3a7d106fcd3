"""A backup of both stores and of the data folder while everything runs, and the way back.

The operational database is copied first, the facts after it: facts may be newer than what the application knows of them,
which a repeated import puts right, and never older. The secret key is part of it, since it opens second factors and
sessions: a backup is as secret as the data folder.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.db import connection, connections

from percorso.analytics.store import Store
from percorso.base import archive
from percorso.base.upgrades import applied, migrate, refuse_newer
from percorso.config import data_folder, setting
from percorso.errors import UserError
from percorso.i18n import mark

NOTE = "backup.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
# What is copied by its engine, or belongs to the process that runs.
LEFT_OUT = ("facts.duckdb", "percorso.sqlite3", "tests.sqlite3", "owner.sock", NOTE)
UNFINISHED = ".part"


def back_up(file: Path, store: Store | None) -> dict[str, Any]:
    """Write a backup and return its manifest; `store` is None where a server keeps the facts.

    Raises
    ------
    UserError : the file is there already, lies in the data folder, or cannot be written; a program is missing.
    """
    archive.kind_of(file)
    if file.exists():
        raise UserError(mark("{file} is there already. Give another name."), file=str(file))
    if file.resolve().is_relative_to(data_folder()):
        raise UserError(
            mark("A backup in the data folder would be lost with it. Give a file outside of {folder}."),
            folder=str(data_folder()),
        )
    # Called by its name only when it is whole; the ending stays, since it says how the file is compressed.
    part = file.with_name(f"{UNFINISHED}-{os.getpid()}-{file.name}")
    try:
        with tempfile.TemporaryDirectory(prefix="percorso-backup-", dir=_room(file.parent)) as name:
            manifest = _write(part, Path(name), store)
        part.replace(file)
    except OSError as error:
        raise UserError(mark("The backup cannot be written: {reason}."), reason=error.strerror or str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    note = {name: manifest[name] for name in ("at", "version", "rows")} | {
        "file": str(file),
        "bytes": file.stat().st_size,
    }
    (data_folder() / NOTE).write_text(json.dumps(note))
    return manifest


def _room(folder: Path) -> Path:
    if not folder.is_dir():
        raise UserError(mark("There is no folder {folder}. Make it first."), folder=str(folder))
    return folder


def _write(file: Path, stage: Path, store: Store | None) -> dict[str, Any]:
    manifest = {
        "format": 1, "version": version("percorso"), "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": connection.vendor, "migrations": applied(), "facts": store is not None, "rows": {},
    }  # fmt: skip
    with archive.writing(file, manifest) as out:
        copy = stage / DATABASES[connection.vendor]
        _copy_database(copy)
        out.add(copy, copy.name)
        copy.unlink()
        if store is not None:
            store.engine.copy_to(stage)
            for table in sorted(stage.glob("*.parquet")):
                manifest["rows"][table.stem] = pq.read_metadata(table).num_rows
                out.add(table, f"facts/{table.name}")
        for kept in _folder_files():
            out.add(kept, f"folder/{kept.relative_to(data_folder())}")
    return manifest


def _folder_files() -> Iterator[Path]:
    """Yield what else lies in the data folder: uploads, rejected rows, mails, the secret key."""
    for path in sorted(data_folder().rglob("*")):
        if (
            path.is_file()
            and not path.is_symlink()
            and not path.relative_to(data_folder()).parts[0].startswith(LEFT_OUT)
        ):
            yield path


def _copy_database(file: Path) -> None:
    if connection.vendor == "sqlite":
        source, target = sqlite3.connect(str(connection.settings_dict["NAME"])), sqlite3.connect(file)
        with closing(source), closing(target):
            # In one step: it holds one state of the database, and in WAL mode keeps no writer waiting.
            source.backup(target)
        return
    with _postgresql() as (places, environment):
        _run(["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}", *places], environment)


def restore(file: Path) -> dict[str, Any]:
    """Fill an empty data folder, and an empty database, from a backup; return the manifest.

    Everything is unpacked, compared and counted beside before it is put in place.

    Raises
    ------
    UserError : the folder or the database is not empty; the backup is damaged, newer, or of another kind of database.
    """
    codec, folder = archive.kind_of(file), data_folder()
    if not file.is_file():
        raise UserError(mark("There is no file {file}."), file=str(file))
    # The key was made a moment ago, by the start of this command.
    if {path.name for path in folder.iterdir()} - {"secret_key"}:
        raise UserError(
            mark("The data folder {folder} is not empty. Give an empty one in PERCORSO_DATA."), folder=str(folder)
        )
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=folder) as name:
        stage = Path(name)
        manifest = archive.extract(file, stage, codec)
        refuse_newer(manifest["migrations"])
        _refuse_another_kind(manifest)
        if manifest["facts"]:
            _load_facts(stage, manifest["rows"])
        _put_database(stage)
        for path in (stage / "folder").iterdir() if (stage / "folder").exists() else ():
            path.replace(folder / path.name)
    connections.close_all()
    migrate()
    return manifest


def _refuse_another_kind(manifest: dict[str, Any]) -> None:
    if manifest["database"] != connection.vendor:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise UserError(
            mark("This is a backup of {theirs}, and PERCORSO_DATABASE_URL names {ours}. Restore it into its own kind."),
            theirs=names.get(manifest["database"], manifest["database"]),
            ours=names[connection.vendor],
        )
    if manifest["facts"] and setting("ANALYTICS_URL"):
        raise UserError(mark("This backup holds a DuckDB file. Restore it without PERCORSO_ANALYTICS_URL."))
    if connection.vendor == "postgresql" and connection.introspection.table_names():
        raise UserError(mark("The database that PERCORSO_DATABASE_URL names is not empty. Make a new one."))


def _load_facts(stage: Path, rows: dict[str, int]) -> None:
    with Store.open(stage / "facts.duckdb", memory_limit=str(setting("MEMORY"))) as store:
        store.engine.load_from(stage / "facts")
        counted = {name: store.table(name).count().execute() for name in rows}
    if counted != rows:
        raise UserError(mark("The facts were not restored whole. Restore again, or take an earlier backup."))
    (stage / "facts.duckdb").replace(data_folder() / "facts.duckdb")


def _put_database(stage: Path) -> None:
    copy = stage / DATABASES[connection.vendor]
    if connection.vendor == "sqlite":
        shutil.move(copy, data_folder() / "percorso.sqlite3")
        return
    with _postgresql() as (places, environment):
        words = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        _run([*words, *places, str(copy)], environment)


@contextmanager
def _postgresql() -> Iterator[tuple[list[str], dict[str, str]]]:
    """Give where PostgreSQL's programs find the database; the password goes by the environment, which others cannot see."""
    told = connection.settings_dict
    given = {"--host": told["HOST"], "--port": told["PORT"], "--username": told["USER"], "--dbname": told["NAME"]}
    secrets = {"PGPASSWORD": str(told["PASSWORD"])} if told["PASSWORD"] else {}
    modes = {"PGSSLMODE": str(told["OPTIONS"]["sslmode"])} if "sslmode" in told["OPTIONS"] else {}
    yield [f"{name}={value}" for name, value in given.items() if value], {**os.environ, **secrets, **modes}


def _run(words: Sequence[str], environment: dict[str, str]) -> None:
    try:
        ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise UserError(
            mark(
                "{program} is missing on this machine. Install PostgreSQL's client (Debian: apt-get install postgresql-client)."
            ),
            program=words[0],
        ) from error
    if ended.returncode:
        raise UserError(mark("{program} refused: {reason}"), program=words[0], reason=ended.stderr.strip())
