"""Every component in every state, on one page."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from percorso.accounts.access import signed_in
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.query import Period
from percorso.analytics.result import Cell, Change
from percorso.base.models import Job
from percorso.insights.figures import Figure, chart_of, figure_of

LEVELS = (0.71, 0.74, 0.72, None, 0.77, 0.79, 0.76, 0.81, 0.8, 0.83, 0.82, 0.84)


class Example(forms.Form):
    """A form with a field of every kind."""

    name = forms.CharField(label=_("Name"), help_text=_("As people call it."))
    email = forms.EmailField(label=_("E-mail"))
    role = forms.ChoiceField(label=_("Role"), choices=[("editor", _("Editor")), ("viewer", _("Viewer"))])
    note = forms.CharField(label=_("Note"), widget=forms.Textarea, required=False)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}), required=False)
    file = forms.FileField(label=_("File"), required=False)
    days = forms.MultipleChoiceField(
        label=_("Days"), choices=[("sat", _("Saturday")), ("sun", _("Sunday"))], widget=forms.CheckboxSelectMultiple
    )
    agreed = forms.BooleanField(label=_("May read personal data"), required=False)


@require_safe
@signed_in
def components(request: HttpRequest) -> HttpResponse:
    """Show all components, with made-up figures."""
    wrong = Example({"wrong-email": "alice", "wrong-role": "editor"}, prefix="wrong")
    wrong.add_error(None, gettext("This is wrong with the form as a whole."))
    context = {
        "figures": _figures(),
        "chart": _chart(),
        "menus": _menus(),
        "form": Example(initial={"name": "Alice", "role": "viewer"}),
        "wrong": wrong,
        "tabs": [
            {"label": gettext("All"), "href": "?", "current": True, "count": 12},
            {"label": gettext("Failed"), "href": "?state=failed", "current": False, "count": 1},
        ],
        "page": Paginator(range(1234), 50).get_page(request.GET.get("page", 2)),
        "jobs": _jobs(),
        "tones": ("success", "error", "info"),
    }
    return render(request, "web/components.html", context)


def _change(before: float, verdict: str, good: bool | None) -> Change:
    return Change(before, 800, 0.05, 0.02, 0.08, 0.001, 0.004, "z", verdict, good)  # type: ignore[arg-type]


def _cell(
    status: str = "ok", change: Change | None = None, value: float | None = 0.84, n: int = 1240, **more: Any
) -> Cell:
    low, high = (None, None) if value is None else (value - 0.03, value + 0.03)
    return Cell("csat", more.get("start"), {}, value, low, high, n, status, {}, change)


def _series() -> list[Cell]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        _cell("ok" if v else "no_data", None, v, 100 if v else 0, start=start + timedelta(days=7 * i))
        for i, v in enumerate(LEVELS)
    ]


def _figures() -> list[tuple[str, Figure]]:
    """Return a figure in each state, with the state's name."""
    states = {
        gettext("Better"): _cell(change=_change(0.79, "up", True)),
        gettext("Worse"): _cell(change=_change(0.88, "down", False)),
        gettext("No clear change"): _cell(change=_change(0.83, "none", None)),
        gettext("Still running"): _cell(change=_change(0.83, "running", None)),
        gettext("Not compared"): _cell(),
        gettext("Too few"): _cell("low_sample", None, 0.6, 7),
        gettext("Hidden"): _cell("suppressed", None, None, 3),
        gettext("No data"): _cell("no_data", None, None, 0),
    }
    return [(name, figure_of(cell, series=_series())) for name, cell in states.items()]


def _chart() -> dict[str, Any]:
    first = datetime(2026, 1, 1, tzinfo=UTC).date()
    period = Period(first, first + timedelta(days=7 * len(LEVELS)), "UTC")
    earlier = [_cell(value=0.7 + 0.005 * i, start=c.start) for i, c in enumerate(_series())]
    data = chart_of(INDICATORS["csat"], _series(), earlier, "week", period)
    return {"id": "series-0", "script": "series-0-data", "label": "", "data": data}


def _menus() -> list[dict[str, Any]]:
    countries = [
        {"value": code, "label": label, "chosen": code == "BR"} for code, label in (("BR", "Brasil"), ("IT", "Italia"))
    ]
    return [
        {"label": gettext("Country"), "name": "country", "entries": countries, "chosen": "Brasil"},
        {"label": gettext("Channel"), "name": "channel", "entries": countries, "chosen": ""},
    ]


def _jobs() -> list[Job]:
    """Return a job in each state, not in the database."""

    def job(pk: int, state: str, **more: Any) -> Job:
        return Job(pk=pk, name=gettext("Import files"), state=state, run_at=datetime.now(UTC), **more)

    return [
        job(1, Job.State.WAITING),
        job(2, Job.State.RUNNING, progress=0.42, doing=gettext("row 42,000 of 100,000")),
        job(3, Job.State.DONE, progress=1),
        job(4, Job.State.FAILED, progress=0.3, error=gettext("The file ends in the middle of a row.")),
        job(5, Job.State.STOPPED, progress=0.6),
    ]
