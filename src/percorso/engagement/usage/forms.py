"""What the addresses of the pages about frequency and features ask for, and what their form sends."""

from dataclasses import dataclass
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from percorso.i18n import mark

# What "active" can mean: the name of the figure of `frequency.Reach`, and what it is called.
WINDOWS = {
    "daily": mark("On the day"),
    "weekly": mark("Within 7 days"),
    "monthly": mark("Within 28 days"),
}
LONGEST, MOST_NAMES = 200, 200


@dataclass(frozen=True)
class Asked:
    """How many days back somebody counts as active, and which feature is looked at more closely."""

    window: str = "weekly"
    feature: str = ""

    @classmethod
    def read(cls, given: QueryDict) -> Self:
        """Return what an address asks for; a window that does not exist asks for nothing."""
        window = given.get("window", "")
        return cls(window if window in WINDOWS else "weekly", given.get("feature", "")[:LONGEST])

    @property
    def link(self) -> dict[str, Any]:
        """The parameters that differ from the defaults."""
        return {"window": "" if self.window == "weekly" else self.window, "feature": self.feature}


class FeatureListForm(forms.Form):
    """Which features matter, and how their use is told."""

    names = forms.CharField(
        label=_("Features that matter"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line. They stay in the list when nobody uses them."),
    )
    event = forms.CharField(
        label=_("Event that tells the use of a feature"),
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"list": "event-names"}),
        help_text=_("Empty: any event."),
    )
    column = forms.RegexField(
        r"^(name|page|touchpoint|channel|properties\.[^\s\"\\]{1,150})$",
        label=_("What names the feature"),
        max_length=LONGEST,
        help_text=_(
            "name, page, touchpoint or channel; or a property of the event, such as properties.feature. Every role sees its values: choose none that tells who somebody is."
        ),
    )

    def clean_names(self) -> list[str]:
        """Return the features, each once."""
        lines = [line.strip()[:LONGEST] for line in self.cleaned_data["names"].splitlines()]
        found = list(dict.fromkeys(line for line in lines if line))
        if len(found) > MOST_NAMES:
            raise forms.ValidationError(_("Name at most %(most)s features."), params={"most": MOST_NAMES})
        return found
