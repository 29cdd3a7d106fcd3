"""Pages of the contact policy and of unsubscribing in a browser: axe, a phone, the keyboard, no script."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser

from percorso.accounts.models import Workspace
from percorso.customers.consent import record_consent
from percorso.outreach import contact
from percorso.outreach.models import ContactPolicy, Refusal, Suppression
from percorso.outreach.unsubscribe import token_of
from tests.web.accessible import AXE, axe
from tests.web.browser import browsing, chromium, opened, sign_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not (AXE.exists() and chromium()), reason="needs the development assets and Chromium"),
]
SETTINGS = "/w/acme/settings/contact/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def pages(members: Workspace) -> dict[str, list[str]]:
    """Addresses of pages that have something to show: public ones, and those of somebody signed in."""
    ContactPolicy.objects.create(
        workspace=members, channels={"email": {"most": 1, "days": 7}}, needs_consent=["campaign"]
    )
    contact.suppress(members, "ana@x.test", purpose="campaign", because="by_hand", by="Alice")
    contact.suppress(members, "bob@x.test", because="paused", by="Bob", until=timezone.now() + timedelta(days=9))
    record_consent(members, "ana@x.test", "survey", given=True, proof={"words": "I agree"}, by="shop", customer="c1")
    Refusal.objects.create(workspace=members, channel="email", purpose="survey", address="ana@x.test", because="gap")
    ana, bob = (token_of(members, "email", f"{name}@x.test", "survey") for name in ("ana", "bob"))
    public = [f"/u/{ana}/", f"/u/{ana}/preferences/", f"/u/{bob}/preferences/", "/u/nothing/"]
    known = [SETTINGS, f"{SETTINGS}refusals/", f"{SETTINGS}suppressed/", "/w/acme/customers/c1/"]
    return {"public": public, "known": known}


@pytest.mark.parametrize(("theme", "language"), [("light", "en"), ("dark", "it"), ("light", "pt-br")])
def test_nothing_serious_and_nothing_too_wide(
    theme: str, language: str, pages: dict[str, list[str]], browser: Browser, live_server: Any, alice: Client
) -> None:
    found: dict[str, Any] = {}
    for kind, paths in pages.items():
        with opened(browser, live_server.url, language, theme=theme, width=360, height=780) as (page, _):
            if kind == "known":
                sign_in(page, live_server.url, alice)
            for path in paths:
                page.goto(path)
                page.wait_for_load_state("networkidle")
                if grave := axe(page):
                    found[path] = grave
                if (width := page.evaluate("document.documentElement.scrollWidth")) > 360:
                    found[f"{path} wide"] = width
    assert found == {}


def test_by_keyboard_alone_and_without_script(browser: Browser, live_server: Any, pages: dict[str, list[str]]) -> None:
    bare = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = bare.new_page()
    page.goto(pages["public"][0])
    page.get_by_role("button", name="Unsubscribe").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    assert Suppression.objects.filter(address="ana@x.test", purpose="survey", because="unsubscribed").exists()
    page.get_by_role("link", name="It was a mistake").focus()
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="Surveys").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save").press("Enter")
    page.get_by_text("Your choice is saved.").wait_for()
    assert contact.suppressed(Suppression.objects.first().workspace, "email", "survey", "ana@x.test") == ""
    assert bare.cookies() == []
    bare.close()


def test_an_owner_tries_a_policy_and_lifts_an_entry(
    browser: Browser, live_server: Any, alice: Client, pages: dict[str, list[str]]
) -> None:
    with opened(browser, live_server.url) as (page, _):
        sign_in(page, live_server.url, alice)
        page.goto(SETTINGS)
        page.get_by_label("Messages at most, over all channels").fill("1")
        page.get_by_role("button", name="Try it on the last 90 days").click()
        page.get_by_role("heading", name="Tried, not saved").wait_for()
        page.goto(f"{SETTINGS}suppressed/")
        page.get_by_role("button", name="Lift bob@x.test").click()
        dialog = page.get_by_role("dialog")
        assert axe(page) == []
        dialog.get_by_label("Reason").fill("asked for it")
        dialog.get_by_role("button", name="Lift").click()
        page.get_by_text("The address may be written to again.").wait_for()
    assert not Suppression.objects.filter(address="bob@x.test").exists()
