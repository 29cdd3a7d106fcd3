"""``percorso surveys``: what is asked, and how much was answered."""

import rich_click as click
from django.utils.translation import gettext
from rich.table import Table

from percorso.base.upgrades import migrate
from percorso.commands.session import console
from percorso.commands.workspaces import workspace_to_read
from percorso.surveys.editing import queries
from percorso.surveys.links import open_link


@click.group()
def command() -> None:
    """Surveys: list them with their addresses."""


@command.command("list")
@click.option("--workspace", metavar="NAME", help="Whose surveys; default: your own.")
def list_surveys(workspace: str | None) -> None:
    """List surveys, newest first, with how many have answered to the end."""
    migrate()
    table = Table(gettext("Survey"), gettext("State"), gettext("Answers"))
    # Wrapped, never cut: it is there to be copied.
    table.add_column(gettext("Address"), overflow="fold")
    for survey in queries.surveys(workspace_to_read(workspace)):
        table.add_row(survey.slug, survey.get_state_display(), f"{survey.answers:,}", open_link(survey))
    console().print(table)
