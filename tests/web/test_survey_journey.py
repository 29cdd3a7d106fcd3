"""A survey from its template to its figure: written, translated, sent, opened by a scanner, answered, reminded of, read."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from percorso.accounts.models import Person, Workspace
from percorso.analytics.measure import measure
from percorso.analytics.query import Query
from percorso.analytics.store import Store
from percorso.base import fact_outbox
from percorso.base.worker import run_all
from percorso.outreach.channel_accounts import change_channel
from percorso.outreach.models import ContactPolicy
from percorso.surveys.inviting import reminding
from percorso.surveys.models import Invitation, Survey
from tests.app.test_inviting import html_of, links, office, store  # noqa: F401 fixtures
from tests.smtp import Post
from tests.web.browser import browsing, chromium, opened, sign_in

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")

SCORES = (10, 9, 9, 10, 8, 7, 3, 9, 10)
KEYBOARD, PHONE = 0, 1  # who answers by the keyboard alone, and who on a phone in Portuguese


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def workspace(members: Workspace, alice_person: Person, office: Post, store: Store) -> Workspace:  # noqa: F811
    values = {"host": "127.0.0.1", "port": office.port, "security": "none", "sender": "survey@acme.test"}
    change_channel(members, "email", values | {"sender_name": "Acme", "a_minute": 1000}, by=alice_person)
    ContactPolicy.objects.create(workspace=members, first_hour=0, last_hour=24)
    return members


def nps(facts: Store) -> tuple[float | None, int]:
    fact_outbox.load()
    cell = next(iter(measure(facts, Query(("nps",), "acme", None, segment={"survey": ("relationship-nps",)}))))
    return cell.value, cell.n


def write_and_publish(page: Page) -> None:
    page.goto("/w/acme/surveys/")
    page.goto("/w/acme/surveys/new/?template=nps")
    page.get_by_label("Name", exact=True).fill("Relationship NPS")
    page.get_by_role("button", name="Make the survey").click()
    page.wait_for_url("**/relationship-nps/edit/**")
    page.goto("/w/acme/surveys/relationship-nps/edit/translations/?to=pt-BR")
    cell = page.locator("textarea[lang='pt-BR']").filter(has_text="probabilidade").first
    cell.fill("De 0 a 10, você recomendaria a Acme a um amigo?")
    cell.press("Tab")
    expect(page.locator("#editor-saved")).to_have_text("Saved")
    page.goto("/w/acme/surveys/relationship-nps/edit/publish/")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url(re.compile(r"relationship-nps/(edit/)?(\?.*)?$"))


def send_to_all(page: Page) -> None:
    page.goto("/w/acme/surveys/relationship-nps/send/")
    page.locator("[name=remind_days]").select_option("3")
    page.get_by_role("button", name="Look and go on").click()
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("heading", name="What was sent")).to_be_visible()


def scan(mails: list[Any], browser: Browser, base: str) -> None:
    """Open every link of every mail twice, by GET and by HEAD, and those of three mails in a browser with script."""
    for mail in mails:
        for link in links(html_of(mail)) * 2:
            for method in ("GET", "HEAD"):
                urlopen(Request(link, method=method, headers={"User-Agent": "Mozilla/5.0"}), timeout=30).read()
    with opened(browser, base) as (page, _):
        for mail in mails[:3]:
            for link in [link for link in links(html_of(mail)) if "?nps=" in link][:4]:
                page.goto(link)


def link_of(mails: list[Any], score: int) -> str:
    return next(link for link in links(html_of(mails[0])) if link.endswith(f"?nps={score}"))


def by_keyboard(page: Page, score: int) -> None:
    """Choose another value first, then the right one, with arrows; press Enter on the button; never the mouse."""
    for _ in range(40):
        if page.evaluate("document.activeElement.name") == "nps":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.value") == str(score)
    for _ in range(2):
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('.buttons button:first-child')"):
                break
        with page.expect_navigation():
            page.keyboard.press("Enter")


def test_a_survey_from_its_template_to_its_figure(
    browser: Browser, live_server: Any, alice: Client, workspace: Workspace, office: Post, store: Store, settings: Any  # noqa: F811
) -> None:  # fmt: skip
    settings.PUBLIC_URL = live_server.url
    with opened(browser, live_server.url) as (page, complaints):
        sign_in(page, live_server.url, alice)
        write_and_publish(page)
        send_to_all(page)
        run_all()
        assert len(office.mails) == 20
        addresses = sorted({address for address, _ in office.mails}, key=lambda a: int(re.sub(r"\D", "", a)))
        assert any("você recomendaria a Acme" in html_of(office.to(a)[0]) for a in addresses)

        scan([office.to(address)[0] for address in addresses], browser, live_server.url)
        survey = Survey.objects.get(slug="relationship-nps")
        assert not survey.responses.exists()
        assert nps(store) == (None, 0)

        brazilian = next(a for a in addresses if "você recomendaria" in html_of(office.to(a)[0]))
        addresses.remove(brazilian)
        addresses.insert(PHONE, brazilian)
        for number, (address, score) in enumerate(zip(addresses, SCORES, strict=False)):
            phone = number == PHONE
            language, width = ("pt-br", 360) if phone else ("en", 1440)
            with opened(browser, live_server.url, language, width) as (theirs, _):
                theirs.goto(link_of(office.to(address), score) + ("" if phone else "&lang=en"))
                assert theirs.locator(f"input[name=nps][value='{score}']").is_checked()
                if phone:
                    expect(theirs.locator("html")).to_have_attribute("lang", re.compile("pt-BR", re.IGNORECASE))
                    assert theirs.evaluate("document.documentElement.scrollWidth") <= width
                if number == KEYBOARD:
                    by_keyboard(theirs, score)
                    continue
                for _ in range(4):
                    if theirs.locator("textarea").count():
                        theirs.locator("textarea").first.fill("Rápido e gentil" if phone else "Quick & kind <b>")
                    forward = theirs.locator(".buttons button").first
                    if not forward.count():
                        break
                    with theirs.expect_navigation():
                        forward.click()
        assert survey.responses.filter(completed_at__isnull=False).count() == len(SCORES)
        promoters, detractors = sum(s >= 9 for s in SCORES), sum(s <= 6 for s in SCORES)
        value, n = nps(store)
        assert n == len(SCORES)
        assert value == pytest.approx(100 * (promoters - detractors) / len(SCORES))

        survey.invitations.update(sent_at=timezone.now() - timedelta(days=4))
        before = len(office.mails)
        assert reminding.remind(lambda: None) == 11
        run_all()
        assert len(office.mails) == before + 11
        reminded = {address for address, _ in office.mails[before:]}
        assert not reminded & set(addresses[: len(SCORES)])
        assert survey.invitations.filter(state=Invitation.State.ANSWERED).count() == len(SCORES)

        page.goto("/w/acme/surveys/relationship-nps/")
        shown = page.locator("main").inner_text()
        assert f"+{value:.0f}" in shown
        assert re.search(r"between 0 and \+83, 95% sure\s+from 9 answers", shown), shown[:1500]
        assert complaints.console == []
