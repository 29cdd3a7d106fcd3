"""Things that happened, by the names that a company gives them."""

import ibis
import ibis.expr.types as ir

from percorso.analytics.methods.base import Ask


def names_of(told: object) -> list[str]:
    """Return the names that an option lists, separated by commas."""
    return [name.strip() for name in str(told or "").split(",") if name.strip()]


def occurrences(ask: Ask, option: str) -> ir.Table:
    """Return the events known by `as_of` whose names the option called `option` lists."""
    t = ask.table("events")
    return t.filter(t.name.isin(names_of(ask.options[option])), ask.known(t.at))


def firsts(t: ir.Table, key: str, ask: Ask) -> ir.Table:
    """Return the first row of each `key`; with a span of time, only those in it: most rows are never put in order.

    `t` has `at` and `id`, which settles what happened at one instant.
    """
    if ask.frame is not None and ask.frame.span is not None:
        earlier = t.filter(t.at < ask.instant("start")).select(earlier=t[key])
        t = t.filter(t.at >= ask.instant("start"), t.at < ask.instant("end"))
        t = t.anti_join(earlier, t[key] == earlier.earlier)
    t = t.mutate(turn=ibis.row_number().over(ibis.window(group_by=key, order_by=["at", "id"])))
    return t.filter(t.turn == 0)


def says_yes(t: ir.Table, key: str, ask: Ask) -> ir.BooleanValue:
    """Return whether a property is true; rows that do not mention it are not read as JSON."""
    mentioned = t.properties.contains(f'"{key}"').fill_null(False)
    return mentioned & (ask.engine.json_text(t.properties, key) == "true").fill_null(False)
