"""The reference pages as text, each made from the registry or list that the product itself uses."""

import re
from collections.abc import Callable, Iterable
from inspect import cleandoc

import rich_click as click

from percorso.analytics.families import FAMILIES
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.analytics.tables import COMMON, STORED, TABLES, Column
from percorso.commands.group import main_group
from percorso.config import SETTINGS
from percorso.sources.connector import CONNECTORS

NOTICE = "<!-- Written by `percorso docs` from the definitions; changes made here are lost. -->"


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", NOTICE, *parts]) + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head)]
    lines.append(["---"] * len(lines[0]))
    lines += [list(row) for row in rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def indicators() -> str:
    """Return the page of indicators."""
    parts = [
        "Every figure comes with its interval, its n and, compared with another, a verdict: up or down only where chance "
        "is an unlikely explanation (Benjamini-Hochberg over all figures asked together) and the difference matters. "
        "Net Promoter, NPS and Net Promoter Score are trademarks; notices name Satmetrix, Bain & Company and Fred Reichheld."
    ]
    for key, family in FAMILIES.items():
        found = [_indicator(i) for i in INDICATORS.values() if i.family == key]
        parts += [f"## {family.label}", family.about, *found] if found else []
    return _page("Indicators", *parts)


def _indicator(i: Indicator) -> str:
    matters = f"{i.materiality:.0%} of the earlier figure" if i.relative_materiality else f"{i.materiality:g}"
    facts = [
        ("Formula", i.formula), ("Facts", f"`{i.table}`"), ("Period", i.time), ("Unit", i.unit),
        ("Better", i.better or "neither"), ("Interval", i.interval), ("Test", i.test), ("A difference matters from", matters),
        ("Smallest sample", str(i.minimum_n)), ("Class", " · ".join((*(("signal",) if i.signal else ()), i.level, i.kind, i.nature))),
        ("Break down by", ", ".join(f"`{s}`" for s in i.segments)), ("Version", str(i.version)),
    ]  # fmt: skip
    options = [(f"Option `{name}`", f"{o.about} (default: {_default(o.default)})") for name, o in i.options.items()]
    words = [
        ("What is left out", i.exclusions), ("Typical traps", i.traps), ("Literature", i.literature),
        ("Versions", tuple(f"{e.version}, since {e.since}: {e.about}" for e in i.history)),
    ]  # fmt: skip
    lists = [f"{title}:\n\n" + "\n".join(f"- {line}" for line in lines) for title, lines in words if lines]
    return "\n\n".join([f"### {i.label} (`{i.key}`)", i.about, _table(("", ""), [*facts, *options]), *lists])


def _default(value: object) -> str:
    return "–" if value in (None, "") else str(value)


def tables() -> str:
    """Return the page of fact tables."""
    parts = [
        "All instants are UTC with microseconds; money is in integer minor units. A row whose `id` is known already "
        "replaces the earlier one.",
        "## Columns of every table\n\n" + _columns((*COMMON, *STORED)),
    ]
    parts += [f"## `{t.name}`\n\nOne row is {t.about}.\n\n" + _columns(t.own) for t in TABLES.values()]
    return _page("Fact tables", *parts)


def _columns(columns: Iterable[Column]) -> str:
    return _table(("column", "kind", "meaning"), [(f"`{c.name}`", c.kind, c.about) for c in columns])


def settings() -> str:
    """Return the page of settings."""
    rows = [(f"`PERCORSO_{s.name}`", f"`{s.default}`" if s.default else "–", s.about) for s in SETTINGS]
    return _page(
        "Settings",
        "percorso starts with none of these set. A secret can also be given as the path of a file that holds it, in the "
        "setting's name with `_FILE` at its end. A value that cannot be used stops the start and says why.",
        _table(("setting", "default", "meaning"), rows),
    )


def connectors() -> str:
    """Return the page of connectors."""
    parts = []
    for c in CONNECTORS.values():
        known = c.Config.model_fields.items()
        fields = [
            (f"`{n}`", _default(f.get_default(call_default_factory=True) or None), f.description or "")
            for n, f in known
        ]
        part = f"## {c.label} (`{c.key}`)\n\n{c.about}"
        parts.append(part + "\n\n" + _table(("setting", "default", "meaning"), fields) if fields else part)
    return _page("Connectors", "`percorso import CONNECTOR FILE_OR_FOLDER…`", *parts)


def commands() -> str:
    """Return the page of commands."""
    parts = []
    context = click.Context(main_group, info_name="percorso")
    for name in main_group.list_commands(context):
        command = main_group.get_command(context, name)
        if command is None or name == "manage":
            continue
        inner = click.Context(command, info_name=name, parent=context)
        rows = [record for p in command.params if (record := p.get_help_record(inner))]
        usage = f"```sh\npercorso {name} {' '.join(command.collect_usage_pieces(inner))}\n```"
        text = re.sub(r"\x08\n(.+?)(?=\n\n|\Z)", r"```sh\n\1\n```", cleandoc(command.help or ""), flags=re.DOTALL)
        options = _table(("option", "meaning"), [(f"`{o}`", about) for o, about in rows]) if rows else ""
        parts.append("\n\n".join(p for p in (f"## `percorso {name}`", text, usage, options) if p))
    return _page("Commands", *parts)


PAGES: dict[str, Callable[[], str]] = {
    "indicators.md": indicators,
    "tables.md": tables,
    "settings.md": settings,
    "connectors.md": connectors,
    "commands.md": commands,
}
