"""Reads of kept mappings."""

from percorso.accounts.models import Workspace
from percorso.sources.mapping import Mapping
from percorso.sources.models import KeptMapping


def kept_mappings(workspace: Workspace, connector: str) -> dict[str, Mapping]:
    """Return the mappings kept for a connector by the fingerprint of the header; the newest where several are."""
    kept = KeptMapping.objects.filter(workspace=workspace, connector=connector).order_by("updated_at")
    return {row.fingerprint: Mapping.model_validate(row.mapping) for row in kept}


def kept_mapping(workspace: Workspace, connector: str, name: str) -> Mapping | None:
    """Return the newest mapping kept under a name, or None."""
    kept = (
        KeptMapping.objects.filter(workspace=workspace, connector=connector, name=name).order_by("-updated_at").first()
    )
    return Mapping.model_validate(kept.mapping) if kept else None
