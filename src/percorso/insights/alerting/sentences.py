"""Findings as sentences in the language of the request."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_percent
from django.utils.translation import gettext, ngettext

from percorso.analytics.indicators import INDICATORS
from percorso.base import columns, words
from percorso.insights.alerts import ALERTS, FIGURES, SHARES
from percorso.insights.models import Finding

DAYS = frozenset({"at", "since", "by"})
STEPS = {"day": 1, "week": 7, "month": 30}
# Rarer than this is not told as a number of days: nobody has seen as many.
RAREST = 3650


def day(when: date) -> str:
    """Return a day as it is written in sentences."""
    return format_skeleton("yMMMd", when, locale=words.locale())


def percent(share: float) -> str:
    """Return a share in whole per cent."""
    return format_percent(share, "#,##0%", locale=words.locale())


def sentence(template: str, params: Mapping[str, Any], key: str) -> str:
    """Return what was found about an indicator, its figures in their unit."""
    indicator = INDICATORS.get(key)
    if indicator is None:
        return gettext("{key}: this indicator does not exist any more.").format(key=key)
    return gettext(template).format(**{name: _told(name, value, key, params) for name, value in params.items()})


def sentence_of(finding: Finding) -> str:
    """Return a finding as one sentence."""
    return sentence(finding.template, finding.params, finding.indicator)


def _told(name: str, value: Any, key: str, params: Mapping[str, Any]) -> str:
    indicator = INDICATORS[key]
    if name == "indicator":
        segment = params.get("segment")
        return f"{gettext(indicator.label)} · {segment}" if segment else gettext(indicator.label)
    if name in FIGURES:
        return words.value(value, indicator, None, params.get("currency"))
    if name in SHARES:
        return percent(value)
    if name in DAYS:
        return day(date.fromisoformat(value))
    if name == "part":
        return columns.value_name(str(params.get("column", "")), value)
    return words.count(value) if isinstance(value, int) else str(value)


def kept(params: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return the params of a firing as JSON keeps them."""
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in params.items()}
    return told | {name: value for name, value in more.items() if value}


def sure(alert: str, chance: float | None, grain: str) -> str:
    """Return how often chance alone does this; empty for alerts that are no test."""
    if chance is None or not ALERTS[alert].tested:
        return ""
    days = STEPS.get(grain, 1) / max(chance, 1e-12)
    if days > RAREST:
        return gettext("By chance alone this happens less than once in {years} years.").format(
            years=words.count(RAREST // 365)
        )
    return ngettext(
        "By chance alone this happens about once in {n} day.",
        "By chance alone this happens about once in {n} days.",
        round(days),
    ).format(n=words.count(round(days)))


def cause(found: Mapping[str, Any], key: str, currency: str | None = None) -> str:
    """Return what a group contributes to a move, in one sentence."""
    indicator = INDICATORS[key]
    texts = {
        "column": columns.column_name(found["column"]),
        "name": columns.value_name(found["column"], found["value"]),
        "before": words.value(found["before"], indicator, None, currency),
        "after": words.value(found["after"], indicator, None, currency),
        "share": percent(found["share"]),
    }
    if found["share"] >= 0.995:
        return gettext("{column} {name}: {after} after {before}, explains all of the move").format(**texts)
    return gettext("{column} {name}: {after} after {before}, explains {share} of the move").format(**texts)


def causes(finding: Finding) -> list[str]:
    """Return what the groups contribute that contribute most."""
    if finding.indicator not in INDICATORS:
        return []
    return [cause(found, finding.indicator, finding.params.get("currency")) for found in finding.contributors]
