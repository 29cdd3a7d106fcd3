"""What the address of a customer's page asks of the timeline."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Workspace
from percorso.customers.sentences import TABLES
from percorso.customers.timeline.queries import Wanted


class TimelineForm(forms.Form):
    """Kind of facts, text, and a period; days are those of the workspace."""

    table = forms.ChoiceField(required=False, choices=[("", ""), *((name, name) for name in TABLES)])
    q = forms.CharField(label=_("Search what happened"), required=False, max_length=200)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def asked(self) -> dict[str, str]:
        """Return what of it was asked for and can be read, as an address says it."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name) for name in self.fields}
        return {name: str(value) for name, value in found.items() if value}

    def wanted(self, workspace: Workspace) -> Wanted:
        """Return which facts are asked for; what cannot be read is not asked."""
        asked = self.asked()
        tables = (asked["table"],) if "table" in asked else tuple(TABLES)
        until = self.cleaned_data.get("until")
        return Wanted(
            tables,
            asked.get("q", ""),
            _begin(self.cleaned_data.get("since"), workspace),
            _begin(until + timedelta(days=1) if until and until < date.max else None, workspace),
        )


def _begin(day: date | None, workspace: Workspace) -> datetime | None:
    """Return the instant (UTC) at which a day of the workspace begins."""
    if day is None or not 1900 <= day.year <= 2200:
        return None
    return datetime.combine(day, time(), ZoneInfo(workspace.time_zone)).astimezone(ZoneInfo("UTC"))
