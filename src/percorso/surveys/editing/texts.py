"""Every text of a survey that a respondent reads, with where it stands: for translations, and to find what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.surveys.definition import Definition
from percorso.surveys.editing.draft import UNKNOWN, changed, name_of, question_called
from percorso.surveys.editing.wordings import settings_texts


@dataclass(frozen=True)
class Said:
    """One text: its `key`, the part of the survey that it belongs to (`at`), what it is there (marked), its languages."""

    key: str
    at: str
    label: str
    text: dict[str, str]


def texts_of(definition: Definition) -> Iterator[Said]:
    """Give every text that stands in the own language or in another one, in the order in which respondents meet them."""
    yield Said("title", "start", mark("Title"), definition.title)
    for page in definition.pages:
        yield Said(f"p.{page.id}.title", f"p-{page.id}", mark("Title of the page"), page.title)
        for question in page.questions:
            at = f"q-{question.id}"
            yield Said(f"q.{question.id}.text", at, mark("Question"), question.text)
            yield Said(f"q.{question.id}.help", at, mark("Help"), question.help)
            for path, text in settings_texts(question.config):
                yield Said(f"q.{question.id}.{'.'.join(path)}", at, LABELS.get(path[0], mark("Text")), text)
    yield Said("thanks", "end", mark("Thanks"), definition.thanks)


LABELS = {
    "low": mark("Words at the low end"),
    "high": mark("Words at the high end"),
    "labels": mark("Words of a value"),
    "options": mark("Option"),
    "rows": mark("Row"),
    "columns": mark("Column"),
    "items": mark("Item"),
    "agreement": mark("What is agreed to"),
}


def used(definition: Definition) -> list[Said]:
    """Return the texts that say anything in any language."""
    return [said for said in texts_of(definition) if any(said.text.values())]


def missing(definition: Definition, language: str) -> list[Said]:
    """Return the texts that a language lacks: they stand in the survey's own."""
    return [said for said in used(definition) if not said.text.get(language)]


def name_at(definition: Definition, at: str) -> str:
    """Return what people call the part that a text belongs to; empty for the survey itself."""
    kind, _, key = at.partition("-")
    if kind == "q" and (question := definition.question(key)):
        return name_of(definition, question)
    page = next((p for p in definition.pages if p.id == key), None) if kind == "p" else None
    return (definition.tell(page.title, definition.language) or page.id) if page else ""


def put_text(definition: Definition, key: str, language: str, told: str) -> Definition:
    """Return the definition with one text said in a language; empty takes it away.

    Raises
    ------
    BadQuestion : there is no such text any more.
    """

    def change(made: Definition) -> None:
        kind, _, rest = key.partition(".")
        if kind == "q":
            name, _, path = rest.partition(".")
            question = question_called(made, name)
            if path in ("text", "help"):
                _say(getattr(question, path), language, told)
                return
            config = question.config
            text = next((text for found, text in settings_texts(config) if ".".join(found) == path), None)
            if text is None:
                raise BadQuestion(UNKNOWN)
            _say(text, language, told)
            question.settings = config.model_dump(mode="json", exclude_defaults=True)
            return
        text = next((said.text for said in texts_of(made) if said.key == key), None)
        if text is None:
            raise BadQuestion(UNKNOWN)
        _say(text, language, told)

    return changed(definition, change)


def _say(text: dict[str, str], language: str, told: str) -> None:
    if told:
        text[language] = told
    else:
        text.pop(language, None)
