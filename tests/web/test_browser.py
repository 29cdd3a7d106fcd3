"""The pages in a real Chromium, as people use them."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from percorso.accounts.models import Workspace
from tests.web.browser import LANGUAGES, Complaints, browsing, chromium, opened, sign_in

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")

OVERVIEW = "/w/acme/"
CSAT = "/w/acme/indicators/csat/"
WIDTHS = (360, 1440, 2560)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(live_server: Any, acme: Workspace) -> str:
    """The address of a running server with the small company."""
    return str(live_server.url)


Look = Callable[..., AbstractContextManager[tuple[Page, Complaints]]]


@pytest.fixture
def look(browser: Browser, site: str, alice: Client) -> Look:
    """Opens a page in which Alice is signed in; takes what `opened` takes."""

    @contextmanager
    def signed_in(*how: Any, **more: Any) -> Iterator[tuple[Page, Complaints]]:
        with opened(browser, site, *how, **more) as (page, complaints):
            sign_in(page, site, alice)
            yield page, complaints

    return signed_in


@pytest.fixture
def page(look: Look) -> Iterator[Page]:
    with look() as (page, complaints):
        yield page
        assert complaints.console == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_whole(look: Look, language: str, width: int, theme: str) -> None:
    with look(language, width, theme=theme) as (page, complaints):
        for path in (OVERVIEW, CSAT):
            page.goto(path)
            for figure in page.query_selector_all("figure[data-chart]"):
                figure.scroll_into_view_if_needed()
                figure.wait_for_selector("canvas")
            shown = page.evaluate(
                "() => ({lang: document.documentElement.lang, theme: document.documentElement.dataset.bsTheme,"
                " width: document.documentElement.scrollWidth, ground: getComputedStyle(document.body).backgroundColor})"
            )
            ground = "rgb(246, 247, 249)" if theme == "light" else "rgb(14, 16, 19)"
            assert shown == {"lang": language, "theme": theme, "width": width, "ground": ground}

    assert complaints.console == []
    assert complaints.hosts == set()


def test_the_chart_is_drawn_in_the_theme_and_has_a_table(page: Page) -> None:
    page.goto(CSAT)
    page.wait_for_selector("figure[data-drawn] canvas")

    ink = """() => { const c = document.querySelector('.plot canvas'), d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 200; return n }"""  # fmt: skip
    assert page.evaluate(ink) > 500

    page.get_by_text("Show as a table").click()
    expect(page.get_by_role("region", name="Series as a table").get_by_role("row")).to_have_count(14)


def test_the_chart_tells_a_step_when_pointed_at(page: Page) -> None:
    page.goto(CSAT)
    plot = page.locator(".plot")
    page.wait_for_selector("figure[data-drawn] canvas")
    plot.hover(position={"x": 400, "y": 150})

    expect(page.locator(".chart-tip-value")).to_contain_text("%")
    expect(page.locator(".chart-tip-interval")).to_contain_text("95% sure")


def test_a_filter_changes_the_page_without_loading_it_again(page: Page) -> None:
    page.goto(CSAT)
    page.evaluate("window.stayed = true")
    before = page.locator(".headline .figure-words").inner_text()

    page.get_by_text("Country", exact=True).first.click()
    page.get_by_role("checkbox", name="Italy").check()
    expect(page.locator(".headline .figure-words")).not_to_have_text(before)

    page.wait_for_url(f"**{CSAT}?customer.country=IT")
    assert page.evaluate("window.stayed") is True
    assert page.get_by_role("checkbox", name="Brazil").is_visible()  # the menu stays open for a second choice
    page.go_back()
    expect(page.locator(".headline .figure-words")).to_have_text(before, use_inner_text=True)


def test_the_period_is_kept_while_moving_around(page: Page) -> None:
    page.goto(OVERVIEW)
    page.get_by_text("Last 12 months").first.click()
    page.get_by_label("Last 90 days").check()
    page.wait_for_url("**/w/acme/?period=last_90_days")

    page.locator(".nav-list").get_by_text("Indicators").click()
    page.wait_for_url("**/indicators/?period=last_90_days")
    page.get_by_role("link", name="Customer Satisfaction Score", exact=True).click()
    page.wait_for_url(f"**{CSAT}?period=last_90_days")
    expect(page.get_by_role("heading", level=1)).to_have_text("Customer Satisfaction Score")
    assert page.title().startswith("Customer Satisfaction Score · Acme")


def test_chosen_days_can_be_asked_for(page: Page) -> None:
    page.goto(OVERVIEW)
    page.get_by_text("Last 12 months").first.click()
    page.get_by_label("First day").fill("2026-01-01")
    page.get_by_label("Last day").fill("2026-03-31")
    page.get_by_role("button", name="Show these days").click()

    page.wait_for_url("**/w/acme/?period=custom&from=2026-01-01&to=2026-03-31")
    expect(page.locator(".page-about")).to_contain_text("Jan 1")


def test_grain_and_breakdown_can_be_chosen(page: Page) -> None:
    page.goto(CSAT)
    page.get_by_label("Steps").select_option("quarter")
    page.wait_for_url("**?grain=quarter")
    page.locator("select[name=by]").select_option("customer.country")
    page.wait_for_url("**?grain=quarter&by=customer.country")

    expect(page.get_by_role("rowheader", name="Brazil")).to_be_visible()
    page.wait_for_selector("figure[data-drawn] canvas")


def test_everything_can_be_done_by_keyboard(page: Page) -> None:
    page.goto(OVERVIEW)
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Choose indicators")).to_be_focused()
    page.keyboard.press("Tab")
    summary = page.locator("#filters details.menu > summary").first
    expect(summary).to_be_focused()
    outline = "e => getComputedStyle(e).outlineStyle + parseFloat(getComputedStyle(e).outlineWidth)"
    assert summary.evaluate(outline) == "solid2"

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Last 12 months")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.wait_for_url("**/w/acme/?period=this_month")
    expect(summary).to_be_focused()

    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Last 90 days")).to_be_hidden()
    expect(summary).to_be_focused()


def test_every_control_can_be_reached_by_keyboard_and_shows_its_focus(page: Page) -> None:
    page.goto(CSAT)
    page.wait_for_load_state("networkidle")
    reached = []
    for _ in range(120):
        page.keyboard.press("Tab")
        at = page.evaluate(
            "() => { const e = document.activeElement, f = e.matches('[name=theme]') ? e.nextElementSibling : e;"
            " return e === document.body ? null : [e.tagName + '.' + (e.name || e.className || e.id),"
            " getComputedStyle(f).outlineStyle !== 'none'] }"
        )
        if at is None:
            break
        reached.append(at)
        if page.locator(".person-menu:not([open]) > summary:focus").count():
            page.keyboard.press("Enter")

    names = {name for name, _ in reached}
    assert {"SELECT.language", "INPUT.theme", "SELECT.grain", "SELECT.by", "SUMMARY.nav-entry person"} <= names
    assert [name for name, seen in reached if not seen] == []


def test_the_theme_is_remembered(page: Page) -> None:
    page.goto(OVERVIEW)
    page.locator(".sidebar-foot summary").click()
    page.locator("label[title=Dark]").click()
    theme = "() => document.documentElement.dataset.bsTheme"
    assert page.evaluate(theme) == "dark"

    page.goto(CSAT)
    assert page.evaluate(theme) == "dark"
    assert page.locator("input[name=theme][value=dark]").is_checked()
    page.locator(".sidebar-foot summary").click()
    page.locator("label[title='Like the system']").click()
    assert page.evaluate(theme) == "light"


def test_the_language_is_switched_where_one_is(page: Page) -> None:
    page.goto(f"{CSAT}?period=last_90_days")
    page.locator(".sidebar-foot summary").click()
    page.get_by_label("Language", exact=True).select_option("pt-br")

    expect(page.get_by_role("heading", level=1)).to_have_text("Satisfação do cliente (CSAT)")
    assert page.url.endswith(f"{CSAT}?period=last_90_days")


def test_the_sql_can_be_copied(look: Look) -> None:
    with look() as (page, _):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(CSAT)
        page.get_by_text("The SQL that ran").click()
        page.get_by_role("button", name="Copy").click()

        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()").startswith(("SELECT", "WITH"))


def test_on_a_phone_the_menu_opens_and_closes(look: Look) -> None:
    with look(width=360, height=780) as (page, _):
        page.goto(OVERVIEW)
        entry = page.locator(".nav-list").get_by_text("Indicators", exact=True)
        toggle = page.get_by_role("button", name="Menu")
        expect(entry).to_be_hidden()
        toggle.click()
        expect(entry).to_be_visible()
        page.keyboard.press("Escape")
        expect(entry).to_be_hidden()
        expect(toggle).to_be_focused()

        toggle.click()
        entry.click()
        page.wait_for_url("**/indicators/")
        expect(entry).to_be_hidden()


def test_pages_can_be_read_without_script(browser: Browser, site: str, alice: Client) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()
    sign_in(page, site, alice)
    page.goto(OVERVIEW)
    page.get_by_text("Last 12 months").first.click()
    page.get_by_label("Last 90 days").check()
    page.get_by_role("button", name="Apply").click()

    assert "period=last_90_days" in page.url
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    context.close()


def test_a_failing_answer_shows_what_to_do(look: Look) -> None:
    with look() as (page, _):
        page.goto(OVERVIEW)
        page.evaluate(f"document.querySelector('.change').href = '{CSAT}?by=shoe_size'")
        page.locator(".change").first.click()

        expect(page.get_by_role("heading", level=1)).to_have_text("This question cannot be answered")
