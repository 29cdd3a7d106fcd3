"""What the page of links changes."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from percorso.accounts import audit
from percorso.accounts.models import Person
from percorso.surveys.editing.actions import change_settings
from percorso.surveys.models import Survey, new_key
from percorso.surveys.sharing.widget import Widget


def change_sites(survey: Survey, sites: Sequence[str], *, by: Person | str) -> None:
    """Say which sites may show the survey in a frame."""
    change_settings(survey, by=by, sites=list(sites))


def change_widget(survey: Survey, widget: Widget, *, by: Person | str) -> None:
    """Say when the widget opens, and where; sites get it within five minutes."""
    change_settings(survey, by=by, look={**survey.look, "widget": widget.model_dump(exclude_defaults=True)})


@transaction.atomic
def renew_secret(survey: Survey, *, days: int, by: Person | str) -> None:
    """Make a new secret for who is signed in on a site.

    Parameters
    ----------
    days : for how long signatures made with the secret before are still believed; with 0 from now on they are not.
    """
    row = Survey.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=survey.pk)
    row.earlier_nonce, row.identity_nonce = row.identity_nonce, new_key()
    row.earlier_until = timezone.now() + timedelta(days=days) if days else None
    row.save(update_fields=["identity_nonce", "earlier_nonce", "earlier_until", "changed_at"])
    audit.record("survey_secret_renewed", row.workspace, by=by, target=row.name, days=days)


@transaction.atomic
def end_earlier_secret(survey: Survey, *, by: Person | str) -> None:
    """Believe no signature made with the secret before, from now on."""
    row = Survey.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=survey.pk)
    row.earlier_nonce, row.earlier_until = "", None
    row.save(update_fields=["earlier_nonce", "earlier_until", "changed_at"])
    audit.record("survey_secret_ended", row.workspace, by=by, target=row.name)
