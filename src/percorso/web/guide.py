"""The help of all apps, by the name of a page's address, and what their search finds."""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from django.apps import apps
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.base.find import Found, by_fitness, matches
from percorso.base.help import WORDS, Entry

AT_MOST = 20


def _modules(name: str) -> list[ModuleType]:
    """Return the module `name` of each of our apps that has one."""
    ours = [app.name for app in apps.get_app_configs() if app.name.startswith("percorso.")]
    return [import_module(f"{app}.{name}") for app in ours if find_spec(f"{app}.{name}")]


@lru_cache(maxsize=1)
def all_help() -> dict[str, Entry]:
    """Return the help entries of every app."""
    return {page: entry for module in _modules("help") for page, entry in module.HELP.items()}


def help_of(page: str) -> dict[str, Any] | None:
    """Return the help of a page, translated; None when it has none."""
    entry = all_help().get(page)
    return entry and _told(page, entry)


def chapters() -> list[dict[str, Any]]:
    """Return the help of all pages, translated, by title."""
    return sorted((_told(page, entry) for page, entry in all_help().items()), key=lambda each: str(each["title"]))


def _told(page: str, entry: Entry) -> dict[str, Any]:
    title, paragraphs = entry
    return {"page": page, "title": gettext(title), "paragraphs": [gettext(each) for each in paragraphs]}


def glossary() -> list[tuple[str, str]]:
    """Return what the words mean, translated, by word."""
    return sorted(((gettext(word), gettext(meaning)) for word, meaning in WORDS), key=lambda each: each[0].casefold())


@lru_cache(maxsize=1)
def _finders() -> tuple[Callable[[Membership, str], list[Found]], ...]:
    return tuple(module.find for module in _modules("find") if hasattr(module, "find"))


def find(membership: Membership, text: str, pages: list[dict[str, Any]]) -> list[Found]:
    """Return what a person may go to whose name fits `text`: `pages` of the navigation first; at most 20 things."""
    found = [
        Found(page["label"], gettext("Page"), page["href"], page["icon"])
        for page in pages
        if matches(text, page["label"])
    ]
    if text:
        found += by_fitness(text, (each for finder in _finders() for each in finder(membership, text)))
    return found[:AT_MOST]
