"""Charts as pictures: the same series or breakdown as on the page, drawn here, with no browser and no network."""

from collections.abc import Sequence
from typing import Any

import vl_convert

from percorso.insights.figures import Figure

WIDTH, HEIGHT, SCALE = 760, 260, 2
INK, QUIET, LINE, ACCENT = "#171a21", "#5a6372", "#e4e7ec", "#3f5bd8"
Spec = dict[str, Any]


def series_spec(name: str, about: str, compared: str, charts: Sequence[Spec]) -> Spec:
    """Return a drawing of one panel a chart (see `insights.figures.chart_of`): line, band, what it is compared with."""
    return _whole(name, about, [_panel(chart["label"], chart["data"], compared) for chart in charts])


def _panel(label: str, data: Spec, compared: str) -> Spec:
    rows = [
        {"at": i, "value": value, "low": data["low"][i], "high": data["high"][i], "faint": data["faint"][i]}
        | ({"before": data["before"][i]} if i < len(data["before"]) else {})
        for i, value in enumerate(data["value"])
    ]
    y, x = _axis(data["ticks"]), {"field": "at", "type": "quantitative", **_steps(data["steps"])}
    layers: list[Spec] = [
        {"mark": {"type": "area", "color": ACCENT, "opacity": 0.16, "clip": True}, "encoding": {"y": y | {"field": "low"}, "y2": {"field": "high"}}},
        {"mark": {"type": "line", "color": ACCENT, "strokeWidth": 2, "point": {"color": ACCENT, "size": 30, "filled": True}}, "encoding": {"y": y | {"field": "value"}}},
    ]  # fmt: skip
    if data["before"]:
        dashed = {"type": "line", "color": QUIET, "strokeWidth": 1.5, "strokeDash": [4, 4]}
        layers.insert(1, {"mark": dashed, "encoding": {"y": y | {"field": "before"}}})
    layers += [_mark(step, number, data) for step, number in data["marks"]]
    title = " · ".join(text for text in (label, f"╌ {compared}" if data["before"] else "") if text)
    return {
        "title": {"text": title, "fontSize": 12, "fontWeight": 500, "anchor": "start", "color": QUIET},
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"values": rows},
        "encoding": {"x": x},
        "layer": layers,
    }


def _mark(step: int, number: int, data: Spec) -> Spec:
    """Return the numbered line of an annotation."""
    top = data["ticks"][-1][0]
    return {
        "data": {"values": [{"at": step, "text": str(number), "top": top}]},
        "layer": [
            {"mark": {"type": "rule", "color": QUIET, "strokeDash": [2, 3]}},
            {
                "mark": {"type": "text", "dy": -8, "fontWeight": 600, "color": INK},
                "encoding": {"text": {"field": "text"}, "y": {"field": "top", "type": "quantitative"}},
            },
        ],
    }


def _axis(ticks: Sequence[Sequence[Any]]) -> Spec:
    """Return the vertical axis with texts that are written already."""
    return {
        "type": "quantitative",
        "scale": {"domain": [ticks[0][0], ticks[-1][0]], "zero": False, "nice": False},
        "axis": {"title": None, "values": [t for t, _ in ticks], "labelExpr": _texts([(t, text) for t, text in ticks])},
    }


def _steps(steps: Sequence[str]) -> Spec:
    every = max(1, -(-len(steps) // 10))
    shown = [(i, text) for i, text in enumerate(steps) if i % every == 0]
    axis = {"title": None, "grid": False, "values": [i for i, _ in shown], "labelExpr": _texts(shown)}
    return {"scale": {"domain": [0, max(1, len(steps) - 1)], "nice": False}, "axis": axis}


def _texts(named: Sequence[tuple[Any, str]]) -> str:
    """Return an expression that gives the text of each value."""
    told = [f"abs(datum.value - {float(value)!r}) < 1e-9 ? {_quoted(text)} : " for value, text in named]
    return "".join(told) + "''"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ") + "'"


def groups_spec(name: str, about: str, scale: tuple[float, float], figures: Sequence[Figure]) -> Spec:
    """Return a drawing of a breakdown: a point and its interval a group, with the figure as it is written."""
    rows = [
        {"group": f"{i}", "value": f.cell.value, "low": f.cell.low, "high": f.cell.high, "text": f.value}
        for i, f in enumerate(figures)
        if f.cell.value is not None
    ]
    labels = [(i, f.label) for i, f in enumerate(figures)]
    y = {
        "field": "group",
        "type": "ordinal",
        "sort": None,
        "axis": {"title": None, "labelLimit": 260, "labelExpr": _texts(labels)},
    }
    x = {"type": "quantitative", "scale": {"domain": list(scale), "zero": False}, "axis": None}
    panel = {
        "width": WIDTH - 200,
        "height": {"step": 30},
        "data": {"values": rows},
        "encoding": {"y": y},
        "layer": [
            {"mark": {"type": "rule", "color": ACCENT, "opacity": 0.38, "strokeWidth": 9}, "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}}},
            {"mark": {"type": "point", "filled": True, "size": 60, "color": ACCENT, "opacity": 1}, "encoding": {"x": x | {"field": "value"}}},
            {"mark": {"type": "text", "dy": -11, "color": INK, "fontWeight": 600}, "encoding": {"x": x | {"field": "value"}, "text": {"field": "text"}}},
        ],
    }  # fmt: skip
    return _whole(name, about, [panel])


def _whole(name: str, about: str, panels: list[Spec]) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "#ffffff",
        "padding": 20,
        "title": {"text": name, "subtitle": about, "anchor": "start", "fontSize": 17, "subtitleColor": QUIET, "color": INK, "offset": 14},
        "vconcat": panels,
        "config": {
            "font": "Inter, Liberation Sans, DejaVu Sans, sans-serif",
            "view": {"stroke": None},
            "axis": {"gridColor": LINE, "domain": False, "ticks": False, "labelColor": QUIET, "labelFontSize": 11, "labelPadding": 8},
        },
    }  # fmt: skip


def svg_of(spec: Spec) -> bytes:
    """Return a drawing as SVG."""
    return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])).encode()


def png_of(spec: Spec) -> bytes:
    """Return a drawing as PNG, twice as fine as a screen."""
    return bytes(vl_convert.vegalite_to_png(spec, scale=SCALE, allowed_base_urls=[]))
