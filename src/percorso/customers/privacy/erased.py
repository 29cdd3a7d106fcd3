"""Identities of people who were erased, known by keyed hashes: nothing that comes of them later is taken."""

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from percorso.accounts.models import Workspace
from percorso.customers.forgotten import hasher
from percorso.customers.models import ErasedIdentity, Privacy

# Another process may erase somebody; so long it takes at most until this one knows.
FRESH_SECONDS = 2.0
PREFIXES = ("email:", "phone:", "card:", "external:", "anonymous:")


@dataclass(frozen=True)
class Decided:
    """What a workspace decided: which kinds are masked on entry, and the marks of whom it erased."""

    workspace: Workspace | None
    masked: tuple[str, ...]
    marks: frozenset[str]
    at: float

    def erased(self, identities: Iterable[str]) -> set[str]:
        """Return those of some identities that are of people who were erased."""
        if not self.marks or self.workspace is None:
            return set()
        mark = hasher(self.workspace)
        return {identity for identity in identities if identity and mark(plain(identity)) in self.marks}


_known: dict[str, Decided] = {}


def decided(slug: str) -> Decided:
    """Return what a workspace decided, at most `FRESH_SECONDS` ago."""
    found = _known.get(slug)
    if found is None or time.monotonic() - found.at > FRESH_SECONDS:
        found = _known[slug] = _read(slug)
    return found


def look_again() -> None:
    """Ask anew what workspaces decided, for something has changed."""
    _known.clear()


def _read(slug: str) -> Decided:
    workspace = Workspace.objects.filter(slug=slug).first()
    privacy = Privacy.objects.filter(workspace=workspace).first() if workspace else None
    marks = ErasedIdentity.objects.filter(workspace=workspace).values_list("mark", flat=True) if workspace else ()
    masked = (privacy or Privacy()).masked
    return Decided(workspace, tuple(masked), frozenset(marks), time.monotonic())


def plain(identity: str) -> str:
    """Return an identity without the mark of its kind, and an e-mail address in small letters: sources write them either way."""
    text = identity.strip()
    text = next((text[len(prefix) :] for prefix in PREFIXES if text.startswith(prefix)), text)
    return text.casefold() if "@" in text else text


def erased(workspace: Workspace, identities: Iterable[str]) -> set[str]:
    """Return those of some identities that are of people who were erased."""
    return decided(workspace.slug).erased(identities)


def marks_of(workspace: Workspace, identities: Iterable[str]) -> list[str]:
    """Return the marks by which identities are known once they are erased."""
    mark = hasher(workspace)
    return sorted({mark(plain(identity)) for identity in identities if identity})


def named_in(call: Any) -> Collection[str]:
    """Return the identities that a call to the tracking API names (its body, read from JSON)."""
    if not isinstance(call, Mapping):
        return ()
    named = [call.get(key) for key in ("userId", "anonymousId", "previousId")]
    traits = call.get("traits")
    named += [traits.get("email"), traits.get("phone")] if isinstance(traits, Mapping) else []
    return [str(value) for value in named if isinstance(value, str | int) and not isinstance(value, bool)]
