"""What people type on the pages of accounts and settings, as clean values."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import WEEKDAYS as DAY_NAMES
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.accounts.audit import ACTIONS
from percorso.accounts.hours import holidays_text, hours_text, open_days, read_holidays, read_hours
from percorso.accounts.models import ApiKey, Person, Role, Workspace
from percorso.accounts.queries import people_in_log
from percorso.analytics.schedule import WEEKDAYS, Schedule
from percorso.errors import UserError

NEW_PASSWORD = {"autocomplete": "new-password"}
HOURS_FIELDS = tuple(f"hours_{day}" for day in WEEKDAYS)


def _told(error: UserError) -> ValidationError:
    return ValidationError(gettext(error.message).format(**error.params))


def _zone_field() -> forms.CharField:
    widget = forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(
        label=_("Time zone"), max_length=64, widget=widget, help_text=_("Days, weeks and months begin by its clock.")
    )


def _clean_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValidationError(_("Choose a time zone from the list, such as America/Sao_Paulo or Europe/Rome."))
    return name


class PasswordForm(forms.Form):
    """A new password, checked by the rules."""

    password = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput(attrs=NEW_PASSWORD))

    def __init__(self, *args: Any, person: Person, **more: Any) -> None:
        super().__init__(*args, **more)
        self.person = person
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        self.person.name = found.get("name") or self.person.name
        self.person.email = found.get("email") or self.person.email
        if password := found.get("password"):
            try:
                validate_password(password, self.person)
            except ValidationError as error:
                self.add_error("password", error)
        return found


class JoinForm(PasswordForm):
    """Name and password of somebody who was invited."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ("name", "password")


class OwnerForm(JoinForm):
    """Who the owner is, at the first start."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    field_order = ("name", "email", "password")

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if Person.objects.filter(email=email).exclude(pk=self.person.pk).exists():
            raise ValidationError(_("Somebody has this address already."))
        return email


class MeForm(forms.Form):
    """A person's own name and language."""

    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("Like the browser")), *settings.LANGUAGES], required=False
    )


class NewWorkspaceForm(forms.Form):
    """Name and time zone of a new workspace."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("The company, brand or country it is about."))
    time_zone = _zone_field()

    def clean_time_zone(self) -> str:
        return _clean_zone(self.cleaned_data["time_zone"])


class WorkspaceForm(NewWorkspaceForm):
    """Settings of a workspace; `values` are what `change_workspace` takes."""

    language = forms.ChoiceField(
        label=_("Language of mails"),
        choices=settings.LANGUAGES,
        help_text=_("Each person chooses their own for the pages."),
    )
    holidays = forms.CharField(
        label=_("Holidays"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_("One day a line, such as 2026-12-25. They count as closed."),
    )
    second_factor_required = forms.BooleanField(
        label=_("Everybody must use a second factor"),
        required=False,
        help_text=_("Who has none is asked to set it up before seeing anything here."),
    )

    def __init__(self, *args: Any, workspace: Workspace, frozen: bool = False, **more: Any) -> None:
        super().__init__(*args, initial=_values_of(workspace), **more)
        for day, (name, field) in enumerate(zip(WEEKDAYS, HOURS_FIELDS, strict=True)):
            self.fields[field] = forms.CharField(
                label=DAY_NAMES[day],
                required=False,
                initial=hours_text(workspace.business_hours.get(name, [])),
                widget=forms.TextInput(attrs={"placeholder": _("Closed"), "autocomplete": "off"}),
            )
            setattr(self, f"clean_{field}", self._day_cleaner(field))
        for field in self.fields.values():
            field.disabled = frozen

    def _day_cleaner(self, field: str) -> Callable[[], list[list[str]]]:
        def clean() -> list[list[str]]:
            try:
                spells = read_hours(self.cleaned_data[field])
                Schedule("UTC", {"mon": spells})
            except UserError as error:
                raise _told(error) from error
            return spells

        return clean

    @property
    def days(self) -> list[forms.BoundField]:
        """The fields of the weekdays."""
        return [self[field] for field in HOURS_FIELDS]

    def clean_holidays(self) -> list[str]:
        try:
            return read_holidays(self.cleaned_data["holidays"])
        except UserError as error:
            raise _told(error) from error

    @property
    def values(self) -> dict[str, Any]:
        """The clean settings, the hours as one value."""
        kept = {name: value for name, value in self.cleaned_data.items() if name not in HOURS_FIELDS}
        week = dict(zip(WEEKDAYS, (self.cleaned_data[field] for field in HOURS_FIELDS), strict=True))
        return kept | {"business_hours": open_days(week)}


def _values_of(workspace: Workspace) -> dict[str, Any]:
    return {
        "name": workspace.name,
        "time_zone": workspace.time_zone,
        "language": workspace.language,
        "holidays": holidays_text(workspace.holidays),
        "second_factor_required": workspace.second_factor_required,
    }


class InviteForm(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.VIEWER)


class RoleForm(forms.Form):
    """Another role of a member."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("Which program uses it, so that you know what you revoke.")
    )
    scope = forms.ChoiceField(label=_("It may"), choices=ApiKey.Scope.choices)
    personal = forms.BooleanField(
        label=_("Personal data too"), required=False, help_text=_("Customers, single answers and texts.")
    )
    expires_on = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: until it is revoked."),
    )  # fmt: skip

    def clean_expires_on(self) -> date | None:
        day: date | None = self.cleaned_data["expires_on"]
        if day and day < timezone.now().date():
            raise ValidationError(_("The last day lies in the past."))
        return day

    def expires_at(self, workspace: Workspace) -> datetime | None:
        """Return the end of the last day by the workspace's clock, in UTC."""
        day: date | None = self.cleaned_data["expires_on"]
        return _midnight(day + timedelta(days=1), workspace) if day else None


class LogForm(forms.Form):
    """Which entries of the audit log to show."""

    person = forms.ModelChoiceField(
        label=_("Person"), queryset=Person.objects.none(), required=False, empty_label=_("Everybody")
    )
    action = forms.ChoiceField(label=_("What"), required=False)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, workspace: Workspace, **more: Any) -> None:
        super().__init__(*args, **more)
        self.workspace = workspace
        self.fields["person"].queryset = people_in_log(workspace)  # type: ignore[attr-defined]
        named = sorted(((key, gettext(text)) for key, text in ACTIONS.items()), key=lambda pair: pair[1].casefold())
        self.fields["action"].choices = [("", gettext("Everything")), *named]  # type: ignore[attr-defined]

    @property
    def wanted(self) -> dict[str, Any]:
        """Lookups for the log; what was not understood filters nothing."""
        self.is_valid()
        found = {name: value for name, value in self.cleaned_data.items() if value}
        lookups: dict[str, Any] = {name: found[name] for name in ("person", "action") if name in found}
        if "since" in found:
            lookups["at__gte"] = _midnight(found["since"], self.workspace)
        if "until" in found:
            lookups["at__lt"] = _midnight(found["until"] + timedelta(days=1), self.workspace)
        return lookups


def _midnight(day: date, workspace: Workspace) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(workspace.time_zone)).astimezone(UTC)
