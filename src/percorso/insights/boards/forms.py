"""What the pages of boards send."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Role, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.query import PRESETS
from percorso.base import columns
from percorso.insights.boards.cards import (
    GRAINS,
    LONGEST_TEXT,
    LONGEST_TITLE,
    LOOKS,
    MOST_INDICATORS,
    Card,
    known_columns,
)
from percorso.insights.boards.starters import STARTERS
from percorso.insights.cards import ordered
from percorso.insights.forms import FILTERS
from percorso.insights.models import Board
from percorso.insights.views.around import COMPARED

COMPARISONS = ("previous", "year", "none")
WIDTHS = (("1", _("A quarter")), ("2", _("A half")), ("3", _("Three quarters")), ("4", _("The full width")))


class NewBoardForm(forms.Form):
    """The name of a new board and what it begins with."""

    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    starter = forms.ChoiceField(required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["starter"].choices = [("", ""), *((key, "") for key in STARTERS)]  # type: ignore[attr-defined]


class BoardForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a board is called, what it shows at first, and who sees it."""

    period = forms.ChoiceField(
        label=_("Period"), help_text=_("What the board shows at first; visitors may choose another.")
    )
    compare = forms.ChoiceField(label=_("Compared with"))
    roles = forms.MultipleChoiceField(
        label=_("Who sees it"),
        choices=[(value, label) for value, label in Role.choices if value != Role.OWNER],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Nothing ticked: everybody in the workspace. Owners, and who made it, always see it."),
    )

    class Meta:
        model = Board
        fields = ("name", "about", "period", "compare", "segment", "roles")
        labels = {"name": _("Name"), "about": _("What it is for"), "segment": _("Segment")}
        help_texts = {"segment": _("Only the facts of these customers are shown.")}

    def __init__(self, *args: Any, workspace: Workspace, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["period"].choices = [(key, gettext(label)) for key, label in PRESETS.items()]  # type: ignore[attr-defined]
        self.fields["compare"].choices = [(key, gettext(COMPARED[key])) for key in COMPARISONS]  # type: ignore[attr-defined]
        segments = workspace.segments.all()
        self.fields["segment"].queryset = segments  # type: ignore[attr-defined]
        self.fields["segment"].empty_label = gettext("All customers")  # type: ignore[attr-defined]
        if not segments:
            del self.fields["segment"]


class CardForm(forms.Form):
    """The settings of one card: which fields there are depends on its kind and on its indicator's options."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE, required=False)
    width = forms.ChoiceField(label=_("Width"), choices=WIDTHS)

    def __init__(self, *args: Any, card: Card, **more: Any) -> None:
        self.card = card
        super().__init__(*args, initial=_initial(card), **more)
        self.fields["title"].help_text = (
            gettext("Empty: no title.") if card.kind == "text" else gettext("Empty: the name of the indicator.")
        )
        getattr(self, f"_add_{card.kind}")()
        for name, option in _options(card).items():
            choices = [(str(value), _option_text(value)) for value in option.choices or ()]
            about = gettext(option.about)
            self.fields[f"option_{name}"] = forms.ChoiceField(label=f"{about[:1].upper()}{about[1:]}", choices=choices)

    def _add_indicator(self) -> None:
        self.fields["indicator"] = forms.ChoiceField(label=_("Indicator"), choices=_indicators())

    _add_figure = _add_series = _add_indicator

    def _add_breakdown(self) -> None:
        self._add_indicator()
        self.fields["by"] = forms.ChoiceField(label=_("By"), choices=_columns([self.card.key], self.card.by))
        looks = [(key, gettext(label)) for key, label in LOOKS.items()]
        self.fields["look"] = forms.ChoiceField(label=_("Shown as"), choices=looks)

    def _add_table(self) -> None:
        self.fields["indicators"] = forms.MultipleChoiceField(
            label=_("Indicators"), choices=_indicators(grouped=False), widget=forms.CheckboxSelectMultiple
        )
        steps = [(f"grain:{key}", gettext(label)) for key, label in GRAINS.items()]
        groups = [(f"by:{key}", label) for key, label in _columns(self.card.indicators, self.card.by)]
        choices = [(gettext("Steps of time"), steps), (gettext("Groups"), groups)]
        self.fields["rows"] = forms.ChoiceField(label=_("Rows"), choices=choices)

    def _add_text(self) -> None:
        self.fields["text"] = forms.CharField(
            label=_("Text"),
            max_length=LONGEST_TEXT,
            widget=forms.Textarea(attrs={"rows": 8}),
            help_text=_(
                "An empty line begins a paragraph. # heading, - list, **bold**, *italics*, [words](https://address)."
            ),
        )

    def clean_indicators(self) -> list[str]:
        """Return the indicators, those of before in their order."""
        chosen = self.cleaned_data["indicators"]
        if len(chosen) > MOST_INDICATORS:
            raise forms.ValidationError(
                gettext("A table holds {count} indicators at most.").format(count=MOST_INDICATORS)
            )
        before = [key for key in self.card.indicators if key in chosen]
        return [*before, *(key for key in chosen if key not in before)]

    def clean(self) -> dict[str, Any]:
        """Refuse groups that an indicator does not have."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        kind, _colon, name = told.get("rows", "").partition(":")
        for key in told.get("indicators", ()):
            if kind == "by" and name not in _all_columns([key]):
                text = gettext("{indicator} cannot be broken down by {column}. Choose other rows, or leave it out.")
                label = gettext(INDICATORS[key].label)
                self.add_error("rows", text.format(indicator=label, column=columns.column_name(name)))
        return told

    def changed(self) -> Card:
        """Return the card as it was changed."""
        told = self.cleaned_data
        values: dict[str, Any] = {"title": told["title"].strip(), "width": int(told["width"])}
        values |= {name: told[name] for name in ("text", "look") if name in told}
        if "indicator" in told:
            values["indicators"] = (told["indicator"],)
        if "indicators" in told:
            values["indicators"] = tuple(told["indicators"])
            kind, _colon, name = told["rows"].partition(":")
            values |= {"by": "", "grain": ""} | {kind: name}
        if "by" in told:
            # Another indicator may not have the column.
            known = _all_columns([told["indicator"]])
            values["by"] = told["by"] if told["by"] in known else next(iter(known), "")
        return replace(self.card, options=self._chosen_options(values), **values)

    def _chosen_options(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the options that differ from what the indicator does by itself."""
        if values.get("indicators", self.card.indicators) != self.card.indicators:
            return {}
        chosen = {}
        for name, option in _options(self.card).items():
            value = next(v for v in option.choices or () if str(v) == self.cleaned_data[f"option_{name}"])
            if value != option.default:
                chosen[name] = value
        return chosen


def _initial(card: Card) -> dict[str, Any]:
    rows = f"by:{card.by}" if card.by else f"grain:{card.grain}"
    told = vars(card) | {"indicator": card.key, "indicators": list(card.indicators), "rows": rows}
    return told | {f"option_{n}": str(card.options.get(n, option.default)) for n, option in _options(card).items()}


def _options(card: Card) -> dict[str, Any]:
    """Return the options that can be chosen from a list; indicators of a table are as they are by themselves."""
    found = INDICATORS[card.key].options if card.indicators and card.kind != "table" else {}
    return {name: option for name, option in found.items() if option.choices}


def _option_text(value: Any) -> str:
    return str(value).replace("_", " ")


def _indicators(grouped: bool = True) -> list[tuple[str, str]]:
    """Return all indicators by their names; `grouped`: those too that always come in groups."""
    return [(key, gettext(INDICATORS[key].label)) for key in ordered() if grouped or not INDICATORS[key].always_by]


def _all_columns(keys: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*known_columns(list(keys)), *FILTERS]))


def _columns(keys: Iterable[str], now: str) -> list[tuple[str, str]]:
    """Return the columns that all of some indicators can be broken down by, and the present one."""
    found = dict.fromkeys([*_all_columns(keys), *([now] if now else [])])
    return [(name, str(columns.column_name(name))) for name in found]
