"""Things that happened, by the names that a company gives them."""

import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask


def names_of(told: object) -> list[str]:
    """Return the names that an option lists, separated by commas."""
    return [name.strip() for name in str(told or "").split(",") if name.strip()]


def occurrences(ask: Ask, option: str) -> ir.Table:
    """Return the events known by `as_of` whose names the option called `option` lists."""
    t = ask.table("events")
    return t.filter(t.name.isin(names_of(ask.options[option])), ask.known(t.at))


def says_yes(t: ir.Table, key: str, ask: Ask) -> ir.BooleanValue:
    """Return whether a property is true; rows that do not mention it are not read as JSON."""
    mentioned = t.properties.contains(f'"{key}"').fill_null(False)
    return mentioned & (ask.engine.json_text(t.properties, key) == "true").fill_null(False)
