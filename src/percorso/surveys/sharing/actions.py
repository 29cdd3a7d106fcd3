"""What the page of links changes."""

from collections.abc import Sequence

from percorso.accounts.models import Person
from percorso.surveys.editing.actions import change_settings
from percorso.surveys.models import Survey
from percorso.surveys.sharing.widget import Widget


def change_sites(survey: Survey, sites: Sequence[str], *, by: Person | str) -> None:
    """Say which sites may show the survey in a frame."""
    change_settings(survey, by=by, sites=list(sites))


def change_widget(survey: Survey, widget: Widget, *, by: Person | str) -> None:
    """Say when the widget opens, and where; sites get it within five minutes."""
    change_settings(survey, by=by, look={**survey.look, "widget": widget.model_dump(exclude_defaults=True)})
