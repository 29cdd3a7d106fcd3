"""Changes of the figures' pages: the indicators of the overview, annotations."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from percorso.accounts import audit
from percorso.accounts.models import Person, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.models import Annotation


@transaction.atomic
def choose_indicators(workspace: Workspace, keys: Sequence[str], *, by: Person) -> None:
    """Show only `keys` on the overview, in this order; none means all.

    Raises
    ------
    BadQuestion : a key is no indicator.
    """
    for key in keys:
        _refuse_unknown(key)
    wanted = list(dict.fromkeys(keys))
    if wanted != workspace.chosen_indicators:
        workspace.chosen_indicators = wanted
        workspace.save(update_fields=["chosen_indicators"])
        audit.record("indicators_chosen", workspace, by=by, target=", ".join(wanted))


@transaction.atomic
def make_annotation(workspace: Workspace, *, day: date, text: str, indicator: str, by: Person | str) -> Annotation:
    """Write on a day of one indicator's time axis, or (empty `indicator`) of all."""
    if indicator:
        _refuse_unknown(indicator)
    person = by if isinstance(by, Person) else None
    made = Annotation.objects.create(workspace=workspace, day=day, text=text, indicator=indicator, by=person)
    audit.record("annotation_made", workspace, by=by, target=str(made), indicator=indicator)
    return made


@transaction.atomic
def change_annotation(annotation: Annotation, *, day: date, text: str, indicator: str, by: Person) -> None:
    """Change an annotation; the log keeps what it said before."""
    if indicator:
        _refuse_unknown(indicator)
    before = str(annotation)
    annotation.day, annotation.text, annotation.indicator = day, text, indicator
    annotation.save(update_fields=["day", "text", "indicator"])
    audit.record("annotation_changed", annotation.workspace, by=by, target=str(annotation), before=before)


@transaction.atomic
def remove_annotation(annotation: Annotation, *, by: Person) -> None:
    """Take an annotation away; the log keeps what it said."""
    audit.record("annotation_removed", annotation.workspace, by=by, target=str(annotation))
    annotation.delete()


def _refuse_unknown(key: str) -> None:
    if key not in INDICATORS:
        raise BadQuestion(mark("There is no indicator {key}."), key=key)
