"""``percorso demo``: the demo company."""

from datetime import UTC, date, datetime

import rich_click as click
from django.db import transaction
from django.utils.translation import gettext
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from percorso.accounts.models import Workspace
from percorso.base import fact_outbox
from percorso.base.upgrades import migrate
from percorso.commands.programme import make_programme
from percorso.commands.session import console, owning
from percorso.demo import fill
from percorso.demo.company import workspace

SLUG = "demo"


@click.command()
@click.option("--scale", type=click.FloatRange(0.01, 1000), default=1.0, show_default=True, help="1: 20,000 customers.")
@click.option("--seed", type=int, default=2026, show_default=True, help="The same seed makes the same company.")
@click.option("--until", type=date.fromisoformat, metavar="DATE", help="Day after the last; default: today.")
@click.option("--again", is_flag=True, help="Fill it again even when it is there.")
def command(scale: float, seed: int, until: date | None, again: bool) -> None:
    """Fill the data folder with the demo company: two years of surveys, tickets, calls, orders, reviews.

    What causes what in it, and how much, is documented in docs/demo.md. A demo that is there is kept.
    """
    with owning() as store:
        migrate()
        if Workspace.objects.filter(slug=SLUG).exists() and not again:
            console().print(gettext("The demo company is there already; its data is kept."))
            return
        until = until or datetime.now(UTC).date()
        bar = Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console())
        with bar:
            task = bar.add_task(gettext("Making the demo company"), total=1.0)
            truth = fill(
                store,
                workspace=SLUG,
                scale=scale,
                seed=seed,
                until=until,
                progress=lambda what, share: bar.update(task, completed=share, description=what),
            )
        # The workspace comes last: a demo that was cut off is filled again, once each.
        with transaction.atomic():
            made, _ = Workspace.objects.update_or_create(slug=SLUG, defaults=workspace(until))
            make_programme(made, truth)
        fact_outbox.load()
