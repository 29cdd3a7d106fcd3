"""The one way of extending: a folder of small classes, found by scanning it and by entry points.

One class a file; the file's name is its key. A plugin adds entries through the entry point group named at the registry.
"""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar

from percorso.errors import Unknown
from percorso.i18n import mark

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """The entries of one extension folder by key, made once, in the order of their keys.

    Parameters
    ----------
    package : dotted name of the folder; its modules that do not start with ``_`` hold one subclass of `base` each.
    base : the class that entries derive from; each gets `key`.
    group : entry point group through which other packages add entries.
    """

    def __init__(self, package: str, base: type[T], group: str) -> None:
        self.package, self.base, self.group = package, base, group

    @cached_property
    def _entries(self) -> dict[str, T]:
        folder = importlib.import_module(self.package)
        found: dict[str, Any] = {}
        for module in pkgutil.iter_modules(folder.__path__):
            if not module.name.startswith("_"):
                found[module.name] = _class_in(importlib.import_module(f"{self.package}.{module.name}"), self.base)
        for point in entry_points(group=self.group):
            found[point.name] = point.load()
        for key, entry in found.items():
            entry.key = key
        return {key: found[key]() for key in sorted(found)}

    def __getitem__(self, key: str) -> T:
        try:
            return self._entries[key]
        except KeyError:
            raise Unknown(
                mark("There is no {key} here. Choose one of: {known}."), key=key, known=", ".join(self._entries)
            ) from None

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _class_in(module: Any, base: type) -> type:
    """Return the one public subclass of `base` that `module` defines."""
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
    ]
    if len(own) != 1:
        raise TypeError(f"{module.__name__} must define exactly one {base.__name__}, it defines {len(own)}")
    return own[0]
