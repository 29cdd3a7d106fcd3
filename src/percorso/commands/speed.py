"""``percorso speed``: what slow and broken pages go with, and which errors customers meet."""

from datetime import datetime
from typing import Any

import rich_click as click

from percorso.accounts.models import Workspace
from percorso.analytics.behaviour.errors import ErrorQuery, errors
from percorso.analytics.behaviour.speed import SCORES, TROUBLES, ImpactQuery, impacts
from percorso.analytics.query import Period
from percorso.analytics.store import Store
from percorso.commands.behaviour import DIFFERENCE, Row, Told, answered, asking, or_lately


@click.command()
@click.option(
    "--show",
    type=click.Choice(["impact", "errors"]),
    default="impact",
    show_default=True,
    help="Scores of customers who had slow or broken pages against the others; or which errors customers meet.",
)
@click.option(
    "--trouble",
    "troubles",
    type=click.Choice(TROUBLES),
    multiple=True,
    help="A web vital, or errors; repeat for more.  [default: all]",
)
@click.option("--score", type=click.Choice(SCORES), default="nps", show_default=True)
@click.option(
    "--days",
    type=click.FloatRange(0, 3660, min_open=True),
    default=28,
    show_default=True,
    help="How long before an answer the customer's visits count.",
)
@click.option(
    "--by",
    metavar="COLUMN",
    help="For --show errors: where they happen (page, device, properties.release, customer.country); without it what they say.",
)
@asking
def command(
    show: str, troubles: tuple[Any, ...], score: Any, days: float, by: str | None, as_of: datetime | None, **given: Any
) -> None:
    """Show what slow and broken pages go with: `percorso speed --trouble LCP --score nps`."""

    def ask(store: Store, workspace: Workspace, period: Period | None) -> tuple[list[Row], str]:
        when = or_lately(period, given["zone"] or workspace.time_zone)
        if show == "errors":
            return _errors(store, ErrorQuery(workspace.slug, when, by, as_of=as_of))
        queries = [ImpactQuery(workspace.slug, when, one, score, days, as_of=as_of) for one in troubles or TROUBLES]
        return _impact(store, queries)

    answered(ask, **given)


def _impact(store: Store, queries: list[ImpactQuery]) -> tuple[list[Row], str]:
    found, unit = impacts(store, queries), "points" if queries[0].score == "nps" else "share"
    rows: list[Row] = [
        {
            "trouble": one.query.trouble,
            "without": one.untroubled.n,
            "score_without": Told.group(one.untroubled, unit),
            "with": one.troubled.n,
            "score_with": Told.group(one.troubled, unit),
            "difference": Told.of(one.difference, "points" if unit == "points" else DIFFERENCE),
            "differs": one.differs,
            "unmeasured": one.unmeasured,
        }
        for one in found
    ]
    return rows, ";\n\n".join(one.sql for one in found)


def _errors(store: Store, query: ErrorQuery) -> tuple[list[Row], str]:
    found = errors(store, query)
    rows: list[Row] = [
        {
            "error": one.value or "",
            "errors": one.errors,
            "customers": one.hit.count,
            "of_active": one.hit,
            "last_at": f"{one.last_at:%Y-%m-%d}",
        }
        for one in found.groups
    ]
    return rows, found.sql
