"""What the pages of scorecards send."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.base.columns import column_name
from percorso.base.units import typed_unit
from percorso.customers.models import Segment
from percorso.errors import BadQuestion
from percorso.insights.cards import ordered
from percorso.insights.goals.forms import number_input
from percorso.insights.models import Scorecard
from percorso.insights.scorecards.actions import refuse_wrong_evidence
from percorso.insights.scorecards.frameworks import FRAMEWORKS
from percorso.insights.scorecards.queries import ends_of

FILTERS = ("aspect", "touchpoint", "channel", "survey", "question", "team", "topic")


class ScorecardForm(forms.Form):
    """Name, framework and segment of a scorecard; the framework stays."""

    framework = forms.ChoiceField(label=_("Framework"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name"), max_length=80)
    segment = forms.ModelChoiceField(
        Segment.objects.none(), label=_("Segment"), required=False, empty_label=_("All customers")
    )

    def __init__(self, data: Any, workspace: Workspace, found: Scorecard | None = None) -> None:
        initial = {"name": found.name, "segment": found.segment_id} if found else {}
        super().__init__(data, initial=initial)
        self.fields["framework"].choices = [(key, gettext(f.label)) for key, f in FRAMEWORKS.items()]  # type: ignore[attr-defined]
        if found:
            del self.fields["framework"]
        self.fields["segment"].queryset = workspace.segments.all()  # type: ignore[attr-defined]
        if not workspace.segments.exists():
            del self.fields["segment"]

    def clean(self) -> dict[str, Any]:
        """Return the values, without a segment where there are none."""
        return {"segment": None} | (super().clean() or {})


class EvidenceForm(forms.Form):
    """A figure that speaks for a pillar, and which of its values mean 0 and 100."""

    indicator = forms.ChoiceField(label=_("Indicator"))
    column = forms.ChoiceField(label=_("Only where"), required=False)
    values = forms.CharField(
        label=_("is"), required=False, max_length=300, help_text=_("One or more values, separated by commas.")
    )
    bad = forms.FloatField(label=_("Counts as 0"), required=False, widget=number_input())
    good = forms.FloatField(label=_("Counts as 100"), required=False, widget=number_input())
    weight = forms.FloatField(label=_("Weight"), initial=1, min_value=0.001, max_value=1000, widget=number_input())

    def __init__(self, data: Any, scorecard: Scorecard, pillar: str, given: dict[str, Any] | None = None) -> None:
        self.scorecard, self.pillar = scorecard, pillar
        # Options come with proposals and are no field; they stay as long as the indicator does.
        self.given = given
        super().__init__(data, initial=_initial(given))
        self.fields["indicator"].choices = [(key, gettext(INDICATORS[key].label)) for key in ordered()]  # type: ignore[attr-defined]
        self.fields["column"].choices = [("", gettext("All facts")), *((c, column_name(c)) for c in FILTERS)]  # type: ignore[attr-defined]
        self.fields["bad"].help_text = gettext(
            "Shares in per cent, durations in minutes. Left empty: the worst end of the indicator's range."
        )
        self.fields["good"].help_text = gettext("Left empty: the best end of the indicator's range.")

    def clean(self) -> dict[str, Any]:
        """Return a piece of evidence."""
        told = super().clean() or {}
        if self.errors:
            return told
        made = self._evidence(told)
        if made["bad"] is None or made["good"] is None:
            self.add_error(
                "bad" if made["bad"] is None else "good", gettext("This indicator has no end here: give a value.")
            )
            return told
        try:
            refuse_wrong_evidence(self.scorecard, made)
        except BadQuestion as error:
            self.add_error(None, gettext(error.message).format(**error.params))
        return {"given": made}

    def _evidence(self, told: dict[str, Any]) -> dict[str, Any]:
        indicator = INDICATORS[told["indicator"]]
        unit, (bad, good) = typed_unit(indicator), ends_of(indicator)
        values = [value.strip() for value in told["values"].split(",") if value.strip()]
        same = self.given is not None and self.given["indicator"] == told["indicator"]
        return {
            "pillar": self.pillar,
            "indicator": told["indicator"],
            "options": self.given["options"] if same and self.given else {},
            "filter": {told["column"]: values} if told["column"] and values else {},
            "bad": bad if told["bad"] is None else unit.own(told["bad"]),
            "good": good if told["good"] is None else unit.own(told["good"]),
            "weight": told["weight"],
        }


def _initial(given: dict[str, Any] | None) -> dict[str, Any]:
    if given is None:
        return {}
    unit = typed_unit(INDICATORS[given["indicator"]])
    column, values = next(iter(given["filter"].items()), ("", []))
    return {
        "indicator": given["indicator"],
        "column": column,
        "values": ", ".join(values),
        "bad": unit.typed(given["bad"]),
        "good": unit.typed(given["good"]),
        "weight": given["weight"],
    }
