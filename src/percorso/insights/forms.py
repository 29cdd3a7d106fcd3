"""What the address of a page asks for: period, comparison, segment, grain, breakdown; and what the forms send."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Workspace
from percorso.analytics.families import FAMILIES
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.query import GRAINS, Grain, Period, Query, Segment
from percorso.analytics.segments import Rule
from percorso.customers.models import Segment as SavedSegment
from percorso.customers.queries import rule_of
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.insights.models import Annotation

PRESET = "last_12_months"
FILTERS = ("customer.country", "channel")
OTHER = "other."
COMPARISONS = ("previous", "year", "none", "rest", "segment")
NOT_KNOWN = "(none)"
# The parameters that stay while moving around; an address without any of them is a bare one.
SEGMENT = "segment"
STAYING = ("period", "from", "to", "compare", SEGMENT, OTHER + SEGMENT, *FILTERS, *(OTHER + name for name in FILTERS))


@dataclass(frozen=True)
class Choice:
    """What a person chose on a page; `asked` are the parameters that differ from the defaults.

    `compare` is "previous" (period), "year" (same days), "rest" (outside of the segment), "segment" (`other`) or None.
    `by` and `then` are the columns of a breakdown. `within` is the saved segment whose customers count, `beside_of` the one
    that they are compared with.
    """

    period: Period
    preset: str
    compare: str | None
    segment: Segment
    other: Segment
    grain: Grain | None
    by: str | None
    then: str | None
    asked: dict[str, Any] = field(default_factory=dict)
    within: SavedSegment | None = None
    beside_of: SavedSegment | None = None

    @classmethod
    def read(cls, given: QueryDict, workspace: Workspace) -> Self:
        """Return the choice in an address.

        Raises
        ------
        BadQuestion : a date, period, comparison or grain that does not exist; the message says what does.
        """
        preset = given.get("period") or PRESET
        tz = workspace.time_zone
        period = _days(given, tz) if preset == "custom" else Period.preset(preset, tz)
        segment, other = _values(given, ""), _values(given, OTHER)
        within, beside_of = _saved(workspace, given.get(SEGMENT)), _saved(workspace, given.get(OTHER + SEGMENT))
        picked, others = bool(segment or within), bool(other or beside_of)
        compare = _comparison(_one_of(given.get("compare") or "previous", COMPARISONS), picked, others)
        grain, by = given.get("grain") or None, given.get("by") or None
        asked: dict[str, Any] = {} if preset == PRESET else {"period": preset}
        if preset == "custom":
            asked |= {"from": period.start.isoformat(), "to": (period.end - timedelta(days=1)).isoformat()}
        if compare != "previous":
            asked["compare"] = compare
        asked |= segment | ({SEGMENT: within.slug} if within else {})
        if compare == "segment" and beside_of:
            asked[OTHER + SEGMENT] = beside_of.slug
        elif compare == "segment":
            asked |= {OTHER + name: values for name, values in other.items()}
        return cls(
            period=period,
            preset=preset,
            compare=None if compare == "none" else compare,
            segment=_known(segment),
            other=_known(other) if compare == "segment" and beside_of is None else {},
            grain=None if grain is None else _one_of(grain, GRAINS),  # type: ignore[arg-type]
            by=by,
            then=None if given.get("then") in ("", by) else given.get("then"),
            asked=asked,
            within=within,
            beside_of=beside_of if compare == "segment" else None,
        )

    @property
    def beside(self) -> bool:
        """Whether groups of the same days are compared, not days."""
        return self.compare in ("rest", "segment")

    @property
    def before(self) -> Period | None:
        """The earlier days that are compared with."""
        return {"previous": self.period.previous, "year": self.period.year_before}.get(
            self.compare or "", lambda: None
        )()

    @property
    def steps(self) -> Grain:
        """The grain asked for, or one that gives a readable number of steps."""
        if self.grain:
            return self.grain
        length = (self.period.end - self.period.start).days
        limits: tuple[tuple[int, Grain], ...] = ((2, "hour"), (45, "day"), (200, "week"), (1200, "month"))
        return next((grain for limit, grain in limits if length <= limit), "quarter")

    def query(self, workspace: Workspace, indicators: tuple[str, ...], **changes: Any) -> Query:
        """Return the question to the facts."""
        asked: dict[str, Any] = {
            "period": self.period, "segment": self.segment, "within": rule_of(self.within),
            "compare": self.beside_rule if self.compare == "segment" else self.compare,
            "schedule": workspace.schedule, "tz": workspace.time_zone,
        }  # fmt: skip
        return Query(indicators, workspace.slug, **(asked | changes))

    @property
    def beside_rule(self) -> Segment | Rule:
        """The other group: the rule of a saved segment, or values of columns."""
        return rule_of(self.beside_of) or self.other

    def link(self, **changes: Any) -> str:
        """Return the query string of this choice with `changes`; empty when nothing differs from the defaults."""
        kept = {name: value for name, value in (self.asked | changes).items() if value not in (None, "", ())}
        return "?" + urlencode(kept, doseq=True) if kept else ""

    def page(self, usual_by: str | None) -> str:
        """Return the query string of an indicator's page: with the grain, and a breakdown other than the usual one."""
        return self.link(grain=self.grain, by=None if self.by == usual_by else self.by, then=self.then)


def _values(given: QueryDict, prefix: str) -> dict[str, tuple[str, ...]]:
    """Return the values asked for of each filter whose parameter begins with `prefix`."""
    found = {name: tuple(v for v in given.getlist(prefix + name) if v) for name in FILTERS}
    return {name: values for name, values in found.items() if values}


def _known(segment: dict[str, tuple[str, ...]]) -> dict[str, tuple[str | None, ...]]:
    return {name: tuple(None if v == NOT_KNOWN else v for v in vs) for name, vs in segment.items()}


def _comparison(asked: str, picked: bool, others: bool) -> str:
    """Return a comparison that can be made: without another segment the rest, without any segment nothing."""
    if asked == "segment" and not others:
        asked = "rest"
    return "none" if asked == "rest" and not picked else asked


def _saved(workspace: Workspace, slug: str | None) -> SavedSegment | None:
    """Return the saved segment of the workspace that an address names.

    Raises
    ------
    BadQuestion : there is none of that name.
    """
    if not slug:
        return None
    found = SavedSegment.objects.filter(workspace=workspace, slug=slug).first()
    if found is None:
        raise BadQuestion(mark("There is no segment {segment}. It may have been removed."), segment=slug)
    return found


def _one_of(name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise BadQuestion(
            mark("There is no choice {name} here. Choose one of: {known}."), name=name, known=", ".join(known)
        )
    return name


def _days(given: QueryDict, tz: str) -> Period:
    """Return the period from and to, both days inside."""
    first, last = _day(given.get("from")), _day(given.get("to"))
    if last < first:
        raise BadQuestion(
            mark("The period ends on {last}, before it starts on {first}. Swap the two days."),
            first=first.isoformat(),
            last=last.isoformat(),
        )
    return Period(first, last + timedelta(days=1), tz)


def _day(text: str | None) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError as error:
        raise BadQuestion(
            mark("{text} is no day. Give the first and the last day like 2025-12-31."), text=repr(text or "")
        ) from error
    if not 1970 <= day.year < 2200:
        raise BadQuestion(mark("{text} is out of reach. Give days from 1970 to 2199."), text=day.isoformat())
    return day


class AnnotationForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is written on the time axis."""

    everywhere = forms.BooleanField(label=_("Show it on every indicator"), required=False)

    class Meta:
        model = Annotation
        fields = ("day", "text")
        labels = {"day": _("Day"), "text": _("What happened")}
        widgets = {
            "day": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "min": "1970-01-01", "max": "2199-12-31"}),
            "text": forms.TextInput(attrs={"autocomplete": "off"}),
        }

    def clean_text(self) -> str:
        """Return the text in one line."""
        return " ".join(self.cleaned_data["text"].split())


class CatalogueForm(forms.Form):
    """What the catalogue is searched and filtered by; a value that does not exist filters nothing."""

    q = forms.CharField(required=False, max_length=100)
    family = forms.ChoiceField(required=False, choices=[(family, "") for family in FAMILIES])
    level = forms.ChoiceField(required=False, choices=[(x, "") for x in ("strategic", "tactical", "managerial")])
    kind = forms.ChoiceField(required=False, choices=[(x, "") for x in ("input", "process", "product", "impact")])
    nature = forms.ChoiceField(required=False, choices=[("leading", ""), ("lagging", "")])
    signal = forms.ChoiceField(required=False, choices=[("yes", "")])

    def asked(self) -> dict[str, str]:
        """Return the parameters that filter something."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ChosenForm:
    """The indicators of the overview as the page sends them: all in an order, the ticked ones among them."""

    def __init__(self, given: QueryDict, before: list[str], usual: list[str]) -> None:
        sent = [key for key in given.getlist("order") if key in INDICATORS] if "order" in given else before
        self.order = list(dict.fromkeys([*sent, *usual]))
        self.chosen = {key for key in given.getlist("chosen") if key in INDICATORS} if "order" in given else set(before)
        self.q = given.get("q", "")
        self._move(*given.get("move", "").partition(":")[::2])

    def _move(self, where: str, key: str) -> None:
        """Move an indicator by one place."""
        if key not in self.order or where not in ("up", "down"):
            return
        at = self.order.index(key)
        to = at + (-1 if where == "up" else 1)
        if 0 <= to < len(self.order):
            self.order[at], self.order[to] = self.order[to], self.order[at]

    @property
    def keys(self) -> list[str]:
        """The chosen indicators in their order."""
        return [key for key in self.order if key in self.chosen]
