"""What the pages of surveys send, made clean."""

import math
import re
from typing import Any

from babel.numbers import format_decimal
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Workspace
from percorso.base import words
from percorso.errors import BadQuestion
from percorso.surveys.definition import Definition
from percorso.surveys.editing.languages import OWN, language_choices, own_choices
from percorso.surveys.models import Survey
from percorso.surveys.respond.languages import written
from percorso.surveys.respond.look import SURFACES, contrast, text_on
from percorso.surveys.sites import origins_in

EDGE = 3.0
READABLE = 4.5
STEPS = 40
COLOUR = re.compile(r"#[0-9a-f]{6}")


class NewForm(forms.Form):
    """A new survey. `template` is the key of a ready one, empty for none."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Your team sees it; respondents see the title.")
    )
    language = forms.ChoiceField(label=_("Language that you write it in"))
    languages = forms.MultipleChoiceField(
        label=_("Also in"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Others can be added later."),
    )
    population = forms.ChoiceField(label=_("Who is asked"), choices=Survey.Population.choices, required=False)

    def __init__(self, data: Any, workspace: Workspace, template: Any = None) -> None:
        name = gettext(template.label) if template else ""
        language = written(workspace.language)
        start: dict[str, Any] = {"name": name, "language": language, "population": "customer"}
        if template:
            start["languages"] = [code for code in OWN if code != language]
        super().__init__(data, initial=start)
        fields: dict[str, Any] = self.fields
        few = own_choices()
        fields["language"].choices = few if template else language_choices()
        fields["languages"].choices = few
        if template:
            del fields["population"]

    def all_languages(self) -> list[str]:
        """Return the languages, the own one first, each once."""
        told = self.cleaned_data
        return list(dict.fromkeys([told["language"], *told["languages"]]))


class LanguageForm(forms.Form):
    """One more language."""

    language = forms.ChoiceField(label=_("Add a language"))

    def __init__(self, definition: Definition, data: Any = None) -> None:
        super().__init__(data)
        field: Any = self.fields["language"]
        more = [pair for pair in language_choices() if pair[0] not in definition.languages]
        field.choices = [("", gettext("Choose a language…")), *more]


def passing(colour: str) -> str:
    """Return the nearest tone of a colour whose edges are seen on a light page."""
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    for step in range(STEPS + 1):
        tone = "#" + "".join(f"{round(part * (1 - step / STEPS)):02x}" for part in parts)
        if contrast(tone, SURFACES[0]) >= EDGE:
            return tone
    return "#000000"


class SettingsForm(forms.ModelForm):
    """How a survey is called, looks, opens and closes, and how often it may ask somebody."""

    accent = forms.CharField(
        label=_("Accent colour"), required=False, max_length=7,
        widget=forms.TextInput(attrs={"placeholder": "#3f5bd8", "spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip
    share_percent = forms.FloatField(
        label=_("Share of those who could be asked, in %"), min_value=0.1, max_value=100,
        help_text=_("100: everybody. Less: a random share, the same people whenever it is drawn again."),
    )  # fmt: skip
    sites_lines = forms.CharField(
        label=_("Sites that may show it"), required=False, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One address a line, as https://www.example.com. Other sites cannot put it into a frame."),
    )  # fmt: skip

    class Meta:
        model = Survey
        fields = (
            "name", "population", "touchpoint", "closes_at", "anonymous", "least_answers", "repeated", "gap_days",
            "priority", "expires_days",
        )  # fmt: skip
        labels = {
            "name": _("Name"),
            "population": _("Who is asked"),
            "touchpoint": _("Touchpoint"),
            "closes_at": _("Closes at"),
            "anonymous": _("Anonymous"),
            "least_answers": _("Fewest answers that are shown"),
            "repeated": _("The same device may answer several times"),
            "gap_days": _("Days before the same person is asked again"),
            "priority": _("Priority, 0 to 9"),
            "expires_days": _("Days until an invitation expires"),
        }
        help_texts = {
            "touchpoint": _("The place where customer and company meet: figures can be broken down by it."),
            "closes_at": _("Empty: until somebody closes it."),
            "anonymous": _("Nobody's identity is stored with an answer. Once somebody has answered, this stays."),
            "least_answers": _("Of an anonymous survey no result is shown below so many answers."),
            "repeated": _("For a tablet at the counter. Answers of one device are not taken for duplicates then."),
            "gap_days": _("Of this survey. The contact policy of the workspace counts all surveys together."),
            "priority": _("Who goes first when more surveys want to ask a person than the contact policy allows: 9."),
        }
        widgets = {"closes_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")}

    def __init__(self, data: Any, survey: Survey) -> None:
        self.survey = survey
        start = {
            "accent": survey.look.get("accent", ""),
            "share_percent": round(100 * survey.share, 4),
            "sites_lines": "\n".join(survey.sites),
        }
        super().__init__(data, instance=survey, initial=start)
        fields: dict[str, Any] = self.fields
        fields["closes_at"].input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        fields["accent"].help_text = self._accent_help()
        for name, least, most in (("least_answers", 3, 1000), ("expires_days", 1, 3650), ("priority", 0, 9)):
            fields[name].validators += [MinValueValidator(least), MaxValueValidator(most)]
            fields[name].widget.attrs |= {"min": least, "max": most}
        self.stays_anonymous = survey.anonymous and survey.responses.exists()
        fields["anonymous"].disabled = self.stays_anonymous

    def _accent_help(self) -> str:
        colour = str(self.survey.look.get("accent", ""))
        if not COLOUR.fullmatch(colour):
            return gettext("Of buttons and what is chosen, as #0b6e4f. Empty: percorso's own blue.")
        return gettext(
            "Edges on a light page: {edge} : 1 (3 is needed). Text on it: {text} : 1 (4.5 is needed). Dark pages get a"
            " lighter tone of it."
        ).format(edge=_ratio(colour, SURFACES[0]), text=_ratio(text_on(colour), colour))

    def clean_accent(self) -> str:
        """Refuse a colour that is not seen; the error names the nearest one that is."""
        colour = str(self.cleaned_data["accent"]).strip().lower()
        if not colour:
            return ""
        colour = colour if colour.startswith("#") else f"#{colour}"
        if not COLOUR.fullmatch(colour):
            raise forms.ValidationError(gettext("Write a colour as # and six digits, such as #0b6e4f."))
        if contrast(colour, SURFACES[0]) < EDGE or contrast(text_on(colour), colour) < READABLE:
            raise forms.ValidationError(
                gettext("On a light page this has {ratio} : 1, and 3 : 1 is needed. {near} passes.").format(
                    ratio=_ratio(colour, SURFACES[0]), near=passing(colour)
                )
            )
        return colour

    def clean_sites_lines(self) -> list[str]:
        """Return origins; anything behind the host is not part of them."""
        try:
            return origins_in(self.cleaned_data["sites_lines"])
        except BadQuestion as error:
            raise forms.ValidationError(gettext(error.message).format(**error.params)) from error

    def values(self) -> dict[str, Any]:
        """Return what `change_settings` takes."""
        told = self.cleaned_data
        look = {key: value for key, value in self.survey.look.items() if key != "accent"}
        return {name: told[name] for name in self.Meta.fields} | {
            "look": look | ({"accent": told["accent"]} if told["accent"] else {}),
            "share": told["share_percent"] / 100,
            "sites": told["sites_lines"],
        }


def _ratio(one: str, other: str) -> str:
    """Return a contrast in words; rounded down, so that nothing seems to pass that does not."""
    return str(format_decimal(math.floor(10 * contrast(one, other)) / 10, "0.0", locale=words.locale()))
