"""``percorso indicators``: what can be measured."""

from itertools import zip_longest

import rich_click as click
from django.utils.translation import gettext
from rich.table import Table

from percorso.analytics.families import FAMILIES
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
    for indicator in sorted(INDICATORS.values(), key=lambda i: (list(FAMILIES).index(i.family), i.key)):
        name = gettext(indicator.label)
        table.add_row(indicator.key, name, indicator.unit, indicator.better or "–", indicator.table)
    console().print(table)


def _define(key: str) -> None:
    i = INDICATORS[key]
    title = gettext("{name} ({key}, version {version})")
    console().print(title.format(name=gettext(i.label), key=i.key, version=i.version), style="bold", highlight=False)
    console().print(gettext(i.about) + "\n")
    option = gettext("option {name}")
    facts = {
        gettext("formula"): gettext(i.formula),
        gettext("facts"): i.table,
        gettext("time"): gettext(i.time),
        gettext("interval"): gettext(i.interval),
        gettext("test"): gettext(i.test),
        gettext("smallest sample"): str(i.minimum_n),
        gettext("break down by"): ", ".join(i.segments),
        gettext("left out"): "\n".join(gettext(text) for text in i.exclusions),
        gettext("traps"): "\n".join(gettext(text) for text in i.traps),
        gettext("literature"): "\n".join(i.literature),
        **{option.format(name=name): f"{gettext(o.about)} ({o.default})" for name, o in i.options.items()},
    }
    for name, text in facts.items():
        for title, line in zip_longest((name,), text.split("\n"), fillvalue=""):
            console().print(f"{title:>16}  {line}", markup=False, highlight=False)
