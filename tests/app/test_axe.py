"""Every page is accessible, light and dark: axe finds nothing serious in a real Chromium."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from percorso.accounts.actions import notify
from percorso.accounts.models import Person, Workspace
from percorso.base import jobs
from percorso.base.models import Job
from percorso.customers.personas.actions import make_persona
from percorso.customers.segments.actions import make_segment
from percorso.i18n import mark
from percorso.insights.boards.actions import make_board
from percorso.insights.reports.actions import make_report
from tests.web.accessible import AXE, axe
from tests.web.browser import browsing, chromium, opened, sign_in

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: `npm ci` in frontend/"),
]

SIGNED_OUT = ("/accounts/login/", "/accounts/password/reset/")
SIGNED_IN = (
    "/w/acme/",
    "/w/acme/indicators/",
    "/w/acme/overview/",
    "/w/acme/indicators/csat/",
    "/w/acme/indicators/csat/definition/",
    "/w/acme/indicators/csat/facts/",
    "/w/acme/indicators/csat/annotations/",
    "/w/acme/boards/",
    "/w/acme/boards/new/",
    "/w/acme/boards/service/",
    "/w/acme/boards/service/edit/",
    "/w/acme/boards/service/settings/",
    "/w/acme/boards/service/cards/",
    "/w/acme/boards/service/wall/",
    "/w/acme/boards/service/wall/?theme=dark",
    "/w/acme/reports/",
    "/w/acme/reports/new/",
    "/w/acme/alerts/",
    "/w/acme/alerts/watches/",
    "/w/acme/alerts/watches/new/",
    "/w/acme/alerts/watches/new/?alert=change",
    "/w/acme/programme/",
    "/w/acme/programme/goals/new/",
    "/w/acme/programme/goals/new/?indicator=csat",
    "/w/acme/programme/benchmarks/",
    "/w/acme/programme/benchmarks/new/?indicator=nps",
    "/w/acme/programme/plans/",
    "/w/acme/programme/plans/new/",
    "/w/acme/programme/calculator/?kind=nps&margin=5",
    "/w/acme/programme/scorecards/",
    "/w/acme/programme/scorecards/new/",
    "/w/acme/value/",
    "/w/acme/value/staying/?by=country",
    "/w/acme/value/forecast/",
    "/w/acme/customers/",
    "/w/acme/segments/",
    "/w/acme/segments/brazil/",
    "/w/acme/segments/brazil/change/",
    "/w/acme/segments/new/",
    "/w/acme/segments/new/?starter=tickets",
    "/w/acme/personas/",
    "/w/acme/personas/new/",
    "/w/acme/customers/c1/",
    "/w/acme/imports/",
    "/w/acme/imports/new/",
    "/w/acme/settings/",
    "/w/acme/settings/people/",
    "/w/acme/settings/keys/",
    "/w/acme/settings/audit/",
    "/w/acme/settings/data/",
    "/w/acme/settings/webhooks/",
    "/w/acme/notices/",
    "/w/acme/jobs/",
    "/w/acme/find/?q=c",
    "/workspaces/new/",
    "/me/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/accounts/password/change/",
    "/help/",
    "/components/",
    "/nothing-here/",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def busy(members: Workspace, alice_person: Person) -> None:
    """Notices and jobs in some states, a board and a report, so that lists are not empty."""
    board = make_board(members, name="Service", starter="service", by=alice_person)
    to = [{"email": "ana@acme.test", "language": "it", "time_zone": "Europe/Rome"}]
    make_report(board, name="Service", recipients=to, by=alice_person)
    nobody = {
        "any": [{"trait": "country", "is": ["BR"]}, {"did": "events", "where": {"properties.total": {"at_least": 9}}}]
    }
    segment = make_segment(members, name="Brazil", rule=nobody, by=alice_person)
    make_persona(members, name="Marina", segment=segment, needs="An answer", quote="Where is it?", by=alice_person)
    notify([alice_person], members, mark("Jobs"), {}, tone="good")
    for state in ("waiting", "running", "failed"):
        job = jobs.enqueue(next(iter(jobs.KINDS)), workspace=members.slug)
        Job.objects.filter(pk=job.pk).update(state=state, error="no file" if state == "failed" else "")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_on_any_page(browser: Browser, live_server: Any, alice: Client, busy: None, theme: str) -> None:
    found: dict[str, list[str]] = {}
    for paths, signed_in in ((SIGNED_OUT, False), (SIGNED_IN, True)):
        with opened(browser, live_server.url, theme=theme) as (page, _):
            if signed_in:
                sign_in(page, live_server.url, alice)
            for path in paths:
                page.goto(path)
                page.wait_for_load_state("networkidle")
                if grave := axe(page):
                    found[path] = grave
    assert found == {}


@pytest.mark.parametrize("language", ["en", "pt-br", "it"])
def test_every_page_fits_a_phone(browser: Browser, live_server: Any, alice: Client, busy: None, language: str) -> None:
    wide: dict[str, int] = {}
    for paths, signed_in in ((SIGNED_OUT, False), (SIGNED_IN, True)):
        with opened(browser, live_server.url, language, width=360, height=780) as (page, _):
            if signed_in:
                sign_in(page, live_server.url, alice)
            for path in paths:
                page.goto(path)
                width = page.evaluate("document.documentElement.scrollWidth")
                if width > 360:
                    wide[path] = width
    assert wide == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_in_what_opens(
    browser: Browser, live_server: Any, alice: Client, busy: None, theme: str
) -> None:
    with opened(browser, live_server.url, theme=theme) as (page, _):
        sign_in(page, live_server.url, alice)
        page.goto("/w/acme/jobs/")
        page.keyboard.press("Control+k")
        page.locator(".palette-entry").first.wait_for()
        assert axe(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("#palette")).to_be_hidden()
        page.keyboard.press("?")
        page.locator("#help[open]").wait_for()
        assert axe(page) == []
        page.keyboard.press("Escape")
        page.locator(".person").click()
        assert axe(page) == []
        page.set_viewport_size({"width": 360, "height": 780})
        assert axe(page) == []
