"""Collection plans as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext

from percorso.analytics.format import format_value
from percorso.analytics.result import Cell
from percorso.analytics.sampling import Arrival, Group, Weighted
from percorso.base import columns, words
from percorso.i18n import mark
from percorso.insights.figures import Figure, close_scale, figure_of
from percorso.insights.goals.shown import day, percent
from percorso.insights.models import PlanItem
from percorso.insights.plans.queries import Groups, Progress

STATES = {
    "waiting": (mark("Not begun"), "quiet"),
    "done": (mark("Enough answers"), "good"),
    "on_time": (mark("On its way"), "busy"),
    "late": (mark("Too slow"), "warn"),
    "short": (mark("Fell short"), "bad"),
}


@dataclass(frozen=True)
class ItemLine:
    """One item of a plan in its table."""

    item: PlanItem
    name: str
    experience: str
    segment: str
    asked: str
    answered: str
    needed: str
    invitations: str
    share: int
    state: str
    tone: str
    when: str
    figure: Figure
    precision: str
    weighted: str
    weighted_interval: str
    warning: str


def experience_of(item: PlanItem) -> str:
    """Return what is measured, in words."""
    if item.touchpoint:
        return columns.value_name("touchpoint", item.touchpoint)
    return item.survey or gettext("The whole relationship")


def line_of(found: Progress, groups: Groups | None) -> ItemLine:
    """Return what the table of a plan shows of an item."""
    item, answered = found.item, found.cell.n or 0
    state, tone = STATES[found.state]
    needed = found.needed.n if found.needed else None
    return ItemLine(
        item=item,
        name=gettext(found.indicator.label),
        experience=experience_of(item),
        segment=item.segment.name if item.segment else gettext("All customers"),
        asked=words.count(found.reach.asked),
        answered=words.count(answered),
        needed="–" if needed is None else words.count(needed),
        invitations=invitations_of(found),
        share=100 if not needed else min(100, round(100 * answered / needed)),
        state=gettext(state),
        tone=tone,
        when=_reason(found) or when_of(found.arrival),
        figure=figure_of(found.cell),
        precision=words.signed(item.precision, found.indicator).replace("+", "±"),
        weighted=words.value(groups.weighted.value if groups else None, found.indicator, found.cell.n),
        weighted_interval=weighted_interval(found, groups.weighted) if groups else "",
        warning=warning_of(groups) if groups else "",
    )


def _reason(found: Progress) -> str:
    return gettext(found.reason.message).format(**found.reason.params) if found.reason else ""


def invitations_of(found: Progress) -> str:
    """Return how many invitations all the answers need, and when there are not so many customers."""
    needed = found.needed
    if needed is None or needed.invitations is None:
        return ""
    text = gettext("{invitations} invitations").format(invitations=words.count(needed.invitations))
    if needed.feasible is False:
        return gettext("{invitations}: more than the {people} customers there are").format(
            invitations=text, people=words.count(found.population)
        )
    return text


def when_of(found: Arrival | None) -> str:
    """Return when the answers will be there."""
    if found is None or found.done:
        return ""
    if found.expected is None:
        return gettext("No answers in the last four weeks.")
    if found.early and found.late:
        return gettext("about {day} (between {early} and {late})").format(
            day=day(found.expected), early=day(found.early), late=day(found.late)
        )
    return gettext("about {day}").format(day=day(found.expected))


def weighted_interval(found: Progress, made: Weighted) -> str:
    """Return how sure the weighted figure is; empty without an interval."""
    if made.low is None or made.high is None:
        return ""
    low, high = (words.value(end, found.indicator, found.cell.n) for end in (made.low, made.high))
    return gettext("between {low} and {high}").format(low=low, high=high)


def warning_of(groups: Groups) -> str:
    """Return what to know about the weighted figure; empty when all is well."""
    made = groups.weighted
    if made.status == "empty_cell":
        return gettext("Nobody of “{group}” has answered, so nothing can be weighted. Ask there first.").format(
            group=_cell(groups, made.cell or "")
        )
    if made.status == "not_converged":
        return gettext("The groups of the two columns contradict each other in these answers. Use one column.")
    if made.differs:
        return gettext(
            "Raw and weighted figure differ by more than their interval: those who answer are not like all customers. Trust the weighted one, and ask the silent groups."
        )
    if made.uneven:
        return gettext("Few answers speak for many customers here (design effect {effect}).").format(
            effect=format_value(made.design_effect, "number", words.language())
        )
    return ""


def _cell(groups: Groups, cell: str) -> str:
    """Return the name of an empty group, as the weighting names it: its value, or column=value."""
    column, equals, value = cell.partition("=")
    if not equals:
        column, value = groups.columns[0], cell
    return columns.value_name(f"customer.{column}", None if value == "None" else value)


def rows_of(found: Progress, groups: Groups) -> list[dict[str, Any]]:
    """Return the groups of an item for its table: people, asked, answered, response, figure; the largest first."""
    people = sum(group.people for group in groups.groups)
    answers = sum(group.n for group in groups.groups)
    cells = [_cell_of(found, group) for group in groups.groups]
    scale = close_scale(found.indicator, cells)
    return [
        {
            "name": name_of(groups.columns, group.key),
            "people": words.count(group.people),
            "share": percent(group.people / people) if people else "–",
            "asked": words.count(group.asked),
            "not_asked": words.count(max(0, group.people - group.asked)),
            "answered": words.count(group.n),
            "answered_share": percent(group.n / answers) if answers else "–",
            "rate": "–" if group.rate is None else percent(group.rate),
            "silent": group in groups.silent,
            "figure": figure_of(cell, scale),
        }
        for group, cell in zip(groups.groups, cells, strict=True)
    ]


def _cell_of(found: Progress, group: Group) -> Cell:
    status = "ok" if group.n >= found.indicator.minimum_n else "low_sample" if group.n else "no_data"
    return replace(found.cell, value=group.value, low=group.low, high=group.high, n=group.n, status=status, by={})


def name_of(names: Sequence[str], key: tuple[Any, ...]) -> str:
    """Return the name of a group."""
    return " · ".join(columns.value_name(f"customer.{name}", value) for name, value in zip(names, key, strict=True))


def silent_words(groups: Groups) -> str:
    """Return which groups answer much less than others; empty when none does."""
    if not groups.silent:
        return ""
    return gettext("These groups answer less than half as often as the one that answers most: {groups}.").format(
        groups=", ".join(name_of(groups.columns, group.key) for group in groups.silent)
    )
