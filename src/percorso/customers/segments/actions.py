"""Changes of segments; each writes the audit log."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.analytics.segments import parse, to_json
from percorso.customers.models import Segment
from percorso.customers.segments.counting import compilable
from percorso.customers.segments.queries import resolved, segments, uses
from percorso.errors import BadQuestion
from percorso.i18n import mark

# Addresses below segments/ that are no segments.
TAKEN = frozenset({"new", "count", "preview"})
MOST = 500


def checked_rule(workspace: Workspace, given: Mapping[str, Any], slug: str = "") -> dict[str, Any]:
    """Return a rule as it is stored; `slug` is the segment it shall be of.

    Raises
    ------
    BadQuestion : it is no rule, names what does not exist, or contains itself.
    """
    rule = parse(given)
    compilable(workspace, resolved(workspace, rule, slug))
    return to_json(rule)


@transaction.atomic
def make_segment(
    workspace: Workspace, *, name: str, rule: Mapping[str, Any], about: str = "", by: Person | str
) -> Segment:
    """Make a segment; its address is made of its name and stays.

    Raises
    ------
    BadQuestion : see `checked_rule`; or there are too many segments.
    """
    if segments(workspace).count() >= MOST:
        raise BadQuestion(mark("A workspace has at most {most} segments. Remove one that is not used."), most=MOST)
    person = by if isinstance(by, Person) else None
    made = Segment.objects.create(
        workspace=workspace, slug=_free(workspace, name), name=name, about=about, by=person,
        rule=checked_rule(workspace, rule),
    )  # fmt: skip
    audit.record("segment_made", workspace, by=by, target=name)
    return made


@transaction.atomic
def change_segment(segment: Segment, *, by: Person | str, **values: Any) -> Segment:
    """Change name, about or rule of a segment.

    Raises
    ------
    BadQuestion : see `checked_rule`.
    """
    if "rule" in values:
        values["rule"] = checked_rule(segment.workspace, values["rule"], segment.slug)
    row = segments(segment.workspace).get(pk=segment.pk)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=[*changed, "changed_at"])
        audit.record("segment_changed", row.workspace, by=by, target=row.name, changed=sorted(changed))
    return row


def copy_segment(segment: Segment, *, by: Person) -> Segment:
    """Make another segment of the same rule."""
    name = gettext("{name} (copy)").format(name=segment.name)[:80]
    return make_segment(segment.workspace, name=name, rule=segment.rule, about=segment.about, by=by)


@transaction.atomic
def remove_segment(segment: Segment, *, by: Person | str) -> None:
    """Remove a segment.

    Raises
    ------
    BadQuestion : something is in use that would lose its meaning without it.
    """
    holding = [use for use in uses(segment) if use.holds]
    if holding:
        raise BadQuestion(
            mark("“{name}” is used by: {uses}. Change or remove that first."),
            name=segment.name,
            uses=", ".join(f"{use.kind} “{use.name}”" for use in holding[:5]),
        )
    audit.record("segment_removed", segment.workspace, by=by, target=segment.name)
    segment.delete()


def _free(workspace: Workspace, name: str) -> str:
    """Return an address that no segment has."""
    base = slugify(name)[:50].strip("-_") or "segment"
    taken = {*segments(workspace).values_list("slug", flat=True), *TAKEN}
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
