"""The tabs of one survey, the same on all of its pages."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from percorso.accounts.models import Membership
from percorso.i18n import mark
from percorso.surveys.models import Survey

# Address, label, what a role must allow.
TABS = (
    ("survey", mark("Results"), "see"),
    ("survey_answers", mark("Answers"), "personal"),
    ("survey_edit", mark("Questions"), "edit"),
    ("survey_send", mark("Send"), "edit"),
    ("survey_share", mark("Link and site"), "edit"),
    ("survey_settings", mark("Settings"), "edit"),
)


def tabs_of(survey: Survey, here: str, membership: Membership) -> list[dict[str, Any]]:
    """Return the tabs that the person's role allows; `here` is the name of the current one."""
    return [
        {
            "label": gettext(label),
            "href": reverse(name, args=[survey.workspace.slug, survey.slug]),
            "current": name == here,
        }
        for name, label, what in TABS
        if membership.may(what)
    ]
