"""The contact policy and the list of those who get nothing, as they are typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.customers.consent import PURPOSES, purpose_words
from percorso.outreach.channel import CHANNELS
from percorso.outreach.models import ContactPolicy
from percorso.outreach.shown_policy import channel_words

MOST, LONGEST_DAYS = 1000, 366
LARGEST_FILE = 8 * 2**20


class PolicyForm(forms.Form):
    """Caps over all channels and of each, hours, purposes that need consent."""

    most = forms.IntegerField(label=_("Messages at most, over all channels"), min_value=0, max_value=MOST, required=False, help_text=_("Empty: no such limit."))  # fmt: skip
    days = forms.IntegerField(label=_("In how many days"), min_value=1, max_value=LONGEST_DAYS)
    first_hour = forms.IntegerField(label=_("Send from (hour)"), min_value=0, max_value=23)
    last_hour = forms.IntegerField(label=_("Send until (hour)"), min_value=1, max_value=24)
    needs_consent = forms.MultipleChoiceField(
        label=_("Purposes that need consent"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Nobody is written to for these purposes unless the ledger of consent says that they agreed."),
    )  # fmt: skip

    def __init__(self, *given: Any, frozen: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["needs_consent"].choices = [(key, purpose_words(key)) for key in PURPOSES]  # type: ignore[attr-defined]
        for key in CHANNELS:
            most = gettext("{channel}: messages at most").format(channel=channel_words(key))
            days = gettext("{channel}: in how many days").format(channel=channel_words(key))
            self.fields[f"most_{key}"] = forms.IntegerField(label=most, min_value=0, max_value=MOST, required=False)
            self.fields[f"days_{key}"] = forms.IntegerField(label=days, min_value=1, max_value=LONGEST_DAYS, required=False)  # fmt: skip
        for field in self.fields.values():
            field.disabled = frozen

    def by_channel(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the two fields of each channel."""
        return [(self[f"most_{key}"], self[f"days_{key}"]) for key in CHANNELS]

    @staticmethod
    def initial_of(row: ContactPolicy) -> dict[str, Any]:
        """Return what the form shows of a policy."""
        shown = {name: getattr(row, name) for name in ("most", "days", "first_hour", "last_hour", "needs_consent")}
        for key, cap in row.channels.items():
            shown |= {f"most_{key}": cap["most"], f"days_{key}": cap["days"]}
        return shown

    def clean(self) -> dict[str, Any]:
        """Check what belongs together."""
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("first_hour"), found.get("last_hour")
        if first is not None and last is not None and first >= last:
            self.add_error("last_hour", gettext("The end must be later than the beginning."))
        for key in CHANNELS:
            if (
                found.get(f"most_{key}") is not None
                and not found.get(f"days_{key}")
                and not self.errors.get(f"days_{key}")
            ):
                self.add_error(f"days_{key}", gettext("Say in how many days."))
        return found

    @property
    def values(self) -> dict[str, Any]:
        """The fields of a `ContactPolicy`."""
        given = self.cleaned_data
        caps = {key: {"most": given[f"most_{key}"], "days": given[f"days_{key}"]} for key in CHANNELS if given.get(f"most_{key}") is not None}  # fmt: skip
        plain = {name: given[name] for name in ("most", "days", "first_hour", "last_hour")}
        return plain | {"channels": caps, "needs_consent": sorted(given["needs_consent"])}


def _channels() -> list[tuple[str, str]]:
    return [("", gettext("Every channel")), *((key, channel_words(key)) for key in CHANNELS)]


def _purposes() -> list[tuple[str, str]]:
    return [("", gettext("Every purpose")), *((key, purpose_words(key)) for key in PURPOSES)]


class SuppressForm(forms.Form):
    """One address that gets nothing any more."""

    address = forms.CharField(label=_("Address or phone number"), max_length=254)
    channel = forms.ChoiceField(label=_("Channel"), choices=_channels, required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=_purposes, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Kept with the entry, e.g. “asked on the phone on 3 March”."))  # fmt: skip


class AddressesForm(forms.Form):
    """A file of addresses."""

    file = forms.FileField(label=_("CSV file"), help_text=_("One address a line, or a column called address, e-mail or phone."))  # fmt: skip
    channel = forms.ChoiceField(label=_("Channel"), choices=_channels, required=False)

    def clean_file(self) -> Any:
        """Refuse what is too large to be a list of addresses."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(gettext("The file is larger than 8 MB. Split it."))
        return file


class LiftForm(forms.Form):
    """Why an address may be written to again."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
