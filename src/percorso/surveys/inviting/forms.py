"""What people say about sending a survey."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from percorso.customers.models import Segment
from percorso.errors import BadQuestion
from percorso.outreach.channel import CHANNELS
from percorso.surveys.inviting import queries
from percorso.surveys.inviting.lists import LONGEST_LIST, read_people
from percorso.surveys.inviting.people import Reach
from percorso.surveys.models import Survey, Trigger
from percorso.surveys.respond.languages import own_name

LONGEST_SUBJECT = 200
LONGEST_WORDS = 3000
REMIND_DAYS = (2, 3, 5, 7, 10, 14)
MOST_REMINDERS = [(n, n) for n in (1, 2, 3)]


class SendForm(forms.Form):
    """By which channel, to whom, with which words, when, and how often to remind."""

    channel = forms.ChoiceField(label=_("Channel"), widget=forms.RadioSelect)
    audience = forms.ChoiceField(
        label=_("To whom"),
        choices=[("segment", _("Customers")), ("list", _("A list of addresses"))],
        initial="segment",
        widget=forms.RadioSelect,
    )
    segment = forms.ModelChoiceField(
        label=_("Which customers"), queryset=Segment.objects.none(), required=False, empty_label=_("All customers")
    )
    people = forms.CharField(
        label=_("Addresses"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "data-chooses": "[name=audience][value=list]"}),
        help_text=_(
            "One person a line: address, name, language. A first line may name the columns; further ones become traits."
        ),
    )
    file = forms.FileField(label=_("Or a file (CSV)"), required=False)
    when = forms.ChoiceField(
        label=_("When"),
        choices=[("now", _("Now")), ("later", _("At a time"))],
        initial="now",
        widget=forms.RadioSelect,
    )
    at = forms.DateTimeField(
        label=_("Day and time"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "data-chooses": "[name=when][value=later]"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    remind_days = forms.TypedChoiceField(label=_("Remind"), coerce=int, required=False, empty_value=None)
    most_reminders = forms.TypedChoiceField(
        label=_("At most"), coerce=int, required=False, empty_value=1, choices=MOST_REMINDERS
    )

    def __init__(self, data: Any, files: Any, *, survey: Survey) -> None:
        super().__init__(data, files)
        self.survey = survey
        self.problems: list[str] = []
        self.n_problems = 0
        fields: dict[str, Any] = self.fields
        fields["channel"].choices = _channels(survey)
        first = next(iter(fields["channel"].choices), None)
        fields["channel"].initial = first[0] if first else None
        fields["segment"].queryset = Segment.objects.filter(workspace=survey.workspace)
        fields["remind_days"].choices = _remind_days()
        fields["at"].help_text = gettext("In the time zone of the workspace: {zone}.").format(
            zone=survey.workspace.time_zone
        )
        definition = survey.live.definition if survey.live else survey.definition
        self.languages = definition.languages
        for language in self.languages:
            fields[f"subject.{language}"] = forms.CharField(
                label=_("Subject"),
                required=False,
                max_length=LONGEST_SUBJECT,
                widget=forms.TextInput(attrs={"lang": language}),
            )
            fields[f"words.{language}"] = forms.CharField(
                label=_("Words"),
                required=False,
                max_length=LONGEST_WORDS,
                widget=forms.Textarea(attrs={"rows": 5, "lang": language}),
            )

    def texts(self) -> list[dict[str, Any]]:
        """Return the fields of the words, by language, with the language's own name."""
        return [
            {
                "language": language,
                "name": own_name(language, self.languages),
                "subject": self[f"subject.{language}"],
                "words": self[f"words.{language}"],
            }
            for language in self.languages
        ]

    def written(self, what: str, data: Mapping[str, Any] | None = None) -> dict[str, str]:
        """Return what was written, ``subject`` or ``words``, by language; empty texts are left out."""
        values = self.cleaned_data if data is None else data
        found = {language: str(values.get(f"{what}.{language}") or "").strip() for language in self.languages}
        return {language: text for language, text in found.items() if text}

    def clean_at(self) -> datetime | None:
        """Return the instant that a local time of the workspace names."""
        at: datetime | None = self.cleaned_data["at"]
        if at is None:
            return None
        # Django took it for the time zone of the process.
        return timezone.make_naive(at).replace(tzinfo=ZoneInfo(self.survey.workspace.time_zone))

    def clean(self) -> dict[str, Any]:
        """Return the audience and the instant beside what was typed."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("when") == "later" and not self.errors.get("at"):
            if values.get("at") is None:
                self.add_error("at", ValidationError(gettext("Give the day and the time.")))
            elif values["at"] <= timezone.now():
                self.add_error("at", ValidationError(gettext("This time has passed. Give a later one.")))
        values["send_at"] = values.get("at") if values.get("when") == "later" else None
        if values.get("audience") == "list":
            values["to"] = {"people": self._people(values)}
        else:
            segment = values.get("segment")
            values["to"] = {"segment": segment.pk if segment else None}
        return values

    def _people(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the people of the list; what is no person is told beside it."""
        text = _read(values["file"]) if values.get("file") else str(values.get("people") or "")
        channel = values.get("channel")
        if not channel:
            return []
        try:
            found = read_people(text, Reach(self.survey.workspace, channel).address)
        except BadQuestion as error:
            self.add_error("people", ValidationError(gettext(error.message).format(**error.params)))
            return []
        self.problems, self.n_problems = found.problems, found.n_problems
        if not found.people:
            self.add_error(
                "people", ValidationError(gettext("There is no address in the list. Write one person a line."))
            )
        if values.get("file"):
            # Shown again, so that nothing has to be uploaded twice.
            self.data = self.data.copy()
            self.data["people"] = text
        return found.people


def _read(file: Any) -> str:
    raw: bytes = file.read(LONGEST_LIST + 1)
    try:
        return raw.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace").replace("\x00", "")


def _channels(survey: Survey) -> list[tuple[str, str]]:
    return [(way.channel.key, gettext(way.channel.label)) for way in queries.channels(survey.workspace) if way.sends]


def _remind_days() -> list[tuple[Any, Any]]:
    told = [(n, ngettext("After {n} day", "After {n} days", n).format(n=n)) for n in REMIND_DAYS]
    return [("", _("Not at all")), *told]


class RuleForm(forms.Form):
    """What happens, how long after it, to whom, by which channel, to which share."""

    event = forms.ChoiceField(label=_("When"), choices=Trigger.Event.choices)
    name = forms.CharField(
        label=_("Name of the event"),
        required=False,
        max_length=120,
        help_text=_("Only for “An event happened”."),
        widget=forms.TextInput(attrs={"list": "event-names", "autocomplete": "off"}),
    )
    after_hours = forms.IntegerField(label=_("Hours after it"), min_value=0, max_value=24 * 365, initial=24)
    share = forms.IntegerField(
        label=_("Share in per cent"),
        min_value=1,
        max_value=100,
        initial=100,
        help_text=_("Drawn by lot, the same for one person."),
    )
    by_channel = forms.ChoiceField(label=_("Channel"))
    only = forms.ModelChoiceField(
        label=_("Only"), queryset=Segment.objects.none(), required=False, empty_label=_("All customers")
    )
    remind_after = forms.TypedChoiceField(
        label=_("Remind"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("Only who has not answered is reminded."),
    )
    at_most = forms.TypedChoiceField(
        label=_("At most"), coerce=int, required=False, empty_value=1, choices=MOST_REMINDERS
    )

    def __init__(self, data: Any, *, survey: Survey) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["remind_after"].choices = _remind_days()
        fields["by_channel"].choices = _channels(survey)
        fields["only"].queryset = Segment.objects.filter(workspace=survey.workspace)

    def clean(self) -> dict[str, Any]:
        """Refuse a rule for an event without its name."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("event") == Trigger.Event.HAPPENED and not values.get("name", "").strip():
            self.add_error("name", ValidationError(gettext("Give the name of the event, as the facts call it.")))
        return values


def label_of(channel: str) -> str:
    """Return what a channel is called."""
    return gettext(CHANNELS[channel].label) if channel in CHANNELS else channel
