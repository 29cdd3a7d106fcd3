"""The command `percorso`."""

import locale
import os
import sys
import threading
from pathlib import Path

from rich.console import Console

from percorso.errors import UserError


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
