"""Imports as pages show them: sentences in the language of the request, states with their colour, first rows."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from percorso.analytics.tables import TABLES
from percorso.i18n import mark
from percorso.sources.choices import UNITS
from percorso.sources.connector import CONNECTORS
from percorso.sources.mapped import MappedConnector
from percorso.sources.mapping import AS_TOLD, Mapping, Score
from percorso.sources.metrics import METRICS
from percorso.sources.models import Import
from percorso.sources.roles import ROLES, Unit

TONES = {
    Import.State.DRAFT: "quiet", Import.State.WAITING: "quiet", Import.State.RUNNING: "busy", Import.State.DONE: "good",
    Import.State.STOPPED: "warn", Import.State.FAILED: "bad", Import.State.INTERRUPTED: "warn", Import.State.UNDONE: "quiet",
}  # fmt: skip
# The command's sentences name its options; pages say what to do on them.
ON_PAGES = {
    mark("No column says {about}. Give --map {role}=COLUMN, or one date for all: --set {role}=2026-03-31. Columns: {known}."): mark("No column says {about}. Choose the column that does, or give one date for all rows. Columns: {known}."),
    mark("No column looks like a score or a comment. Give --map score=COLUMN or --map comment=COLUMN. Columns: {known}."): mark("No column is a score or a comment. Choose one that is. Columns: {known}."),
    mark("{column} is taken for {role} by its values alone. If that is wrong, say which column is: --map {role}=COLUMN."): mark("{column} is taken for {role} by its values alone. If that is wrong, choose something else for it."),
    mark("{column} is taken for the id, but some of its values come more than once: of those records only the last will count. If each is a record of its own, give another column, or none: --map id="): mark("{column} is taken for the id, but some of its values come more than once: of those records only the last will count. If each is a record of its own, choose another column for the id, or none."),
    mark("{column} holds {values}, which is not on the scale {low}-{high}. If it means no answer, say so: --blank {first}. If the scale is another, give --scale."): mark("{column} holds {values}, which is not on the scale {low}-{high}. If it means no answer, write {first} into “Codes for no answer”. If the scale is another, choose it."),
    mark("{column} is taken for satisfaction from {low} to 10. If it asks whether one would recommend, give --metric nps."): mark("{column} is taken for satisfaction from {low} to 10. If it asks whether one would recommend, choose NPS."),
    mark("{column} is taken for effort where a low score is good. If a high one is good, give --polarity higher."): mark("{column} is taken for effort where a low score is good. If a high one is good, choose that."),
    mark("Nothing in {column} tells whether 03/04/2025 is in March or in April: it is read as 3 April. If that is wrong, give --dates month."): mark("Nothing in {column} tells whether 03/04/2025 is in March or in April: it is read as 3 April. If that is wrong, choose that the month comes first."),
    mark("No column says {about}. Give --column {role}=COLUMN, or one value for all: --constant {role}=VALUE. Columns: {known}."): mark("No column says {about}. Choose the column that does, or give one value for all rows. Columns: {known}."),
    mark("No column says {about}. Give --column {role}=COLUMN. Columns: {known}."): mark("No column says {about}. Choose the column that does. Columns: {known}."),
    mark("No column says the currency: amounts are stored without one. If all are in the same, say so: --constant currency=BRL."): mark("No column says the currency: amounts are stored without one. If all are in the same, give it under “The same in all rows”."),
    mark("No column says what the scores measure. Give --column metric=COLUMN, or --metric."): mark("No column says what the scores measure. Choose the column that does, or choose for each score what it is."),
    mark("{column} needs its scale: give --scale, for example --scale 0-5."): mark("{column} needs its scale: choose one that has it, or the column that says the highest possible score."),
    mark("{column} holds whole numbers only, and they are read as whole amounts: {first} is {first}.00. If they are in cents, say so: --unit {role}=minor."): mark("{column} holds whole numbers only, and they are read as whole amounts: {first} is {first}.00. If they are in cents, choose that."),
    mark("{column} is read as minutes. If it is in hours, say so: --unit {role}=hours."): mark("{column} is read as minutes. If it is in hours, choose that."),
    mark("The disk is full: what was stored by now is kept. Free some space and run the same command again."): mark("The disk of the server is full: what was stored by now is kept. Free some space, then run the import again."),
    mark("{connector} reads files named {expected}. Missing: {missing}. Give the folder that they are in."): mark("{connector} reads files named {expected}. Missing: {missing}. Upload all of them together."),
    mark("Any survey export. percorso suggests what each column is; correct it with --map, --set and --scale."): mark("Any survey export: one row an answer sheet. percorso suggests what each column is, you correct it."),
    mark("Any ticket export. percorso suggests what each column is; correct it with --map and --set."): mark("Any ticket export: one row a ticket. percorso suggests what each column is, you correct it."),
}  # fmt: skip


def sentence(template: str, params: dict[str, Any]) -> str:
    """Return a sentence in the language of the request; marked parameters are translated too."""
    shown = {k: gettext(v) if k in ("about", "found") and isinstance(v, str) else v for k, v in params.items()}
    return gettext(ON_PAGES.get(template, template)).format(**shown)


def told(entries: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return what a run said: text and tone."""
    return [{"tone": entry["tone"], "text": sentence(entry["template"], entry["params"])} for entry in entries]


def badge(row: Import) -> dict[str, str]:
    """Return the state of an import in words, with its tone."""
    state = row.standing
    return {"tone": TONES[state], "text": str(state.label)}


def connector_label(row: Import) -> str:
    """Return what the connector is called; its key when this version does not know it any more."""
    entry = CONNECTORS.get(row.connector)
    return gettext(entry.label) if entry else row.connector


def listed(row: Import) -> dict[str, Any]:
    """Return an import as a line of the history."""
    return {"row": row, "badge": badge(row), "connector": connector_label(row), "name": ", ".join(row.shown_names)}


def table_label(table: str) -> str:
    """Return what a fact table is called: as the connector that reads any file of it; its key when there is none."""
    found = (c.label for c in CONNECTORS.values() if isinstance(c, MappedConnector) and c.table == table)
    return gettext(next(found, table))


def table_counts(tables: dict[str, Any]) -> list[dict[str, Any]]:
    """Return counts by fact table, in the order of the fact tables."""
    return [{"name": table_label(name)} | tables[name] for name in TABLES if name in tables]


def first_rows(first: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the first rows of each table as a head and cells; columns that no row fills are left out."""
    shown = []
    for name in TABLES:
        rows = first.get(name, [])
        columns = list(dict.fromkeys(column for row in rows for column in row))
        if rows:
            cells = [[_cell(row.get(column)) for column in columns] for row in rows]
            shown.append({"name": table_label(name), "columns": columns, "rows": cells})
    return shown


def _cell(value: Any) -> str:
    text = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 120 else text[:119] + "…"


def rejected_row(entry: dict[str, Any], row: Import) -> dict[str, Any]:
    """Return a rejected record: file and line, why, and what stood there."""
    file = Path(entry["file"]).name
    values = entry["values"]
    fields = [(k, _cell(v)) for k, v in values.items() if v is not None] if isinstance(values, dict) else []
    return {
        "file": dict(zip((Path(f).name for f in row.files), row.shown_names, strict=False)).get(file, file),
        "line": entry["line"],
        "reason": sentence(entry["template"], entry["params"]),
        "fields": fields,
        "text": "" if fields else _cell(values if isinstance(values, str) else ""),
    }


def used(row: Import) -> list[tuple[str, str]]:
    """Return what each column was taken for, in words; empty when the connector knows its columns by itself."""
    if not row.mapping:
        return []
    mapping = Mapping.model_validate(row.mapping)
    lines = [(score.column, score_text(score)) for score in mapping.scores]
    lines += [(column, role_text(mapping.table, role, mapping.unit(role))) for role, column in mapping.columns.items()]
    lines += [(column, role_text(mapping.table, "comment", None)) for column in mapping.comments]
    lines += [(column, gettext("Not imported")) for column in mapping.leave_out]
    return lines


def role_text(table: str, role: str, unit: Unit | None) -> str:
    """Return what a role means, beginning with a capital; of durations also their unit."""
    about = gettext(ROLES[table][role])
    label = about[:1].upper() + about[1:]
    return gettext("{what}, {unit}").format(what=label, unit=gettext(UNITS[unit])) if unit else label


def score_text(score: Score) -> str:
    """Return what a score measures and on which scale."""
    if score.metric == AS_TOLD:
        return gettext("A score; other columns say what it measures and on which scale")
    metric = gettext(METRICS[score.metric].label) if score.metric in METRICS else score.metric.upper()
    if score.low is None or score.high is None:
        return metric
    params = {"metric": metric, "low": f"{score.low:g}", "high": f"{score.high:g}"}
    if score.polarity == "lower":
        return gettext("{metric}, {low} to {high}, low is good").format(**params)
    return gettext("{metric}, {low} to {high}").format(**params)
