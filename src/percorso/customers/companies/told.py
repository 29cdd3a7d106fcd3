"""What sources tell of companies (group): traits with their history, and of which company one is a part."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from percorso.accounts.models import Workspace
from percorso.customers.identity.histories import now, tell
from percorso.customers.models import Company

# The traits that name the company above, as sources spell it.
PARENT = ("parent", "parent_id", "parentId", "parentGroupId", "parent_group_id", "parent_company")
LONGEST = 300


def keep_companies(workspace: Workspace, told: Iterable[tuple[datetime, str, Mapping[str, Any]]]) -> None:
    """Keep what was told of companies: (when, key, traits). The last one told of each trait holds."""
    by_key: dict[str, list[tuple[datetime, Mapping[str, Any]]]] = {}
    for at, key, traits in told:
        by_key.setdefault(key[:LONGEST], []).append((at, _named(traits)))
    have = companies(workspace, by_key)
    changed = []
    for key, company in have.items():
        before = (now(company.told), company.name)
        for at, traits in by_key[key]:
            tell(company.told, traits, at)
        after = now(company.told)
        company.name = str(after.get("name") or "")[:LONGEST]
        if (after, company.name) != before:
            changed.append(company)
    Company.objects.bulk_update(changed, ["told", "name"], batch_size=100)
    place(workspace, [company for company in changed if not company.parent_by])


def companies(workspace: Workspace, keys: Collection[str]) -> dict[str, Company]:
    """Return companies by their keys; those that are not there yet are made."""
    wanted = {key[:LONGEST] for key in keys if key}
    missing = wanted - set(Company.objects.filter(workspace=workspace, key__in=wanted).values_list("key", flat=True))
    Company.objects.bulk_create([Company(workspace=workspace, key=k) for k in sorted(missing)], ignore_conflicts=True)
    return {company.key: company for company in Company.objects.filter(workspace=workspace, key__in=wanted)}


def above(company: Company) -> list[Company]:
    """Return the companies above one, the nearest first."""
    found: list[Company] = []
    while company.parent is not None and company.parent not in found:
        company = company.parent
        found.append(company)
    return found


def _named(traits: Mapping[str, Any]) -> dict[str, Any]:
    """Return traits with the company above as ``parent``."""
    made = {name: value for name, value in traits.items() if name not in PARENT}
    for name in PARENT:
        value = traits.get(name)
        value = value.get("id") if isinstance(value, Mapping) else value
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return made | {"parent": str(value).strip()[:LONGEST]}
        if name in traits and value is None:
            made["parent"] = None
    return made


def place(workspace: Workspace, changed: Collection[Company]) -> None:
    """Put companies below those that sources tell; what would make a circle is not done."""
    wanted = {company.pk: str(now(company.told).get("parent") or "") for company in changed}
    parents = companies(workspace, set(wanted.values()))
    for company in sorted(changed, key=lambda each: each.key):
        parent = parents.get(wanted[company.pk])
        if parent is not None and (parent == company or company in above(parent)):
            continue
        if company.parent_id != (parent.pk if parent else None):
            company.parent = parent
            company.save(update_fields=["parent"])
