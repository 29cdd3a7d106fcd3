"""The operational database brought up to this version, and never down from a newer one."""

import fcntl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from percorso.config import data_folder
from percorso.errors import UserError
from percorso.i18n import mark

# Of processes that start together one migrates; any number that nobody else uses.
LOCK = 7_265_736


def migrate() -> None:
    """Bring the operational database up to this version; makes it at the first start.

    Raises
    ------
    UserError : the data was written by a newer version.
    """
    with _alone():
        refuse_newer(applied())
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)


def applied() -> list[str]:
    """Return the migrations of percorso's own apps that the database has, as ``app.migration``: its schema's version."""
    own = {config.label for config in apps.get_app_configs() if config.name.startswith("percorso.")}
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations if app in own)


def refuse_newer(migrations: Iterable[str]) -> None:
    """Refuse data whose schema this version does not know.

    Raises
    ------
    UserError : the message names what is unknown.
    """
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = [name for name in migrations if name not in known]
    if unknown:
        raise UserError(
            mark(
                "This data was written by a newer percorso ({unknown}). Install that version or a later one, or restore a backup made by this one."
            ),
            unknown=", ".join(unknown),
        )


@contextmanager
def _alone() -> Iterator[None]:
    if connection.vendor != "postgresql":
        # SQLite asks nobody before a migration begins: two that begin together make each table twice.
        with (data_folder() / "migrating.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
