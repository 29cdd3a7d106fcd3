"""Changing which features matter."""

from collections.abc import Sequence

from django.db import transaction

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.engagement.models import FeatureList


@transaction.atomic
def change_feature_list(
    workspace: Workspace, *, event: str, column: str, names: Sequence[str], by: Person
) -> FeatureList:
    """Keep which features matter and how their use is told."""
    found, _ = FeatureList.objects.update_or_create(
        workspace=workspace, defaults={"event": event, "column": column, "names": list(names)}
    )
    audit.record("feature_list_changed", workspace, by=by, target=str(found))
    return found
