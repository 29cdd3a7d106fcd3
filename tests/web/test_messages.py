"""Every text is translated into every language, and no translation is left over."""

import gettext
from pathlib import Path

import pytest

from percorso.base import gluing, messages


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


def test_no_sentence_is_built_by_gluing() -> None:
    assert gluing.glued(messages.ROOT) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.py", 'told = gettext("Imported by") + " " + name'),
        ("a.py", 'told = f"{gettext("Imported")} by {name}"'.replace('("Imported")', "('Imported')")),
        ("a.py", 'told = gettext(f"Imported by {name}")'),
        ("templates/a.html", '<p>{% translate "Imported by" %} {{ name }}</p>'),
        ("templates/a.html", '<p>{{ count }} {% translate "rows" %}</p>'),
    ],
)
def test_gluing_is_found(name: str, source: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(source)

    assert [told.partition(":")[0] for told in gluing.glued(tmp_path)] == [name]


def test_a_label_before_a_value_is_no_sentence(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text('<dt>{% translate "Rows" %}</dt><dd>{{ count }}</dd>')

    assert gluing.glued(tmp_path) == []
