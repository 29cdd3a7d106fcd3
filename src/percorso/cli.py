"""The command `percorso`."""

import locale
import os
import sys
import threading
from pathlib import Path

import rich_click as click
from rich.console import Console

from percorso.errors import UserError

COMMANDS = ("demo", "docs", "import", "indicators", "manage", "measure", "serve")
MODULES = {"import": "imports"}


class _Commands(click.RichGroup):
    """Commands are loaded when they are asked for: each pulls in what only it needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = __import__(f"percorso.commands.{MODULES.get(name, name)}", fromlist=["command"])
        command: click.Command = module.command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="percorso")
def main_group() -> None:
    """Customer experience, measured: surveys, tickets, calls, orders and reviews, with how sure each figure is.

    The data folder is named by PERCORSO_DATA (default: percorso-data in the folder you are in).
    """


def main() -> None:
    """Run the command that was typed, here or in the process that owns the data folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "percorso.web.settings")
    words = sys.argv[1:]
    try:
        import django  # set up first: settings refuse wrong values before anything is touched

        django.setup()
    except UserError as error:
        sys.exit(f"{error}")
    from percorso.commands.session import Session, own_or_ask  # needs Django

    here = Session(Console(), Path.cwd(), threading.Event(), language=_language())
    sys.exit(own_or_ask(words, here))


def _language() -> str:
    """Return the language of the terminal: pt-br, it, or en for all others."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    code = (locale.normalize(told) or "").lower()[:2]
    return {"pt": "pt-br", "it": "it"}.get(code, "en")
