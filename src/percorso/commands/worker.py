"""``percorso worker``: jobs, by as many processes as wanted, on PostgreSQL and ClickHouse."""

import signal
import threading

import rich_click as click
from django.utils.translation import ngettext

from percorso.accounts.queries import zones
from percorso.base import owner
from percorso.base.upgrades import migrate
from percorso.base.worker import Worker
from percorso.commands.session import console
from percorso.commands.web import refuse_one_process_stores
from percorso.config import setting
from percorso.sources.actions import mark_interrupted


@click.command()
@click.option("--threads", type=click.IntRange(1), help="Jobs at the same time; default PERCORSO_WORKERS.")
def command(threads: int | None) -> None:
    """Carry out jobs until it is told to end (SIGTERM, Ctrl-C); the jobs at hand are finished first.

    A second signal ends it at once: the jobs at hand are taken over by another worker.
    """
    refuse_one_process_stores("worker")
    migrate()
    mark_interrupted()
    number = threads or int(str(setting("WORKERS"))) or 1
    worker, over = Worker(number, zones, local=True), threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: over.set())
    worker.start()
    text = ngettext("Carrying out {n} job at a time.", "Carrying out {n} jobs at a time.", number)
    console().print(text.format(n=number))
    over.wait()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_DFL)
    worker.end()
    owner.close()
