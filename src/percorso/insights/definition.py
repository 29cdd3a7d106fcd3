"""How an indicator's page tells its definition, and the further numbers behind a figure."""

from typing import Any

from django.utils.translation import gettext

from percorso.analytics.methods.base import Indicator
from percorso.analytics.result import Cell
from percorso.base import words
from percorso.base.words import format_value, language
from percorso.i18n import mark

BETTER = {
    "higher": mark("a higher value is better"),
    "lower": mark("a lower value is better"),
    None: mark("neither direction is better by itself"),
}
KINDS = {
    "strategic": mark("strategic"), "tactical": mark("tactical"), "managerial": mark("managerial"),
    "operational": mark("operational"), "input": mark("input"), "process": mark("process"),
    "product": mark("product"), "impact": mark("impact"), "leading": mark("leading"), "lagging": mark("lagging"),
}  # fmt: skip
# Details worth a line on the page: name, and how to write it; times go with indicators of time only.
DETAILS = {
    "promoters": (mark("Promoters"), "count"),
    "passives": (mark("Passives"), "count"),
    "detractors": (mark("Detractors"), "count"),
    "mean": (mark("Mean"), "scale"),
    "median": (mark("Median"), "seconds"),
    "p90": (mark("Nine of ten are below"), "seconds"),
    "easy_share": (mark("Found it easy"), "share"),
    "ease_index": (mark("Ease, 0 to 100"), "scale"),
    "bottom_box": (mark("Dissatisfied"), "share"),
    "share_positive": (mark("Four or five stars"), "share"),
    "reply_rate": (mark("Answered in public"), "share"),
    "sent": (mark("Sent"), "count"),
    "started": (mark("Started"), "count"),
    "completed": (mark("Finished"), "count"),
    "answered": (mark("Answered"), "count"),
    "abandoned": (mark("Gave up"), "count"),
    "breached": (mark("Broken"), "count"),
    "n_open": (mark("Still open"), "count"),
    "immature": (mark("Left out: too recent"), "count"),
    "short_abandoned": (mark("Left out: gave up at once"), "count"),
    "n_missing": (mark("Left out: no answer"), "count"),
    "n_invalid": (mark("Left out: not valid"), "count"),
    "n_duplicates": (mark("Left out: repeated"), "count"),
}


def definition_of(indicator: Indicator) -> list[tuple[str, str]]:
    """Return the lines of a definition: what, and its text."""
    lines = [
        (gettext("Formula"), gettext(indicator.formula)),
        (gettext("Direction"), gettext(BETTER[indicator.better])),
        (gettext("Counted"), gettext(indicator.time)),
        (gettext("Interval"), gettext(indicator.interval)),
        (gettext("Test of a change"), gettext(indicator.test)),
        (gettext("Smallest sample to rely on"), words.count(indicator.minimum_n) if indicator.minimum_n else ""),
        (
            gettext("Kind"),
            ", ".join(gettext(KINDS.get(k, k)) for k in (indicator.level, indicator.kind, indicator.nature)),
        ),
    ]
    return [(name, text) for name, text in lines if text]


def details_of(cell: Cell, indicator: Indicator) -> list[tuple[str, str]]:
    """Return the further numbers of a figure that a reader wants."""
    lines = []
    counted, of = cell.details.get("numerator"), cell.details.get("denominator")
    if isinstance(counted, int) and isinstance(of, int):
        text = gettext("{counted} of {all}").format(counted=words.count(counted), all=words.count(of))
        lines.append((gettext("Cases"), text))
    for name, (label, how) in DETAILS.items():
        number = cell.details.get(name)
        if not isinstance(number, (int, float)) or isinstance(number, bool) or (how == "count" and number == 0):
            continue
        if (how in ("scale", "seconds")) and (how == "seconds") != (indicator.unit == "seconds"):
            continue
        lines.append((gettext(label), _written(number, how)))
    return lines


def _written(number: Any, how: str) -> str:
    return words.count(round(number)) if how == "count" else format_value(number, how, language())
