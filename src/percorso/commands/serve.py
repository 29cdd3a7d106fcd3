"""``percorso serve``: the pages, in one process."""

import os
import socket

import rich_click as click
from django.db import connections
from django.utils.translation import gettext
from granian import Granian
from granian.constants import Interfaces

from percorso.accounts.actions import first_start
from percorso.base import owner
from percorso.base.upgrades import migrate
from percorso.commands.session import console
from percorso.config import setting
from percorso.errors import UserError
from percorso.i18n import mark

THREADS = 8


@click.command()
@click.option("--host", help="Address to listen on; default PERCORSO_HOST.")
@click.option("--port", type=int, help="Port to listen on; default PERCORSO_PORT.")
def command(host: str | None, port: int | None) -> None:
    """Serve the pages and carry out jobs until Ctrl-C, in one process that owns the data folder."""
    address, number = place(host, port)
    migrate()
    # Only the worker may hold the file: asked here, before it starts, so that a refusal is a sentence.
    if owner.busy():
        owner.store()
    owner.close()
    os.environ["PERCORSO_SERVING"] = "1"
    welcome(address, number, first_start())
    connections.close_all()
    listen(address, number, processes=1)


def welcome(address: str, port: int, link: str | None) -> None:
    """Say where percorso is served and, at the first start, the link by which its owner signs in."""
    console().print(f"percorso: [bold]http://{address}:{port}[/]  (Ctrl-C stops it)")
    if link:
        console().print(gettext("Sign in for the first time: {link}").format(link=link), markup=False, soft_wrap=True)


def place(host: str | None, port: int | None) -> tuple[str, int]:
    """Return where to listen: what was typed, else the settings.

    Raises
    ------
    UserError : somebody else listens there, or it is no address of this machine.
    """
    address, number = host or str(setting("HOST")), port or int(str(setting("PORT")))
    _refuse_a_taken_port(address, number)
    return address, number


def listen(address: str, port: int, *, processes: int) -> None:
    """Serve the pages by so many processes until this one is told to end."""
    Granian(
        "percorso.web.wsgi:application",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=THREADS,
        # A thread that ends closes its connection to the database.
        blocking_threads_idle_timeout=600,
        respawn_failed_workers=processes > 1,
        log_level="error",  # type: ignore[arg-type]
    ).serve()


def _refuse_a_taken_port(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise UserError(
                mark("Cannot listen on {address}:{port} ({reason}). Give another port: percorso serve --port 8001."),
                address=address,
                port=port,
                reason=error.strerror,
            ) from error
