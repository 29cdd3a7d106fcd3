"""Forms in a real Chromium: what is sent, how often, and what stands in them afterwards."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from percorso.base.worker import run_all
from tests.web.browser import browsing, chromium, opened, sign_in

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")

INDICATORS = "/w/acme/indicators/"
CSAT = f"{INDICATORS}csat/"


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


@pytest.fixture
def sent(page: Page) -> list[str]:
    """The addresses of searches that the page has asked for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "q=" in request.url else None)
    return asked


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(200)


def test_enter_in_a_search_field_sends_its_form_once(page: Page, sent: list[str]) -> None:
    page.goto(INDICATORS)
    search = page.get_by_role("searchbox", name="Search indicators")
    search.press_sequentially("satisf")
    search.press("Enter")
    page.wait_for_url("**q=satisf**")
    settle(page)
    assert len(sent) == 1
    search.fill("satisfaction")
    search.press("Enter")
    page.wait_for_url("**q=satisfaction**")
    settle(page)
    assert len(sent) == 2


def test_leaving_a_search_field_sends_its_form_once(page: Page, sent: list[str]) -> None:
    page.goto(INDICATORS)
    search = page.get_by_role("searchbox", name="Search indicators")
    search.press_sequentially("satisf")
    search.press("Tab")
    page.wait_for_url("**q=satisf**")
    settle(page)
    assert len(sent) == 1


def test_a_choice_is_not_carried_to_the_next_page(page: Page) -> None:
    page.goto(INDICATORS)
    page.get_by_label("Where from").select_option("service")
    page.wait_for_url("**family=service**")
    expect(page.get_by_label("Where from")).to_have_value("service")
    page.get_by_role("link", name="Clear").click()
    page.wait_for_url(lambda url: "family" not in url)
    expect(page.get_by_label("Where from")).to_have_value("")


def test_a_page_is_shown_although_what_asked_for_it_has_left(page: Page) -> None:
    """As when another answer takes a link away that has just been clicked."""
    page.goto(INDICATORS + "?family=service")
    page.get_by_role("link", name="Clear").evaluate("link => { link.click(); link.remove(); }")
    page.wait_for_url(lambda url: "family" not in url)
    settle(page)
    expect(page.get_by_label("Where from")).to_have_value("")


def test_a_choice_is_not_carried_to_another_select(page: Page) -> None:
    """Two columns side by side: with the first chosen there is one more select on the page."""
    page.goto(CSAT)
    page.locator("select[name=by]").select_option("customer.country")
    page.wait_for_url("**by=customer.country**")
    settle(page)
    assert page.locator("select[name=grain]").input_value() == ""
    assert page.locator("select[name=by]").input_value() == "customer.country"
    assert page.locator("select[name=then]").input_value() == ""
    page.locator("select[name=then]").select_option("channel")
    page.wait_for_url("**then=channel**")
    settle(page)
    assert page.locator("select[name=grain]").input_value() == ""
    assert page.locator("select[name=by]").input_value() == "customer.country"
    assert page.locator("select[name=then]").input_value() == "channel"


@pytest.mark.parametrize("path", [INDICATORS, CSAT, "/w/acme/customers/", "/w/acme/value/forecast/"])
def test_every_select_that_sends_its_form_has_a_name_of_its_own(page: Page, path: str) -> None:
    page.goto(path)
    ids = page.eval_on_selector_all("select[data-submits]", "all => all.map((one) => one.id)")
    assert "" not in ids
    assert len(ids) == len(set(ids))


def test_a_preview_of_an_alert_appears_by_itself(page: Page) -> None:
    page.goto("/w/acme/alerts/watches/new/?alert=change")
    page.get_by_label("Customer Satisfaction Score").check()
    page.get_by_role("button", name="Preview on the past").click()
    expect(page.get_by_role("heading", name="The preview is being made")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_disabled()
    expect(page.get_by_label("Net Promoter Score", exact=True)).to_be_hidden()  # only what is looked at is shown
    run_all()
    expect(page.get_by_role("heading", name="In the last 12 months")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_enabled()
    expect(page.locator("input[name=indicators][value=csat]")).to_be_checked()
    expect(page.get_by_role("button", name="Switch on")).to_be_visible()


def test_a_preview_of_an_alert_can_be_stopped(page: Page) -> None:
    page.goto("/w/acme/alerts/watches/new/?alert=change")
    page.get_by_role("button", name="Preview on the past").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="The preview was stopped")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_enabled()
