"""``percorso indicators``: what can be measured."""

import rich_click as click
from django.utils.translation import gettext
from rich.table import Table

from percorso.analytics.indicators import INDICATORS
from percorso.commands.session import console


@click.command()
@click.argument("key", required=False)
def command(key: str | None) -> None:
    """List the indicators, or define one: its formula, table, time, interval, test, options."""
    if key:
        _define(key)
        return
    table = Table(header_style="bold", pad_edge=False)
    for title in ("key", "name", "unit", "better", "table"):
        table.add_column(gettext(title), no_wrap=title == "key")
    for indicator in sorted(INDICATORS.values(), key=lambda i: (i.family != "surveys", i.key)):
        name = gettext(indicator.label)
        table.add_row(indicator.key, name, indicator.unit, indicator.better or "–", indicator.table)
    console().print(table)


def _define(key: str) -> None:
    i = INDICATORS[key]
    console().print(f"[bold]{gettext(i.label)}[/] ({i.key}, version {i.version})\n{gettext(i.about)}\n")
    facts = {
        "formula": gettext(i.formula),
        "facts": i.table,
        "time": gettext(i.time),
        "interval": gettext(i.interval),
        "test": gettext(i.test),
        "smallest sample": str(i.minimum_n),
        "break down by": ", ".join(i.segments),
        **{f"option {name}": f"{gettext(o.about)} ({o.default})" for name, o in i.options.items()},
    }
    for name, text in facts.items():
        console().print(f"{name:>16}  {text}", markup=False, highlight=False)
