"""What people give: files of another system, and what the columns of a table are."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.surveys.exchange.format import File, Read
from percorso.surveys.exchange.formats.table import KINDS
from percorso.surveys.exchange.reading import LARGEST, MEGABYTE

ACCEPTED = ".json,.qsf,.lss,.lsa,.lsr,.csv,.tsv,.txt,.xml,.zip"


class FilesForm(forms.Form):
    """A questionnaire, its answers, or both."""

    questionnaire = forms.FileField(
        required=False, label=_("Questionnaire"), widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_("JSON of percorso, SurveyJS or Formbricks, .qsf of Qualtrics, .lss or .lsa of LimeSurvey."),
    )  # fmt: skip
    answers = forms.FileField(
        required=False, label=_("Answers"), widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=_("CSV of Qualtrics, Typeform or Google Forms, .lsr of LimeSurvey, JSON of Formbricks. Tables of Typeform and Google Forms need no questionnaire."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        given = [file for file in (values.get("questionnaire"), values.get("answers")) if file]
        if not given and not self.errors:
            raise ValidationError(gettext("Choose a file."))
        for file in given:
            if file.size > LARGEST:
                too_large = gettext("“{file}” has more than {most} MB. Export fewer answers at a time.")
                raise ValidationError(too_large.format(file=file.name, most=LARGEST // MEGABYTE))
        values["files"] = [File(file.name, file.read()) for file in given]
        return values


class LookForm(forms.Form):
    """What the survey is called, and what the columns are."""

    name = forms.CharField(max_length=120, label=_("Name"))

    def __init__(self, data: Any, read: Read, name: str) -> None:
        super().__init__(data, initial={"name": name})
        for column in read.columns:
            self.fields[f"kind-{column.number}"] = forms.ChoiceField(
                choices=[(key, gettext(label)) for key, label in KINDS.items()], initial=column.kind,
                label=column.name or f"#{column.number + 1}", required=False,
            )  # fmt: skip

    def kinds(self) -> dict[str, str]:
        """Return what columns were said to be, by number."""
        given = self.cleaned_data.items()
        return {key.removeprefix("kind-"): value for key, value in given if key.startswith("kind-") and value}
