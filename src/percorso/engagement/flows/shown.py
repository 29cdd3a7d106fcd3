"""Flows as pages show them: the drawing, its list for small screens, and the tables."""

from collections.abc import Sequence
from typing import Any

from babel.numbers import format_decimal, format_percent
from django.utils.translation import gettext, ngettext

from percorso.analytics.behaviour.differences import StepDifference
from percorso.analytics.behaviour.path_query import EXIT, MORE, NAMES, OTHER, PathQuery
from percorso.analytics.behaviour.paths import Link, PathResult
from percorso.analytics.behaviour.transitions import Transition, TransitionResult
from percorso.analytics.behaviour.walks import SEPARATOR
from percorso.analytics.behaviour.ways import WayResult
from percorso.analytics.format import format_value
from percorso.base import columns, words
from percorso.engagement.figures import interval, of_how_many, time
from percorso.engagement.flows.layout import Box, Flow, Frame, sankey
from percorso.i18n import mark

Row = dict[str, Any]
FACTS = {
    "events": mark("Events"),
    "contacts": mark("Calls and chats"),
    "tickets": mark("Tickets"),
    "answers": mark("Survey answers"),
    "mentions": mark("Reviews and comments"),
    "orders": mark("Orders"),
    "messages": mark("Messages sent"),
}
KINDS = {
    NAMES["contacts"]: mark("Call or chat"),
    NAMES["tickets"]: mark("Ticket opened"),
    NAMES["answers"]: mark("Survey answered"),
    NAMES["mentions"]: mark("Review or comment written"),
    NAMES["orders"]: mark("Order placed"),
    NAMES["messages"]: mark("Message received"),
    OTHER: mark("other touchpoints"),
    EXIT: mark("end of the way"),
    MORE: mark("goes on"),
}
ENDS = (EXIT, MORE)
# How wide a letter of a label is, and under which width of a column a count stands below its name.
LETTER, NARROW = 7.2, 230
# Of the last column: room for its labels.
ROOM = 175
SHADES = 5
MOST_ROWS, MOST_LOOPS, MOST_DIFFERENCES, MATRIX = 15, 8, 12, 8


def name_of(node: str, query: PathQuery) -> str:
    """Return a touchpoint as a person reads it."""
    if node in KINDS:
        return gettext(KINDS[node])
    if query.by_channel and SEPARATOR in node:
        channel, _, rest = node.partition(SEPARATOR)
        return columns.value_name("channel", channel) + SEPARATOR + (gettext(KINDS[rest]) if rest in KINDS else rest)
    return columns.value_name(query.node, node) if query.node in columns.VALUES else node


def share(number: float | None) -> str:
    """Return a share in per cent."""
    return "–" if number is None else format_value(number, "share", words.language())


def drawing(found: PathResult) -> Row | None:
    """Return the Sankey diagram of the ways; None when nobody takes any."""
    query = found.query
    shown = [link for link in found.links if link.step < query.max_steps]
    shares = {(link.step, link.source, link.target): link for link in shown}
    flows = [Flow(link.step, link.source, link.target, link.count) for link in shown]
    if not flows:
        return None
    tallest = max(len(nodes) for nodes in found.nodes.values()) + 1
    last = max(flow.step for flow in flows) + 1
    column = max(180.0, 920.0 / (last - 1))
    narrow = column < NARROW
    frame = Frame(height=max(360.0, (64.0 if narrow else 52.0) * tallest), column=column, gap=38 if narrow else 26)
    made = sankey(flows, last=(OTHER, EXIT), frame=frame)
    return {
        # Room for the labels of the last column, and for half a line above and below.
        "width": round(made.width + ROOM),
        "height": round(made.height + 56),
        "heads": [{"x": column * k, "name": step} for k, step in enumerate(_steps(found)[:last])],
        "bands": [
            {
                "path": band.path,
                "ends": band.flow.target == EXIT,
                "told": _told(shares[band.flow.step, band.flow.source, band.flow.target], query),
            }
            for band in made.bands
        ],
        "boxes": [_box(box, found, min(column, ROOM) if box.step == last else column, narrow) for box in made.boxes],
        "narrow": narrow,
    }


def _steps(found: PathResult) -> list[str]:
    """Return the names of the positions; of ways to a touchpoint they are counted from it."""
    most = found.query.max_steps
    if not found.query.backwards:
        return [gettext("Step {n}").format(n=k) for k in range(1, most + 1)]
    before = [ngettext("{n} step before", "{n} steps before", most - k).format(n=most - k) for k in range(1, most)]
    return [*before, gettext("Last step")]


def _box(box: Box, found: PathResult, column: float, narrow: bool) -> Row:
    name, count = name_of(box.name, found.query), words.count(box.count)
    all_there = sum(found.nodes.get(box.step, {}).values())
    told = gettext("{name}: {count} ways").format(name=name, count=count)
    if box.name != EXIT and all_there:
        told = gettext("{name}: {count} ways, {share} of those that get to this step").format(
            name=name, count=count, share=share(box.count / all_there)
        )
    # In a narrow column the count has a line of its own; in a wide one it stands beside the name.
    room = column - box.width - 14 - (0 if narrow else LETTER * (len(count) + 1))
    middle = box.y + max(box.height / 2, 5) + (-3 if narrow else 4)
    return {
        "x": box.x, "y": box.y, "width": box.width, "height": box.height, "label_x": box.x + box.width + 6,
        "label_y": middle, "label": _short(name, int(room / LETTER)), "count": count, "told": told,
        "node": "" if box.name in (OTHER, EXIT) else box.name, "ends": box.name == EXIT, "other": box.name == OTHER,
    }  # fmt: skip


def _short(name: str, letters: int) -> str:
    return name if len(name) <= letters else name[: letters - 1].rstrip() + "…"


def _told(link: Link, query: PathQuery) -> str:
    told = {"source": name_of(link.source, query), "count": words.count(link.count), "share": share(link.share.value), "interval": interval(link.share)}  # fmt: skip
    if link.target == EXIT:
        return gettext("{source}: {count} ways end here, {share} ({interval})").format(**told)
    return gettext("{source} to {target}: {count} ways, {share} ({interval})").format(
        target=name_of(link.target, query), **told
    )


def steps(found: PathResult) -> list[Row]:
    """Return the same as a list: the touchpoints of each position, and where most go from there."""
    query, names = found.query, _steps(found)
    rows = []
    for step, nodes in sorted(found.nodes.items()):
        largest = max(nodes.values())
        ordered = sorted(nodes, key=lambda node: (node == OTHER, -nodes[node], node))
        rows.append({
            "name": names[step - 1],
            "nodes": [
                {
                    "name": name_of(node, query), "count": words.count(nodes[node]),
                    "bar": 100 * nodes[node] / largest, "next": _next(found, step, node),
                }
                for node in ordered
            ],
        })  # fmt: skip
    return rows


def _next(found: PathResult, step: int, node: str) -> str:
    if step >= found.query.max_steps:
        return ""
    links = [link for link in found.links if (link.step, link.source) == (step, node)]
    links.sort(key=lambda link: -link.count)
    return " · ".join(f"{name_of(link.target, found.query)} {share(link.share.value)}" for link in links[:3])


def links(found: PathResult) -> list[Row]:
    """Return the ways step by step as a table."""
    query, names = found.query, _steps(found)
    ordered = sorted(found.links, key=lambda link: (link.step, -link.count, link.source, link.target))
    return [
        {
            "step": names[link.step - 1], "source": name_of(link.source, query), "target": name_of(link.target, query),
            "count": words.count(link.count), "share": share(link.share.value), "interval": interval(link.share),
        }
        for link in ordered
    ]  # fmt: skip


SORTED = {
    "count": lambda t: -t.count,
    "share": lambda t: -(t.share.value or 0),
    "time": lambda t: -(t.median_seconds if t.median_seconds is not None else -1),
    "back": lambda t: -(t.back.value or 0),
}


def moves(found: TransitionResult, sort: str) -> list[Row]:
    """Return what follows what, as a table."""
    rows = sorted(found.transitions, key=lambda t: (SORTED[sort](t), -t.count, t.source, t.target))
    return [_move(t, found.query) for t in rows[:MOST_ROWS]]


def _move(t: Transition, query: PathQuery) -> Row:
    return {
        "source": name_of(t.source, query), "target": name_of(t.target, query), "ends": t.target == EXIT,
        "count": words.count(t.count), "share": share(t.share.value), "interval": interval(t.share),
        "share_of": t.share.value or 0, "median": time(t.median_seconds),
        "back": share(t.back.value) if t.back.count else "–", "back_interval": interval(t.back) if t.back.count else "",
        "back_count": words.count(t.back.count),
    }  # fmt: skip


def matrix(found: TransitionResult) -> Row | None:
    """Return the transition matrix of the most visited touchpoints; None where there is only one."""
    names = [stop.node for stop in found.stops[:MATRIX]]
    if len(names) < 2:
        return None
    known = {(t.source, t.target): t for t in found.transitions}
    targets = [*names, EXIT]
    return {
        "targets": [name_of(node, found.query) for node in targets],
        "rows": [
            {
                "source": name_of(source, found.query),
                "cells": [_cell(known.get((source, target)), target, found.query) for target in targets],
            }
            for source in names
        ],
        "more": len(found.stops) > len(names),
    }


def _cell(t: Transition | None, target: str, query: PathQuery) -> Row:
    if t is None:
        return {"share": "", "shade": 0, "median": "", "told": ""}
    value = t.share.value or 0
    told = gettext("{count} of {all}, {share} ({interval})").format(
        count=words.count(t.count), all=words.count(t.share.n), share=share(value), interval=interval(t.share)
    )
    median = "" if t.median_seconds is None else time(t.median_seconds)
    short = format_percent(value, "#,##0%", locale=words.locale()) if value >= 0.005 else "<" + share(0.005)
    return {"share": short, "shade": min(SHADES, int(value * SHADES * 1.6 + 0.999)), "median": median, "told": told}


def loops(found: TransitionResult) -> list[Row]:
    """Return the ways that lead straight back."""
    return [_move(t, found.query) for t in found.loops[:MOST_LOOPS]]


def dead_ends(found: TransitionResult) -> list[Row]:
    """Return where ways end more often than elsewhere."""
    return [
        {
            "name": name_of(s.node, found.query), "visits": words.count(s.visits), "ends": words.count(s.ends.count),
            "share": share(s.ends.value), "interval": interval(s.ends), "share_of": s.ends.value or 0,
            "difference": points(s.test.difference), "p": p_value(s.adjusted_p),
        }
        for s in found.dead_ends[:MOST_LOOPS]
    ]  # fmt: skip


def ways(found: WayResult) -> list[Row]:
    """Return the most frequent ways."""
    return [
        {
            "nodes": [name_of(node, found.query) for node in way.nodes], "count": words.count(way.share.count),
            "share": share(way.share.value), "interval": interval(way.share), "share_of": way.share.value or 0,
            "goes_on": words.count(way.goes_on) if way.goes_on else "",
        }
        for way in found.ways
    ]  # fmt: skip


def different(found: Sequence[StepDifference], query: PathQuery) -> list[Row]:
    """Return the steps of two groups, those that differ first."""
    return [_difference(d, query) for d in found[:MOST_DIFFERENCES]]


def _difference(d: StepDifference, query: PathQuery) -> Row:
    low, high = d.test.low, d.test.high
    ends = "" if low is None or high is None else gettext("{low} to {high}").format(low=points(low), high=points(high))
    more = (d.test.difference or 0) > 0
    return {
        "source": name_of(d.source, query), "target": name_of(d.target, query), "ends": d.target == EXIT,
        "one": share(d.one.value), "one_interval": interval(d.one), "one_n": of_how_many(d.one),
        "other": share(d.other.value), "other_interval": interval(d.other), "other_n": of_how_many(d.other),
        "difference": points(d.test.difference), "interval": ends, "p": p_value(d.adjusted_p), "differs": d.differs,
        "verdict": (gettext("more often") if more else gettext("less often")) if d.differs else gettext("no difference beyond chance"),
    }  # fmt: skip


def points(number: float | None) -> str:
    """Return a difference of two shares in percentage points, with its sign."""
    if number is None:
        return "–"
    text = format_decimal(abs(number) * 100, "0.0", locale=words.locale())
    return ("−" if number < 0 else "+") + gettext("{points} pp").format(points=text)


def p_value(p: float | None) -> str:
    """Return a p-value."""
    if p is None:
        return "–"
    smallest = format_decimal(0.001, "0.000", locale=words.locale())
    return f"< {smallest}" if p < 0.001 else format_decimal(p, "0.000", locale=words.locale())


def summary(found: Sequence[StepDifference], query: PathQuery, one: str, other: str) -> str:
    """Return in a sentence whether the ways of two groups differ, and where most."""
    differ = [d for d in found if d.differs]
    if not found:
        return gettext("No step is taken often enough by both to compare them.")
    if not differ:
        return gettext("None of {n} steps differs more than chance explains.").format(n=words.count(len(found)))
    d = differ[0]
    first = ngettext("{k} of {n} steps differs.", "{k} of {n} steps differ.", len(differ)).format(
        k=words.count(len(differ)), n=words.count(len(found))
    )
    told = {
        "source": name_of(d.source, query), "target": name_of(d.target, query), "one": one, "other": other,
        "share": share(d.one.value), "other_share": share(d.other.value),
    }  # fmt: skip
    second = (
        gettext("Most of all: after {source} the way ends in {share} ({one}) and {other_share} ({other}).")
        if d.target == EXIT
        else gettext("Most of all: from {source} on to {target} go {share} ({one}) and {other_share} ({other}).")
    )
    return f"{first} {second.format(**told)}"
