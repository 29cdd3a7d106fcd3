"""Changes of personas; each writes the audit log."""

from typing import Any

from django.db import transaction

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.customers.models import Persona
from percorso.errors import BadQuestion
from percorso.i18n import mark


@transaction.atomic
def make_persona(workspace: Workspace, *, by: Person, **values: Any) -> Persona:
    """Make a persona. `values`: name, segment; optional role, quote, face, needs, pains, goals (one a line).

    Raises
    ------
    BadQuestion : the segment is of another workspace.
    """
    _refuse_foreign(workspace, values)
    made = Persona.objects.create(workspace=workspace, by=by, **values)
    audit.record("persona_made", workspace, by=by, target=made.name)
    return made


@transaction.atomic
def change_persona(persona: Persona, *, by: Person, **values: Any) -> Persona:
    """Change what is told of a persona.

    Raises
    ------
    BadQuestion : the segment is of another workspace.
    """
    _refuse_foreign(persona.workspace, values)
    row = Persona.objects.get(pk=persona.pk)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, values[name])
        row.save(update_fields=changed)
        audit.record("persona_changed", row.workspace, by=by, target=row.name, changed=sorted(changed))
    return row


@transaction.atomic
def remove_persona(persona: Persona, *, by: Person) -> None:
    """Remove a persona; its segment stays."""
    audit.record("persona_removed", persona.workspace, by=by, target=persona.name)
    persona.delete()


def _refuse_foreign(workspace: Workspace, values: dict[str, Any]) -> None:
    segment = values.get("segment")
    if segment is not None and segment.workspace_id != workspace.pk:
        raise BadQuestion(mark("There is no such segment in this workspace."))
