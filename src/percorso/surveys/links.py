"""Addresses of surveys as people outside see them."""

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from percorso.surveys.models import Invitation, Survey
from percorso.surveys.tokens import token_of


def open_link(survey: Survey, **told: str) -> str:
    """Return the address that anybody may answer at. `told` is kept with the response: ``channel="qr"``, a place …"""
    return _public(reverse("survey_open", args=[survey.key])) + (f"?{urlencode(told)}" if told else "")


def personal_link(invitation: Invitation, **answers: object) -> str:
    """Return the address of one invitation; a value of a question in it is preselected, and stored by nobody."""
    path = reverse("survey_personal", args=[invitation.survey.key, token_of(invitation)])
    return _public(path) + (f"?{urlencode(answers)}" if answers else "")


def kiosk_link(survey: Survey, **told: str) -> str:
    """Return the address of a device that stands somewhere and asks whoever comes by."""
    return _public(reverse("survey_kiosk", args=[survey.key])) + (f"?{urlencode(told)}" if told else "")


def _public(path: str) -> str:
    return str(settings.PUBLIC_URL) + path
