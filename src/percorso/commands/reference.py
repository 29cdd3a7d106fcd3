"""The reference pages as text, each made from the registry or list that the product itself uses."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from inspect import cleandoc
from typing import get_args

import rich_click as click
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from percorso.analytics.families import FAMILIES
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.analytics.tables import COMMON, STORED, TABLES, Column
from percorso.commands.group import main_group
from percorso.config import SETTINGS
from percorso.sources.connector import CONNECTORS
from percorso.surveys.bank import TEMPLATES
from percorso.surveys.question import QUESTIONS

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


def questions() -> str:
    """Return the page of question types."""
    parts = []
    for q in QUESTIONS.values():
        measures = ", ".join(f"`{metric}`" for metric in q.metrics if metric)
        facts = [f"Measures {measures}."] if measures else []
        facts += ["One value of it can be a link in an e-mail."] if q.one_click else []
        rows = [(f"`{name}`", _default(_written(default)), about) for name, default, about in _settings_of(q.Config)]
        table = _table(("setting", "default", "meaning"), rows) if rows else "No settings."
        parts.append("\n\n".join((f"## {q.label} (`{q.key}`)", " ".join([q.about, *facts]), table)))
    return _page(
        "Question types",
        "What a question's `type` can be, and its `settings`; see [surveys.md](../surveys.md) for all else. Texts are objects "
        'by language: `{"en": "Good", "pt-BR": "Bom"}`. `options[].id` is the `id` of each entry of `options`.',
        *parts,
    )


def _settings_of(config: type[BaseModel], before: str = "") -> Iterator[tuple[str, object, str]]:
    """Give name, default and meaning of each setting, and of what is in its entries."""
    for name, field in config.model_fields.items():
        yield before + name, field.get_default(call_default_factory=True), field.description or ""
        for kind in get_args(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _settings_of(kind, f"{before}{name}[].")


def _written(default: object) -> str:
    """Return a default as it is written in a definition; empty for nothing."""
    if default in (None, "", [], {}) or default is PydanticUndefined:
        return ""
    return f"`{json.dumps(default, default=lambda one: one.model_dump(exclude_defaults=True))}`"


def survey_templates() -> str:
    """Return the page of surveys ready to send."""
    rows = [
        (f"`{key}`", t.label, t.population + (", anonymous" if t.anonymous else ""), ", ".join(f"`{i}`" for i in t.indicators), t.about)
        for key, t in TEMPLATES.items()
    ]  # fmt: skip
    return _page(
        "Surveys ready to send",
        "Each in English, Portuguese (Brazil) and Italian, and each with the indicators that count its answers; see "
        "[surveys.md](../surveys.md).",
        _table(("template", "name", "who is asked", "indicators", "what for"), rows),
    )


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
    "questions.md": questions,
    "survey-templates.md": survey_templates,
}
