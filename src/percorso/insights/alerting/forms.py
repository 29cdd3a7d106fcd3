"""What the pages of alerts send."""

from typing import Any, Literal, get_args, get_origin

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic.fields import FieldInfo

from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.base.columns import column_name
from percorso.customers.models import Segment
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.alerting.actions import refuse_wrong_watch
from percorso.insights.alerting.previews import Draft
from percorso.insights.alerting.queries import people
from percorso.insights.alerting.series import BY, USUAL_BY, can_be_watched
from percorso.insights.alerts import ALERTS
from percorso.insights.cards import ordered
from percorso.insights.models import Watch

GRAINS = {
    "day": mark("Days, where there are enough facts"),
    "week": mark("Weeks"),
    "month": mark("Months"),
}
CHOICES = {"below": mark("below the limit"), "above": mark("above the limit")}
SETTING = "setting-"


class WatchForm(forms.Form):
    """A watch of one alert; valid, it has the `watch` that was asked for, not saved, and who gets mails.

    `found` is the kept one that is changed; `draft` what was tried on the past and is shown again.
    """

    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    indicators = forms.MultipleChoiceField(label=_("Indicators"), required=False, widget=forms.CheckboxSelectMultiple)
    segment = forms.ModelChoiceField(
        Segment.objects.none(), label=_("Segment"), required=False, empty_label=_("All customers")
    )
    grain = forms.ChoiceField(label=_("Looks at"), required=False)
    people = forms.ModelMultipleChoiceField(
        None, label=_("Who gets a mail"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Everybody of the workspace sees alerts on the pages."),
    )  # fmt: skip

    def __init__(
        self, data: Any, workspace: Workspace, alert: str, found: Watch | None = None, draft: Draft | None = None, **more: Any
    ) -> None:  # fmt: skip
        self.workspace, self.alert, self.found = workspace, alert, found
        self.settings = ALERTS[alert].Config.model_fields
        super().__init__(data, initial=_initial(alert) | more | _shown(draft or (_kept(found) if found else None)))
        fields: dict[str, Any] = self.fields
        fields["name"].widget.attrs["placeholder"] = gettext(ALERTS[alert].label)
        fields["indicators"].choices = _indicators(alert)
        fields["indicators"].help_text = _usual(alert)
        fields["segment"].queryset = workspace.segments.all()
        fields["grain"].choices = [(grain, gettext(label)) for grain, label in GRAINS.items()]
        fields["people"].queryset = people(workspace)
        if not workspace.segments.exists():
            del fields["segment"]
        if ALERTS[alert].needs == "shares":
            fields[BY] = forms.ChoiceField(label=_("Made up by"), choices=_columns(), initial=self.initial[BY])
        for name, spec in self.settings.items():
            fields[SETTING + name] = setting_field(spec)

    def setting_fields(self) -> list[forms.BoundField]:
        """Return the settings of the alert, in its order."""
        return [self[SETTING + name] for name in self.settings]

    @property
    def by_field(self) -> forms.BoundField | None:
        return self[BY] if BY in self.fields else None

    def clean(self) -> dict[str, Any]:
        """Make the watch and check it."""
        told = super().clean() or {}
        if self.errors:
            return told
        config = {name: told[SETTING + name] for name in self.settings if told[SETTING + name] is not None}
        self.watch = Watch(
            workspace=self.workspace,
            alert=self.alert,
            name=told["name"] or gettext(ALERTS[self.alert].label),
            config=config | ({BY: told[BY]} if BY in told else {}),
            indicators=told["indicators"],
            segment=told.get("segment"),
            grain=told["grain"] or "day",
        )
        try:
            refuse_wrong_watch(self.watch, list(told["people"]))
        except BadQuestion as error:
            self.add_error(None, gettext(error.message).format(**error.params))
        return told

    @property
    def draft(self) -> Draft:
        """What was asked for, to be tried on the past."""
        people = tuple(person.pk for person in self.cleaned_data["people"])
        return Draft(self.watch, people, self.found.pk if self.found else None)

    def values(self) -> dict[str, Any]:
        """Return what the actions take."""
        names = ("name", "config", "indicators", "segment", "grain")
        return {name: getattr(self.watch, name) for name in names} | {"people": list(self.cleaned_data["people"])}


def _initial(alert: str) -> dict[str, Any]:
    settings = ALERTS[alert].Config.model_fields.items()
    usual = {SETTING + name: None if spec.is_required() else spec.default for name, spec in settings}
    return usual | {"grain": "day", BY: USUAL_BY}


def _kept(found: Watch) -> Draft:
    return Draft(found, tuple(person.pk for person in found.people.all()), found.pk)


def _shown(draft: Draft | None) -> dict[str, Any]:
    """Return the values of a watch as the form's fields have them."""
    if draft is None:
        return {}
    watch = draft.watch
    values = {SETTING + name: value for name, value in watch.config.items() if name != BY}
    values |= {name: getattr(watch, name) for name in ("name", "indicators", "segment", "grain")}
    return values | {"people": list(draft.people), BY: watch.config.get(BY, USUAL_BY)}


def _indicators(alert: str) -> list[tuple[str, str]]:
    keys = [key for key in ordered() if can_be_watched(INDICATORS[key])]
    return [(key, gettext(INDICATORS[key].label)) for key in keys]


def _usual(alert: str) -> str:
    if alert == "goal":
        return gettext("None ticked: those of all goals.")
    if alert == "churn":
        return gettext("None ticked: the customers lost. Only shares of customers lost make sense here.")
    return gettext("None ticked: those of the overview, also when the team chooses others.")


def _columns() -> list[tuple[str, str]]:
    names = dict.fromkeys(name for indicator in INDICATORS.values() for name in indicator.segments)
    return sorted(((name, column_name(name)) for name in names), key=lambda entry: entry[1].casefold())


def setting_field(spec: FieldInfo) -> forms.Field:
    """Return the field of one setting of an alert: its title, help and limits."""
    common: dict[str, Any] = {
        "label": gettext(spec.title or ""),
        "help_text": gettext(spec.description) if spec.description else "",
        "required": True,
    }
    if spec.annotation is bool:
        return forms.BooleanField(**common | {"required": False})
    if get_origin(spec.annotation) is Literal:
        return forms.ChoiceField(choices=[(c, gettext(CHOICES.get(c, c))) for c in get_args(spec.annotation)], **common)
    limits = {name: getattr(m, sign) for m in spec.metadata for name, sign in (("min_value", "ge"), ("max_value", "le")) if hasattr(m, sign)}  # fmt: skip
    if spec.annotation is int:
        return forms.IntegerField(**common, **limits)
    return forms.FloatField(**common, **limits, widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}))
