"""The editor with script switched off: a survey of every type is built, given logic, translated, published and answered."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from percorso.accounts.models import Workspace
from percorso.surveys.models import Response, Survey
from percorso.surveys.question import QUESTIONS
from tests.app.respondents import link
from tests.web.browser import browsing, chromium, sign_in

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, live_server: Any, alice: Client, members: Workspace) -> Iterator[Page]:
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, locale="en", viewport={"width": 1440, "height": 900}
    )
    opened = context.new_page()
    opened.set_default_timeout(8000)
    sign_in(opened, live_server.url, alice)
    yield opened
    context.close()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).last.click()


def add(page: Page, kind: str, text: str) -> None:
    """Add a question of a type behind the one that is shown, and write its text and its options."""
    page.locator(".outline-add summary").click()
    page.locator(f"button[value='add-question:{kind}']").click()
    page.get_by_label("Question", exact=True).fill(text)
    for setting in ("options", "items", "rows", "columns"):
        for word in ("Price", "Speed"):
            button = page.locator(f"button[value='add-item:{setting}']")
            if button.count():
                button.click()
                page.locator(f"[name^='s.{setting}.'].piece-words").last.fill(f"{word} of {kind}")
    save(page)


def test_a_survey_of_every_type_is_built_translated_published_and_answered(page: Page) -> None:
    page.goto("/w/acme/surveys/new/")
    page.get_by_role("link", name="A blank survey").click()
    page.get_by_label("Name").fill("Everything")
    page.locator("main form button.btn-primary").click()
    for kind in QUESTIONS:
        add(page, kind, f"About {kind}?")
    survey = Survey.objects.get(slug="everything")
    asked = {q.type: q for q in survey.definition.questions()}
    assert list(asked) == list(QUESTIONS)
    assert [q.text["en"] for q in asked.values()] == [f"About {kind}?" for kind in QUESTIONS]
    assert [o.text["en"] for o in asked["choices"].config.options] == ["Price of choices", "Speed of choices"]

    # Another page, with logic about the first; the order by its buttons.
    page.get_by_role("button", name="Page", exact=True).click()
    add(page, "text", "Why so low?")
    page.get_by_role("button", name="Add a condition").click()
    page.locator("select[name$='about']").select_option("nps")
    page.get_by_role("button", name="Show", exact=True).first.click()
    page.locator("select[name$='test']").select_option("at_most")
    page.get_by_role("button", name="Show", exact=True).first.click()
    page.locator("input[name$='high']").fill("6")
    save(page)
    survey.refresh_from_db()
    assert survey.definition.pages[1].questions[0].show_if.model_dump(exclude_none=True) == {
        "question": "nps",
        "at_most": 6.0,
    }

    # Moved by its buttons; a copy is taken away and comes back; quotas; the words of the end.
    page.get_by_role("button", name="Duplicate").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("link", name="Page 2").click()
    page.get_by_label("Title", exact=True).fill("One more thing")
    save(page)
    page.get_by_role("link", name="Quotas").click()
    page.get_by_role("link", name="Add a quota").click()
    page.get_by_label("Enough answers").fill("50")
    page.get_by_role("button", name="Add a condition").click()
    page.locator("select[name$='about']").select_option("nps")
    page.get_by_role("button", name="Show", exact=True).last.click()
    page.get_by_label("9", exact=True).check()
    save(page)
    page.get_by_role("link", name="Thanks").click()
    page.locator("textarea[name='t.thanks']").fill("Bye")
    save(page)

    # Side by side in Italian, with what is missing marked.
    page.get_by_role("link", name="Translations").click()
    page.get_by_label("Add a language").select_option("it")
    page.get_by_role("button", name="Add a language").click()
    page.locator("textarea[name='x.q.nps.text']").fill("Ci consiglieresti?")
    save(page)
    expect(page.locator("textarea[name='x.q.nps.text']")).to_have_value("Ci consiglieresti?")
    expect(page.get_by_text("texts are missing")).to_be_visible()

    page.get_by_role("link", name="Questions").first.click()
    expect(page.frame_locator("iframe").get_by_text("About nps?")).to_be_visible()
    page.get_by_role("link", name="Publish", exact=False).first.click()
    page.locator("main form button.btn-primary", has_text="Publish").click()
    expect(page.get_by_text("Published as version 1")).to_be_visible()

    survey.refresh_from_db()
    assert [len(p.questions) for p in survey.definition.pages] == [len(QUESTIONS), 1]
    assert survey.definition.quotas[0].model_dump(exclude_none=True) == {
        "id": "quota",
        "when": {"question": "nps", "among": ["9"]},
        "limit": 50,
    }
    page.goto(f"{link(survey)}?lang=it")
    expect(
        page.get_by_role("group", name="Ci consiglieresti?").or_(
            page.get_by_role("radiogroup", name="Ci consiglieresti?")
        )
    ).to_be_visible()
    page.locator("input[name=nps][value='3']").check(force=True)
    page.locator(".buttons .button").first.click()
    expect(page.get_by_role("heading", name="One more thing")).to_be_visible()
    page.locator("textarea").fill("Slow")
    page.locator(".buttons .button").first.click()
    expect(page.get_by_text("Bye")).to_be_visible()
    assert Response.objects.get().answers["text_2"] == "Slow"
