"""Reads of personas."""

from django.db.models import QuerySet

from percorso.accounts.models import Workspace
from percorso.customers.models import Persona


def personas(workspace: Workspace) -> QuerySet[Persona]:
    """Return the personas by name, with their segments."""
    return Persona.objects.filter(workspace=workspace).select_related("segment__workspace")


def lines(text: str) -> list[str]:
    """Return the entries of a list that is kept one a line."""
    return [line for line in text.splitlines() if line]
