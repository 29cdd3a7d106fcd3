"""Unsubscribing and the preference centre, as mailbox providers, scanners and people use them."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Workspace
from percorso.base.limits import Window
from percorso.base.mime import unsubscribe_headers
from percorso.customers.consent import THEMSELVES, record_consent
from percorso.customers.models import Consent
from percorso.outreach import contact, limits
from percorso.outreach.models import ContactPolicy, Message, Preference, Suppression
from percorso.outreach.unsubscribe import recipient_of, token_of, unsubscribe_link

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with nothing counted."""
    for name in ("READING", "SENDING", "LINKS"):
        monkeypatch.setattr(limits, name, Window(getattr(limits, name).most))


@pytest.fixture
def token(acme: Workspace) -> str:
    return token_of(acme, "email", "ana@x.test", "survey", "c1")


@pytest.fixture
def browser(acme: Workspace) -> Client:
    """A browser of nobody we know; it sends no token against forgery."""
    return Client(SERVER_NAME="localhost", enforce_csrf_checks=True)


def off(workspace: Workspace, purpose: str = "survey", channel: str = "email") -> str:
    return contact.suppressed(workspace, channel, purpose, "ana@x.test")


def test_a_link_tells_nobody_an_address_and_nobody_can_make_one(acme: Workspace, token: str) -> None:
    link = unsubscribe_link(acme, "email", "ana@x.test", "survey", "c1")
    assert link.endswith(f"/u/{token}/")
    assert "ana" not in link
    found = recipient_of(token)
    assert found is not None
    assert (found.workspace, found.channel, found.address, found.purpose, found.customer) == (acme, "email", "ana@x.test", "survey", "c1")  # fmt: skip
    for wrong in (token[:-2], token[:-1] + ("A" if token[-1] != "A" else "B"), "x", "", "é", "a" * 3000, token[1:]):
        assert recipient_of(wrong) is None
    assert unsubscribe_headers(link) == {"List-Unsubscribe": f"<{link}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}  # fmt: skip


@pytest.mark.parametrize("encoding", ["multipart", "urlencoded"])
def test_a_mailbox_provider_unsubscribes_with_one_post(
    encoding: str, browser: Client, acme: Workspace, token: str
) -> None:
    """As RFC 8058 has it: both encodings, no cookie, no redirect, again and again."""
    for _ in range(3):
        if encoding == "multipart":
            answer = browser.post(f"/u/{token}/", ONE_CLICK)
        else:
            body = "List-Unsubscribe=One-Click"
            answer = browser.post(f"/u/{token}/", body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 200
        assert not answer.cookies
        assert off(acme) == "unsubscribed"
    row = Suppression.objects.get()
    assert (row.channel, row.purpose, row.by) == ("email", "survey", THEMSELVES)
    assert row.proof["way"] == "one click of the mail program"
    assert AuditEntry.objects.filter(action="suppressed").count() == 1
    assert off(acme, "campaign") == ""


def test_a_scanner_that_opens_every_link_changes_nothing(browser: Client, acme: Workspace, token: str) -> None:
    for path in (f"/u/{token}/", f"/u/{token}/preferences/"):
        for address in (path, f"{path}?List-Unsubscribe=One-Click", f"{path}?do=nothing", f"{path}?language=it"):
            for _ in range(2):
                assert browser.get(address).status_code == browser.head(address).status_code == 200
    assert browser.post(f"/u/{token}/", {}).status_code == 400
    assert browser.post(f"/u/{token}/", b"{}", content_type="application/json").status_code == 400
    assert browser.post(f"/u/{token}/preferences/", {}).status_code == 400
    assert not Suppression.objects.exists()
    assert not Preference.objects.exists()
    assert not Consent.objects.exists()


def test_the_page_has_a_button_that_does_what_the_program_does(browser: Client, acme: Workspace, token: str) -> None:
    html = browser.get(f"/u/{token}/").content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
    assert "Acme writes to ana@x.test by E-mail" in html
    answer = browser.post(f"/u/{token}/", fields)
    assert "You are unsubscribed" in answer.content.decode()
    assert off(acme) == "unsubscribed"
    assert Suppression.objects.get().proof["way"] == "page"


def test_pages_are_kept_and_found_by_nobody(browser: Client, token: str) -> None:
    for path in (f"/u/{token}/", f"/u/{token}/preferences/", "/u/nothing/"):
        headers = browser.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in headers["X-Robots-Tag"]
        assert "Set-Cookie" not in headers


@pytest.mark.parametrize("language", ["en", "pt-br", "it"])
def test_three_languages(language: str, browser: Client, token: str) -> None:
    for asked in (
        {"path": f"/u/{token}/?language={language}"},
        {"path": f"/u/{token}/", "headers": {"Accept-Language": language}},
    ):
        answer = browser.get(**asked)  # type: ignore[arg-type]
        assert f'<html lang="{language}"' in answer.content.decode()
        assert answer["Content-Language"] == language


def test_a_link_that_is_none_says_what_to_do(browser: Client) -> None:
    answer = browser.get("/u/nothing/preferences/")
    assert answer.status_code == 403
    assert "This link leads nowhere" in answer.content.decode()


def choose(browser: Client, token: str, *wanted: str, **more: str) -> str:
    answer = browser.post(f"/u/{token}/preferences/", {"do": "choose", "wanted": wanted} | more)
    assert answer.status_code == 200
    assert not answer.cookies
    return answer.content.decode()


def test_purposes_and_channels_are_chosen_one_by_one(browser: Client, acme: Workspace) -> None:
    now = timezone.now()
    for channel in ("sms", "whatsapp"):
        Message.objects.create(workspace=acme, channel=channel, purpose="survey", address="+39333", text="x", send_at=now)  # fmt: skip
    phone = token_of(acme, "sms", "+39333", "survey")
    html = browser.get(f"/u/{phone}/preferences/").content.decode()
    assert html.count('name="wanted"') == html.count(" checked>") == 6
    choose(browser, phone, "sms:survey", "whatsapp:service")
    on = {(c, p) for c in ("sms", "whatsapp") for p in ("survey", "campaign", "service") if not contact.suppressed(acme, c, p, "+39333")}  # fmt: skip
    assert on == {("sms", "survey"), ("whatsapp", "service")}


def test_everything_off_and_one_thing_on_again(browser: Client, acme: Workspace, token: str) -> None:
    choose(browser, token)
    row = Suppression.objects.get()
    assert (row.channel, row.purpose) == ("", "")
    assert off(acme, channel="sms") == "unsubscribed"
    choose(browser, token, "email:survey")
    assert off(acme) == ""
    assert off(acme, "campaign") == off(acme, "service") == "unsubscribed"
    browser.post(f"/u/{token}/preferences/", {"do": "nothing"})
    assert off(acme) == "unsubscribed"


def test_what_the_company_has_switched_off_stays_off(browser: Client, acme: Workspace, token: str) -> None:
    contact.suppress(acme, "ana@x.test", purpose="campaign", because="by_hand", by="Alice")
    html = choose(browser, token, "email:survey", "email:campaign", "email:service")
    assert "switched off by Acme" in html
    assert off(acme, "campaign") == "by_hand"
    assert off(acme) == ""


def test_whoever_reads_the_mail_disproves_the_bounce(browser: Client, acme: Workspace, token: str) -> None:
    contact.suppress(acme, "ana@x.test", channel="email", because="bounced", by="mail server")
    choose(browser, token, "email:survey", "email:campaign", "email:service")
    assert not Suppression.objects.exists()


def test_a_pause_of_ninety_days(browser: Client, acme: Workspace, token: str) -> None:
    html = browser.post(f"/u/{token}/preferences/", {"do": "pause"}).content.decode()
    assert "You get nothing until" in html
    assert off(acme) == "paused"
    days = (Suppression.objects.get().until - timezone.now()).days
    assert days in (89, 90)
    choose(browser, token, "email:survey", "email:campaign", "email:service")
    assert off(acme) == "paused", "what is ticked holds after the pause"
    browser.post(f"/u/{token}/preferences/", {"do": "resume"})
    assert off(acme) == ""


def test_the_language_is_kept_and_the_page_speaks_it(browser: Client, acme: Workspace, token: str) -> None:
    html = choose(browser, token, "email:survey", speak="it")
    assert '<html lang="it"' in html
    assert contact.languages_of(acme, ["ana@x.test", "bob@x.test"]) == {"ana@x.test": "it"}
    assert '<html lang="it"' in browser.get(f"/u/{token}/").content.decode()
    choose(browser, token, "email:survey", speak="xx")
    assert contact.languages_of(acme, ["ana@x.test"]) == {"ana@x.test": "it"}


def test_consent_is_withdrawn_as_easily_as_it_is_given(browser: Client, acme: Workspace, token: str) -> None:
    ContactPolicy.objects.create(workspace=acme, needs_consent=["campaign"])
    html = browser.get(f"/u/{token}/preferences/").content.decode()
    assert "You have not agreed to this" in html
    html = browser.post(f"/u/{token}/preferences/", {"do": "agree", "purpose": "campaign"}).content.decode()
    assert 'value="withdraw"' in html
    assert off(acme, "campaign") == ""
    entry = Consent.objects.get()
    assert entry.given
    assert entry.proof["words"] == "Acme may write to me for this purpose: News and offers."
    html = browser.post(f"/u/{token}/preferences/", {"do": "withdraw", "purpose": "campaign"}).content.decode()
    assert 'value="agree"' in html
    assert off(acme, "campaign") == "withdrawn"
    assert Consent.objects.count() == 2, "the ledger keeps both"
    assert browser.post(f"/u/{token}/preferences/", {"do": "agree", "purpose": "x"}).status_code == 400


def test_the_page_shows_what_is_on_record_and_nothing_of_others(browser: Client, acme: Workspace, token: str) -> None:
    record_consent(acme, "ana@x.test", "survey", given=True, proof={}, by="shop")
    record_consent(acme, "bob@x.test", "survey", given=True, proof={}, by="shop")
    contact.suppress(acme, "bob@x.test", because="by_hand", by="Alice")
    html = browser.get(f"/u/{token}/preferences/").content.decode()
    assert html.count("agreed (Consent)") == 1
    assert "Entered by hand" not in html
    assert "bob" not in html


def test_links_that_are_opened_too_often_wait(
    browser: Client, acme: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LINKS", Window(2))
    token, other = (token_of(acme, "email", who, "survey") for who in ("ana@x.test", "bob@x.test"))
    assert [browser.get(f"/u/{token}/").status_code for _ in range(2)] == [200, 200]
    for path in (f"/u/{token}/", f"/u/{token}/preferences/"):
        for answer in (browser.get(path, headers={"accept-language": "it"}), browser.post(path, ONE_CLICK)):
            assert answer.status_code == 429
            assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert "/u/" not in browser.get(f"/u/{token}/").content.decode()
    assert not Suppression.objects.exists()
    assert browser.get(f"/u/{other}/").status_code == 200


def test_who_guesses_links_waits(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "READING", Window(3))
    found = [browser.get(f"/u/{n}{'x' * 60}/", headers={"x-forwarded-for": f"9.9.9.{n}"}).status_code for n in range(5)]
    assert found == [403, 403, 403, 429, 429]


def test_a_mail_provider_unsubscribes_thousands_from_one_address(browser: Client, acme: Workspace) -> None:
    """No page that people open is held back meanwhile either."""
    for _ in range(1300):
        limits.SENDING.wait("127.0.0.1")
    for i in range(20):
        path = f"/u/{token_of(acme, 'email', f'p{i}@x.test', 'survey')}/"
        assert browser.post(path, ONE_CLICK).status_code == 200
    assert Suppression.objects.count() == 20
    assert browser.get(path).status_code == 200
