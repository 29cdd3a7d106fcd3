"""What people say about a channel: fields made from its `Config`, and the address of a test."""

from typing import Any, Literal, get_args, get_origin

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from percorso.i18n import mark
from percorso.outreach.channel import ChannelSettings
from percorso.outreach.channel_accounts import Way

CHOICES = {
    "starttls": mark("STARTTLS (usual at port 587)"),
    "tls": mark("TLS from the beginning (usual at ports 465 and 993)"),
    "none": mark("None: only inside of your own network"),
}
# Made by percorso, never typed.
OWN = "secret"


class ChannelForm(forms.Form):
    """The settings of a channel. Secrets are never shown: an empty field leaves them as they are."""

    def __init__(self, data: Any, way: Way) -> None:
        kept = dict(way.account.settings) if way.account else {}
        fields = way.channel.Config.model_fields
        # What a channel has of its own comes before what all have.
        names = sorted((name for name in fields if name != OWN), key=lambda name: name in ChannelSettings.model_fields)
        specs = {name: fields[name] for name in names}
        secrets = {name for name, spec in specs.items() if spec.annotation is SecretStr}
        usual = {name: spec.default for name, spec in specs.items()}
        shown = {name: value for name, value in (usual | kept).items() if name in specs and name not in secrets}
        super().__init__(data, initial=shown)
        for name, spec in specs.items():
            self.fields[name] = _secret(spec, bool(kept.get(name))) if name in secrets else _field(spec)
        self.specs = specs

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields in groups with their titles; those of no group come without one."""
        found: dict[str, list[forms.BoundField]] = {}
        for name, spec in self.specs.items():
            found.setdefault(str(_extra(spec).get("group", "")), []).append(self[name])
        return [(gettext(title) if title else "", fields) for title, fields in found.items()]


class TestForm(forms.Form):
    """Where a test message goes."""

    address = forms.CharField(label=_("Send a test to"), max_length=254)


def _secret(spec: FieldInfo, known: bool) -> forms.Field:
    told = gettext("One is kept. Empty: it stays as it is.") if known else ""
    return forms.CharField(
        label=gettext(spec.title or ""), required=False, max_length=500, help_text=told, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip


def _field(spec: FieldInfo) -> forms.Field:
    common: dict[str, Any] = {
        "label": gettext(spec.title or ""),
        "help_text": gettext(spec.description) if spec.description else "",
        "required": False,
    }
    limits = {kind: getattr(m, kind) for m in spec.metadata for kind in ("ge", "le", "max_length") if hasattr(m, kind)}
    if get_origin(spec.annotation) is Literal:
        choices = [(choice, gettext(CHOICES.get(choice, choice))) for choice in get_args(spec.annotation)]
        return forms.ChoiceField(choices=choices, **common | {"required": True})
    if spec.annotation is int:
        return forms.IntegerField(min_value=limits.get("ge"), max_value=limits.get("le"), **common | {"required": True})
    kinds: dict[Any, type[forms.Widget]] = {"email": forms.EmailInput, "url": forms.URLInput}
    widget = kinds.get(_extra(spec).get("kind"), forms.TextInput)(attrs={"autocomplete": "off"})
    return forms.CharField(max_length=limits.get("max_length"), widget=widget, **common)


def _extra(spec: FieldInfo) -> dict[str, Any]:
    """Return what a setting says of its form: the group that it stands in, the kind of its field."""
    return spec.json_schema_extra if isinstance(spec.json_schema_extra, dict) else {}
