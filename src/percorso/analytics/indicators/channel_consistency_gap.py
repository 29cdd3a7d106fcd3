from typing import Any

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from percorso.analytics.methods.base import Ask, Figures, Option, Parts
from percorso.analytics.methods.satisfaction import Satisfaction
from percorso.analytics.statistics.comparisons import Comparison, benjamini_hochberg, two_proportions
from percorso.analytics.statistics.rates import homogeneity
from percorso.i18n import mark

Channels = dict[str, tuple[float, float]]
DETAILS = ("channels", "highest", "lowest", "chi2", "df", "p_value", "pairs")


class ChannelConsistencyGap(Satisfaction):
    label = mark("Channel consistency gap")
    about = mark("Is the experience the same in every channel?")
    formula = mark("highest − lowest share of satisfied customers, among channels with at least 30 answers")
    better = "lower"
    method = "range"
    interval = mark("Newcombe's interval of the two extreme channels; optimistic, for they were picked")
    test = mark("chi-squared test over all channels, then pairs of channels (Benjamini-Hochberg)")
    additive = False
    level, kind, nature = "strategic", "process", "leading"
    segments = ("touchpoint", "customer.country", "customer.segment")
    options = {
        **Satisfaction.options,
        "channel_minimum": Option(mark("how many answers a channel needs to be compared"), default=30),
    }
    exclusions = (mark("Channels with too few answers, and answers without a channel, are left out."),)
    traps = (
        mark("Equal channels differ by chance too: there is a gap only where the chi-squared test says so."),
        mark("Channels serve different needs: compare within one touchpoint."),
    )
    literature = (
        "Lemon K, Verhoef P (2016) Understanding customer experience throughout the customer journey, Journal of Marketing 80",
    )

    def expressions(self, t: ir.Table, cells: list[str], ask: Ask) -> list[ir.Table]:
        return super().expressions(t, [*cells, "channel"], ask)

    def fold(self, rows: pa.Table, cells: list[str], ask: Ask) -> tuple[list[tuple[Any, ...]], Parts]:
        keys, parts = super().fold(rows, [*cells, "channel"], ask)
        top = parts[f"top_{ask.options['top_n']}"]
        found: dict[tuple[Any, ...], Channels] = {}
        for key, hits, n in zip(keys, top, parts["n"], strict=True):
            channels = found.setdefault(key[:-1], {})
            if n and key[-1] is not None:
                channels[key[-1]] = (float(hits), float(n))
        made = np.empty(len(found), dtype=object)
        made[:] = list(found.values())
        return list(found), {"channels": made}

    def figures(self, p: Parts, ask: Ask) -> Figures:
        every = [_gap(channels or {}, ask) for channels in p["channels"]]
        n = np.array([sum(size for _, size in (channels or {}).values()) for channels in p["channels"]])
        details = {name: _objects([gap[name] for gap in every]) for name in DETAILS}
        value, low, high = (np.array([gap[end] for gap in every], float) for end in ("value", "low", "high"))
        unknown = {int(i): "insufficient_data" for i in np.flatnonzero(np.isnan(value) & (n > 0))}
        return Figures(value, low, high, n, details, unknown)

    def compare(self, p: Parts, a: int, b: int, ask: Ask) -> Comparison | None:
        return None

    def per_customer(self, t: ir.Table, ask: Ask) -> ir.Scalar | None:
        return None


def _gap(channels: Channels, ask: Ask) -> dict[str, Any]:
    """Return what the channels of one cell make: the gap, its interval, the test of all, and of each pair."""
    enough = {name: c for name, c in sorted(channels.items()) if c[1] >= float(ask.options["channel_minimum"])}
    nothing = dict.fromkeys(("value", "low", "high"), np.nan) | dict.fromkeys(DETAILS)
    if len(enough) < 2:
        return {**nothing, "channels": len(enough)}
    shares = {name: hits / n for name, (hits, n) in enough.items()}
    highest, lowest = max(shares, key=shares.__getitem__), min(shares, key=shares.__getitem__)
    extreme = two_proportions(*enough[highest], *enough[lowest], ask.confidence)
    test = homogeneity(*zip(*enough.values(), strict=True))
    return {
        "value": shares[highest] - shares[lowest], "low": extreme.low, "high": extreme.high,
        "channels": len(enough), "highest": highest, "lowest": lowest, **test._asdict(), "pairs": _pairs(enough, ask),
    }  # fmt: skip


def _pairs(enough: Channels, ask: Ask) -> list[dict[str, Any]]:
    names = list(enough)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    tests = [two_proportions(*enough[a], *enough[b], ask.confidence) for a, b in pairs]
    adjusted = benjamini_hochberg([t.p_value for t in tests]).adjusted
    return [
        {"a": a, "b": b, "difference": t.difference, "low": t.low, "high": t.high, "adjusted_p": p}
        for (a, b), t, p in zip(pairs, tests, adjusted, strict=True)
    ]


def _objects(values: list[Any]) -> Any:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
