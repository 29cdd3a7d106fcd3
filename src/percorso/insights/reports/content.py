"""What an issue holds: everything that is shown, written in its language, with the versions of the definitions."""

from collections.abc import Collection
from copy import copy
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils import translation
from django.utils.translation import gettext

from percorso.accounts.models import Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.base import words
from percorso.insights.boards.cards import cards_of
from percorso.insights.boards.queries import ask, own_choice
from percorso.insights.boards.shown import shown, withheld
from percorso.insights.forms import Choice
from percorso.insights.models import Report, ReportIssue
from percorso.insights.views.around import compared_with

Content = dict[str, Any]


def content_of(report: Report, first_day: date, last_day: date, language: str) -> Content:
    """Return what an issue of these days shows, as JSON; the figures are those of now."""
    board, workspace = report.board, report.workspace
    with translation.override(language):
        choice = choice_on(report, first_day, last_day)
        cards = cards_of(board)
        return {
            "board": board.name,
            "about": board.about,
            "workspace": workspace.name,
            "days": words.days(choice.period),
            "before_days": words.days(choice.before) if choice.before else "",
            "compared": compared_with(choice) if choice.compare else "",
            "segment": choice.within.name if choice.within else "",
            "time_zone": workspace.time_zone,
            "link": _link(choice),
            "cards": shown(cards, ask(workspace, cards, choice), choice),
        }


def choice_on(report: Report, first_day: date, last_day: date) -> Choice:
    """Return the board's comparison and segment with an issue's days."""
    given = QueryDict(mutable=True)
    days = {"period": "custom", "from": words.iso(first_day), "to": words.iso(last_day)}
    given.update(own_choice(report.board) | days)
    return Choice.read(given, report.workspace)


def versions_of(report: Report) -> dict[str, int]:
    """Return the version of the definition of each indicator on the report's board."""
    keys = {key for card in cards_of(report.board) for key in card.indicators}
    return {key: INDICATORS[key].version for key in sorted(keys)}


def names_customers(issue: ReportIssue) -> bool:
    """Whether a card of an issue tells who customers are."""
    return any(card["personal"] for card in issue.content["cards"])


def readers_of_names(workspace: Workspace, emails: Collection[str]) -> set[str]:
    """Return whose role shows personal data; an address that is no member's is not among them."""
    rows = workspace.memberships.filter(person__is_active=True, person__email__in=[e.lower() for e in emails])
    known = {row.person.email for row in rows.select_related("person") if row.may("personal")}
    return {email for email in emails if email.lower() in known}


def without_names(issue: ReportIssue) -> ReportIssue:
    """Return an issue as it is sent to those whom personal data is not for; nothing of it is kept."""
    read = copy(issue)
    with translation.override(issue.language):
        reason = gettext("This card names customers. It is only sent to members whose role shows personal data.")
        read.content = issue.content | {"cards": withheld(issue.content["cards"], False, reason)}
    return read


def _link(choice: Choice) -> str:
    """Return the query string that shows the same days on the board's page."""
    return choice.link(period="custom", compare=choice.compare or "none")
