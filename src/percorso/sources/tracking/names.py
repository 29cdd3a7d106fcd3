"""Which names of events a workspace has, and that they do not become endless: a name for every order helps nobody."""

from collections.abc import Iterable
from threading import Lock
from time import monotonic

from percorso.base.owner import store
from percorso.config import setting

RENEWED_SECONDS = 600.0


class Names:
    """The names of a workspace's events: those of its facts, and those that came since these were asked."""

    __slots__ = ("asked_at", "known", "most", "new")

    def __init__(self, most: int) -> None:
        self.most = most
        self.known, self.new = set[str](), set[str]()
        self.asked_at = float("-inf")

    def admit(self, name: str) -> bool:
        """Return whether an event may have this name: one that is known, or one more."""
        if name in self.known or name in self.new:
            return True
        if len(self.known) + len(self.new) >= self.most:
            return False
        self.new.add(name)
        return True


_names: dict[str, Names] = {}
_lock = Lock()


def names_of(workspace: str) -> Names:
    """Return the names of a workspace's events, as far as this process knows them."""
    found = _names.get(workspace)
    if found is None:
        with _lock:
            found = _names.setdefault(workspace, Names(int(str(setting("EVENT_NAMES")))))
    return found


def forget_names() -> None:
    """Know no name any more: the facts are others."""
    with _lock:
        _names.clear()


def renew_names(workspaces: Iterable[str]) -> None:
    """Ask the facts for the names of workspaces that were not asked for a while."""
    for workspace in workspaces:
        names, now = names_of(workspace), monotonic()
        if now - names.asked_at > RENEWED_SECONDS:
            came, names.asked_at = set(names.new), now
            t = store().table("events", workspace)
            asked = t.filter(t.name.notnull()).select("name").distinct().limit(2 * names.most)
            found = store().engine.fetch(store().engine.sql(asked))["name"].to_pylist()
            names.known, names.new = set(found), (names.new | came) - set(found)
