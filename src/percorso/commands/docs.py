"""``percorso docs``: the reference pages, written from the definitions."""

from pathlib import Path

import rich_click as click
from django.utils.translation import gettext

from percorso.commands.reference import PAGES
from percorso.commands.session import console, session
from percorso.errors import UserError
from percorso.i18n import mark


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when a page is not what the definitions say.")
@click.option("--into", "folder", default="docs/reference", show_default=True, help="The folder of the pages.")
def command(check: bool, folder: str) -> None:
    """Write the reference of indicators, tables, settings, connectors and commands."""
    target: Path = session().folder / folder
    stale = [name for name, page in PAGES.items() if _text(target / name) != page()]
    if check:
        if stale:
            raise UserError(
                mark("These pages are out of date: {pages}. Run `percorso docs` and commit them."),
                pages=", ".join(stale),
            )
        return
    target.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (target / name).write_text(PAGES[name](), encoding="utf-8")
    console().print(gettext("{n} pages written to {folder}.").format(n=len(stale), folder=folder))


def _text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None
