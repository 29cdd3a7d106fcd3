"""What the pages of reports send."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.accounts.zones import zone_names
from percorso.analytics.query import PRESETS
from percorso.base import words
from percorso.insights.models import Board, Report

MOST_RECIPIENTS = 50
EMPTY_ROWS = 2


class ReportForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is sent, of which days, and when."""

    period = forms.ChoiceField(label=_("Period"))
    weekday = forms.TypedChoiceField(label=_("Day of the week"), coerce=int, help_text=_("For a report of every week."))
    day = forms.TypedChoiceField(
        label=_("Day of the month"),
        coerce=int,
        choices=[(day, str(day)) for day in range(1, 29)],
        help_text=_("For a report of every month."),
    )
    hour = forms.TypedChoiceField(
        label=_("Hour"),
        coerce=int,
        choices=[(hour, f"{hour:02d}:00") for hour in range(24)],
        help_text=_("In the time zone of each recipient, and not before the period is over."),
    )

    class Meta:
        model = Report
        fields = ("name", "board", "period", "every", "weekday", "day", "hour", "attach_pdf", "active")
        labels = {
            "name": _("Name"),
            "board": _("Board"),
            "every": _("How often"),
            "attach_pdf": _("Attach a PDF"),
            "active": _("Send it on this schedule"),
        }
        help_texts = {"name": _("The subject of the mails begins with it.")}

    def __init__(self, *args: Any, boards: list[Board], **more: Any) -> None:
        super().__init__(*args, **more)
        fields: dict[str, Any] = self.fields
        fields["period"].choices = [(key, gettext(label)) for key, label in PRESETS.items()]
        fields["weekday"].choices = [(day, words.weekday(day)) for day in range(7)]
        fields["board"].queryset = Board.objects.filter(pk__in=[board.pk for board in boards])
        fields["board"].empty_label = None


class RecipientForm(forms.Form):
    """One recipient; without an address there is none."""

    email = forms.EmailField(label=_("E-mail address"), required=False, max_length=254)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.CharField(
        label=_("Time zone"), max_length=64, widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"})
    )

    def clean_time_zone(self) -> str:
        """Return the zone when there is one of this name."""
        name: str = self.cleaned_data["time_zone"].strip()
        if name not in zone_names():
            raise ValidationError(
                gettext("There is no time zone {name}. Choose one like Europe/Rome.").format(name=name)
            )
        return name


class _Recipients(forms.BaseFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        """Refuse a report for nobody."""
        if not any(self.errors) and not self.recipients():
            raise ValidationError(gettext("Give at least one recipient."))

    def recipients(self) -> list[dict[str, str]]:
        """Return who was given, each address once."""
        told = [form.cleaned_data for form in self.forms if form.cleaned_data.get("email")]
        found = {row["email"].strip().lower(): row for row in told}
        return [
            {"email": email, "language": row["language"], "time_zone": row["time_zone"]} for email, row in found.items()
        ]


RecipientForms: Any = forms.formset_factory(
    RecipientForm, formset=_Recipients, extra=0, max_num=MOST_RECIPIENTS, validate_max=True
)


def recipient_forms(data: Any, typed: Any, recipients: list[dict[str, Any]], usual: dict[str, str]) -> Any:
    """Return a row for each recipient and an empty one; a press on “more rows” (`typed`) gives further empty ones."""
    if "more" in typed:
        count = str(typed.get("to-TOTAL_FORMS"))
        rows = range(min(int(count), MOST_RECIPIENTS) if count.isdecimal() else 0)
        kept = [{name: typed.get(f"to-{i}-{name}", "") for name in usual} for i in rows]
        return RecipientForms(prefix="to", initial=[*kept, *[usual] * EMPTY_ROWS][:MOST_RECIPIENTS])
    return RecipientForms(data, prefix="to", initial=[*recipients, usual][:MOST_RECIPIENTS])
