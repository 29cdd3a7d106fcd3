"""A survey of every kind of question, and people who answer it."""

from typing import Any
from uuid import uuid4

from percorso.accounts.models import Workspace
from percorso.base import fact_outbox
from percorso.surveys.answering import Coming, begin, save_page
from percorso.surveys.flow import step_after
from percorso.surveys.models import Invitation, Response, Survey, Version

OPTIONS = [{"id": "fast", "text": {"en": "Fast", "it": "Veloce"}}, {"id": "kind", "text": {"en": "=Kind"}}]
EVERYTHING: dict[str, Any] = {
    "languages": ["en", "it"],
    "title": {"en": "How are we doing?"},
    "pages": [
        {"id": "score", "questions": [
            {"id": "nps", "type": "nps", "required": True, "metric": "nps", "text": {"en": "Recommend?"}},
            {"id": "service", "type": "nps", "metric": "nps", "aspect": "service", "text": {"en": "Our service?"}},
        ]},
        {"id": "why", "show_if": {"question": "nps", "at_most": 8}, "questions": [
            {"id": "why", "type": "text", "text": {"en": "Why {nps}?"}}]},
        {"id": "more", "questions": [
            {"id": "best", "type": "choice", "text": {"en": "What is best?"}, "settings": {"options": OPTIONS, "other": True}},
            {"id": "used", "type": "choices", "text": {"en": "What do you use?"}, "settings": {"options": OPTIONS}},
            {"id": "grid", "type": "matrix", "text": {"en": "Rate these"}, "settings": {
                "rows": [{"id": "app", "text": {"en": "App"}}, {"id": "shop", "text": {"en": "Shop"}}],
                "columns": [{"id": "bad", "text": {"en": "Bad"}, "score": 1}, {"id": "good", "text": {"en": "Good"}, "score": 2}]}},
            {"id": "order", "type": "ranking", "text": {"en": "Order these"}, "settings": {
                "items": [{"id": "price", "text": {"en": "Price"}}, {"id": "speed", "text": {"en": "Speed"}}]}},
            {"id": "minutes", "type": "number", "text": {"en": "How many minutes?"}},
            {"id": "day", "type": "date", "text": {"en": "When?"}},
            {"id": "agreed", "type": "consent", "text": {"en": "May we call?"}},
        ]},
    ],
    "quotas": [{"id": "happy", "when": {"question": "nps", "at_least": 9}, "limit": 50}],
}  # fmt: skip


def everything(workspace: Workspace, content: dict[str, Any] = EVERYTHING, **more: Any) -> Survey:
    """Make a live survey; its slug is its own unless one is given, for facts of all tests lie in one store."""
    slug = more.pop("slug", "") or f"s-{uuid4().hex[:12]}"
    survey = Survey.objects.create(workspace=workspace, name="How are we doing?", slug=slug, draft=content, **more)
    survey.live = Version.objects.create(survey=survey, number=1, content=content)
    survey.state = Survey.State.LIVE
    survey.save()
    return survey


def answer(
    survey: Survey, invitation: Invitation | None = None, *, pages: int = 99, channel: str = "link", language: str = "en",
    loaded: bool = True, **answers: Any,
) -> Response:  # fmt: skip
    """Answer page by page, `pages` at most; the facts are loaded."""
    response = begin(survey, Coming(channel=channel, language=language), invitation)
    page = None
    for _ in range(pages):
        step = step_after(response.version.definition, response.answers, response.traits, response.key, page)
        if step is None:
            break
        given = {q.id: answers[q.id] for q in step.questions if q.id in answers}
        save_page(response, step, given, invitation)
        response = Response.objects.get(key=response.key)
        page = step.page.id
    if loaded:
        fact_outbox.load()
    return response
