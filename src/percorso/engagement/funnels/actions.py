"""Changes of kept funnels, and segments of who stopped at a step; each writes the audit log."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.engagement.funnels.forms import Asked
from percorso.engagement.models import SavedFunnel
from percorso.errors import BadQuestion
from percorso.i18n import mark

MOST = 200


@transaction.atomic
def save_funnel(workspace: Workspace, *, name: str, asked: Asked, by: Person) -> SavedFunnel:
    """Keep a funnel by its name; one of that name is another one from then on.

    Raises
    ------
    BadQuestion : it has fewer than two steps, or there are too many funnels.
    """
    if len(asked.steps) < 2:
        raise BadQuestion(mark("A funnel needs at least two steps."))
    before = SavedFunnel.objects.filter(workspace=workspace, name=name).first()
    if before is None and SavedFunnel.objects.filter(workspace=workspace).count() >= MOST:
        raise BadQuestion(mark("A workspace keeps at most {most} funnels. Remove one that is not used."), most=MOST)
    values: Mapping[str, Any] = {"asked": asked.link, "by": by}
    made, _ = SavedFunnel.objects.update_or_create(workspace=workspace, name=name, defaults=values)
    audit.record("funnel_saved", workspace, by=by, target=name)
    return made


@transaction.atomic
def remove_funnel(funnel: SavedFunnel, *, by: Person) -> None:
    """Keep a funnel no longer; segments that were made of it stay."""
    audit.record("funnel_removed", funnel.workspace, by=by, target=funnel.name)
    funnel.delete()
