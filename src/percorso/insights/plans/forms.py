"""What the pages of collection plans and the calculator send."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.statistics.power import SampleSize, group_size, sample_size
from percorso.base.columns import value_name
from percorso.base.units import typed_unit
from percorso.customers.models import Segment
from percorso.errors import BadQuestion
from percorso.insights.cards import ordered
from percorso.insights.goals.forms import day_input, number_input
from percorso.insights.models import Plan, PlanItem
from percorso.insights.plans.actions import refuse_wrong_days
from percorso.insights.plans.queries import kind_of, plannable, worst_spread

CONFIDENCES = [("0.9", "90%"), ("0.95", "95%"), ("0.99", "99%")]


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name and days of a plan; the response rate is typed in per cent."""

    rate = forms.FloatField(
        label=_("Expected response rate, per cent"), min_value=0.1, max_value=100, initial=20, widget=number_input(),
        help_text=_("How many of the invited will answer. It says how many to invite."),
    )  # fmt: skip

    class Meta:
        model = Plan
        fields = ("name", "starts", "ends")
        labels = {"name": _("Name"), "starts": _("First day"), "ends": _("Last day")}
        widgets = {"starts": day_input(), "ends": day_input()}

    def __init__(self, data: Any, plan: Plan | None = None, **more: Any) -> None:
        initial = {"rate": round(plan.response_rate * 100, 4)} if plan else more
        super().__init__(data, instance=plan, initial=initial)

    def clean(self) -> dict[str, Any]:
        """Return name, days and response rate."""
        told = super().clean() or {}
        if self.errors:
            return told
        try:
            refuse_wrong_days(told["starts"], told["ends"])
        except BadQuestion as error:
            self.add_error("ends", gettext(error.message))
        told["response_rate"] = told.pop("rate") / 100
        return told


class ItemForm(forms.Form):
    """One indicator of one experience in one segment; figures are typed in the indicator's unit of typing."""

    indicator = forms.ChoiceField(label=_("Indicator"))
    experience = forms.ChoiceField(label=_("Experience"), required=False)
    segment = forms.ModelChoiceField(
        Segment.objects.none(), label=_("Segment"), required=False, empty_label=_("All customers")
    )
    precision = forms.FloatField(
        label=_("Precision"), widget=number_input(min=0),
        help_text=_("How far the figure may be off, up or down: in points for NPS, in per cent for shares, else in points of the scale."),
    )  # fmt: skip
    confidence = forms.ChoiceField(label=_("How sure"), choices=CONFIDENCES, initial="0.95")
    population = forms.IntegerField(
        label=_("Customers it speaks of"), required=False, min_value=1, max_value=2_000_000_000,
        help_text=_("Left empty: as many as are in the segment."),
    )  # fmt: skip
    expected = forms.FloatField(
        label=_("Expected share or spread"), required=False, widget=number_input(min=0),
        help_text=_("For shares the share expected in per cent, for means the standard deviation. Left empty: the most careful case."),
    )  # fmt: skip

    def __init__(
        self, data: Any, workspace: Workspace, known: tuple[list[str], list[str]], item: PlanItem | None = None
    ) -> None:
        super().__init__(data, initial=_initial(item))
        keys = [key for key in ordered() if plannable(INDICATORS[key])]
        self.fields["indicator"].choices = [(key, gettext(INDICATORS[key].label)) for key in keys]  # type: ignore[attr-defined]
        self.fields["experience"].choices = _experiences(known, item)  # type: ignore[attr-defined]
        self.fields["segment"].queryset = workspace.segments.all()  # type: ignore[attr-defined]
        if not workspace.segments.exists():
            del self.fields["segment"]

    def clean(self) -> dict[str, Any]:
        """Return the fields of a plan's item."""
        told = super().clean() or {}
        if self.errors:
            return told
        kind, _colon, name = told["experience"].partition(":")
        found = INDICATORS[told["indicator"]]
        unit = typed_unit(found)
        expected = told["expected"]
        if not told["precision"] > 0:
            self.add_error("precision", gettext("Give how far off the figure may be, above 0."))
        if kind_of(found) == "proportion" and expected is not None and not 0 < expected < 100:
            self.add_error("expected", gettext("Give a share between 0 and 100 per cent."))
        if kind_of(found) == "mean" and expected is None and worst_spread(found) is None:
            self.add_error("expected", gettext("Give the standard deviation, such as 1."))
        if self.errors:
            return told
        return {
            "indicator": told["indicator"],
            "touchpoint": name if kind == "touchpoint" else "",
            "survey": name if kind == "survey" else "",
            "segment": told.get("segment"),
            "precision": unit.own(told["precision"]),
            "confidence": float(told["confidence"]),
            "population": told["population"],
            "expected": unit.own(expected),
        }


def _initial(item: PlanItem | None) -> dict[str, Any]:
    if item is None:
        return {"precision": 5}
    unit = typed_unit(INDICATORS[item.indicator])
    names = ("indicator", "segment", "population")
    return {name: getattr(item, name) for name in names} | {
        "experience": _key(item.touchpoint, item.survey),
        "precision": unit.typed(item.precision),
        "confidence": f"{item.confidence:g}",
        "expected": unit.typed(item.expected),
    }


def _key(touchpoint: str, survey: str) -> str:
    return f"touchpoint:{touchpoint}" if touchpoint else f"survey:{survey}" if survey else ""


def _experiences(known: tuple[list[str], list[str]], item: PlanItem | None) -> list[Any]:
    """Return the experiences to choose from, and the item's own when the facts no longer know it."""
    touchpoints, surveys = (list(names) for names in known)
    if item and item.touchpoint and item.touchpoint not in touchpoints:
        touchpoints.append(item.touchpoint)
    if item and item.survey and item.survey not in surveys:
        surveys.append(item.survey)
    return [
        ("", gettext("The whole relationship")),
        (gettext("Touchpoints"), [(f"touchpoint:{t}", value_name("touchpoint", t)) for t in touchpoints]),
        (gettext("Surveys"), [(f"survey:{s}", s) for s in surveys]),
    ]


class CalculatorForm(forms.Form):
    """The sample-size calculator; shares, margins and rates are typed in per cent, NPS in points."""

    kind = forms.ChoiceField(
        label=_("Figure"),
        choices=[("proportion", _("A share (CSAT, rates)")), ("nps", _("A net score (NPS)")), ("mean", _("A mean"))],
        initial="proportion",
    )
    margin = forms.FloatField(
        label=_("Precision"), initial=5, min_value=0.01, max_value=1_000_000, widget=number_input(),
        help_text=_("How far off it may be, up or down: per cent for a share, points for NPS, else in the unit of the mean."),
    )  # fmt: skip
    share = forms.FloatField(
        label=_("Expected share, per cent"), required=False, min_value=0, max_value=100, widget=number_input(),
        help_text=_("For a share. Left empty: 50, the most careful case."),
    )  # fmt: skip
    sd = forms.FloatField(
        label=_("Standard deviation"), required=False, min_value=0.000001, max_value=1_000_000_000, widget=number_input(),
        help_text=_("For a mean, such as 1 on a scale of 1 to 5."),
    )  # fmt: skip
    population = forms.IntegerField(
        label=_("How many customers there are"), required=False, min_value=1, max_value=2_000_000_000,
        help_text=_("Left empty: very many."),
    )  # fmt: skip
    rate = forms.FloatField(
        label=_("Expected response rate, per cent"), required=False, min_value=0.1, max_value=100, widget=number_input()
    )
    confidence = forms.ChoiceField(label=_("How sure"), choices=CONFIDENCES, initial="0.95", required=False)

    def answered(self) -> tuple[SampleSize, int]:
        """Return how many answers are needed, and how many in each of two groups to see a difference of that size.

        Raises
        ------
        BadQuestion : what was typed makes no sense; the message says what would.
        """
        told = self.cleaned_data
        per_cent = told["kind"] != "mean"
        margin = told["margin"] / 100 if per_cent else told["margin"]
        share = 0.5 if told["share"] is None else told["share"] / 100
        given: dict[str, Any] = {"share": share, "sd": told["sd"], "confidence": float(told["confidence"] or 0.95)}
        needed = sample_size(
            told["kind"], margin, population=told["population"],
            response_rate=None if told["rate"] is None else told["rate"] / 100, **given,
        )  # fmt: skip
        return needed, group_size(told["kind"], margin, **given)
