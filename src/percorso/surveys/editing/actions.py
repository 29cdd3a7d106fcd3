"""Changes of surveys: writing, publishing, pausing, closing, copying, removing. Each writes the audit log."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.surveys.definition import Definition
from percorso.surveys.editing.checks import Problem, problems_of
from percorso.surveys.editing.draft import fresh_id, supersede
from percorso.surveys.inviting.sending import leave_line
from percorso.surveys.models import DraftStep, Survey, Version

# Addresses below surveys/ that are no surveys.
TAKEN = frozenset({"new", "import", "policy", "contact-policy", "bank", "templates", "messages", "refusals"})
MOST = 1000
MOST_STEPS = 100
# Changes of one part by one person that follow each other so soon are undone together.
TOGETHER = timedelta(seconds=30)


class NotReady(BadQuestion):
    """A draft that cannot be published; `problems` say why."""

    def __init__(self, problems: list[Problem]) -> None:
        first = problems[0]
        if first.who:
            super().__init__(mark("This cannot be published yet. “{who}”: {what}"), who=first.who, what=first.says)
        else:
            super().__init__(mark("This cannot be published yet. {what}"), what=first.says)
        self.problems = problems


class Meanwhile(BadQuestion):
    """Somebody else has changed the same part since it was shown."""


@transaction.atomic
def make_survey(
    workspace: Workspace, *, name: str, by: Person | str, definition: Definition | None = None, **values: Any
) -> Survey:
    """Make a survey, a draft that nobody sees yet; its address is made of its name and stays.

    values : fields of `Survey`, such as population, anonymous, gap_days.

    Raises
    ------
    BadQuestion : there are too many.
    """
    if workspace.surveys.count() >= MOST:
        raise BadQuestion(mark("A workspace has at most {most} surveys. Remove one that is not used."), most=MOST)
    person = by if isinstance(by, Person) else None
    made = Survey.objects.create(
        workspace=workspace, name=name, slug=_free(workspace, name), made_by=person,
        draft=stored(definition or Definition(title={"en": name})), **values,
    )  # fmt: skip
    audit.record("survey_made", workspace, by=by, target=name)
    return made


def stored(definition: Definition) -> dict[str, Any]:
    """Return a definition as it is kept."""
    return definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def change_draft(survey: Survey, definition: Definition, *, by: Person | str) -> None:
    """Put another definition in the place of the draft; what respondents see changes when it is published."""
    edit_draft(survey, lambda _: definition, at="", by=by)


@transaction.atomic
def edit_draft(
    survey: Survey,
    change: Callable[[Definition], Definition],
    *,
    at: str,
    by: Person | str,
    fits: Callable[[Definition], bool] | None = None,
    together: bool = False,
) -> Definition:
    """Make one change of the draft as it is now: somebody else may have written meanwhile.

    at : the part that is changed. together : undone with the changes just before, when they are of the same part.
    fits : whether the draft is still as the writer saw it.

    Raises
    ------
    Meanwhile : it is not. BadQuestion : the change does not fit the rest.
    """
    row = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    now = row.definition
    if fits is not None and not fits(now):
        raise Meanwhile(mark("Somebody else has changed this part meanwhile. What you wrote is not saved yet."))
    made = change(now)
    content = stored(made)
    if content != stored(now):
        person = by if isinstance(by, Person) else None
        if not (together and _continues(row, at, person)):
            DraftStep.objects.create(survey=row, at=at[:60], before=row.draft, typed=together, by=person)
            _forget_old_steps(row)
            audit.record("survey_changed", row.workspace, by=by, target=row.name, part=at)
        row.draft = content
        row.save(update_fields=["draft", "changed_at"])
    survey.draft, survey.changed_at = row.draft, row.changed_at
    return made


def _continues(survey: Survey, at: str, person: Person | None) -> bool:
    last = survey.steps.first()
    soon = last is not None and last.typed and last.made_at > timezone.now() - TOGETHER
    return soon and last.at == at and last.by == person


def _forget_old_steps(survey: Survey) -> None:
    kept = list(survey.steps.values_list("pk", flat=True)[:MOST_STEPS])
    if len(kept) == MOST_STEPS:
        survey.steps.filter(pk__lt=kept[-1]).delete()


@transaction.atomic
def undo_draft(survey: Survey, *, by: Person | str) -> str:
    """Take the last change of the draft back; return the part that it was of.

    Raises
    ------
    BadQuestion : there is none.
    """
    row = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    step = row.steps.first()
    if step is None:
        raise BadQuestion(mark("There is nothing to undo."))
    row.draft = step.before
    row.save(update_fields=["draft", "changed_at"])
    step.delete()
    audit.record("survey_changed", row.workspace, by=by, target=row.name, part=step.at, undone=True)
    survey.draft, survey.changed_at = row.draft, row.changed_at
    return step.at


def stamp_of(part: Any) -> str:
    """Return what tells one state of a part from another."""
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]


def supersede_question(survey: Survey, key: str, *, by: Person | str) -> str:
    """Give a question of the draft a new id, so that it may change; return it.

    Answers to the question as it was keep the old id, and are never mixed with those to the new one.
    """
    new = fresh_id(key, taken_ids(survey))
    edit_draft(survey, lambda definition: supersede(definition, key, new), at=f"q-{new}", by=by)
    return new


def taken_ids(survey: Survey) -> set[str]:
    """Return every id of a page or a question that the survey has ever had: none is used twice."""
    definitions = [survey.definition, *(version.definition for version in survey.versions.all())]
    return {part.id for d in definitions for parts in (d.pages, d.questions(), d.quotas) for part in parts}


@transaction.atomic
def publish(survey: Survey, *, by: Person | str) -> Version:
    """Publish the draft as a new version: respondents who begin from now on see it. A draft becomes live by it.

    Raises
    ------
    NotReady : it asks nothing, lacks texts, or would make answers incomparable with those to an earlier version.
    """
    row = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    stopping = [problem for problem in problems_of(row, row.definition) if problem.stops]
    if stopping:
        raise NotReady(stopping)
    number = (row.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = Version.objects.create(survey=row, number=number, content=row.draft, by=str(by)[:254])
    row.live = version
    if row.state == Survey.State.DRAFT:
        row.state = Survey.State.LIVE
    row.save(update_fields=["live", "state", "changed_at"])
    audit.record("survey_published", row.workspace, by=by, target=row.name, version=number)
    survey.live, survey.state, survey.changed_at = version, row.state, row.changed_at
    return version


# From which state to which, and what the log calls it.
CHANGES = {
    "pause": ((Survey.State.LIVE,), Survey.State.PAUSED, "survey_paused"),
    "close": ((Survey.State.LIVE, Survey.State.PAUSED), Survey.State.CLOSED, "survey_closed"),
    "reopen": ((Survey.State.PAUSED, Survey.State.CLOSED), Survey.State.LIVE, "survey_reopened"),
}


@transaction.atomic
def change_state(survey: Survey, how: str, *, by: Person | str) -> None:
    """Pause, close or reopen a survey; a closing day that has passed is forgotten when it is reopened.

    Raises
    ------
    BadQuestion : it is in no state for that.
    """
    before, after, action = CHANGES[how]
    row = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    over = row.closes_at is not None and row.closes_at <= timezone.now()
    allowed = row.state in before or (how == "reopen" and row.state == Survey.State.LIVE and over)
    if not allowed:
        raise BadQuestion(mark("The survey is in another state by now. Look again."))
    row.state = after
    if how == "reopen" and over:
        row.closes_at = None
    row.save(update_fields=["state", "closes_at", "changed_at"])
    if how == "close":
        leave_line(row)
    audit.record(action, row.workspace, by=by, target=row.name)
    survey.state, survey.closes_at = row.state, row.closes_at


def pause_survey(survey: Survey, *, by: Person | str) -> None:
    """Take no answers for now; see `change_state`."""
    change_state(survey, "pause", by=by)


def close_survey(survey: Survey, *, by: Person | str) -> None:
    """Take no answers any more; see `change_state`."""
    change_state(survey, "close", by=by)


def reopen_survey(survey: Survey, *, by: Person | str) -> None:
    """Take answers again; see `change_state`."""
    change_state(survey, "reopen", by=by)


@transaction.atomic
def change_settings(survey: Survey, *, by: Person | str, **values: Any) -> None:
    """Change fields of a survey.

    Raises
    ------
    BadQuestion : anonymity was promised to those who have answered, and cannot be taken back.
    """
    row = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    if row.anonymous and not values.get("anonymous", True) and row.responses.exists():
        raise BadQuestion(mark("People have answered this survey anonymously: that stays. Make a copy to ask by name."))
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, values[name])
            setattr(survey, name, values[name])
        row.save(update_fields=[*changed, "changed_at"])
        audit.record("survey_changed", row.workspace, by=by, target=row.name, changed=sorted(changed))


COPIED = (
    "population", "anonymous", "least_answers", "touchpoint", "look", "repeated", "sites", "gap_days", "share",
    "priority", "expires_days",
)  # fmt: skip


@transaction.atomic
def copy_survey(survey: Survey, *, by: Person | str) -> Survey:
    """Make another survey, a draft, that asks the same in the same way; answers and invitations stay where they are."""
    name = gettext("{name} (copy)").format(name=survey.name)[:120]
    values = {field: getattr(survey, field) for field in COPIED}
    return make_survey(survey.workspace, name=name, by=by, definition=survey.definition, **values)


@transaction.atomic
def remove_survey(survey: Survey, *, by: Person | str) -> None:
    """Remove a survey that nobody has answered, with its invitations.

    Raises
    ------
    BadQuestion : somebody has.
    """
    row = Survey.objects.select_for_update(of=("self",)).get(pk=survey.pk)
    if row.responses.exists():
        raise BadQuestion(
            mark("“{name}” has answers. Close it: nobody is asked any more, and the answers stay."), name=row.name
        )
    audit.record("survey_removed", row.workspace, by=by, target=row.name)
    Survey.objects.filter(pk=row.pk).update(live=None)
    row.live = None
    leave_line(row)
    row.invitations.all().delete()
    row.versions.all().delete()
    row.delete()


def _free(workspace: Workspace, name: str) -> str:
    """Return an address that no survey of the workspace has."""
    wanted = slugify(name)[:60].strip("-_") or "survey"
    taken = set(workspace.surveys.filter(slug__startswith=wanted).values_list("slug", flat=True)) | TAKEN
    return next(s for s in (wanted, *(f"{wanted}-{n}" for n in range(2, 100_000))) if s not in taken)
