"""What the pages of goals and benchmarks send."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Person, Workspace
from percorso.analytics.format import exponent, major
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.methods.base import Indicator
from percorso.base.units import typed_unit
from percorso.customers.models import Segment
from percorso.errors import BadQuestion
from percorso.insights.cards import ordered
from percorso.insights.goals.actions import CURRENCY, refuse_outside, refuse_wrong_goal
from percorso.insights.goals.queries import can_have_goal, today
from percorso.insights.models import Benchmark, Goal

DAY = {"type": "date", "min": "1970-01-01", "max": "2199-12-31"}


def day_input() -> forms.DateInput:
    """Return the control of a day."""
    return forms.DateInput(format="%Y-%m-%d", attrs=dict(DAY))


def number_input(**more: Any) -> forms.NumberInput:
    """Return the control of any number."""
    return forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"} | more)


class IndicatorForm(forms.Form):
    """Which indicator a goal or benchmark is about; all else depends on it."""

    indicator = forms.ChoiceField(label=_("Indicator"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        keys = [key for key in ordered() if can_have_goal(INDICATORS[key])]
        self.fields["indicator"].choices = [(key, gettext(INDICATORS[key].label)) for key in keys]  # type: ignore[attr-defined]


class GoalForm(forms.Form):
    """A goal on one indicator; figures are typed in the unit of `base.units`."""

    target = forms.FloatField(label=_("Target"), widget=number_input())
    due = forms.DateField(label=_("By when"), widget=day_input())
    owner = forms.ModelChoiceField(Person.objects.none(), label=_("Owner"), required=False, empty_label=_("Nobody yet"))
    segment = forms.ModelChoiceField(
        Segment.objects.none(), label=_("Segment"), required=False, empty_label=_("All customers")
    )
    starts = forms.DateField(label=_("Starts"), widget=day_input())
    baseline = forms.FloatField(label=_("Baseline"), required=False, widget=number_input())
    drivers = forms.MultipleChoiceField(
        label=_("Leading indicators that move it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=300, widget=forms.TextInput)

    def __init__(self, data: Any, workspace: Workspace, indicator: Indicator, goal: Goal | None = None) -> None:
        self.workspace, self.indicator, self.unit = workspace, indicator, typed_unit(indicator)
        super().__init__(data, initial=self._initial(goal))
        self.fields["owner"].queryset = Person.objects.filter(memberships__workspace=workspace).order_by(
            "name", "email"
        )  # type: ignore[attr-defined]
        self.fields["segment"].queryset = workspace.segments.all()  # type: ignore[attr-defined]
        if not workspace.segments.exists():
            del self.fields["segment"]
        self.fields["drivers"].choices = _drivers(indicator)  # type: ignore[attr-defined]
        self.fields["drivers"].help_text = (
            gettext("This indicator tells the result afterwards: name at least one that moves first.")
            if indicator.nature == "lagging"
            else gettext("What the team works on to get there.")
        )
        self.fields["target"].help_text = gettext("In {unit}.").format(unit=self.unit.name)
        self.fields["baseline"].help_text = gettext(
            "In {unit}. Left empty it is the figure of the 30 days before the start."
        ).format(unit=self.unit.name)

    def _initial(self, goal: Goal | None) -> dict[str, Any]:
        if goal is None:
            return {"starts": today(self.workspace)}
        kept = {name: getattr(goal, name) for name in ("due", "starts", "owner", "segment", "drivers", "note")}
        return kept | {"target": self.unit.typed(goal.target), "baseline": self.unit.typed(goal.baseline)}

    def clean(self) -> dict[str, Any]:
        """Return the goal's values in the indicator's unit."""
        told = super().clean() or {}
        if self.errors:
            return told
        told["target"], told["baseline"] = self.unit.own(told["target"]), self.unit.own(told["baseline"])
        told = {"segment": None} | told
        try:
            refuse_wrong_goal(self.workspace, indicator=self.indicator.key, options={}, **told)
        except BadQuestion as error:
            self.add_error(None, gettext(error.message).format(**error.params))
        return told


def _drivers(indicator: Indicator) -> list[tuple[str, str]]:
    """Return the leading indicators that may move this one, those of its own family first."""
    known = [
        INDICATORS[key]
        for key in ordered()
        if INDICATORS[key].nature == "leading" and key != indicator.key and can_have_goal(INDICATORS[key])
    ]
    return [(each.key, gettext(each.label)) for each in sorted(known, key=lambda i: i.family != indicator.family)]


class BenchmarkForm(forms.ModelForm):  # type: ignore[type-arg]
    """What others reach, as the team read it somewhere."""

    value = forms.FloatField(label=_("Value"), widget=number_input())
    link = forms.URLField(
        label=_("Address of the source"), required=False, max_length=200, assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )  # fmt: skip

    class Meta:
        model = Benchmark
        fields = ("name", "value", "currency", "source", "link", "day")
        labels = {
            "name": _("Who reaches it"),
            "currency": _("Currency"),
            "source": _("Source"),
            "day": _("As of"),
        }
        help_texts = {
            "currency": _("Its three letters, such as EUR."),
            "source": _("Where it was read, such as a report and its year."),
        }
        widgets = {
            "day": day_input(),
            "currency": forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "size": 4}),
        }

    def __init__(self, data: Any, indicator: Indicator, found: Benchmark | None = None) -> None:
        self.indicator, self.unit = indicator, typed_unit(indicator)
        money = indicator.unit == "money"
        initial = {}
        if found:
            initial["value"] = float(major(found.value, found.currency)) if money else self.unit.typed(found.value)
        super().__init__(data, instance=found, initial=initial)
        self.fields["value"].help_text = gettext("In {unit}.").format(unit=self.unit.name)
        if money:
            self.fields["currency"].required = True
        else:
            del self.fields["currency"]

    def clean_currency(self) -> str:
        """Return the currency in capitals."""
        currency: str = self.cleaned_data["currency"].upper()
        if not CURRENCY.fullmatch(currency):
            raise forms.ValidationError(gettext("A currency has three letters, such as EUR."))
        return currency

    def clean(self) -> dict[str, Any]:
        """Return what was typed with the value in the indicator's unit."""
        told = super().clean() or {}
        if self.errors:
            return told
        if self.indicator.unit == "money":
            told["value"] *= 10 ** exponent(told["currency"])
        else:
            told["value"] = self.unit.own(told["value"]) or 0.0
        try:
            refuse_outside(self.indicator, told["value"])
        except BadQuestion as error:
            self.add_error("value", gettext(error.message).format(**error.params))
        return told
