"""``percorso import``: files into facts."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import rich_click as click
from django.utils.translation import gettext, ngettext
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from percorso.base.upgrades import migrate
from percorso.commands.session import console, owning, session
from percorso.commands.workspaces import workspace_to_fill
from percorso.sources.actions import import_files
from percorso.sources.connector import CONNECTORS
from percorso.sources.metrics import METRICS
from percorso.sources.report import Report

SHOWN = 10
# Writing needs little; the rest would only keep pages of the file that nobody reads again.
MEMORY = "400MB"


@click.command()
@click.argument("connector", metavar="CONNECTOR", type=click.Choice(list(CONNECTORS)))
@click.argument("files", nargs=-1, required=True, metavar="FILE_OR_FOLDER…")
@click.option("--dry-run", is_flag=True, help="Show what would be imported, and every row that cannot be.")
@click.option(
    "--column",
    "--map",
    "map_",
    multiple=True,
    metavar="OURS=THEIRS",
    help="What a column of the file is, e.g. customer=user_id.",
)
@click.option(
    "--constant", "--set", "set_", multiple=True, metavar="OURS=VALUE", help="A value for all rows, e.g. currency=BRL."
)
@click.option(
    "--unit",
    "unit_",
    multiple=True,
    metavar="OURS=UNIT",
    help="What numbers are in: amount=minor (cents), talk_seconds=minutes.",
)
@click.option(
    "--decimal", type=click.Choice([".", ","]), help="The decimal sign, where 1.234 can be both; default: found out."
)
@click.option("--metric", help=f"What a score measures: {', '.join(METRICS)}.")
@click.option("--scale", metavar="LOW-HIGH", help="The scale of the scores, e.g. 1-5.")
@click.option("--polarity", type=click.Choice(["higher", "lower"]), help="Whether a high or a low score is good.")
@click.option("--blank", multiple=True, metavar="CODE", help="A code that means no answer, e.g. 11.")
@click.option("--zone", metavar="NAME", help="Time zone of local times in the files, e.g. Europe/Rome.")
@click.option("--dates", type=click.Choice(["day", "month", "year"]), help="What comes first in dates like 03/04/2025.")
@click.option("--encoding", help="Of text files; default: found out.")
@click.option("--delimiter", help="Of CSV files; default: found out.")
@click.option("--sheet", help="Of a workbook; default: the first.")
@click.option("--kept", metavar="NAME", help="Use the mapping kept under this name, or keep it under it.")
@click.option("--workspace", metavar="NAME", help="Whose facts; default: main, your own.")
def command(
    connector: str, files: tuple[str, ...], dry_run: bool, kept: str | None, workspace: str | None, **given: Any
) -> None:
    """Import files: CONNECTOR is what one row of them is, or the system that they come from.

    \b
    percorso import answers survey.csv --metric nps --scale 0-10
    percorso import events clicks.jsonl --column customer=user_id --column name=event --column at=ts
    percorso import subscriptions plans.csv --column mrr=price --constant currency=BRL
    percorso import orders shop.parquet --unit amount=minor

    Columns named as in the fact table are known; --column names others. What nobody named is kept as a property.
    Imported again, nothing counts twice. Rows that cannot be imported are kept beside, with line and reason.
    """
    here = session()
    paths = [str(here.folder / name) for name in files]
    with owning(MEMORY) as store, _stoppable(here.stop):
        migrate()
        whose = workspace_to_fill(workspace)
        bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]}"), TimeElapsedColumn(),
            console=console(), transient=True,
        )  # fmt: skip
        with bar:
            task = bar.add_task(gettext("Reading"), total=1.0, rows="")
            report = import_files(
                whose, connector, paths,
                store=store, config=_config(given), kept=kept, dry_run=dry_run, stop=here.stop, by="command line",
                progress=lambda p: bar.update(task, completed=p.share, rows=f"{p.rows:,}", description=p.file),
            )  # fmt: skip
    _tell(report, connector, whose.slug)
    if report.state in ("failed", "stopped"):
        raise click.exceptions.Exit(1)


def _config(given: dict[str, Any]) -> dict[str, Any]:
    """Return the connector's settings that were given, and no others."""
    config = {name: list(v) if isinstance(v, tuple) else v for name, v in given.items() if v and not name.endswith("_")}
    for name in ("map_", "set_", "unit_"):
        if given[name]:
            config[name.rstrip("_")] = _pairs(given[name])
    return config


def _pairs(texts: tuple[str, ...]) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for text in texts:
        role, found, value = text.partition("=")
        if not found:
            raise click.UsageError(gettext("Write {text} as role=column.").format(text=text))
        pairs[role] = [*_listed(pairs[role]), value] if role in pairs else value
    return pairs


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@contextmanager
def _stoppable(stop: threading.Event) -> Iterator[None]:
    """Let Ctrl-C end the import after the rows at hand: what was stored stays, the rest can be run again."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(report: Report, connector: str, slug: str) -> None:
    say = console()
    for column in report.columns:
        role = column.role or gettext("kept as a property")
        say.print(f"  {column.column}: {role}", markup=False, highlight=False)
    for warning in (*report.warnings, *(p.message for p in report.problems)):
        say.print(_message(warning), markup=False, style="yellow")
    for table, counts in report.tables.items():
        text = gettext("{table}: {rows} rows, {new} new, {repeated} known already")
        say.print(
            text.format(table=table, rows=f"{counts.rows:,}", new=f"{counts.new:,}", repeated=f"{counts.repeated:,}")
        )
    if report.rejected:
        text = ngettext("{n} row cannot be imported:", "{n} rows cannot be imported:", report.rejected)
        say.print(text.format(n=f"{report.rejected:,}"), style="yellow")
        for r in report.rejects[:SHOWN]:
            say.print(f"  {r.file}:{r.line}  {_message(r.reason)}", markup=False, highlight=False)
        if report.rejected_file:
            say.print(gettext("All of them: {path}").format(path=report.rejected_file), highlight=False)
    if report.state == "dry":
        say.print(gettext("Nothing was stored: this was a dry run."))
    if report.state == "stopped":
        say.print(gettext("Stopped. What was read is stored; run the same command again for the rest."))
    if report.state == "done":
        text = gettext("Done in {seconds} s. Look at it: percorso serve, then /w/{slug}/")
        say.print(text.format(seconds=f"{report.seconds:.1f}", slug=slug), highlight=False)


def _message(message: Any) -> str:
    return gettext(message.template).format(**message.params)
