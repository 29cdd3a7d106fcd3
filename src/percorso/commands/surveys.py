"""``percorso surveys``: what is asked, how much was answered, and surveys of other systems."""

from pathlib import Path

import rich_click as click
from django.utils.translation import gettext
from rich.table import Table

from percorso.base.upgrades import migrate
from percorso.base.words import count
from percorso.commands.session import console
from percorso.commands.workspaces import workspace_to_read
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.surveys.editing import queries
from percorso.surveys.exchange import actions
from percorso.surveys.exchange.format import FORMATS, File, Read
from percorso.surveys.exchange.given import read_files
from percorso.surveys.links import open_link

WRITTEN = tuple(key for key, one in FORMATS.items() if one.writes)


@click.group()
def command() -> None:
    """Surveys: list them with their addresses, bring them from other systems, take them there."""


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


@command.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--workspace", metavar="NAME", help="Whose survey it becomes; default: your own.")
@click.option("--name", metavar="TEXT", help="What the survey is called; default: its title.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_survey(files: tuple[Path, ...], workspace: str | None, name: str | None, dry_run: bool) -> None:
    """Import a questionnaire of another system, its answers, or both; given twice, each response is kept once."""
    migrate()
    owner = workspace_to_read(workspace)
    _, read = read_files([File(path.name, path.read_bytes()) for path in files], zone=owner.time_zone)
    called = (name or actions.name_of(read.definition, files[0].name))[:120]
    for note in read.notes:
        _say(gettext(note.template).format(**note.params))
    if dry_run:
        _say_what_would_happen(owner, read, called)
        return
    survey, _ = actions.take_survey(owner, read, name=called, by="command")
    kept = actions.keep_responses(survey, read.responses)
    _say(gettext("{survey}: {kept} responses of {n} were added.").format(survey=survey.slug, kept=count(kept), n=count(len(read.responses))))  # fmt: skip


def _say_what_would_happen(owner: object, read: Read, name: str) -> None:
    known = actions.known_survey(owner, name, read)  # type: ignore[arg-type]
    new = actions.new_responses(known, read.responses) if known else len(read.responses)
    asked = len(list(read.definition.questions()))
    text = gettext("{name}: {asked} questions, {new} new responses of {n}. Nothing was stored.")
    _say(text.format(name=name, asked=asked, new=count(new), n=count(len(read.responses))))


def _say(text: str) -> None:
    console().print(text, markup=False, highlight=False, soft_wrap=True)


@command.command("export")
@click.argument("survey")
@click.option("--format", "form", type=click.Choice(WRITTEN), default="percorso", help="As which system writes it.")
@click.option("--workspace", metavar="NAME", help="Whose survey; default: your own.")
def export_survey(survey: str, form: str, workspace: str | None) -> None:
    """Write what a survey asks, as JSON."""
    migrate()
    found = workspace_to_read(workspace).surveys.filter(slug=survey).first()
    if found is None:
        raise BadQuestion(mark("There is no survey {survey}. See `percorso surveys list`."), survey=survey)
    _say(FORMATS[form].write(found.definition))
