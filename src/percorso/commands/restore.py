"""``percorso restore``: a backup into an empty data folder."""

import rich_click as click
from django.utils.translation import gettext

from percorso.base.backup import restore
from percorso.commands.session import console, session


@click.command()
@click.argument("file", metavar="FILE")
def command(file: str) -> None:
    """Restore FILE, which `percorso backup` wrote, into the data folder that PERCORSO_DATA names; it must be empty.

    Checksums are compared and rows counted before anything is put in place. A backup of a newer version is refused, one
    of an older version is brought up to this one.
    """
    manifest = restore(session().folder / file)
    text = gettext("Restored the backup of {at} (percorso {version}): {rows} facts.")
    rows = f"{sum(manifest['rows'].values()):,}"
    console().print(text.format(at=manifest["at"], version=manifest["version"], rows=rows), highlight=False)
