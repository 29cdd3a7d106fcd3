"""The page of what arrives in a real Chromium: it renews itself, rests when told, and takes nothing from under a reader."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from percorso.sources.tracking import loader
from tests.sites import Site
from tests.web.browser import browsing, chromium, opened, sign_in

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")
LONGER_THAN_A_TURN = 4500


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, live_server: Any, site: Site, alice: Client) -> Iterator[Page]:
    with opened(browser, live_server.url) as (page, complaints):
        sign_in(page, live_server.url, alice)
        yield page
        assert complaints.console == []


def send(site: Site, event: str, **properties: Any) -> None:
    site.send("track", {"userId": "u1", "event": event, "properties": properties})
    loader.load()


def test_what_arrives_appears_by_itself(page: Page, site: Site) -> None:
    send(site, "Signed In", plan="gold")
    page.goto("/w/acme/arriving/")
    row = page.get_by_role("row", name="Signed In")
    row.get_by_text("1 property").press("Enter")
    expect(row.get_by_text("gold")).to_be_visible()
    send(site, "Order Completed")
    expect(page.get_by_role("row", name="Order Completed")).to_be_visible(timeout=10_000)
    # What somebody reads stays open.
    expect(row.get_by_text("gold")).to_be_visible()


def test_it_rests_when_told_by_keyboard(page: Page, site: Site) -> None:
    send(site, "Signed In")
    page.goto("/w/acme/arriving/")
    button = page.get_by_role("button", name="Stop renewing")
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    send(site, "Order Completed")
    page.wait_for_timeout(LONGER_THAN_A_TURN)
    expect(page.get_by_role("row", name="Order Completed")).to_have_count(0)
    button.press("Enter")
    expect(page.get_by_role("row", name="Order Completed")).to_be_visible(timeout=10_000)


def test_lines_are_copied_with_the_key_in_them(page: Page, site: Site) -> None:
    page.goto(f"/w/acme/sources/{site.source.pk}/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_text("A back end in Python").press("Enter")
    page.locator("details", has_text="A back end in Python").get_by_role("button", name="Copy").press("Enter")
    expect(page.get_by_text("Copied")).to_be_visible()
    assert site.source.key in page.evaluate("navigator.clipboard.readText()")
