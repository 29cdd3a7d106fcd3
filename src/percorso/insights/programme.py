"""What the pages of the programme share: the tabs of goals, benchmarks, collection plans and scorecards."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.base.find import Found, matches
from percorso.i18n import mark

TABS = (
    ("goals", mark("Goals")),
    ("benchmarks", mark("Benchmarks")),
    ("plans", mark("Collection plans")),
    ("scorecards", mark("Scorecards")),
)


def tabs(workspace: Workspace, here: str) -> list[dict[str, Any]]:
    """Return the tabs, the one of `here` as the current."""
    return [
        {"label": gettext(label), "href": reverse(name, args=[workspace.slug]), "current": name == here}
        for name, label in TABS
    ]


def found(membership: Membership, text: str) -> list[Found]:
    """Return the goals, collection plans and scorecards whose name fits what is searched."""
    if not text:
        return []
    workspace = membership.workspace
    things = [
        *(
            (gettext(INDICATORS[g.indicator].label), gettext("Goal"), "goal", g.pk, "flag")
            for g in workspace.goals.all()
            if g.indicator in INDICATORS
        ),
        *((plan.name, gettext("Collection plan"), "plan", plan.pk, "list") for plan in workspace.plans.all()),
        *((card.name, gettext("Scorecard"), "scorecard", card.pk, "star") for card in workspace.scorecards.all()),
    ]
    return [
        Found(name, kind, reverse(page, args=[workspace.slug, pk]), icon)
        for name, kind, page, pk, icon in things
        if matches(text, name, kind)
    ]
