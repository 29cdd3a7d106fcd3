"""A result as an Altair chart: the interval is always drawn."""

import altair as alt
import pandas as pd

from percorso.analytics.format import major
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.result import Cell, Result

# Drawn here, as a picture: Altair's own default would have the notebook load scripts from another host.
alt.renderers.enable("svg")

WIDTH, HEIGHT = 560, 200


def draw(result: Result) -> alt.TopLevelMixin:
    """Return one panel an indicator: lines with a band over time, or points with an interval bar."""
    panels = [_panel(result, key) for key in result.query.indicators]
    return panels[0] if len(panels) == 1 else alt.vconcat(*panels).resolve_scale(color="independent")


def _panel(result: Result, key: str) -> alt.LayerChart:
    cells = result.of(key)
    names = list(cells[0].by) if cells else []
    data = pd.DataFrame(
        {
            "start": [c.start for c in cells],
            "group": [" · ".join(str(c.by[name] or "–") for name in names) or INDICATORS[key].label for c in cells],
            "value": [_shown(c.value, c) for c in cells],
            "low": [_shown(c.low, c) for c in cells],
            "high": [_shown(c.high, c) for c in cells],
            "n": [c.n for c in cells],
        }
    )
    currencies = {c.currency for c in cells if c.currency}
    title = " ".join([INDICATORS[key].label, *(f"({name})" for name in sorted(currencies))])
    form = {"share": ".1%", "money": ",.2f", "count": ",.0f", "number": ",.3~r"}.get(INDICATORS[key].unit, ",.1f")
    tips = [
        alt.Tooltip("group"),
        *(alt.Tooltip(f"{c}:Q", format=form) for c in ("value", "low", "high")),
        alt.Tooltip("n:Q"),
    ]
    y = alt.Y("value:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(format=form))
    if result.query.grain:
        return _series(data, y, tips)
    base = alt.Chart(data, width=WIDTH)
    x = alt.X("value:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(format=form))
    bars = base.mark_rule(strokeWidth=2).encode(
        y=alt.Y("group:N", title=None), x=alt.X("low:Q", title=title), x2="high:Q"
    )
    return bars + base.mark_point(filled=True, size=70).encode(y="group:N", x=x, tooltip=tips)


def _shown(number: float | None, cell: Cell) -> float | None:
    """Return a number of a cell as it is drawn: money in units of its currency."""
    money = number is not None and INDICATORS[cell.indicator].unit == "money"
    return float(major(number, cell.currency)) if money and number is not None else number


def _series(data: pd.DataFrame, y: alt.Y, tips: list[alt.Tooltip]) -> alt.LayerChart:
    base = alt.Chart(data, width=WIDTH, height=HEIGHT)
    many = data["group"].nunique() > 1
    colour = alt.Color("group:N", title=None) if many else alt.value("#206bc4")
    shape = alt.StrokeDash("group:N", title=None) if many else alt.value([1, 0])
    x = alt.X("start:T", title=None)
    band = base.mark_area(opacity=0.18).encode(x=x, y=alt.Y("low:Q", title=""), y2="high:Q", color=colour)
    line = base.mark_line(point=True).encode(x=x, y=y, color=colour, strokeDash=shape, tooltip=tips)
    return band + line
