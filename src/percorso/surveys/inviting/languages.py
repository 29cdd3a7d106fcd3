"""The language in which somebody is written to: what they chose themselves goes before what is known of them."""

from collections.abc import Iterable

from percorso.outreach import contact
from percorso.surveys.models import Survey
from percorso.surveys.respond.languages import language_of


def in_their_language(survey: Survey, people: Iterable[tuple[str, str]]) -> list[str]:
    """Return the survey's language for each of some people, given as (address as it is compared, known language)."""
    people = list(people)
    definition = survey.live.definition if survey.live else survey.definition
    chosen = contact.languages_of(survey.workspace, {address for address, _ in people if address})
    wanted = ([chosen.get(address, ""), known] for address, known in people)
    return [language_of(definition, filter(None, codes), "") for codes in wanted]
