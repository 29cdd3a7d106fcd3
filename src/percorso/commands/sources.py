"""``percorso sources``: the keys by which sites, apps and back ends send events."""

import rich_click as click
from django.utils.translation import gettext
from rich.table import Table

from percorso.base.upgrades import migrate
from percorso.commands.session import console
from percorso.commands.workspaces import workspace_to_fill, workspace_to_read
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.sources.models import Source
from percorso.sources.tracking import actions

TERMINAL = "percorso sources"
WORKSPACE = click.option("--workspace", help="Workspace; default: the company's own.")


@click.group()
def command() -> None:
    """Sites, apps and back ends that send events (Segment's tracking API): list them, make a key, revoke one."""


@command.command("list")
@WORKSPACE
def list_sources(workspace: str | None) -> None:
    """List the sources of a workspace with their keys."""
    migrate()
    table = Table(gettext("Name"), gettext("Write key"), gettext("Last heard"), gettext("State"))
    for source in workspace_to_read(workspace).sources.all():
        heard = f"{source.heard_at:%Y-%m-%d %H:%M} UTC" if source.heard_at else gettext("Never")
        state = gettext("Revoked") if source.revoked_at else gettext("Open")
        table.add_row(source.name, source.key, heard, state)
    console().print(table)


@command.command()
@click.argument("name")
@WORKSPACE
def add(name: str, workspace: str | None) -> None:
    """Make the source NAME and print its write key."""
    migrate()
    made = actions.make_source(workspace_to_fill(workspace), name, by=TERMINAL)
    console().print(made.key, markup=False, highlight=False, soft_wrap=True)


@command.command()
@click.argument("name")
@WORKSPACE
def revoke(name: str, workspace: str | None) -> None:
    """Let the key of the source NAME open nothing any more; what it sent stays."""
    migrate()
    found = Source.objects.filter(workspace=workspace_to_read(workspace), name=name, revoked_at=None).first()
    if found is None:
        raise BadQuestion(mark("There is no open source {name}. `percorso sources list` shows all."), name=name)
    actions.revoke_source(found, by=TERMINAL)
