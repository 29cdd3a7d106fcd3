"""What people tell of a persona."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Workspace
from percorso.customers.faces import drawn
from percorso.customers.models import Persona

LINES = _("One a line.")


class PersonaForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who a persona is, of which segment, and what they need, suffer from and want to reach."""

    class Meta:
        model = Persona
        fields = ("name", "role", "segment", "face", "quote", "needs", "pains", "goals")
        labels = {
            "name": _("Name"),
            "role": _("Who they are"),
            "segment": _("Segment"),
            "face": _("Face"),
            "quote": _("What they would say"),
            "needs": _("Needs"),
            "pains": _("Pains"),
            "goals": _("Goals"),
        }
        help_texts = {
            "role": _("Such as: buys gifts online, twice a year."),
            "segment": _("The customers whom the persona stands for: their share and figures are shown with it."),
            "needs": LINES,
            "pains": LINES,
            "goals": LINES,
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "face": forms.RadioSelect(),
            "quote": forms.TextInput(attrs={"autocomplete": "off"}),
            **{name: forms.Textarea(attrs={"rows": 4}) for name in ("needs", "pains", "goals")},
        }

    def __init__(self, data: Any, workspace: Workspace, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["segment"].queryset = workspace.segments.all()  # type: ignore[attr-defined]
        self.fields["segment"].empty_label = None  # type: ignore[attr-defined]
        faces = [
            (key, format_html('{}<span class="visually-hidden">{}</span>', drawn(key, 56), label))
            for key, label in Persona.Face.choices
        ]
        self.fields["face"].choices = faces  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Return the fields; lists without empty lines."""
        told = super().clean() or {}
        for name in ("needs", "pains", "goals"):
            told[name] = "\n".join(line.strip() for line in told.get(name, "").splitlines() if line.strip())
        return told
