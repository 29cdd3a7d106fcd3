"""What messages belong to, by name: only the app that queues messages knows what its references stand for.

references.name_by("survey", names)     # when the app is ready; its references are survey:<slug>
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from percorso.accounts.models import Workspace


@dataclass(frozen=True)
class Named:
    """What something is called, and the address of its page."""

    name: str
    href: str


# Returns names by what stands behind the colon; what is gone is left out.
Names = Callable[[Workspace, Collection[str]], Mapping[str, Named]]
_by_kind: dict[str, Names] = {}


def name_by(kind: str, names: Names) -> None:
    """Have references ``<kind>:…`` named by a function of the app that they belong to."""
    _by_kind[kind] = names


def named(workspace: Workspace, references: Collection[str]) -> dict[str, Named]:
    """Return what references are called, in one read for each kind; those that nobody knows any more are left out."""
    by: dict[str, set[str]] = {}
    for reference in references:
        kind, _, key = reference.partition(":")
        if kind in _by_kind and key:
            by.setdefault(kind, set()).add(key)
    return {
        f"{kind}:{key}": found for kind, keys in by.items() for key, found in _by_kind[kind](workspace, keys).items()
    }
