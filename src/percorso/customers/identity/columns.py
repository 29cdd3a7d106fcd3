"""Which of a source's traits are columns of `customers`, and which stay traits (Segment's reserved traits)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# The traits that give a column, the first that is told; a dot looks inside.
COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "company": ("company.id", "company.name", "company"),
    "created_at": ("createdAt", "created_at"),
    "country": ("address.country", "country"),
    "region": ("address.state", "region", "state"),
    "language": ("language", "locale"),
    "plan": ("plan",),
    "segment": ("segment",),
}
TAKEN = {name.partition(".")[0] for names in COLUMNS.values() for name in names} - {"address"}
# Names in two parts, as sources spell them.
PARTS = (("firstName", "lastName"), ("first_name", "last_name"))


def traits_of(traits: Mapping[str, Any], group: str = "") -> dict[str, Any]:
    """Return traits by the names that percorso has for them: those of columns, and all others as they came."""
    made = {name: value for name, value in traits.items() if name not in TAKEN}
    for column, names in COLUMNS.items():
        found = next((value for name in names if (value := _inside(traits, name)) is not None), None)
        if found is not None:
            made[column] = found
        elif any(name in traits and traits[name] is None for name in names):
            made[column] = None  # taken back
    if "name" not in made and (parts := _name(traits)):
        made["name"] = parts
    if isinstance(made.get("created_at"), str | int | float):
        made["created_at"] = _instant(made["created_at"])
    if isinstance(made.get("country"), str) and len(made["country"]) == 2:
        made["country"] = made["country"].upper()
    return made | ({"company": group} if group else {})


def row_with(row: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of `customers` in which some traits are what was told of them now."""
    made = dict(row)
    traits = json.loads(made.get("traits") or "{}")
    for name, value in news.items():
        if name in COLUMNS:
            made[name] = datetime.fromisoformat(value) if name == "created_at" and value else value
        elif value is None:
            traits.pop(name, None)
        else:
            traits[name] = value
    return made | {"traits": json.dumps(traits)}


def _inside(traits: Mapping[str, Any], name: str) -> str | None:
    first, _, rest = name.partition(".")
    value = traits.get(first)
    if rest:
        value = value.get(rest) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def _name(traits: Mapping[str, Any]) -> str:
    for names in PARTS:
        if parts := [traits[name].strip() for name in names if isinstance(traits.get(name), str)]:
            return " ".join(part for part in parts if part)
    return ""


def _instant(told: str | float) -> str | None:
    """Return an instant that a source tells as ISO 8601, None for what is none."""
    try:
        number = float(told)
    except ValueError:
        try:
            at = datetime.fromisoformat(str(told))
        except ValueError:
            return None
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    try:
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None
