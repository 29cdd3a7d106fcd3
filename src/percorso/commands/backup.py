"""``percorso backup``: both stores and the data folder in one file, while everything runs."""

import rich_click as click
from django.utils.translation import gettext

from percorso.accounts import audit
from percorso.base.backup import back_up
from percorso.base.upgrades import migrate
from percorso.commands.session import console, owning, session
from percorso.config import setting


@click.command()
@click.argument("file", metavar="FILE")
def command(file: str) -> None:
    """Back up both databases, uploads, rejected rows and the secret key into FILE (.tar.zst or .tar.gz), while all runs.

    The file holds personal data and the secret key: keep it as you keep the data folder. `percorso restore` is the way
    back. Facts in ClickHouse are backed up by ClickHouse itself; it is said how.
    """
    target = session().folder / file
    if setting("ANALYTICS_URL"):
        migrate()
        manifest = back_up(target, None)
        text = gettext(
            "The facts are in ClickHouse: back them up there, e.g. by BACKUP DATABASE … TO Disk('backups', '…')."
        )
        console().print(text, style="yellow", highlight=False)
    else:
        with owning() as store:
            migrate()
            manifest = back_up(target, store)
    audit.record("backup_made", None, by="command line", target=target.name)
    text = gettext("Backed up to {file}: {rows} facts, {megabytes} MB.")
    size = target.stat().st_size / 1e6
    console().print(
        text.format(file=target, rows=f"{sum(manifest['rows'].values()):,}", megabytes=f"{size:,.1f}"), highlight=False
    )
