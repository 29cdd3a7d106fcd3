"""``percorso features``: what customers use, and what nobody uses."""

from datetime import datetime
from typing import Any

import rich_click as click

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.features import COLUMN, EVENT, FeatureQuery, features
from percorso.analytics.query import Period
from percorso.analytics.store import Store
from percorso.commands.behaviour import DIFFERENCE, Row, Told, answered, asking, or_lately


@click.command()
@click.option(
    "--event", default=EVENT, show_default=True, help="The event that tells the use of a feature; '' for any."
)
@click.option("--column", default=COLUMN, show_default=True, help="What names the feature: properties.KEY, name, page.")
@click.option("--core", multiple=True, help="List this feature even when nobody ever used it; repeat for more.")
@asking
def command(event: str, column: str, core: tuple[str, ...], as_of: datetime | None, **given: Any) -> None:
    """Show which share of the active customers uses which feature, against the same number of days before."""

    def ask(store: Store, workspace: Workspace, period: Period | None) -> tuple[list[Row], str]:
        days = or_lately(period, given["zone"] or workspace.time_zone)
        query = FeatureQuery(
            workspace.slug, days, days.previous(), event=event, column=column, core=core, as_of=as_of
        )  # fmt: skip
        found = features(store, query)
        rows: list[Row] = [
            {
                "feature": one.feature, "customers": one.users, "uses": one.uses, "adoption": one.adoption, "before": one.before,
                "change": Told.of(one.change, DIFFERENCE), "differs": one.differs, "last_at": one.last_at and f"{one.last_at:%Y-%m-%d}",
            }
            for one in found.features
        ]  # fmt: skip
        return rows, found.sql

    answered(ask, **given)
