"""Surveys that are open, and people who answer them without an account."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.surveys.models import Invitation, Survey, Version
from percorso.surveys.tokens import token_of

NPS: dict[str, Any] = {
    "languages": ["en", "pt-BR", "it"],
    "title": {"en": "How are we doing?", "pt-BR": "Como estamos indo?", "it": "Come stiamo andando?"},
    "thanks": {"en": "Thank you, that helps {company}.", "pt-BR": "Obrigado, isso ajuda {company}."},
    "pages": [
        {
            "id": "score",
            "questions": [
                {"id": "nps", "type": "nps", "required": True, "metric": "nps",
                 "text": {"en": "How likely are you to recommend {company}?", "pt-BR": "Você recomendaria {company}?", "it": "Consiglieresti {company}?"}},
            ],
        },
        {
            "id": "why", "show_if": {"question": "nps", "at_most": 8},
            "questions": [{"id": "why", "type": "text", "text": {"en": "Why {nps}, {customer.name|friend}?", "pt-BR": "Por que {nps}, {customer.name|amigo}?"}}],
        },
    ],
}  # fmt: skip


def open_survey(workspace: Workspace, content: dict[str, Any] | None = None, **more: Any) -> Survey:
    """Make a survey that is live."""
    content = content or NPS
    survey = Survey.objects.create(workspace=workspace, name="NPS", slug=more.pop("slug", "nps"), draft=content, **more)
    survey.live = Version.objects.create(survey=survey, number=1, content=content)
    survey.state = Survey.State.LIVE
    survey.save()
    return survey


def invite_one(survey: Survey, **more: Any) -> Invitation:
    """Make an invitation that was sent just now."""
    now = timezone.now()
    usual = {"customer": "c1", "address": "marina@example.com", "name": "Marina", "channel": "email", "state": "sent"}
    times = {"send_at": now, "sent_at": now, "expires_at": now + timedelta(days=30)}
    return Invitation.objects.create(survey=survey, **{**usual, **times, **more})


class Respondent:
    """Somebody with a link and a browser that keeps no cookies and runs no script."""

    def __init__(self, path: str, **headers: str) -> None:
        self.client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True, headers=headers or None)
        self.page: HttpResponse
        self.path = path
        self.get(path)

    def get(self, path: str) -> HttpResponse:
        """Open an address."""
        return self._seen(self.client.get(path), path)

    def fields(self) -> dict[str, str]:
        """What the page's hidden fields bring back."""
        found = re.findall(r'<input type="hidden" name="(_\w+)" value="([^"]*)"', self.text)
        return {name: unescape(value) for name, value in found}

    def send(self, **answers: Any) -> HttpResponse:
        """Press Send (or what `_go`, `_language` name) with these answers, and follow to the next page."""
        sent = self.client.post(self.action, {**self.fields(), **answers})
        self.status = sent.status_code
        if sent.status_code == 303:
            return self.get(sent.headers["Location"])
        return self._seen(sent, self.action)

    def _seen(self, page: Any, path: str) -> HttpResponse:
        self.page, self.path, self.text = page, path, unescape(page.content.decode())
        form = re.search(r'<form id="answers" method="post" action="([^"]+)"', page.content.decode())
        self.action = unescape(form[1]) if form else path
        assert not page.cookies, "no page of a survey sets a cookie"
        return page


def link(survey: Survey) -> str:
    """The address for anybody."""
    return f"/s/{survey.key}/"


def personal(invitation: Invitation) -> str:
    """The address of one invitation."""
    return f"/s/{invitation.survey.key}/i/{token_of(invitation)}/"
