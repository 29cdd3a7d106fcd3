"""``percorso people``: who can sign in, and a link for somebody who cannot any more."""

import rich_click as click
from django.utils.translation import gettext
from rich.table import Table

from percorso.accounts import actions
from percorso.accounts.models import Person
from percorso.base.upgrades import migrate
from percorso.commands.session import console
from percorso.errors import BadQuestion
from percorso.i18n import mark

TERMINAL = "percorso people"


@click.group()
def command() -> None:
    """People who use percorso: list them, give one a new sign-in link."""


@command.command("list")
def list_people() -> None:
    """List everybody with their workspaces."""
    migrate()
    table = Table(gettext("E-mail address"), gettext("Name"), gettext("Workspaces"), gettext("Last sign-in"))
    for person in Person.objects.prefetch_related("memberships__workspace").order_by("email"):
        where = ", ".join(f"{m.workspace.slug} ({m.get_role_display()})" for m in person.memberships.all())
        seen = f"{person.last_login:%Y-%m-%d %H:%M} UTC" if person.last_login else gettext("Never")
        table.add_row(person.email, person.name, where, seen)
    console().print(table)


@command.command()
@click.argument("email")
@click.option("--without-second-factor", is_flag=True, help="Remove the second factor too: phone and codes are lost.")
def link(email: str, without_second_factor: bool) -> None:
    """Print a link by which EMAIL sets a new password: once, within 24 hours."""
    migrate()
    person = Person.objects.filter(email=email.strip().lower(), is_demo=False).first()
    if person is None:
        raise BadQuestion(mark("Nobody has the address {email}. `percorso people list` shows everybody."), email=email)
    made = actions.make_link(person, by=TERMINAL, without_second_factor=without_second_factor)
    console().print(gettext("Open this link within 24 hours; it works once:"))
    console().print(made, markup=False, highlight=False, soft_wrap=True)
