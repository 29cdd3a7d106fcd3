"""What stands in the way of publishing a draft, and what its writer should know first."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from percorso.surveys.definition import Definition, Question
from percorso.surveys.editing.draft import name_of
from percorso.surveys.editing.languages import language_name
from percorso.surveys.editing.texts import missing, used
from percorso.surveys.editing.wordings import settings_texts
from percorso.surveys.flow import places
from percorso.surveys.models import Survey, Version
from percorso.surveys.question import QUESTIONS, comparable

# What texts may recall besides earlier answers: `company` and anything of the customer.
COMPANY = "company"
CUSTOMER = "customer."


@dataclass(frozen=True)
class Problem:
    """One thing to know: where (`at`, `who`), what, whether it stops publishing, and the change that would mend it."""

    at: str
    who: str
    says: str
    stops: bool = True
    mend: str = ""


def problems_of(survey: Survey, definition: Definition) -> list[Problem]:
    """Return everything that is wrong with a draft, what stops it first."""
    found = [*_empty(definition), *_incomparable(definition, answered_versions(survey))]
    found += [*_untranslated(definition), *_unknown_places(definition)]
    return sorted(found, key=lambda problem: not problem.stops)


def answered_versions(survey: Survey) -> list[Version]:
    """Return the versions that somebody has answered, newest first."""
    if survey.live_id is None:
        return []
    return list(survey.versions.filter(pk__in=survey.responses.exclude(answers={}).values("version")))


def answered_questions(survey: Survey) -> set[str]:
    """Return the ids of the questions that some answered version asks."""
    return {q.id for version in answered_versions(survey) for q in version.definition.questions()}


def _empty(definition: Definition) -> Iterable[Problem]:
    if not any(QUESTIONS[q.type].answerable for q in definition.questions()):
        yield Problem("", "", gettext("The survey asks nothing yet. Add a question."))
    own = definition.language
    for question in definition.questions():
        at, who = f"q-{question.id}", name_of(definition, question)
        if not question.text.get(own):
            yield Problem(at, who, gettext("The question has no text."))
        if lacking := QUESTIONS[question.type].unfinished(question):
            yield Problem(at, who, gettext(lacking))


def _incomparable(definition: Definition, versions: Iterable[Version]) -> Iterable[Problem]:
    told: set[str] = set()
    for version in versions:
        for old in version.definition.questions():
            new = definition.question(old.id)
            if new is None or new.id in told or comparable(old, new):
                continue
            told.add(new.id)
            says = gettext("Answers to version {number} could not be compared with new ones: {what}").format(
                number=version.number, what=_difference(old, new)
            )
            yield Problem(f"q-{new.id}", name_of(definition, new), says, mend="supersede")


def _difference(old: Question, new: Question) -> str:
    if old.type != new.type:
        return gettext("it was of another type.")
    before = _options(old)
    gone = [words for key, words in before.items() if key not in _options(new)]
    if gone:
        return ngettext("the option {gone} is gone.", "the options {gone} are gone.", len(gone)).format(
            gone=", ".join(gone)
        )
    return gettext("its scale or its settings were others.")


def _options(question: Question) -> dict[str, str]:
    """Return the words of everything with an id in the settings: options, rows, columns, items."""
    lists = [getattr(question.config, name) for name in type(question.config).model_fields]
    pieces = [piece for several in lists if isinstance(several, list) for piece in several if hasattr(piece, "id")]
    return {
        piece.id: next((t for _, told in settings_texts(piece) for t in told.values()), piece.id) for piece in pieces
    }


def _untranslated(definition: Definition) -> Iterable[Problem]:
    for language in definition.languages:
        lacking = 0 if language == definition.language else len(missing(definition, language))
        if lacking:
            says = ngettext(
                "{n} text is not translated into {language} and would be shown in {own}.",
                "{n} texts are not translated into {language} and would be shown in {own}.",
                lacking,
            ).format(n=lacking, language=language_name(language), own=language_name(definition.language))
            yield Problem("translations", "", says, stops=False)


def _unknown_places(definition: Definition) -> Iterable[Problem]:
    known: set[str] = set()
    pages = {f"p-{page.id}": [q.id for q in page.questions] for page in definition.pages}
    before = {"start": set[str](), "end": {q.id for q in definition.questions()}}
    for page in definition.pages:
        for at in (f"p-{page.id}", *(f"q-{key}" for key in pages[f"p-{page.id}"])):
            before[at] = set(known)
        known |= set(pages[f"p-{page.id}"])
    for said in used(definition):
        named = {name for text in said.text.values() for name in places(text)}
        unknown = sorted(n for n in named if n != COMPANY and not n.startswith(CUSTOMER) and n not in before[said.at])
        if unknown:
            question = definition.question(said.at.partition("-")[2])
            says = gettext("{place} stands for nothing that is known by then: it would be left empty.")
            who = name_of(definition, question) if question else ""
            yield Problem(said.at, who, says.format(place=f"{{{unknown[0]}}}"), stops=False)
