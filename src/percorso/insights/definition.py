"""How an indicator's pages tell its definition, and the further numbers behind a figure."""

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_decimal
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
# The classes of an indicator (specification 3), by which the catalogue is filtered.
TAGS: dict[str, tuple[str, Mapping[str, str]]] = {
    "level": (
        mark("Level"),
        {"strategic": mark("Strategic"), "tactical": mark("Tactical"), "managerial": mark("Managerial")},
    ),
    "kind": (
        mark("Kind"),
        {"input": mark("Input"), "process": mark("Process"), "product": mark("Product"), "impact": mark("Impact")},
    ),
    "nature": (mark("Looks"), {"leading": mark("Leading"), "lagging": mark("Lagging")}),
    "signal": (mark("Role"), {"yes": mark("Performance signal")}),
}
TAGS_ABOUT = {
    "strategic": mark("tells where the company stands"),
    "tactical": mark("tells how an area does"),
    "managerial": mark("is steered from day to day"),
    "input": mark("what goes into the experience: people, means, partners"),
    "process": mark("how the work is done"),
    "product": mark("what the work results in for the customer"),
    "impact": mark("what it changes: loyalty, revenue, reputation"),
    "leading": mark("moves first and tells what is coming"),
    "lagging": mark("confirms afterwards what has happened"),
    "yes": mark("is shown with a target wherever it has one"),
}
UNITS = {
    "points": mark("points"),
    "share": mark("share, in percent"),
    "scale": mark("points of the answer scale"),
    "score": mark("score"),
    "seconds": mark("time"),
    "milliseconds": mark("time in milliseconds"),
    "days": mark("days"),
    "stars": mark("stars"),
    "tickets": mark("tickets"),
    "count": mark("count"),
    "number": mark("plain number"),
    "money": mark("money, in one currency"),
}
# What has to be brought in before an indicator says anything, by fact table.
NEEDS = {
    "answers": mark("It needs answers to a survey question of this kind."),
    "messages": mark("It needs survey invitations: when each was sent, opened and answered."),
    "mentions": mark("It needs reviews with stars."),
    "contacts": mark("It needs calls or chats: when each was queued, answered and ended."),
    "tickets": mark("It needs tickets: when each was opened, answered and resolved."),
    "ticket_events": mark("It needs the messages of tickets, each with its moment and author."),
    "promises": mark("It needs deadlines that customers were given: when each was due, and when it was kept."),
    "events": mark("It needs events: what happened in the shop, app or site, and when."),
    "orders": mark("It needs orders: when each was placed, by whom, and what it was worth."),
    "subscriptions": mark("It needs subscriptions: what each costs a month, since when and until when."),
    "cases": mark("It needs follow-ups: when each was raised, first answered and closed."),
    "customers": mark("It needs customers: since when each is one."),
}
# Details worth a line on the page: name, and how to write it; times go with indicators of time only, amounts with money.
MONEY = {
    "mrr_start": (mark("At the start"), "money"),
    "new": (mark("New"), "money"),
    "expansion": (mark("Expansion"), "money"),
    "reactivation": (mark("Came back"), "money"),
    "contraction": (mark("Contraction"), "money"),
    "churn": (mark("Lost"), "money"),
    "net_new": (mark("Change in all"), "money"),
    "paying_end": (mark("Customers who pay"), "count"),
    "arpa": (mark("Average revenue per account"), "money"),
    "median": (mark("Median"), "money"),
    "monthly_churn": (mark("Revenue churn a month"), "share"),
    "horizon": (mark("Within the horizon"), "money"),
    "discounted_infinite": (mark("Without end, discounted"), "money"),
    "simple": (mark("Margin over churn"), "money"),
    "mrr": (mark("Revenue of customers with a probability"), "money"),
    "share": (mark("Share at risk"), "share"),
    "hard": (mark("Of customers at high risk"), "money"),
    "untold": (mark("Left out: without a probability"), "count"),
}
DETAILS = {
    "starting": (mark("Customers at the start"), "count"),
    "ending": (mark("Customers at the end"), "count"),
    "new": (mark("New customers"), "count"),
    "reactivated": (mark("Came back"), "count"),
    "recovered_in_period": (mark("Left and came back in between"), "count"),
    "intra_period": (mark("Came and left in between"), "count"),
    "naive_end_over_start": (mark("Base growth: end over start"), "share"),
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
        (gettext("Unit"), gettext(UNITS[indicator.unit])),
        (gettext("Scale"), scale_of(indicator)),
        (gettext("Direction"), gettext(BETTER[indicator.better])),
        (gettext("Counted"), gettext(indicator.time)),
        (gettext("Interval"), gettext(indicator.interval)),
        (gettext("Test of a change"), gettext(indicator.test)),
        (gettext("A difference matters from"), materiality_of(indicator)),
        (gettext("Smallest sample to rely on"), words.count(indicator.minimum_n) if indicator.minimum_n else ""),
    ]
    return [(name, text) for name, text in lines if text]


def tag(indicator: Indicator, name: str) -> str:
    """Return the value of one of an indicator's classes; empty when it has none."""
    if name == "signal":
        return "yes" if indicator.signal else ""
    return str(getattr(indicator, name))


def tags_of(indicator: Indicator) -> list[tuple[str, str, str, str]]:
    """Return the classes of an indicator: filter, value, name and what it means."""
    found = [(name, tag(indicator, name)) for name in TAGS]
    return [
        (name, value, gettext(TAGS[name][1].get(value, value)), gettext(TAGS_ABOUT.get(value, "")))
        for name, value in found
        if value
    ]


def scale_of(indicator: Indicator) -> str:
    """Return from where to where a figure can go; empty when it has no ends."""
    low, high = (None if end is None else words.mark_on_scale(end, indicator) for end in indicator.range)
    if low is not None and high is not None:
        return gettext("from {low} to {high}").format(low=low, high=high)
    if low is not None:
        return gettext("from {low} up").format(low=low)
    return "" if high is None else gettext("up to {high}").format(high=high)


def materiality_of(indicator: Indicator) -> str:
    """Return how large a difference must be to matter; empty when an indicator has no test."""
    share = indicator.unit == "share" or indicator.relative_materiality
    number = format_decimal(indicator.materiality * (100 if share else 1), locale=words.locale())
    if indicator.relative_materiality:
        return gettext("{number}% of the earlier figure").format(number=number)
    return gettext("{number} percentage points").format(number=number) if share else number


def options_of(indicator: Indicator) -> list[dict[str, str]]:
    """Return the variants of an indicator as a person reads them."""
    return [
        {
            "name": name,
            "about": gettext(option.about),
            "default": _plain(option.default),
            "choices": ", ".join(_plain(choice) for choice in option.choices or ()),
        }
        for name, option in indicator.options.items()
    ]


def _plain(value: Any) -> str:
    if value is None or value == "":
        return "–"
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def facts_of(indicator: Indicator) -> dict[str, Any]:
    """Return what an indicator is made of and how to bring it in: words, table, metrics, command and REST path."""
    return {
        "needs": gettext(NEEDS[indicator.table]),
        "table": indicator.table,
        "metrics": list(getattr(indicator, "metrics", ())),
        "command": f"percorso import {indicator.table} FILE.csv",
        "path": f"/api/v1/facts/{indicator.table}",
    }


def details_of(cell: Cell, indicator: Indicator) -> list[tuple[str, str]]:
    """Return the further numbers of a figure that a reader wants."""
    lines = []
    money = indicator.unit == "money"
    counted, of = cell.details.get("numerator"), cell.details.get("denominator")
    if isinstance(counted, int) and isinstance(of, int) and cell.currency is None:
        text = gettext("{counted} of {all}").format(counted=words.count(counted), all=words.count(of))
        lines.append((gettext("Cases"), text))
    for name, (label, how) in (MONEY if money else DETAILS).items():
        number = cell.details.get(name)
        if not isinstance(number, (int, float)) or isinstance(number, bool) or (how == "count" and number == 0):
            continue
        if (how in ("scale", "seconds")) and (how == "seconds") != (indicator.unit == "seconds"):
            continue
        lines.append((gettext(label), _written(number, how, cell.currency)))
    return lines


def _written(number: Any, how: str, currency: str | None) -> str:
    return words.count(round(number)) if how == "count" else format_value(number, how, language(), currency=currency)
