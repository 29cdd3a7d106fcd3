"""Translations without tools of the system: ``python -m percorso.base.messages [update]``.

Without a word it compiles the catalogues that Django reads (a build does that); ``update`` first brings the catalogues
up to date with the texts in the code. Texts are found by the names gettext, ngettext, mark and by Django's template tags.
"""

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ("pt_BR", "it")
KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "_": None, "mark": None, "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


def catalogue_path(language: str) -> Path:
    """Return where a language's catalogue is."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """Return a language's catalogue; an empty one when there is none."""
    path = catalogue_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def texts() -> Catalog:
    """Return every text of the code and the templates that wants a translation."""
    found = Catalog()
    for path in sorted(ROOT.rglob("*.py")):
        _add(found, path.read_bytes())
    for path in sorted(ROOT.rglob("templates/**/*.html")):
        _add(found, _as_python(path.read_text()))
    return found


def _as_python(template: str) -> bytes:
    """Return a Django template as Python that calls gettext, inside brackets so that its indentation is harmless."""
    from django.utils.translation.template import templatize  # not needed to compile

    return f"(\n{templatize(template)}\n)".encode()


def _add(found: Catalog, source: bytes) -> None:
    for message, context in _calls(source):
        found.add(message, context=context)


def _calls(source: bytes) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    for _, name, given, _ in extract_python(io.BytesIO(source), list(KEYWORDS), (), {"encoding": "utf-8"}):
        said = given if isinstance(given, tuple) else (given,)
        if "pgettext" in name:
            context, *said = said
        else:
            context = None
        if not said or not said[0]:
            continue
        yield (tuple(said[:2]) if "n" in name[:2] and len(said) > 1 else said[0]), context  # type: ignore[misc]


def update() -> None:
    """Bring every catalogue up to date: new texts come in untranslated, texts that are gone leave."""
    template = texts()
    for language in LANGUAGES:
        known = read(language)
        fresh = Catalog(locale=language, fuzzy=False)
        for message in template:
            if message.id:
                there = known.get(message.id, message.context)
                fresh.add(message.id, there.string if there else "", context=message.context, flags=message.flags)
        _write(fresh, catalogue_path(language))


def _write(catalogue: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, catalogue, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True, width=110)
    plural = catalogue.plural_forms
    header = f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plural}\\n"\n\n'
    path.write_text(header + out.getvalue().decode())


def compile_all() -> None:
    """Write the compiled catalogues that Django reads, beside their sources."""
    for language in LANGUAGES:
        path = catalogue_path(language).with_suffix(".mo")
        # Written aside and moved: a process that starts meanwhile never reads half a catalogue.
        aside = path.with_suffix(f".{os.getpid()}")
        with aside.open("wb") as file:
            write_mo(file, read(language))
        aside.replace(path)


def problems(language: str) -> list[str]:
    """Return what is wrong with a language's catalogue: missing, unused, fuzzy texts, and places that differ."""
    wanted = {(m.id, m.context): m for m in texts() if m.id}
    there = {(m.id, m.context): m for m in read(language) if m.id}
    told = [f"missing: {key[0]}" for key in wanted if key not in there or not _whole(there[key].string)]
    told += [f"unused: {key[0]}" for key in there if key not in wanted]
    told += [f"fuzzy: {key[0]}" for key, m in there.items() if m.fuzzy]
    return told + [f"other places: {m.id}" for m in there.values() if not _same_places(m.id, m.string)]


def _whole(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def _same_places(text: object, translation: object) -> bool:
    """Whether every ``{name}`` and ``%(name)s`` of a text is in each form of its translation, and no other."""
    texts = text if isinstance(text, (tuple, list)) else (text,)
    forms = translation if isinstance(translation, (tuple, list)) else (translation,)
    places = [set(re.findall(r"\{(\w+)\}|%\((\w+)\)s", str(t))) for t in texts]
    return all(set(re.findall(r"\{(\w+)\}|%\((\w+)\)s", str(f))) in (places[0], places[-1]) for f in forms if f)


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        update()
    compile_all()
