"""What the pages of segments show: a rule as sentence, count and JSON, the fields of a row, the tabs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from babel.numbers import format_percent
from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.analytics.segments import Rule, parse, to_json
from percorso.base import words
from percorso.base.columns import column_name, value_name
from percorso.base.units import typed_unit
from percorso.customers import queries as people
from percorso.customers.models import Segment
from percorso.customers.segments import funnel_fields, queries
from percorso.customers.segments.builder import HOWS, Builder, told
from percorso.customers.segments.counting import ids, size
from percorso.customers.segments.funnel_row import told_why
from percorso.customers.segments.rows import COLUMN_OPS, KINDS, OPS, Row, rule_from_text
from percorso.customers.segments.sentences import sentence
from percorso.customers.sentences import METRICS, TABLES
from percorso.errors import BadQuestion
from percorso.i18n import mark

PREVIEW = 10
TABS = (
    ("customers", mark("Customers"), "personal"),
    ("companies", mark("Companies"), "personal"),
    ("segments", mark("Segments"), "see"),
    ("personas", mark("Personas"), "see"),
    ("identities", mark("Who is whom"), "personal"),
)
Entries = list[dict[str, Any]]


def tabs(membership: Membership, here: str) -> list[dict[str, Any]]:
    """Return the tabs of customers, segments and personas that a role may open."""
    slug = membership.workspace.slug
    return [
        {"label": gettext(label), "href": reverse(name, args=[slug]), "current": name == here}
        for name, label, what in TABS
        if membership.may(what)
    ]


def share_text(share: float | None) -> str:
    """Return a share of the customers; an en dash when there are none."""
    return "–" if share is None else str(format_percent(share, "0.0%", locale=words.locale()))


def line(segment: Segment, known: Mapping[str, Rule], names: Mapping[str, str], personal: bool) -> dict[str, Any]:
    """Return a segment as the list shows it; `known` are the rules, `names` the names of all segments by slug."""
    found: dict[str, Any] = {"segment": segment, "sentence": "", "count": None, "share": None, "share_text": "–"}
    try:
        rule = queries.resolved(segment.workspace, known[segment.slug], segment.slug, known)
        found["secret"] = not personal and queries.tells_about_people(rule)
        found["sentence"] = said(known[segment.slug], names, found["secret"])
        counted = size(segment.workspace, rule)
        share = counted.share or 0
        found |= {"count": counted.count, "share": round(100 * share), "share_text": share_text(counted.share)}
    except BadQuestion as error:
        found["error"] = told(error)
    return found


def said(rule: Rule, names: Mapping[str, str], secret: bool) -> str:
    """Return the sentence of a rule; of one that tells about people only that it does, to whom that is not for."""
    if secret:
        return gettext("Customers picked out by personal data")
    return sentence(rule, names)


def result(workspace: Workspace, builder: Builder, personal: bool, slug: str = "") -> dict[str, Any]:
    """Return what a rule that is being built gives: sentence, count, share, some customers, JSON; or what is wrong."""
    names = dict(queries.segments(workspace).values_list("slug", "name"))
    try:
        rule = builder.rule()
        whole = queries.resolved(workspace, rule, slug)
        if not personal:
            refuse_personal(whole)
        counted = size(workspace, whole)
    except BadQuestion as error:
        return {"error": told(error)}
    return {
        "sentence": sentence(rule, names),
        "count": counted.count,
        "share": share_text(counted.share),
        "bar": round(100 * (counted.share or 0)),
        "preview": named(workspace, ids(workspace, whole, PREVIEW)) if personal else None,
        "json": json.dumps(to_json(rule), ensure_ascii=False, indent=2),
    }


def refuse_personal(rule: Rule) -> None:
    """Check that a rule does not pick by personal data.

    Raises
    ------
    BadQuestion : it does.
    """
    if queries.tells_about_people(rule):
        raise BadQuestion(mark("This rule picks by personal data. Your role may not see it."))


def named(workspace: Workspace, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Return customers as id and name."""
    names = people.names(workspace, keys)
    return [(key, names.get(key, key)) for key in keys]


def groups(workspace: Workspace, builder: Builder, personal: bool, slug: str) -> list[dict[str, Any]]:
    """Return the groups of a builder with everything that their fields offer."""
    offered = _Offered(workspace, personal, slug)
    return [
        {
            "prefix": f"g{g}",
            "index": g,
            "hows": _entries(HOWS, [group.how]),
            "rows": [offered.row(row, f"g{g}.r{r}", f"{g}.{r}") for r, row in enumerate(group.rows)],
        }
        for g, group in enumerate(builder.groups)
    ]


def events(workspace: Workspace, builder: Builder) -> tuple[str, ...]:
    """Return the names of events that the steps of funnels offer; nothing when no row has a funnel."""
    rows = [row for group in builder.groups for row in group.rows if row.kind == "funnel"]
    return queries.values(workspace, "events", "name") if rows else ()


class _Offered:
    """What the fields of rows offer to choose from."""

    def __init__(self, workspace: Workspace, personal: bool, slug: str) -> None:
        self.workspace, self.personal = workspace, personal
        self.segments = {s: n for s, n in queries.segments(workspace).values_list("slug", "name") if s != slug}

    def row(self, row: Row, prefix: str, at: str) -> dict[str, Any]:
        """Return a row with its fields."""
        kinds = {kind: label for kind, label in KINDS.items() if kind != "segment" or self.segments}
        shown: dict[str, Any] = {"row": row, "prefix": prefix, "at": at, "kinds": _entries(kinds, [row.kind])}
        if row.kind == "text":
            return shown | self._text(row)
        if row.kind == "funnel":
            columns = queries.columns(self.workspace, "events", self.personal)
            return shown | {"funnel": funnel_fields.fields(row, prefix, columns)}
        shown["names"] = self._names(row)
        shown["ops"] = _entries(OPS[row.kind], [row.op])
        if row.kind == "trait" and row.op in ("is", "is_not"):
            shown["ticks"] = self._ticks(row)
            shown["ticked"] = _chosen(shown["ticks"])
        if row.kind in ("did", "last"):
            shown["menus"] = self._menus(row, prefix)
            shown["columns"] = self._columns(row)
            shown["column_ops"] = _entries(COLUMN_OPS, [row.column_op])
        if row.kind == "figure" and row.name in INDICATORS:
            shown["unit"] = typed_unit(INDICATORS[row.name]).name
        return shown

    def _text(self, row: Row) -> dict[str, str]:
        try:
            rule = rule_from_text(row.json)
        except BadQuestion as error:
            return {"sentence": told(error), "why": ""}
        return {"sentence": sentence(rule, self.segments), "why": gettext(told_why(rule))}

    def _names(self, row: Row) -> Entries:
        if row.kind == "trait":
            every = queries.traits(self.workspace, self.personal)
            return _plain({name: column_name(f"customer.{name}") for name in _with(every, row.name)}, row.name)
        if row.kind in ("did", "last"):
            return _entries({name: label for name, (label, _) in TABLES.items()}, [row.name])
        if row.kind == "answered":
            every = list(queries.metrics(self.workspace))
            return _plain({name: METRICS.get(name, name) for name in _with(every, row.name)}, row.name)
        if row.kind == "figure":
            return _plain({i.key: gettext(i.label) for i in _figures(self.workspace, row.name)}, row.name)
        first = {"": gettext("Choose a segment")}
        return _plain(first | self.segments, row.name)

    def _ticks(self, row: Row) -> Entries:
        if f"customer.{row.name}" not in KNOWN_TRAITS:
            return _plain({v: v for v in row.values}, *row.values)
        every = queries.values(self.workspace, "customers", row.name)
        names = {v: value_name(f"customer.{row.name}", v) for v in dict.fromkeys([*every, *row.values])}
        return _plain(dict(sorted(names.items(), key=lambda e: e[1].casefold())), *row.values)

    def _columns(self, row: Row) -> Entries:
        every = queries.columns(self.workspace, row.name, self.personal) if row.name in TABLES else []
        named = {name: column_name(name) for name in _with(every, row.column)}
        return _plain({"": gettext("With any details")} | named, row.column)

    def _menus(self, row: Row, prefix: str) -> list[dict[str, Any]]:
        made = []
        if row.name == "events":
            every = dict.fromkeys([*queries.values(self.workspace, "events", "name"), *row.events])
            made.append((gettext("What happened"), "events", _plain({v: v for v in every}, *row.events)))
        if row.name in TABLES:
            found = dict.fromkeys([*queries.channels(self.workspace, row.name), *row.channels])
            named = {v: value_name("channel", v) for v in found}
            made.append((gettext("Channel"), "channels", _plain(named, *row.channels)))
        return [
            {"label": label, "name": f"{prefix}.{name}", "entries": entries, "chosen": _chosen(entries)}
            for label, name, entries in made
            if entries
        ]


def _figures(workspace: Workspace, chosen: str) -> list[Indicator]:
    found = queries.figures(workspace)
    return found if chosen not in INDICATORS or INDICATORS[chosen] in found else [*found, INDICATORS[chosen]]


KNOWN_TRAITS = tuple(f"customer.{name}" for name in ("country", "region", "language", "plan", "segment"))


def _with(every: list[str], name: str) -> list[str]:
    return list(dict.fromkeys([*every, *([name] if name else [])]))


def _entries(known: Mapping[str, str], chosen: Iterable[str]) -> Entries:
    return _plain({value: gettext(label) if label else "" for value, label in known.items()}, *chosen)


def _plain(known: Mapping[str, str], *chosen: str) -> Entries:
    return [{"value": value, "label": label, "chosen": value in chosen} for value, label in known.items()]


def _chosen(entries: Entries) -> str:
    return ", ".join(entry["label"] for entry in entries if entry["chosen"])


def stored(segment: Segment) -> Rule:
    """Return the rule of a segment as it was written."""
    return parse(segment.rule)
