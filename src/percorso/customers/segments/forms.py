"""What people say of a segment besides its rule."""

from django import forms
from django.utils.translation import gettext_lazy as _

from percorso.customers.models import Segment


class SegmentForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name and what it is for."""

    class Meta:
        model = Segment
        fields = ("name", "about")
        labels = {"name": _("Name"), "about": _("What it is for")}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "about": forms.TextInput(attrs={"autocomplete": "off"}),
        }
