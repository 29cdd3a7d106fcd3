"""What the page of links sends, made clean."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.errors import BadQuestion
from percorso.surveys.models import Survey
from percorso.surveys.respond.languages import own_name
from percorso.surveys.sharing.widget import ON, POSITIONS, THEMES, Widget
from percorso.surveys.sites import origins_in

LONGEST_PLACE = 100


class PlaceForm(forms.Form):
    """Where a link or a code is shown, kept with each answer that comes by it; and the language that it opens in."""

    place = forms.CharField(
        label=_("Place"), required=False, max_length=LONGEST_PLACE,
        help_text=_("Where people find it, such as “Till 3” or “Receipt”. Empty: nowhere in particular."),
    )  # fmt: skip
    campaign = forms.CharField(label=_("Campaign"), required=False, max_length=LONGEST_PLACE)
    lang = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, data: Any, survey: Survey) -> None:
        super().__init__(data)
        codes = (survey.live.definition if survey.live else survey.definition).languages
        choices = [("", gettext("As each browser wants it")), *((code, own_name(code, codes)) for code in codes)]
        fields: dict[str, Any] = self.fields
        fields["lang"].choices = choices
        if len(codes) == 1:
            del self.fields["lang"]
        if survey.anonymous:
            # The respondent's page would not keep it.
            del self.fields["campaign"]

    def told(self) -> dict[str, str]:
        """Return what the address tells; nothing of what is not right."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class SitesForm(forms.Form):
    """The sites that may show the survey in a frame."""

    sites = forms.CharField(
        label=_("Sites that may show it"), required=False, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One address a line, as https://www.example.com. Browsers refuse to show it on any other."),
    )  # fmt: skip

    def clean_sites(self) -> list[str]:
        """Return origins; anything behind the host is not part of them."""
        try:
            return origins_in(self.cleaned_data["sites"])
        except BadQuestion as error:
            raise forms.ValidationError(gettext(error.message).format(**error.params)) from error


class WidgetForm(forms.Form):
    """When the widget opens, to whom, and where it stands."""

    on = forms.ChoiceField(label=_("When it opens"))
    seconds = forms.IntegerField(label=_("Seconds on the page"), min_value=0, max_value=3600, required=False)
    scroll = forms.IntegerField(label=_("Percent of the page scrolled"), min_value=1, max_value=100, required=False)
    event = forms.CharField(
        label=_("Name of the event"), max_length=80, required=False,
        help_text=_("The site tells it by percorso(\"order completed\")."),
    )  # fmt: skip
    click = forms.CharField(
        label=_("What is clicked"), max_length=200, required=False, help_text=_("A CSS selector, such as #feedback.")
    )
    page = forms.CharField(
        label=_("Only on pages"), max_length=200, required=False,
        help_text=_("Paths, a * for anything, separated by spaces: /orders/* /help. Empty: on all."),
    )  # fmt: skip
    share_percent = forms.FloatField(label=_("Share of visitors who are asked, in %"), min_value=0.1, max_value=100)
    position = forms.ChoiceField(label=_("Where it stands"))
    theme = forms.ChoiceField(label=_("Light or dark"))

    def __init__(self, data: Any, widget: Widget) -> None:
        super().__init__(data, initial=widget.model_dump() | {"share_percent": f"{100 * widget.share:g}"})
        fields: dict[str, Any] = self.fields
        for name, choices in (("on", ON), ("position", POSITIONS), ("theme", THEMES)):
            fields[name].choices = [(key, gettext(label)) for key, label in choices.items()]

    def clean(self) -> dict[str, Any]:
        """Refuse a way to open that lacks what it waits for."""
        told: dict[str, Any] = super().clean() or {}
        on = told.get("on", "")
        if on in ("time", "scroll", "event", "click"):
            name = "seconds" if on == "time" else on
            if told.get(name) in (None, "") and name not in self.errors:
                self.add_error(name, gettext("Say what it waits for."))
        return told

    def widget(self) -> Widget:
        """Return the settings; what was left empty stays as it usually is."""
        told = {name: value for name, value in self.cleaned_data.items() if value is not None}
        return Widget.model_validate(told | {"share": told["share_percent"] / 100})


class SecretForm(forms.Form):
    """For how long the earlier secret counts as well; `end`: no longer."""

    days = forms.TypedChoiceField(
        label=_("The present secret counts as well"), coerce=int, initial=7,
        choices=[(0, _("From now on no more")), (1, _("For one day")), (7, _("For 7 days")), (30, _("For 30 days"))],
        help_text=_("As long as your servers need to get the new one. When somebody has it who should not: no more."),
    )  # fmt: skip
