"""What forms say about sources and events of the plan."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy, ngettext
from pydantic import ValidationError

from percorso.base import words
from percorso.config import setting
from percorso.sources.arriving.mending import Refusal
from percorso.sources.arriving.plans import MOST_PROPERTIES, Planned
from percorso.sources.arriving.shown import broken_of, refusal_of
from percorso.sources.tracking.plan import TYPES

# A batch may have 500 KB; here it is written with spaces.
MOST_LETTERS, MOST_TOLD = 1_000_000, 10
LEAST_LINES, MOST_LINES = 8, 28


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


class CallForm(forms.Form):
    """A refused call as JSON, to be mended."""

    body = forms.CharField(
        label=gettext_lazy("The call"),
        max_length=MOST_LETTERS,
        strip=False,
        widget=forms.Textarea(attrs={"spellcheck": "false", "autocomplete": "off", "class": "code"}),
        help_text=gettext_lazy(
            "As it came, with nothing masked. Sent again it counts at the time at which it had come, and once: its messageId stays."
        ),
    )

    def __init__(self, data: Any = None, *, text: str) -> None:
        super().__init__(data, initial={"body": text})
        lines = str(self["body"].value() or "").count("\n") + 2
        self.fields["body"].widget.attrs["rows"] = max(LEAST_LINES, min(lines, MOST_LINES))

    def clean_body(self) -> str:
        """Return the text, which is a JSON object."""
        text = str(self.cleaned_data["body"]).replace("\r\n", "\n")
        try:
            found = json.loads(text)
        except json.JSONDecodeError as error:
            raise forms.ValidationError(broken_of(error)) from error
        except RecursionError as error:
            raise forms.ValidationError(gettext("The call is nested too deeply.")) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(gettext("Give a JSON object: it begins with { and ends with }."))
        return text

    def refuse(self, refusals: list[Refusal]) -> None:
        """Say beside the field why it is not taken; of a batch, of the first calls."""
        for refusal in refusals[:MOST_TOLD]:
            self.add_error("body", refusal_of(refusal))
        if (more := len(refusals) - MOST_TOLD) > 0:
            told = ngettext("{shown} call is refused still.", "{shown} calls are refused still.", more)
            self.add_error("body", told.format(shown=words.count(more)))


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
