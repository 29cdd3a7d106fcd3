"""Changes of a draft: plain functions, each from one definition to the next. Nothing is stored here."""

import re
from collections.abc import Callable, Collection, Sequence

from pydantic import ValidationError

from percorso.base.reasons import place_and_reason
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.surveys.conditions import Condition
from percorso.surveys.definition import Definition, Page, Question, Quota
from percorso.surveys.editing.wordings import settings_texts
from percorso.surveys.question import QUESTIONS

LONGEST_NAME = 60
LONGEST_ID = 40
UNKNOWN = mark("This part of the survey is gone: somebody removed it meanwhile.")


def name_of(definition: Definition, question: Question) -> str:
    """Return what people call a question: the beginning of its text, else its id."""
    told = " ".join(definition.tell(question.text, definition.language).split())
    return (told[: LONGEST_NAME - 1] + "…" if len(told) > LONGEST_NAME else told) or question.id


def changed(definition: Definition, change: Callable[[Definition], None]) -> Definition:
    """Return a copy of a definition with a change made.

    Raises
    ------
    BadQuestion : the change does not fit the rest; the text says what to do first.
    """
    made = definition.model_copy(deep=True)
    change(made)
    refuse_looking_ahead(made)
    try:
        return Definition.model_validate(made.model_dump(mode="json", by_alias=True))
    except ValidationError as error:
        raise BadQuestion(mark("This does not fit: {detail}"), detail=place_and_reason(error.errors()[0])) from error


def refuse_looking_ahead(definition: Definition) -> None:
    """Refuse a condition about a question that no earlier page asks.

    Raises
    ------
    BadQuestion : it names who asks about what.
    """
    known: set[str] = set()
    for page in definition.pages:
        _look_back(definition, definition.tell(page.title, definition.language) or page.id, page.show_if, known)
        for question in page.questions:
            _look_back(definition, name_of(definition, question), question.show_if, known)
        known |= {q.id for q in page.questions}
    for quota in definition.quotas:
        _look_back(definition, quota.id, quota.when, known)


def _look_back(definition: Definition, who: str, condition: Condition | None, known: Collection[str]) -> None:
    missing = sorted(condition.questions() - set(known)) if condition else []
    if missing:
        asked = definition.question(missing[0])
        raise BadQuestion(
            mark(
                "The logic of “{who}” asks about “{asked}”, which no earlier page would ask. Change that logic first."
            ),
            who=who,
            asked=name_of(definition, asked) if asked else missing[0],
        )


def fresh_id(wanted: str, taken: Collection[str]) -> str:
    """Return an id that nothing has: `wanted`, or that with a number."""
    base = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_")[: LONGEST_ID - 4]
    base = base if base[:1].isalpha() else f"x{base}"
    names = (base, *(f"{base}_{n}" for n in range(2, 10_000)))
    return next(name for name in names if name not in taken)


def page_of(definition: Definition, question: str) -> Page:
    """Return the page that asks a question.

    Raises
    ------
    BadQuestion : nothing asks it.
    """
    for page in definition.pages:
        if any(q.id == question for q in page.questions):
            return page
    raise BadQuestion(UNKNOWN)


def page_called(definition: Definition, key: str) -> Page:
    """Return a page by its id.

    Raises
    ------
    BadQuestion : there is none.
    """
    found = next((page for page in definition.pages if page.id == key), None)
    if found is None:
        raise BadQuestion(UNKNOWN)
    return found


def question_called(definition: Definition, key: str) -> Question:
    """Return a question by its id.

    Raises
    ------
    BadQuestion : there is none.
    """
    found = definition.question(key)
    if found is None:
        raise BadQuestion(UNKNOWN)
    return found


def add_page(definition: Definition, key: str, after: str = "") -> Definition:
    """Put an empty page behind the page `after`, or at the end."""

    def change(made: Definition) -> None:
        ids = [page.id for page in made.pages]
        made.pages.insert(ids.index(after) + 1 if after in ids else len(ids), Page.model_validate({"id": key}))

    return changed(definition, change)


def add_question(definition: Definition, kind: str, key: str, page: str = "", after: str = "") -> Definition:
    """Put a new question behind `after`, or at the end of `page` (of the last one; of a first one when there is none)."""
    made = Question.model_validate({"id": key, "type": kind, "metric": next(iter(QUESTIONS[kind].metrics), "")})

    def change(whole: Definition) -> None:
        if not whole.pages:
            whole.pages.append(Page.model_validate({"id": fresh_id("page", {key})}))
        place = page_of(whole, after) if after else page_called(whole, page) if page else whole.pages[-1]
        ids = [q.id for q in place.questions]
        place.questions.insert(ids.index(after) + 1 if after in ids else len(ids), made)

    return changed(definition, change)


def copy_question(definition: Definition, key: str, copy: str) -> Definition:
    """Put a copy of a question, called `copy`, behind it."""

    def change(made: Definition) -> None:
        questions = page_of(made, key).questions
        at = [q.id for q in questions].index(key)
        questions.insert(at + 1, questions[at].model_copy(update={"id": copy}, deep=True))

    return changed(definition, change)


def copy_page(definition: Definition, key: str, copied: str, new_id: Callable[[str], str]) -> Definition:
    """Put a copy of a page, called `copied`, behind it; `new_id` gives its questions ids that are free."""

    def change(made: Definition) -> None:
        page = page_called(made, key)
        copy = page.model_copy(update={"id": copied}, deep=True)
        for question in copy.questions:
            question.id = new_id(question.id)
        made.pages.insert([p.id for p in made.pages].index(key) + 1, copy)

    return changed(definition, change)


def remove_question(definition: Definition, key: str) -> Definition:
    """Take a question away; an error says whose logic asks about it."""

    def change(made: Definition) -> None:
        page = page_of(made, key)
        page.questions = [q for q in page.questions if q.id != key]

    _refuse_asked_about(definition, {key})
    return changed(definition, change)


def remove_page(definition: Definition, key: str) -> Definition:
    """Take a page away with its questions; an error says whose logic asks about one of them."""
    page = page_called(definition, key)
    _refuse_asked_about(definition, {q.id for q in page.questions})

    def change(made: Definition) -> None:
        made.pages = [p for p in made.pages if p.id != key]

    return changed(definition, change)


def _refuse_asked_about(definition: Definition, keys: Collection[str]) -> None:
    asking = [(page.title, page.id, page.show_if) for page in definition.pages]
    asking += [(q.text, q.id, q.show_if) for q in definition.questions()]
    asking += [({}, quota.id, quota.when) for quota in definition.quotas]
    for text, own, condition in asking:
        used = sorted(condition.questions() & set(keys)) if condition and own not in keys else []
        if used:
            raise BadQuestion(
                mark("The logic of “{who}” asks about “{asked}”. Change that logic first."),
                who=definition.tell(text, definition.language) or own,
                asked=name_of(definition, question_called(definition, used[0])),
            )


def move_question(definition: Definition, key: str, step: int) -> Definition:
    """Move a question one place up (-1) or down (1), over the edge of its page into the next one."""

    def change(made: Definition) -> None:
        pages = made.pages
        page = page_of(made, key)
        at, of = [q.id for q in page.questions].index(key), pages.index(page)
        question = page.questions.pop(at)
        to = at + step
        if 0 <= to <= len(page.questions):
            page.questions.insert(to, question)
        elif 0 <= of + step < len(pages):
            there = pages[of + step].questions
            there.insert(len(there) if step < 0 else 0, question)
        else:
            page.questions.insert(at, question)

    return changed(definition, change)


def move_page(definition: Definition, key: str, step: int) -> Definition:
    """Move a page one place up (-1) or down (1)."""

    def change(made: Definition) -> None:
        at = made.pages.index(page_called(made, key))
        page = made.pages.pop(at)
        made.pages.insert(min(len(made.pages), max(0, at + step)), page)

    return changed(definition, change)


def arrange(definition: Definition, order: Sequence[tuple[str, Sequence[str]]]) -> Definition:
    """Put pages and their questions into an order: (page, its questions) …; what is not named stays at the end."""

    def change(made: Definition) -> None:
        questions = {q.id: q for q in made.questions()}
        pages = {page.id: page for page in made.pages}
        named = [(pages[key], inside) for key, inside in order if key in pages]
        placed: set[str] = set()
        for page, inside in named:
            own = [key for key in inside if key in questions and key not in placed]
            placed |= set(own)
            kept = [q.id for q in page.questions if not any(q.id in keys for _, keys in order)]
            page.questions = [questions[key] for key in (*own, *kept)]
        rest = [page for page in made.pages if page not in [p for p, _ in named]]
        for page in rest:
            page.questions = [q for q in page.questions if q.id not in placed]
        made.pages = [*(page for page, _ in named), *rest]

    return changed(definition, change)


def supersede(definition: Definition, key: str, new: str) -> Definition:
    """Give a question a new id wherever it is named: what was answered before belongs to the old one and stays with it."""

    def change(made: Definition) -> None:
        question_called(made, key).id = new
        for condition in _conditions(made):
            _rename(condition, key, new)
        for question in made.questions():
            config = question.config
            for _, text in settings_texts(config):
                _recall(text, key, new)
            question.settings = config.model_dump(mode="json", exclude_defaults=True)
        for text in _all_texts(made):
            _recall(text, key, new)

    return changed(definition, change)


def _recall(text: dict[str, str], key: str, new: str) -> None:
    for language, told in text.items():
        text[language] = re.sub(rf"\{{{key}(?=[|}}])", f"{{{new}", told)


def _conditions(definition: Definition) -> list[Condition]:
    found = [page.show_if for page in definition.pages] + [q.show_if for q in definition.questions()]
    return [c for c in found if c is not None] + [quota.when for quota in definition.quotas]


def _rename(condition: Condition, key: str, new: str) -> None:
    if condition.question == key:
        condition.question = new
    inner = [*(condition.all_of or ()), *(condition.any_of or ())]
    for one in [*inner, condition.none_of] if condition.none_of else inner:
        _rename(one, key, new)


def _all_texts(definition: Definition) -> list[dict[str, str]]:
    texts = [definition.title, definition.thanks, *(page.title for page in definition.pages)]
    for question in definition.questions():
        texts += [question.text, question.help]
    return texts


def put_question(definition: Definition, question: Question) -> Definition:
    """Put a question in the place of the one with its id."""

    def change(made: Definition) -> None:
        page = page_of(made, question.id)
        page.questions = [question if q.id == question.id else q for q in page.questions]

    return changed(definition, change)


def put_page(definition: Definition, page: Page) -> Definition:
    """Put a page in the place of the one with its id; its questions stay as they are now."""

    def change(made: Definition) -> None:
        questions = page_called(made, page.id).questions
        new = page.model_copy(update={"questions": questions})
        made.pages = [new if p.id == page.id else p for p in made.pages]

    return changed(definition, change)


def put_quota(definition: Definition, quota: Quota) -> Definition:
    """Put a quota in the place of the one with its id, or behind the others."""

    def change(made: Definition) -> None:
        ids = [q.id for q in made.quotas]
        if quota.id in ids:
            made.quotas[ids.index(quota.id)] = quota
        else:
            made.quotas.append(quota)

    return changed(definition, change)


def remove_quota(definition: Definition, key: str) -> Definition:
    """Take a quota away."""

    def change(made: Definition) -> None:
        made.quotas = [quota for quota in made.quotas if quota.id != key]

    return changed(definition, change)
