"""What forms say about sources and events of the plan."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from pydantic import ValidationError

from percorso.base import words
from percorso.config import setting
from percorso.sources.arriving.plans import MOST_PROPERTIES, Planned
from percorso.sources.tracking.plan import TYPES


class SourceForm(forms.Form):
    """The name of a new source."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy(
            "What sends: the site, app or system. Give each its own, so that each can be told apart."
        ),
    )


class ChangeForm(SourceForm):
    """A source's name and limit."""

    rate = forms.IntegerField(
        label=gettext_lazy("Requests a second, at most"), required=False, min_value=1, max_value=1_000_000
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        usual = words.count(int(str(setting("SOURCE_REQUESTS"))))
        told = gettext(
            "More are told to wait (429) and sent again by the clients. Empty: {usual}, as this server allows."
        )
        self.fields["rate"].help_text = told.format(usual=usual)


class PlannedForm(forms.Form):
    """An event of the tracking plan; its properties come as parallel lists."""

    name = forms.CharField(label=gettext_lazy("Event"), max_length=200)
    about = forms.CharField(label=gettext_lazy("When it is sent"), max_length=300, required=False)
    closed = forms.BooleanField(label=gettext_lazy("It has no other properties than these"), required=False)

    def __init__(self, data: Any = None, *, event: Planned | None = None) -> None:
        super().__init__(data, initial=event.model_dump() if event else None)
        self.rows = _rows(data) if data is not None else [p.model_dump() for p in event.properties] if event else []

    def planned(self) -> Planned | None:
        """Return the event; None, with an error, when it does not fit."""
        if not self.is_valid():
            return None
        named = [row for row in self.rows if row["name"].strip()]
        if len(named) > MOST_PROPERTIES:
            self.add_error(None, gettext("An event may have {most} properties.").format(most=MOST_PROPERTIES))
            return None
        try:
            return Planned(**self.cleaned_data, properties=named)
        except ValidationError:
            self.add_error(None, gettext("A property has a name of up to 200 letters and one of the types."))
            return None


def kinds() -> list[tuple[str, str]]:
    """Return the types that a property can have, and what they are called."""
    return [(kind, gettext(label)) for kind, (label, _) in TYPES.items()]


def _rows(data: Any) -> list[dict[str, Any]]:
    required = set(data.getlist("required"))
    given = zip(data.getlist("property"), data.getlist("kind"), strict=False)
    return [{"name": name, "kind": kind, "required": str(i) in required} for i, (name, kind) in enumerate(given)]
