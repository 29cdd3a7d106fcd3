"""Bad input in three languages: a friendly page in the respondent's language, and nothing stored that should not be."""

from collections.abc import Callable
from datetime import timedelta
from html import escape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext, override

from percorso.accounts.models import Workspace
from percorso.base.models import PendingFact
from percorso.surveys.models import Response, Survey, Upload
from percorso.surveys.question import NOT_OFFERED
from percorso.surveys.questions._options import TOO_LONG
from percorso.surveys.respond import limits
from percorso.surveys.respond.ending import ENDINGS
from tests.app.respondents import NPS, Respondent, invite_one, link, open_survey, personal

# Of a browser, of the page, of the catalogue.
LANGUAGES = [("en-GB,en;q=0.8", "en", "en"), ("pt-BR,pt;q=0.9", "pt-BR", "pt-br"), ("it-CH,it;q=0.9", "it", "it")]
QUOTA = {**NPS, "quotas": [{"id": "none_left", "when": {"question": "nps", "at_least": 9}, "limit": 1}]}
UNTRUSTED = "This page could not be trusted, so nothing was kept. Please send it once more."

Case = Callable[[Workspace, str], Respondent]


def _come(path: str, accepted: str) -> Respondent:
    return Respondent(path, accept_language=accepted)


def _send(marina: Respondent, sent: Any, content_type: str | None = None) -> Respondent:
    """Post something that no page of ours would."""
    more = {} if content_type is None else {"content_type": content_type}
    marina.page = marina.client.post(marina.action, sent, **more)
    marina.text = marina.page.content.decode()
    return marina


def _opened(acme: Workspace, **how: Any) -> Survey:
    return open_survey(acme, how.pop("content", None), **how)


def _unknown(acme: Workspace, accepted: str) -> Respondent:
    return _come("/s/AAAAAAAAAAAAAAAA/", accepted)


def _unknown_token(acme: Workspace, accepted: str) -> Respondent:
    return _come(f"{link(_opened(acme))}i/AAAAAAAAAAAA/", accepted)


def _tampered_token(acme: Workspace, accepted: str) -> Respondent:
    address = personal(invite_one(_opened(acme)))
    return _come(address[:-3] + ("AA/" if address[-3:] != "AA/" else "BB/"), accepted)


def _token_of_another(acme: Workspace, accepted: str) -> Respondent:
    one, other = _opened(acme), _opened(acme, slug="other")
    return _come(personal(invite_one(one)).replace(one.key, other.key), accepted)


def _unknown_response(acme: Workspace, accepted: str) -> Respondent:
    return _come(f"{link(_opened(acme))}r/AAAAAAAAAAAAAAAAAAAA/", accepted)


def _expired(acme: Workspace, accepted: str) -> Respondent:
    gone = timezone.now() - timedelta(days=1)
    return _come(personal(invite_one(_opened(acme), expires_at=gone)), accepted)


def _cancelled(acme: Workspace, accepted: str) -> Respondent:
    return _come(personal(invite_one(_opened(acme), state="cancelled")), accepted)


def _closed(acme: Workspace, accepted: str) -> Respondent:
    return _come(link(_opened(acme, closes_at=timezone.now() - timedelta(hours=1))), accepted)


def _closed_meanwhile(acme: Workspace, accepted: str) -> Respondent:
    marina = _come(link(_opened(acme)), accepted)
    Survey.objects.update(state="closed")
    marina.send(nps="9")
    return marina


def _paused(acme: Workspace, accepted: str) -> Respondent:
    survey = _opened(acme)
    Survey.objects.update(state="paused")
    return _come(link(survey), accepted)


def _urlencoded(acme: Workspace, accepted: str) -> Respondent:
    marina = _come(link(_opened(acme)), accepted)
    sent = {**marina.fields(), "nps": "9", "why": "x" * 10_000_000}
    return _send(marina, "&".join(f"{k}={v}" for k, v in sent.items()), "application/x-www-form-urlencoded")


def _multipart(acme: Workspace, accepted: str) -> Respondent:
    marina = _come(link(_opened(acme)), accepted)
    return _send(marina, {**marina.fields(), "nps": "9", "why": "x" * 10_000_000})


def _many_fields(acme: Workspace, accepted: str) -> Respondent:
    marina = _come(link(_opened(acme)), accepted)
    return _send(marina, {**marina.fields(), "nps": "9"} | {f"f{n}": "1" for n in range(2000)})


def _not_a_form(acme: Workspace, accepted: str) -> Respondent:
    marina = _come(link(_opened(acme)), accepted)
    return _send(marina, b"--x\r\nbroken", "multipart/form-data; boundary=x")


ENDED: dict[str, tuple[str, Case]] = {
    "unknown survey": ("unknown", _unknown),
    "unknown token": ("unknown", _unknown_token),
    "tampered token": ("unknown", _tampered_token),
    "token of another survey": ("unknown", _token_of_another),
    "unknown response": ("unknown", _unknown_response),
    "expired": ("expired", _expired),
    "taken back": ("cancelled", _cancelled),
    "closed": ("closed", _closed),
    "closed meanwhile": ("closed", _closed_meanwhile),
    "paused": ("paused", _paused),
    "10 MB": ("large", _urlencoded),
    "10 MB in parts": ("large", _multipart),
    "2,000 fields": ("large", _many_fields),
}


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with nothing counted."""
    for name in ("READING", "SENDING", "TOKENS"):
        monkeypatch.setattr(limits, name, limits.Window(getattr(limits, name).most))


def _says(marina: Respondent, because: str, lang: str, code: str) -> None:
    """The page says why, in words of the language, as a whole page that is kept nowhere and runs nothing of others."""
    ending, html = ENDINGS[because], marina.page.content.decode()
    with override(code):
        title, text = gettext(ending.title), gettext(ending.text)
    assert (title != ending.title) == (lang != "en"), "the catalogue has it"
    assert marina.page.status_code == ending.status
    assert f'<html lang="{lang}"' in html
    assert escape(title) in html
    assert escape(text) in html
    assert marina.page.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in marina.page.headers["Content-Security-Policy"]


def _nothing_kept() -> None:
    assert not Response.objects.exists()
    assert not Upload.objects.exists()
    assert not PendingFact.objects.filter(table__in=("answers", "mentions")).exists()


@pytest.mark.parametrize(("accepted", "lang", "code"), LANGUAGES, ids=["en", "pt-BR", "it"])
@pytest.mark.parametrize("case", ENDED)
def test_what_cannot_be_answered_says_why_in_the_respondents_language(
    acme: Workspace, case: str, accepted: str, lang: str, code: str
) -> None:
    because, make = ENDED[case]
    _says(make(acme, accepted), because, lang, code)
    _nothing_kept()


@pytest.mark.parametrize(("accepted", "lang", "code"), LANGUAGES, ids=["en", "pt-BR", "it"])
def test_an_answer_is_given_once(acme: Workspace, accepted: str, lang: str, code: str) -> None:
    marina = _come(personal(invite_one(open_survey(acme))), accepted)
    address, tab = marina.path, _come(marina.path, accepted)
    marina.send(nps="10")
    _says(_come(address, accepted), "answered", lang, code)
    tab.send(nps="0")
    _says(tab, "answered", lang, code)
    assert [kept.answers for kept in Response.objects.all()] == [{"nps": 10}]


@pytest.mark.parametrize(("accepted", "lang", "code"), LANGUAGES, ids=["en", "pt-BR", "it"])
def test_an_invitation_is_answered_once_on_a_shared_device_too(
    acme: Workspace, accepted: str, lang: str, code: str
) -> None:
    marina = _come(personal(invite_one(open_survey(acme, repeated=True))), accepted)
    tab = _come(marina.path, accepted)
    marina.send(nps="10")
    tab.send(nps="0")
    _says(tab, "answered", lang, code)
    assert [kept.answers for kept in Response.objects.all()] == [{"nps": 10}]


@pytest.mark.parametrize(("accepted", "lang", "code"), LANGUAGES, ids=["en", "pt-BR", "it"])
def test_over_quota_is_thanked_and_not_counted(acme: Workspace, accepted: str, lang: str, code: str) -> None:
    survey = open_survey(acme, QUOTA)
    _come(link(survey), accepted).send(nps="9")
    late = _come(link(survey), accepted)
    late.send(nps="10")
    _says(late, "full", lang, code)
    assert [kept.left_out for kept in Response.objects.order_by("id")] == [False, True]


@pytest.mark.parametrize(("accepted", "lang", "code"), LANGUAGES, ids=["en", "pt-BR", "it"])
def test_too_many_requests(
    acme: Workspace, monkeypatch: pytest.MonkeyPatch, accepted: str, lang: str, code: str
) -> None:
    survey = open_survey(acme)
    invited, marina = _come(personal(invite_one(survey)), accepted), _come(link(survey), accepted)
    monkeypatch.setattr(limits, "SENDING", limits.Window(1))
    _come(link(survey), accepted).send()  # the one request that is heard
    marina.send(nps="9")
    _says(marina, "busy", lang, code)
    assert 0 < int(marina.page.headers["Retry-After"]) <= 60
    monkeypatch.setattr(limits, "SENDING", limits.Window(9))
    monkeypatch.setattr(limits, "TOKENS", limits.Window(0))
    invited.send(nps="9")
    _says(invited, "busy", lang, code)
    _nothing_kept()


@pytest.mark.parametrize(("accepted", "lang", "code"), LANGUAGES, ids=["en", "pt-BR", "it"])
def test_values_of_the_wrong_kind_are_told_beside_the_question(
    acme: Workspace, accepted: str, lang: str, code: str
) -> None:
    survey = open_survey(acme)
    with override(code):
        not_offered, untrusted = gettext(NOT_OFFERED), gettext(UNTRUSTED)
        too_long = gettext(TOO_LONG).format(given=10_001, most=10_000)
    for wrong in ("11", "nine", "<script>alert(1)</script>", "9\x00", "[9]", "9" * 5000):
        marina = _come(link(survey), accepted)
        marina.send(nps=wrong)
        if wrong == "9\x00":  # a sign that no database keeps is left out, the rest is what was chosen
            Response.objects.all().delete()
            PendingFact.objects.all().delete()
            continue
        assert (marina.status, not_offered in marina.text) == (422, True), wrong
        assert "<script>alert" not in marina.page.content.decode()
        assert f'<html lang="{lang}"' in marina.text
    marina = _come(link(survey), accepted)
    marina.send(nps="9", _seal=marina.fields()["_seal"][:-2] + "xx")
    assert (marina.status, untrusted in marina.text) == (403, True)
    marina.send(nps="9", _page="nowhere")
    assert marina.status == 200
    _nothing_kept()

    marina.send(nps="3")
    marina.send(why="x" * 10_001)
    assert (marina.status, too_long in marina.text) == (422, True)
    marina.send(why="<script>alert(1)</script>{customer.name}", _go="back")
    marina.send(nps="3")
    assert "<script>alert" not in marina.page.content.decode()
    assert [kept.answers["why"] for kept in Response.objects.all()] == ["<script>alert(1)</script>{customer.name}"]


def test_a_form_that_is_none_is_told_kindly(acme: Workspace) -> None:
    marina = _not_a_form(acme, "it")
    assert marina.page.status_code in (403, 413, 422)
    assert '<html lang="it"' in marina.text
    _nothing_kept()


def test_the_language_and_the_frame_stay_when_a_form_is_too_large_to_be_read(acme: Workspace) -> None:
    survey = open_survey(acme, sites=["https://shop.example"])
    marina = Respondent(f"{link(survey)}?frame=1&lang=it", accept_language="en")
    _send(marina, {**marina.fields(), "why": "x" * 10_000_000})
    _says(marina, "large", "it", "it")
    assert 'class="framed"' in marina.text
    assert marina.page.headers["Content-Security-Policy"].endswith("frame-ancestors https://shop.example")
    marina = Respondent(link(survey), accept_language="en")
    marina.send(_language="pt-BR")
    _send(marina, {**marina.fields(), "why": "x" * 10_000_000})
    _says(marina, "large", "pt-BR", "pt-br")


def test_a_file_where_none_is_asked_is_no_answer(acme: Workspace) -> None:
    marina = Respondent(link(open_survey(acme)))
    for asked in ({"nps": SimpleUploadedFile("9", b"9")}, {"nps": "3", "why": SimpleUploadedFile("a.txt", b"a")}):
        marina.send(**asked)
    marina.send(why=SimpleUploadedFile("a.txt", b"a"))
    assert [kept.answers for kept in Response.objects.all()] == [{"nps": 3}]
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    "odd", ["%00", "a%00b", "%ff", "%F0%9F%98%80", "..%2f..", "a" * 3000, "%22%3E%3Cscript%3E", "é", "%0d%0aX:1"]
)
def test_addresses_that_no_database_takes_are_not_found(acme: Workspace, odd: str) -> None:
    survey = open_survey(acme)
    client = Client(SERVER_NAME="localhost", headers={"accept-language": "it"}, raise_request_exception=True)
    for path in (
        f"/s/{odd}/",
        f"{link(survey)}i/{odd}/",
        f"{link(survey)}i/{odd}/d/",
        f"{link(survey)}r/{odd}/",
        f"/s/{odd}/look.css",
    ):
        for answer in (
            client.get(path),
            client.post(path, {"nps": "9"}) if not path.endswith(("d/", ".css")) else client.head(path),
        ):
            assert answer.status_code == 404, path
            assert "<script>" not in answer.content.decode()
    for query in (
        f"?lang={odd}",
        f"?frame={odd}",
        f"?nps={odd}",
        f"?channel={odd}&utm_source={odd}",
        f"?user={odd}&signature={odd}",
    ):
        marina = Respondent(link(survey) + query)
        assert marina.page.status_code == 200, query
        marina.send(nps="10")
        assert marina.status == 303, query
    assert {kept.language for kept in Response.objects.all()} == {"en"}


@pytest.mark.parametrize("name", ["_lang", "_language", "_page", "_seal", "_go", "_website", "why", "nps.other"])
@pytest.mark.parametrize("odd", ["\x00", "\ud800", "../..", "'\"<script>", "💥" * 1000, "null", "[]", "-1"])
def test_hidden_fields_with_nonsense_break_nothing(acme: Workspace, name: str, odd: str) -> None:
    marina = Respondent(link(open_survey(acme)))
    sent = {**marina.fields(), "nps": "10", name: odd.encode("utf-8", "surrogatepass")}
    answer = marina.client.post(marina.action, sent)
    assert answer.status_code in (200, 303, 403, 410, 413, 422)
    assert "'\"<script>" not in answer.content.decode()
    assert all(kept.answers == {"nps": 10} for kept in Response.objects.all())


def test_other_ways_of_asking_are_refused(acme: Workspace) -> None:
    survey = open_survey(acme)
    for method in ("put", "patch", "delete"):
        assert getattr(Client(SERVER_NAME="localhost"), method)(link(survey)).status_code == 405
    _nothing_kept()
