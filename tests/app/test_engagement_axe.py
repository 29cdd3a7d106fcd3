"""The pages about use are accessible and fit a phone while they are full."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser

from percorso.accounts.models import Workspace
from percorso.analytics.store import Store
from percorso.base import owner
from percorso.engagement.models import FeatureList
from tests.app import visited
from tests.today import today
from tests.web.accessible import AXE, axe_in_both_themes
from tests.web.browser import browsing, chromium, opened, sign_in

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: `npm ci` in frontend/"),
]
PAGES = (
    "/w/acme/usage/?period=last_30_days&part=all",
    "/w/acme/usage/features/?period=last_30_days&part=all",
    "/w/acme/usage/speed/?period=last_30_days&part=all",
    "/w/acme/usage/funnels/?period=last_30_days&step=Page+Viewed&step=Feature+Used&by=channel&exclude=Error&part=all",
    "/w/acme/usage/retention/?period=last_30_days&start=Page+Viewed&grain=day&by=channel&part=all",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(members: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A site whose facts reach until today, and a feature that nobody ever used."""
    FeatureList.objects.create(workspace=members, names=["teleport"])
    with Store.open(":memory:") as store:
        for table, rows in visited.busy(today()).items():
            store.append(table, rows, workspace="acme", batch="test")
        monkeypatch.setattr(owner, "_store", store)
        yield


def test_nothing_serious_on_full_pages_in_either_theme(
    browser: Browser, site: None, live_server: Any, alice: Client
) -> None:
    found: dict[str, list[str]] = {}
    with opened(browser, live_server.url, still=True) as (page, _):
        sign_in(page, live_server.url, alice)
        for path in PAGES:
            page.goto(path)
            page.wait_for_load_state("networkidle")
            for summary in page.locator("main details > summary").all():
                summary.click()
            if grave := axe_in_both_themes(page):
                found[path] = grave
    assert found == {}


@pytest.mark.parametrize("language", ["en", "pt-br", "it"])
def test_full_pages_fit_a_phone(browser: Browser, site: None, live_server: Any, alice: Client, language: str) -> None:
    wide: dict[str, int] = {}
    with opened(browser, live_server.url, language, width=360, height=780) as (page, _):
        sign_in(page, live_server.url, alice)
        for path in PAGES:
            page.goto(path)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 360:
                wide[path] = width
    assert wide == {}


def test_the_open_tab_is_seen_on_a_phone(browser: Browser, site: None, live_server: Any, alice: Client) -> None:
    with opened(browser, live_server.url, "pt-br", width=360) as (page, _):
        sign_in(page, live_server.url, alice)
        for path in PAGES:
            page.goto(path)
            box = page.locator(".tabs [aria-current]").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360, path
