"""What the addresses of results ask for, and what is typed there."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from percorso.i18n import mark
from percorso.surveys.results.page import Wanted
from percorso.surveys.results.single import Sought

FORMS = {
    "xlsx": mark("Spreadsheet (XLSX)"),
    "csv": mark("Table (CSV)"),
    "sav": mark("SPSS (SAV)"),
    "parquet": mark("Parquet"),
}


class WantedForm(forms.Form):
    """The address of the results page."""

    by = forms.CharField(required=False, max_length=60)
    figure = forms.IntegerField(required=False, min_value=0, max_value=200)
    q = forms.CharField(required=False, max_length=200)
    page = forms.IntegerField(required=False, min_value=1, max_value=100_000)

    def wanted(self, by: list[str], figures: int) -> Wanted:
        """Return what is asked for, as far as it exists: one of the columns `by`, one of so many figures."""
        self.is_valid()
        asked = self.cleaned_data
        figure = asked.get("figure") or 0
        column = asked.get("by") or ""
        return Wanted(
            by=column if column in by else "",
            figure=figure if figure < figures else 0,
            text=asked.get("q") or "",
            page=asked.get("page") or 1,
        )


class SoughtForm(forms.Form):
    """The address of the list of answers."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.CharField(required=False, max_length=20)
    mark = forms.CharField(required=False, max_length=20)
    version = forms.IntegerField(required=False, min_value=1, max_value=1_000_000)
    language = forms.CharField(required=False, max_length=20)

    def sought(self) -> Sought:
        """Return which responses are asked for."""
        self.is_valid()
        asked: dict[str, Any] = self.cleaned_data
        texts = {name: asked.get(name) or "" for name in ("q", "state", "mark", "language")}
        return Sought(**texts, version=asked.get("version"))


class ReasonForm(forms.Form):
    """Why a response is left out, counted again or erased."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("Kept in the audit log. Name nobody in it.")
    )


class ExportForm(forms.Form):
    """Which file is wanted."""

    form = forms.ChoiceField(choices=[(key, key) for key in FORMS])
