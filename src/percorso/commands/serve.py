"""``percorso serve``: the pages, in one process."""

import os
import socket

import rich_click as click
from granian import Granian
from granian.constants import Interfaces

from percorso.base import owner
from percorso.commands.session import console
from percorso.commands.workspaces import migrate
from percorso.config import setting
from percorso.errors import UserError
from percorso.i18n import mark

THREADS = 8


@click.command()
@click.option("--host", help="Address to listen on; default PERCORSO_HOST.")
@click.option("--port", type=int, help="Port to listen on; default PERCORSO_PORT.")
def command(host: str | None, port: int | None) -> None:
    """Serve the pages until Ctrl-C."""
    address, number = host or str(setting("HOST")), port or int(str(setting("PORT")))
    _refuse_a_taken_port(address, number)
    migrate()
    # Only the worker may hold the file: asked here, before it starts, so that a refusal is a sentence.
    if owner.busy():
        owner.store()
    owner.close()
    os.environ["PERCORSO_SERVING"] = "1"
    console().print(f"percorso: [bold]http://{address}:{number}[/]  (Ctrl-C stops it)")
    Granian(
        "percorso.web.wsgi:application",
        address=address,
        port=number,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
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
