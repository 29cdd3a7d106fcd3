"""What people say about files: which connector reads them, how they are written, what each column is."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, get_args
from zoneinfo import available_timezones

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.config import setting
from percorso.errors import UserError
from percorso.sources.choices import LEFT_OUT, PROPERTY, chosen, mapping_of, roles_offered, score_value, scores_offered
from percorso.sources.connector import CONNECTORS, checked
from percorso.sources.look import Column, Look
from percorso.sources.mapped import MappedConnector
from percorso.sources.mapping import Mapping
from percorso.sources.readers import Format
from percorso.sources.roles import COMMENT, NEEDED, ROLES, SCORE, TIME
from percorso.sources.shown import role_text, score_text, sentence

CONSTANTS = {
    "answers": ("at", "survey", "channel", "touchpoint", "language", "population", "team"),
    "tickets": ("opened_at", "channel", "touchpoint", "team", "priority", "topic"),
    "events": ("at", "name", "channel", "touchpoint", "device"),
    "mentions": ("at", "source", "channel", "touchpoint", "language", "item"),
    "ticket_events": ("at", "kind", "actor", "channel", "touchpoint"),
    "promises": ("due_at", "kind", "channel", "touchpoint", "team"),
    "contacts": ("queued_at", "queue", "channel", "touchpoint", "team"),
    "orders": ("at", "currency", "status", "channel", "touchpoint"),
    "subscriptions": ("started_at", "currency", "plan", "channel", "touchpoint"),
    "messages": ("at", "purpose", "campaign", "survey", "channel", "touchpoint"),
    "cases": ("opened_at", "kind", "channel", "touchpoint", "team"),
    "customers": ("country", "language", "segment"),
}
DATES = (
    ("day", _("Day first: 31/03/2025")),
    ("month", _("Month first: 03/31/2025")),
    ("year", _("Year first: 2025-03-31")),
)
DECIMALS = ((".", _("Point: 4.5")), (",", _("Comma: 4,5")))


class Files(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Several files; none of them may be empty, and all together must stay under the limit."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [super(FilesField, self).clean(file, initial) for file in (data or [None])]
        limit = limit_mb()
        if sum(file.size or 0 for file in files) > limit * 2**20:
            raise forms.ValidationError(too_large(limit))
        return files


def limit_mb() -> int:
    """Return how many megabytes may be uploaded at once."""
    return int(str(setting("UPLOAD_LIMIT_MB")))


def too_large(limit: int) -> str:
    """Return what is said about files that are larger than `limit` megabytes."""
    text = gettext(
        "The files are larger than {limit} MB together. Upload fewer at once, compress them with gzip, or use the command on the server: percorso import"
    )
    return text.format(limit=limit)


class UploadForm(forms.Form):
    """Files, and what they are."""

    connector = forms.ChoiceField(label=_("What is in the files?"), widget=forms.RadioSelect)
    files = FilesField(
        label=_("Files"),
        max_length=None,
        error_messages={
            "required": _("Choose at least one file."),
            "empty": _("One of the files is empty: export it again."),
        },
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["connector"].choices = [(key, gettext(c.label)) for key, c in CONNECTORS.items()]  # type: ignore[attr-defined]

    def groups(self) -> list[dict[str, Any]]:
        """Return the connectors as groups of cards: those for any file, and those that know one system's export."""
        mapped = [c for c in CONNECTORS.values() if isinstance(c, MappedConnector)]
        mapped.sort(key=lambda c: [*ROLES].index(c.table))
        known = [c for c in CONNECTORS.values() if not isinstance(c, MappedConnector)]
        return [
            {"label": gettext("Any file: you say what its columns are"), "cards": [self._card(c) for c in mapped]},
            {"label": gettext("The export of one system"), "cards": [self._card(c) for c in known]},
        ]

    def _card(self, connector: Any) -> dict[str, Any]:
        """A connector as a card: key, name, what it is for."""
        chosen = connector.key == (self["connector"].value() or "answers")
        about = sentence(connector.about, {})
        return {"key": connector.key, "label": gettext(connector.label), "about": about, "chosen": chosen}


class FormatForm(forms.Form):
    """How text files and workbooks are written, where guessing is not enough."""

    encoding = forms.CharField(
        label=_("Encoding"), required=False, help_text=_("Empty: found out. For example utf-8, cp1252.")
    )
    delimiter = forms.CharField(
        label=_("Between columns"),
        required=False,
        strip=False,
        max_length=3,
        help_text=_("Empty: found out. One character, or “tab”."),
    )
    sheet = forms.CharField(label=_("Sheet"), required=False, help_text=_("Of a workbook. Empty: the first."))

    def clean(self) -> dict[str, Any]:
        given = {k: v for k, v in super().clean().items() if v}  # type: ignore[union-attr]
        try:
            checked(Format, given, "")
        except UserError as error:
            raise forms.ValidationError(sentence(error.message, error.params)) from error
        return given


class SettingsForm(forms.Form):
    """The settings of a connector that knows its files' columns."""

    def __init__(self, config: type[Format], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.config = config
        for name, spec in config.model_fields.items():
            if name not in Format.model_fields:
                self.fields[name] = _setting_field(name, spec.annotation)

    def clean(self) -> dict[str, Any]:
        given = {k: v for k, v in super().clean().items() if v not in (None, "")}  # type: ignore[union-attr]
        try:
            checked(self.config, given, "")
        except UserError as error:
            raise forms.ValidationError(sentence(error.message, error.params)) from error
        return given


def _setting_field(name: str, kind: Any) -> forms.Field:
    if name == "zone":
        return zone_field()
    if name == "dates":
        return forms.ChoiceField(
            label=_("Dates are written"), choices=(("", _("As usual for this source")), *DATES), required=False
        )
    if int in (kind, *get_args(kind)):
        return forms.IntegerField(label=_("Year of the survey") if name == "year" else name, required=False)
    return forms.CharField(label=name, required=False)


def zone_field() -> forms.ChoiceField:
    """Return a field for the time zone of the files' clocks."""
    return forms.ChoiceField(
        label=_("Time zone of the times"),
        choices=(("", _("The usual one")), *((name, name) for name in zones())),
        required=False,
        help_text=_("Used for times that do not name a zone themselves."),
    )


@lru_cache(maxsize=1)
def zones() -> list[str]:
    """Return the names of all time zones."""
    return sorted(name for name in available_timezones() if "/" in name or name == "UTC")


class MappingForm(forms.Form):
    """What each column is, and what holds for the whole file. Valid, it has a `mapping`."""

    zone = forms.ChoiceField(
        label=_("Time zone of the times"), help_text=_("Used for times that do not name a zone themselves.")
    )
    dates = forms.ChoiceField(label=_("Dates are written"), choices=DATES)
    decimal = forms.ChoiceField(label=_("Decimals are written"), choices=DECIMALS)
    blank = forms.CharField(
        label=_("Codes for no answer"),
        required=False,
        help_text=_("With commas, for example 99, N/A. Such scores are left out."),
    )

    def __init__(self, look: Look, base: Mapping, *args: Any, **more: Any) -> None:
        super().__init__(*args, initial=_initial(look, base), **more)
        self.look, self.base = look, base
        self.mapping: Mapping | None = None
        self.fields["zone"].choices = [(name, name) for name in {**dict.fromkeys(zones()), base.zone: None}]  # type: ignore[attr-defined]
        offered = column_choices(base)
        for number, column in enumerate(look.columns):
            self.fields[f"column-{number}"] = forms.ChoiceField(label=column.name, choices=offered, required=False)
        if SCORE not in ROLES[base.table]:
            del self.fields["blank"]
        for role in CONSTANTS[base.table]:
            self.fields[f"same-{role}"] = forms.CharField(
                label=role_text(base.table, role, None), required=False, max_length=200
            )

    def columns(self) -> Iterator[dict[str, Any]]:
        """Yield each column with its field, its examples and why it is taken for what it is."""
        for number, column in enumerate(self.look.columns):
            yield {"column": column, "field": self[f"column-{number}"], "why": _why(column)}

    def same(self) -> list[forms.BoundField]:
        """Return the fields for what is the same in all rows."""
        return [self[f"same-{role}"] for role in CONSTANTS[self.base.table]]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        try:
            self.mapping = self._mapping(values)
        except UserError as error:
            self.add_error(None, sentence(error.message, error.params))
        return values

    def _mapping(self, values: dict[str, Any]) -> Mapping:
        choices = {c.name: values.get(f"column-{n}", PROPERTY) for n, c in enumerate(self.look.columns)}
        known = {name: getattr(self.base, name) for name in ("zone", "dates", "decimal")}
        base = self.base.model_copy(update={name: values.get(name) or old for name, old in known.items()})
        base.blank = [code.strip() for code in values.get("blank", "").split(",") if code.strip()]
        same = {role: values.get(f"same-{role}", "").strip() for role in CONSTANTS[self.base.table]}
        kept = {role: value for role, value in self.base.constants.items() if role not in same}
        base.constants = kept | {role: value for role, value in same.items() if value}
        return mapping_of(base, choices)


def _initial(look: Look, base: Mapping) -> dict[str, Any]:
    initial = {"zone": base.zone, "dates": base.dates, "decimal": base.decimal, "blank": ", ".join(base.blank)}
    initial |= {f"column-{n}": chosen(base, column.name) for n, column in enumerate(look.columns)}
    return initial | {f"same-{role}": value for role, value in base.constants.items()}


def _why(column: Column) -> str:
    return sentence(column.reason.template, dict(column.reason.params)) if column.reason else ""


def column_choices(base: Mapping) -> list[Any]:
    """Return what a column can be, in groups: nothing special, a score on a scale, a role."""
    first = (TIME[base.table], "id", "customer", COMMENT, *NEEDED[base.table])
    roles = [(value, role_text(base.table, role, unit)) for value, role, unit in roles_offered(base.table)]
    roles.sort(key=lambda entry: entry[0].partition(":")[0] not in first)
    scores = [(score_value(score), score_text(score)) for score in scores_offered(base)]
    return [
        (PROPERTY, gettext("Nothing special: kept as a property")),
        (LEFT_OUT, gettext("Not imported")),
        *([(gettext("A score"), scores)] if SCORE in ROLES[base.table] else []),
        (gettext("What it says about the row"), roles),
    ]
