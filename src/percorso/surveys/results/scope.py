"""What a page of results is about: one survey, its questions over all versions, and what may be shown of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from percorso.accounts.models import Membership
from percorso.surveys.definition import Definition, Question
from percorso.surveys.flow import PLACE
from percorso.surveys.models import Survey, Version
from percorso.surveys.question import QUESTIONS, QuestionType


def wording(definition: Definition, text: Mapping[str, str], language: str) -> str:
    """Return a text of a definition; what it recalls of each respondent is left open."""
    return PLACE.sub(lambda place: place[2] or "…", definition.tell(text, language))


@dataclass(frozen=True)
class Asked:
    """A question as the latest version that has it asks it; `current` when that is the one that is live."""

    question: Question
    definition: Definition
    page: str
    current: bool

    @property
    def kind(self) -> QuestionType:
        return QUESTIONS[self.question.type]

    def text(self, language: str) -> str:
        """Return the wording; what it recalls of each respondent is left open."""
        return wording(self.definition, self.question.text, language) or self.question.id


@dataclass(frozen=True)
class Scope:
    """Whose answers are shown to whom.

    reads : texts may be read. personal : identities and single answers may be seen. least : fewer answers than this are not shown (anonymous
    surveys; 1 for others). large : so large that counting takes seconds. until : only what was answered by then; None for all (see `queries.whole_steps`).
    """

    survey: Survey
    versions: Sequence[Version]
    language: str
    reads: bool
    personal: bool
    least: int = 1
    large: bool = False
    until: datetime | None = None

    @cached_property
    def asked(self) -> list[Asked]:
        """The questions of the live version in order, then those that only earlier versions asked."""
        found: dict[str, Asked] = {}
        for version in self.versions:
            for page in version.definition.pages:
                for question in page.questions:
                    if question.id not in found and QUESTIONS[question.type].answerable:
                        found[question.id] = Asked(
                            question, version.definition, page.id, version.pk == self.survey.live_id
                        )
        return list(found.values())

    def hides(self, n: int) -> bool:
        """Whether a group of so many answers is too small to be shown."""
        return self.survey.anonymous and n < self.least


# Responses from which on a survey is large.
LARGE = 20_000


def scope_of(survey: Survey, membership: Membership, language: str, until: datetime | None = None) -> Scope:
    """Return what a member may see of a survey; nobody sees single answers of an anonymous one."""
    return Scope(
        survey=survey,
        versions=list(survey.versions.all()),
        language=language,
        reads=membership.may("personal"),
        personal=membership.may("personal") and not survey.anonymous,
        least=max(1, survey.least_answers) if survey.anonymous else 1,
        large=survey.responses.count() > LARGE,
        until=until,
    )


def safe_groups(sizes: Iterable[tuple[str, int]], least: int) -> set[str]:
    """Return the groups that may be shown: none below `least`, and nothing from which a hidden one could be worked out.

    sizes : name and number of answers of each group; together they are the whole that is shown beside.
    """
    ranked = sorted(((n, name) for name, n in sizes if n > 0), reverse=True)
    shown = [name for n, name in ranked if n >= least]
    hidden = sum(n for n, _ in ranked if n < least)
    # The rest of the whole is the hidden groups together: it has to be large enough itself.
    while shown and 0 < hidden < least:
        smallest = shown.pop()
        hidden += next(n for n, name in ranked if name == smallest)
    return set(shown)
