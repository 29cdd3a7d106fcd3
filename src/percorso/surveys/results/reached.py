"""How far respondents came: to whom each question was shown, who answered it, and what quotas have taken."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from percorso.surveys.definition import Definition, Quota
from percorso.surveys.flow import counting, steps
from percorso.surveys.models import Version
from percorso.surveys.results.queries import Group


@dataclass(frozen=True)
class Progress:
    """Responses of a survey: begun, finished, and to how many each question was shown."""

    started: int
    completed: int
    left_out: int
    over_quota: int
    shown: Counter[str]


def progress_of(groups: Iterable[Group], versions: Sequence[Version]) -> Progress:
    """Return how far the counted responses came."""
    definitions = {version.pk: version.definition for version in versions}
    started = completed = left_out = over_quota = 0
    shown = Counter[str]()
    for group in groups:
        left_out += group.n if group.left_out and not group.over_quota else 0
        over_quota += group.n if group.over_quota else 0
        if group.left_out:
            continue
        started += group.n
        completed += group.n if group.completed else 0
        for question in _shown_to(group, definitions[group.version]):
            shown[question] += group.n
    return Progress(started, completed, left_out, over_quota, shown)


def _shown_to(group: Group, definition: Definition) -> Iterable[str]:
    """Give the questions that responses of a group saw: of the pages up to the one that they are on."""
    order = [page.id for page in definition.pages]
    last = order.index(group.page) if group.page in order and not group.completed else len(order)
    for step in steps(definition, group.answers, group.traits, ""):
        if order.index(step.page.id) <= last:
            yield from (question.id for question in step.questions)


def filled(groups: Iterable[Group], definition: Definition) -> list[tuple[Quota, int]]:
    """Return how many completed responses each quota has taken."""
    taken = Counter[str]()
    for group in groups:
        if not group.completed or group.over_quota or group.left_out:
            continue
        counted = counting(definition, group.answers, group.traits)
        for quota in definition.quotas:
            taken[quota.id] += group.n if quota.when.holds(counted, group.traits) else 0
    return [(quota, taken[quota.id]) for quota in definition.quotas]
