"""A working day in a real Chromium, in three languages: sign up with a second factor, invite, import the Olist reviews,
see CSAT as the command says it, annotate, download, undo."""

import os
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.utils import translation
from playwright.sync_api import Browser, Page, expect

from percorso.accounts.links import start_link
from percorso.accounts.models import Membership, Person, Role, Workspace
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.base import owner, words
from percorso.base.worker import run_all
from tests.people import PASSWORD
from tests.web.browser import LANGUAGES, browsing, chromium, opened

OLIST = Path(__file__).parents[3] / "shared" / "data" / "olist"
FILES = [OLIST / f"olist_{name}_dataset.parquet" for name in ("customers", "orders", "order_reviews")]
CODE_SECONDS = 30
YEARS = "?period=custom&from=2016-01-01&to=2018-12-31"

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not OLIST.exists(), reason="the Olist data set is not beside the checkout"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store that this process owns."""
    with Store.open(":memory:") as opened_store:
        monkeypatch.setattr(owner, "_store", opened_store)
        yield opened_store


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_working_day(
    language: str, browser: Browser, live_server: Any, settings: Any, store: Store, transactional_db: None
) -> None:
    settings.PUBLIC_URL = live_server.url
    workspace = Workspace.objects.create(slug="shop", name="Loja", time_zone="America/Sao_Paulo", language=language)
    alice = Person.objects.create_user("alice@shop.test")
    Membership.objects.create(workspace=workspace, person=alice, role=Role.OWNER)
    with opened(browser, live_server.url, language) as (page, complaints):
        codes = sign_up(page, start_link(alice))
        sign_out_and_in(page, codes[0])
        invite(page, "bob@shop.test")
        with opened(browser, live_server.url, language) as (other, _):
            join(other)
        bring_in_olist(page)
        see_what_the_command_says(page, store, language)
        annotate_and_download(page)
        assert page.evaluate("document.documentElement.lang") == language
        undo(page, store)
        assert complaints.console == []
        assert complaints.hosts == set()


def send(page: Page, within: str = "main") -> None:
    """Press the main button of a form and wait for what comes."""
    with page.expect_response(lambda r: r.request.method == "POST"):
        page.locator(f"{within} .btn-primary[type=submit], {within} button.btn-primary:not([type])").first.click()
    page.wait_for_load_state("networkidle")


def sign_up(page: Page, link: str) -> list[str]:
    """Open the first start's link, choose a password, switch on the second factor; return the recovery codes."""
    page.goto(link)
    page.fill("[name=name]", "Alice Albuquerque")
    page.fill("[name=password]", PASSWORD)
    send(page)
    page.wait_for_url("**/w/shop/**")
    page.goto("/accounts/2fa/totp/activate/")
    if page.locator("[name=password]").count():
        page.fill("[name=password]", PASSWORD)
        send(page)
    secret = page.locator("code.secret").inner_text().strip()
    if (left := CODE_SECONDS - time.time() % CODE_SECONDS) < 10:
        time.sleep(left)  # a code that ends while it is sent would be refused
    counter = next(iter(yield_hotp_counters_from_time()))
    page.fill("[name=code]", format_hotp_value(hotp_value(secret, counter)))
    send(page)
    page.goto("/accounts/2fa/recovery-codes/")
    if page.locator("[name=password]").count():
        page.fill("[name=password]", PASSWORD)
        send(page)
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    return codes


def sign_out_and_in(page: Page, code: str) -> None:
    """Leave, and come back by password and a recovery code."""
    page.context.clear_cookies(name="percorso_session")
    page.goto("/w/shop/")
    page.fill("[name=login]", "alice@shop.test")
    page.fill("[name=password]", PASSWORD)
    send(page)
    page.fill("[name=code]", code)
    send(page)
    page.wait_for_url("**/w/shop/**")


def invite(page: Page, email: str) -> None:
    """Invite somebody as a viewer; the mail holds the link that the page shows."""
    page.goto("/w/shop/settings/people/")
    page.fill("[name=email]", email)
    page.select_option("form[action$='/invite/'] [name=role]", "viewer")
    send(page, "form[action$='/invite/']")
    link = page.locator(".told-once code").inner_text().strip()
    assert [message.to for message in mail.outbox][-1] == [email]
    assert link in mail.outbox[-1].body


def join(page: Page) -> None:
    """Open the link of the mail and become a member who sees and changes nothing."""
    link = next(word for word in mail.outbox[-1].body.split() if "/invitations/" in word)
    page.goto(link)
    page.fill("[name=name]", "Bob Bianchi")
    page.fill("[name=password]", PASSWORD)
    send(page)
    page.goto("/w/shop/")
    expect(page.locator("nav a[href='/w/shop/']").first).to_be_visible()
    answer = page.goto("/w/shop/imports/new/")
    assert answer
    assert answer.status == 403


def bring_in_olist(page: Page) -> None:
    """Upload three tables of Olist, try it, import it, and see it done."""
    page.goto("/w/shop/imports/new/")
    page.check("[name=connector][value=olist]")
    page.set_input_files("[name=files]", [str(file) for file in FILES])
    send(page, "#upload")
    page.wait_for_url("**/imports/*/mapping/")
    with page.expect_response(lambda r: r.request.method == "POST"):
        page.click("button[name=do][value=import]")
    page.wait_for_url("**/imports/*/")
    assert run_all() >= 1
    # The page follows the job by itself, and loads again when it is over.
    expect(page.locator(".import-sums")).to_be_visible(timeout=30_000)
    page.wait_for_load_state("networkidle")


def see_what_the_command_says(page: Page, store: Store, language: str) -> None:
    """The page's CSAT, interval and n are those of the library and of the command."""
    period = Period(date(2016, 1, 1), date(2019, 1, 1), "America/Sao_Paulo")
    (cell,) = measure(store, Query(("csat",), "shop", period=period, tz="America/Sao_Paulo")).rows
    assert cell.n > 8_000
    page.goto(f"/w/shop/indicators/csat/{YEARS}")
    with translation.override(language):
        told = (words.value(cell.value, INDICATORS["csat"], cell.n), words.interval(cell, INDICATORS["csat"]))
    headline = " ".join(page.locator(".headline").inner_text().split())
    for text in told:
        assert " ".join(text.split()) in headline


def annotate_and_download(page: Page) -> None:
    """Write on the time axis; take the series home."""
    page.goto(f"/w/shop/indicators/csat/annotations/{YEARS}")
    page.fill("[name=day]", "2018-02-05")
    page.fill("[name=text]", "Nova transportadora")
    send(page)
    page.goto(f"/w/shop/indicators/csat/{YEARS}")
    expect(page.locator(".annotations")).to_contain_text("Nova transportadora")
    with page.expect_download() as started:
        page.evaluate(
            f"() => {{ const a = document.createElement('a'); a.href = '/w/shop/indicators/csat/download/csv/{YEARS}'; a.download = ''; document.body.append(a); a.click(); }}"
        )
    text = Path(started.value.path()).read_text("utf-8-sig")
    assert text.count("\n") > 20


def undo(page: Page, store: Store) -> None:
    """Take the whole import back: the figures are as if it had never been."""
    page.goto("/w/shop/imports/")
    page.locator("main table a").first.click()
    page.wait_for_url("**/imports/*/")
    page.click("[data-opens=undo]")
    with page.expect_response(lambda r: r.request.method == "POST"):
        page.click("#undo .btn-danger")
    assert run_all() >= 1
    expect(page.locator("main .notice").first).to_be_visible(timeout=30_000)
    page.goto("about:blank")  # nothing asks for the store any more when it is closed
    for table in ("answers", "orders", "customers", "mentions"):
        assert store.engine.fetch(f"SELECT count(*) AS n FROM {table}").to_pylist() == [{"n": 0}]
