"""What people type about privacy: what is masked, how long what is kept, whom to look for, whom to erase."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.customers.models import Privacy
from percorso.customers.privacy.masking import KINDS
from percorso.customers.privacy.retention import MOST_MONTHS, rules

FIELD = "months:"


class DecisionsForm(forms.Form):
    """Which kinds are masked, and after how many months each kind of data ends; empty: never."""

    masked = forms.MultipleChoiceField(label=_("Masked on entry"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *given: Any, row: Privacy, **more: Any) -> None:
        initial = {"masked": row.masked} | {f"{FIELD}{key}": months for key, months in row.months.items()}
        super().__init__(*given, initial=initial, **more)
        self.fields["masked"].choices = [(key, gettext(label)) for key, label in KINDS.items()]  # type: ignore[attr-defined]
        for key, rule in rules().items():
            label = gettext("Months: {what}").format(what=gettext(rule.label))
            self.fields[f"{FIELD}{key}"] = forms.IntegerField(label=label, min_value=1, max_value=MOST_MONTHS, required=False)  # fmt: skip

    @property
    def months(self) -> dict[str, int]:
        """The months that were typed, by rule."""
        found = {name.removeprefix(FIELD): n for name, n in self.cleaned_data.items() if name.startswith(FIELD)}
        return {key: n for key, n in found.items() if n}


class PersonForm(forms.Form):
    """Whom to look for."""

    who = forms.CharField(
        label=_("E-mail address, phone or id"), max_length=254,
        help_text=_("Phones with their country, e.g. +55 11 98765-4321."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class EraseForm(forms.Form):
    """That somebody is really to be erased: the name typed once more, and why."""

    confirmed = forms.CharField(max_length=300, strip=True)
    reason = forms.CharField(max_length=300, required=False)

    def __init__(self, *given: Any, name: str, **more: Any) -> None:
        super().__init__(*given, **more)
        self.name = name

    def clean_confirmed(self) -> str:
        """Check that the name is the one that the page showed."""
        typed = str(self.cleaned_data["confirmed"])
        if typed.casefold() != self.name.strip().casefold():
            raise forms.ValidationError(gettext("What you typed is not the name shown above. Nothing was erased."))
        return typed
