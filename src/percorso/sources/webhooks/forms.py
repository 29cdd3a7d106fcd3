"""What people say about a webhook source: fields made from its kind's `Config`."""

import json
from typing import Any, Literal, get_args, get_origin

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import SecretStr, TypeAdapter
from pydantic.fields import FieldInfo

from percorso.i18n import mark
from percorso.sources.webhooks.actions import LONGEST_NAME
from percorso.sources.webhooks.kind import WEBHOOK_KINDS
from percorso.sources.webhooks.models import WebhookSource

CHOICES = {
    "signature": mark("A signature in a header"),
    "bearer": mark("A token in the header Authorization"),
    "token": mark("A token in the address"),
    "hex": mark("hexadecimal digits"),
    "base64": mark("base64"),
    "sha256": "SHA-256",
    "sha512": "SHA-512",
    "sha1": "SHA-1",
}
MAPPING_ROWS = 16


class NewSourceForm(forms.Form):
    """The kind of a new source and its name."""

    kind = forms.ChoiceField(label=_("Which system"), widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, help_text=_("As you call it, such as “Shop” or “Help desk Italy”.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(key, gettext(kind.label)) for key, kind in WEBHOOK_KINDS.items()]  # type: ignore[attr-defined]


class SourceForm(forms.Form):
    """The name and the settings of a source. Secrets are never shown: an empty field leaves them as they are."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)

    def __init__(self, data: Any, source: WebhookSource) -> None:
        self.specs = dict(WEBHOOK_KINDS[source.kind].Config.model_fields)
        kept = source.settings
        shown = {
            name: _shown(spec, kept.get(name, spec.default)) for name, spec in self.specs.items() if not _secret(spec)
        }
        super().__init__(data, initial=shown | {"name": source.name})
        for name, spec in self.specs.items():
            self.fields[name] = _secret_field(spec, bool(kept.get(name))) if _secret(spec) else _field(spec)

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields in groups with their titles; those of no group come first, without one."""
        found: dict[str, list[forms.BoundField]] = {"": [self["name"]]}
        for name, spec in self.specs.items():
            found.setdefault(str(_extra(spec).get("group", "")), []).append(self[name])
        return [(gettext(title) if title else "", fields) for title, fields in found.items()]

    def settings(self) -> dict[str, Any]:
        """Return the settings given; a secret that was not typed is empty."""
        return {name: self.cleaned_data[name] for name in self.specs}


class JsonField(forms.CharField):
    """A JSON object; nothing typed is None."""

    def clean(self, value: Any) -> Any:
        """Return the object that was typed."""
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            at = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else "1:1"
            raise forms.ValidationError(gettext("This is no JSON: look at {place}.").format(place=at)) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(gettext("Give a JSON object: it begins with { and ends with }."))
        return found


def _secret(spec: FieldInfo) -> bool:
    return spec.annotation is SecretStr


def _shown(spec: FieldInfo, value: Any) -> Any:
    if _extra(spec).get("kind") != "json":
        return value
    if not value:
        return ""
    # What was not said is not shown: a mapping has many settings, and most need few.
    told = TypeAdapter(spec.annotation).validate_python(value).model_dump(mode="json", exclude_defaults=True)
    return json.dumps(told, indent=2, ensure_ascii=False)


def _secret_field(spec: FieldInfo, known: bool) -> forms.Field:
    told = gettext("One is kept. Empty: it stays as it is.") if known else _told(spec)
    return forms.CharField(
        label=gettext(spec.title or ""), required=False, max_length=500, help_text=told, strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip


def _field(spec: FieldInfo) -> forms.Field:
    common: dict[str, Any] = {"label": gettext(spec.title or ""), "help_text": _told(spec), "required": False}
    longest = next((m.max_length for m in spec.metadata if hasattr(m, "max_length")), 200)
    if get_origin(spec.annotation) is Literal:
        choices = [(one, gettext(CHOICES.get(one, one))) for one in get_args(spec.annotation)]
        return forms.ChoiceField(choices=choices, **common | {"required": True})
    if spec.annotation is bool:
        return forms.BooleanField(**common)
    if _extra(spec).get("kind") == "json":
        area = forms.Textarea(attrs={"rows": MAPPING_ROWS, "spellcheck": "false", "class": "code"})
        return JsonField(max_length=20_000, widget=area, **common)
    return forms.CharField(max_length=longest, widget=forms.TextInput(attrs={"autocomplete": "off"}), **common)


def _told(spec: FieldInfo) -> str:
    return gettext(spec.description) if spec.description else ""


def _extra(spec: FieldInfo) -> dict[str, Any]:
    return spec.json_schema_extra if isinstance(spec.json_schema_extra, dict) else {}
