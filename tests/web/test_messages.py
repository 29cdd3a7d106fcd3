"""Every text is translated into every language, and no translation is left over."""

import gettext
from pathlib import Path

import pytest

from percorso.base import messages


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_catalogue_is_complete(language: str) -> None:
    assert messages.problems(language) == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_catalogue_has_no_line_numbers(language: str) -> None:
    assert "#:" not in messages.catalogue_path(language).read_text()


def test_texts_come_from_code_and_templates() -> None:
    found = {m.id: m for m in messages.texts() if m.id}

    assert "Net Promoter Score" in found
    assert "What changed, worth a look first" in found
    assert ("from {n} answer", "from {n} answers") in found
    assert ("%(more)s more change", "%(more)s more changes") in found


def test_compiled_catalogues_are_read_by_gettext(tmp_path: Path) -> None:
    messages.compile_all()
    compiled = messages.catalogue_path("it").with_suffix(".mo")
    with compiled.open("rb") as file:
        italian = gettext.GNUTranslations(file)

    assert italian.gettext("Overview") == "Panoramica"
    assert italian.ngettext("from {n} answer", "from {n} answers", 2) == "da {n} risposte"


def test_a_missing_and_a_leftover_text_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = messages.read("it")
    known.delete("Overview")
    known.add("A text of yesterday", "Un testo di ieri")
    known.add("Reading {file}", "Lettura")
    monkeypatch.setattr(messages, "read", lambda language: known)

    told = messages.problems("it")

    assert "missing: Overview" in told
    assert "unused: A text of yesterday" in told
    assert "other places: Reading {file}" in told
