"""``percorso web``: the pages, by many processes on PostgreSQL and ClickHouse."""

import os
import tempfile

import rich_click as click
from django.db import connections

from percorso.accounts.actions import first_start
from percorso.base.upgrades import migrate
from percorso.commands.serve import listen, place, welcome
from percorso.config import setting
from percorso.errors import UserError
from percorso.i18n import mark


@click.command()
@click.option("--host", help="Address to listen on; default PERCORSO_HOST.")
@click.option("--port", type=int, help="Port to listen on; default PERCORSO_PORT.")
@click.option("--processes", type=click.IntRange(1), default=2, show_default=True, help="How many serve this port.")
def command(host: str | None, port: int | None, processes: int) -> None:
    """Serve the pages from PostgreSQL and ClickHouse until it is told to end; jobs are carried out by `percorso worker`.

    Run it on as many machines as you want, with the same settings and the same data folder (shared).
    """
    refuse_one_process_stores("web")
    address, number = place(host, port)
    with tempfile.TemporaryDirectory(prefix="percorso-metrics-") as counts:
        # Each process counts for itself and any of them tells the sum; prometheus-client reads this when it is imported.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts
        migrate()
        welcome(address, number, first_start())
        connections.close_all()
        listen(address, number, processes=processes)


def refuse_one_process_stores(command: str) -> None:
    """Refuse SQLite and DuckDB, which belong to one process.

    Raises
    ------
    UserError : a setting is missing; the message names both.
    """
    missing = [f"PERCORSO_{name}" for name in ("DATABASE_URL", "ANALYTICS_URL") if not setting(name)]
    if missing:
        raise UserError(
            mark(
                "`percorso {command}` runs in many processes and needs PostgreSQL and ClickHouse: set {missing}, "
                "or use `percorso serve`, which is one process with everything in the data folder."
            ),
            command=command,
            missing=" & ".join(missing),
        )
