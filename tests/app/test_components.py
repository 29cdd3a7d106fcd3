"""The components in a real Chromium: palette, dialogs, toasts, menus, progress, by keyboard and on a phone."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from percorso.accounts.actions import notify
from percorso.accounts.models import Person, Workspace
from percorso.base import jobs
from percorso.base.models import Job
from percorso.i18n import mark
from tests.web.browser import browsing, chromium, opened, sign_in

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")


@jobs.job("test_components", mark("Jobs"))
def _work(row: Job) -> None:
    """Do nothing."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, live_server: Any, alice: Client) -> Iterator[Page]:
    with opened(browser, live_server.url) as (page, complaints):
        sign_in(page, live_server.url, alice)
        yield page
        assert complaints.console == []
        assert complaints.hosts == set()


def test_the_palette_leads_anywhere_by_keyboard(page: Page) -> None:
    page.goto("/w/acme/notices/")
    page.evaluate("window.stayed = true")
    page.keyboard.press("Control+k")
    text = page.get_by_role("combobox", name="Search")
    expect(text).to_be_focused()
    found = page.get_by_role("listbox").get_by_role("option")
    expect(found.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_have_attribute("id", "found-2")
    expect(text).to_have_attribute("aria-activedescendant", "found-2")

    page.keyboard.type("sett")
    expect(found.first).to_contain_text("Settings")
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/acme/settings/**")
    expect(page.locator("#palette")).to_be_hidden()
    assert page.evaluate("window.stayed") is True


def test_the_palette_closes_by_escape_and_tells_when_there_is_nothing(page: Page) -> None:
    page.goto("/w/acme/notices/")
    page.keyboard.press("/")
    page.keyboard.type("qqqq")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_without_script_the_search_is_a_page(browser: Browser, live_server: Any, alice: Client) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=live_server.url)
    page = context.new_page()
    sign_in(page, live_server.url, alice)
    page.goto("/w/acme/notices/")
    page.locator(".search-button").click()
    page.get_by_role("searchbox").fill("sett")
    page.get_by_role("button", name="Search", exact=True).click()
    page.locator(".found").get_by_role("link", name="Settings Page").click()
    assert "/w/acme/settings/" in page.url
    context.close()


def test_help_opens_beside_the_page_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/w/acme/jobs/")
    opener = page.locator(".sidebar").get_by_text("Help", exact=True)
    opener.click()
    expect(page.get_by_role("dialog", name="Jobs")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("?")
    page.get_by_role("link", name="All help").click()
    page.wait_for_url("**/help/")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_dialog_opens_and_closes(page: Page) -> None:
    page.goto("/components/")
    page.get_by_role("button", name="Remove …").click()
    dialog = page.get_by_role("dialog", name="Remove the import?")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Remove …")).to_be_focused()


def test_what_was_done_is_said_once(page: Page) -> None:
    job = jobs.enqueue("test_components", workspace="acme")
    Job.objects.filter(pk=job.pk).update(state="done")
    page.goto("/w/acme/jobs/")
    page.get_by_role("button", name="Run again").click()
    toast = page.locator("#toasts").get_by_text("The job runs again.")
    expect(toast).to_be_visible()
    page.locator("#toasts").get_by_role("button", name="Close").click()
    expect(toast).to_be_hidden()
    page.reload()
    expect(toast).to_be_hidden()


def test_a_notice_is_opened_and_counted(page: Page, members: Workspace, alice_person: Person) -> None:
    notify([alice_person], members, mark("Jobs"), {}, href="/w/acme/jobs/")
    page.goto("/w/acme/notices/")
    expect(page.locator(".unread")).to_have_text("1 unread", use_inner_text=False)
    page.locator(".notice-open").click()
    page.wait_for_url("**/w/acme/jobs/")
    expect(page.locator(".unread")).to_have_count(0)


def test_the_person_menu_stays_inside_of_the_screen(page: Page) -> None:
    for width, height in ((1440, 900), (360, 780)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto("/w/acme/jobs/")
        if width < 992:
            page.get_by_role("button", name="Menu").click()
        page.locator(".person").click()
        for name in ("Sign out",):
            box = page.get_by_role("button", name=name).bounding_box()
            assert box is not None
            assert 0 <= box["x"] <= box["x"] + box["width"] <= width
            assert 0 <= box["y"] <= height


def test_signing_out_ends_the_session(page: Page) -> None:
    page.goto("/w/acme/jobs/")
    page.locator(".person").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/**")
    page.goto("/w/acme/jobs/")
    assert "/accounts/login/" in page.url


@pytest.mark.parametrize("path", ["/components/", "/w/acme/jobs/", "/w/acme/notices/", "/help/", "/w/acme/find/?q=c"])
@pytest.mark.parametrize("width", [360, 1440, 2560])
def test_nothing_is_wider_than_the_screen(path: str, width: int, page: Page) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") == width
