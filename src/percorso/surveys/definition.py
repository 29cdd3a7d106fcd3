"""A survey as a value: pages, questions, conditions, translations. A small JSON document, described in docs/surveys.md.

No Django here: the editor, the respondent's page, the interface, imports and exports all read and write this one form.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from percorso.errors import Unfit
from percorso.i18n import mark
from percorso.surveys.conditions import Condition
from percorso.surveys.question import QUESTIONS

# Languages of interface and templates; a survey may be translated into any other (BCP 47).
MOST_QUESTIONS = 200
MOST_TEXT = 5000
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Text = Annotated[dict[Language, Annotated[str, StringConstraints(max_length=MOST_TEXT)]], Field(default_factory=dict)]


class Part(BaseModel):
    """What all parts of a definition have in common: unknown names are refused, so that no misspelt one is lost."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, populate_by_name=True)


class Question(Part):
    """One question. `id` never changes; `settings` are those of its type (`surveys/questions/<type>.py`).

    metric, aspect : what its answer measures (fact table `answers`); empty for a question that measures nothing.
    pillar : the pillar of a framework that the answer is tagged with; kept as the `aspect` of pillar metrics.
    """

    id: Id
    type: str
    text: Text
    help: Text
    required: bool = False
    show_if: Condition | None = None
    metric: str = ""
    aspect: str = ""
    pillar: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _settings_fit(self) -> Self:
        kind = QUESTIONS.get(self.type)
        if kind is None:
            raise Unfit(
                mark("There is no question type {type}. There are: {types}."),
                type=self.type,
                types=", ".join(QUESTIONS),
            )
        self.settings = kind.Config.model_validate(self.settings).model_dump(mode="json", exclude_defaults=True)
        return self

    @property
    def config(self) -> Any:
        """The settings as the type's own model."""
        return QUESTIONS[self.type].Config.model_validate(self.settings)


class Page(Part):
    """Questions that are shown together."""

    id: Id
    title: Text
    show_if: Condition | None = None
    randomise: bool = False
    questions: list[Question] = Field(default_factory=list)


class Quota(Part):
    """At most so many completed responses for which a condition holds; who comes later is told so."""

    id: Id
    when: Condition
    limit: int = Field(ge=1)


class Definition(Part):
    """A whole survey. `language` is the one that texts were written in; texts that a translation lacks come from it."""

    language: Language = "en"
    languages: list[Language] = Field(default_factory=lambda: ["en"])
    title: Text
    pages: list[Page] = Field(default_factory=list)
    thanks: Text
    quotas: list[Quota] = Field(default_factory=list)
    progress: bool = True
    # One question a page on small screens; the respondent's script does it, without script pages are as they are.
    one_at_a_time: bool = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        questions = list(self.questions())
        for says, ids in (
            (mark("Ids of questions must differ: {ids}."), [q.id for q in questions]),
            (mark("Ids of pages must differ: {ids}."), [p.id for p in self.pages]),
            (mark("Ids of quotas must differ: {ids}."), [z.id for z in self.quotas]),
        ):
            twice = {i for i, times in Counter(ids).items() if times > 1}
            if twice:
                raise Unfit(says, ids=", ".join(sorted(twice)))
        if len(questions) > MOST_QUESTIONS:
            raise Unfit(mark("A survey has {most} questions at most."), most=MOST_QUESTIONS)
        if self.language not in self.languages:
            self.languages = [self.language, *self.languages]
        self._conditions_look_back()
        return self

    def _conditions_look_back(self) -> None:
        """Refuse a condition on a question that is not asked before: it could never hold."""
        known: set[str] = set()
        for page in self.pages:
            for where, condition in [(page.id, page.show_if), *((q.id, q.show_if) for q in page.questions)]:
                unknown = condition.questions() - known if condition else set()
                if unknown:
                    raise Unfit(
                        mark("The condition of {where} asks about {asked}, which no earlier page asks."),
                        where=where, asked=", ".join(sorted(unknown)),
                    )  # fmt: skip
            known |= {q.id for q in page.questions}
        for quota in self.quotas:
            if unknown := quota.when.questions() - known:
                raise Unfit(
                    mark("The quota {quota} counts answers to {asked}, which nothing asks."),
                    quota=quota.id, asked=", ".join(sorted(unknown)),
                )  # fmt: skip

    def questions(self) -> Iterator[Question]:
        """Every question in order."""
        for page in self.pages:
            yield from page.questions

    def question(self, key: str) -> Question | None:
        """Return a question by its id; None when there is none."""
        return next((q for q in self.questions() if q.id == key), None)

    def tell(self, text: Mapping[str, str], language: str) -> str:
        """Return a text in a language: itself, its base language (pt for pt-BR), the survey's own, or any."""
        return told(text, language, self.language)


def told(text: Mapping[str, str], language: str, default: str) -> str:
    """Return a text in a language, or in the nearest one that there is."""
    base = language.partition("-")[0]
    near = [key for key in text if key.partition("-")[0] == base]
    for key in (language, base, *near, default, *text):
        if text.get(key):
            return text[key]
    return ""
