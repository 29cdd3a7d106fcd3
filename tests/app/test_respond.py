"""The respondent's pages without script: what people see, and what is kept of what they send."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.utils import timezone

from percorso.accounts.models import Workspace
from percorso.base import fact_outbox
from percorso.base.models import PendingFact
from percorso.customers.privacy.erased import look_again
from percorso.surveys.models import Invitation, Response, Survey, Upload
from percorso.surveys.respond import limits
from percorso.surveys.respond.uploads import path_of
from tests.app.respondents import NPS, Respondent, invite_one, link, open_survey, personal


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with nothing counted."""
    for name in ("READING", "SENDING", "TOKENS"):
        monkeypatch.setattr(limits, name, limits.Window(getattr(limits, name).most))


@pytest.fixture
def survey(acme: Workspace) -> Survey:
    return open_survey(acme)


def test_a_detractor_answers_both_pages_and_is_thanked(survey: Survey) -> None:
    marina = Respondent(link(survey))
    assert "How likely are you to recommend Small company?" in marina.text or "recommend" in marina.text
    assert not Response.objects.exists()

    marina.send(nps="3")
    assert "Why 3, friend?" in marina.text
    marina.send(why="Too slow")

    assert "Thank you, that helps" in marina.text
    kept = Response.objects.get()
    assert (kept.answers, kept.language, kept.channel) == ({"nps": 3, "why": "Too slow"}, "en", "link")
    assert kept.completed_at is not None
    assert kept.context == {}


def test_a_promoter_is_not_asked_why(survey: Survey) -> None:
    marina = Respondent(link(survey))
    marina.send(nps="10")
    assert "Thank you" in marina.text
    assert Response.objects.get().completed_at is not None


def test_what_is_wrong_stands_beside_the_question_and_nothing_is_lost(survey: Survey) -> None:
    marina = Respondent(link(survey))
    marina.send()
    assert marina.status == 422
    assert "Please answer this question." in marina.text
    assert "autofocus" in marina.text
    assert "<title>Please check: How are we doing?" in marina.text
    assert not Response.objects.exists()

    marina.send(nps="4")
    marina.send(why="x" * 10_001)
    assert marina.status == 422
    assert "10001 characters" in marina.text
    assert "x" * 10_000 in marina.text
    assert Response.objects.get().answers == {"nps": 4}


def test_back_keeps_what_was_typed(survey: Survey) -> None:
    marina = Respondent(link(survey))
    marina.send(nps="4")
    marina.send(why="Half a sen", _go="back")
    assert 'value="4" checked' in re.sub(r"\s+", " ", marina.text)

    marina.send(nps="5")
    assert "Half a sen" in marina.text
    marina.send(why="A whole sentence")
    assert Response.objects.get().answers == {"nps": 5, "why": "A whole sentence"}


def test_a_page_that_is_sent_twice_is_kept_once(survey: Survey) -> None:
    marina = Respondent(link(survey))
    sent = {**marina.fields(), "nps": "10"}
    for _ in range(2):
        answer = marina.client.post(marina.action, sent)
        assert answer.status_code == 303
        assert "Thank you" in marina.client.get(answer.headers["Location"]).content.decode()
    assert Response.objects.count() == 1

    other = marina.client.post(marina.action, {**sent, "nps": "1"})
    assert other.status_code == 410
    assert Response.objects.get().answers == {"nps": 10}


def test_the_first_page_can_be_changed_by_going_back_in_the_browser(survey: Survey) -> None:
    marina = Respondent(link(survey))
    sent = marina.fields()
    marina.send(nps="3")
    marina.client.post(link(survey), {**sent, "nps": "2"})
    assert Response.objects.get().answers == {"nps": 2}


def test_a_page_cannot_be_left_out(survey: Survey) -> None:
    marina = Respondent(link(survey))
    marina.send(_page="why", why="First")
    assert not Response.objects.exists()
    assert "recommend" in marina.text


def test_one_device_answers_again_and_again_where_the_survey_allows_it(acme: Workspace) -> None:
    survey = open_survey(acme, repeated=True)
    for _ in range(2):
        Respondent(link(survey) + "?channel=kiosk&place=Lobby").send(nps="9")
    assert Response.objects.count() == 2
    kept = Response.objects.first()
    assert kept is not None
    assert (kept.channel, kept.context, kept.origin, kept.marks) == ("kiosk", {"place": "Lobby"}, "", [])


# Languages.


@pytest.mark.parametrize(
    ("accepted", "asked", "read"),
    [
        ("pt-PT,pt;q=0.9", "", "Você recomendaria"),
        ("it-CH", "", "Consiglieresti"),
        ("fr,de;q=0.5", "", "How likely"),
        ("it", "?lang=pt-BR", "Você recomendaria"),
        ("it", "?lang=xx", "Consiglieresti"),
    ],
)
def test_the_page_speaks_the_respondents_language(survey: Survey, accepted: str, asked: str, read: str) -> None:
    page = Respondent(link(survey) + asked, accept_language=accepted)
    assert read in page.text


def test_an_invitation_speaks_its_own_language_and_names_the_customer(survey: Survey) -> None:
    marina = Respondent(personal(invite_one(survey, language="pt-BR")), accept_language="it")
    assert '<html lang="pt-BR"' in marina.text
    marina.send(nps="6")
    assert "Por que 6, Marina?" in marina.text


def test_changing_the_language_loses_nothing_and_stores_nothing(survey: Survey) -> None:
    marina = Respondent(link(survey))
    marina.send(nps="7", _language="it")
    assert "Consiglieresti" in marina.text
    assert not Response.objects.exists()
    assert 'value="7" checked' in re.sub(r"\s+", " ", marina.text)

    marina.send(nps="7")
    assert Response.objects.get().language == "it"
    # The second page was never translated: it says in which language it is.
    assert re.search(r'id="question-why"[^>]* lang="en"', marina.text)
    marina.send(_language="en", why="Because")
    marina.send(why="Because")
    assert Response.objects.get().language == "en"


# One click in a message.


def test_a_click_in_a_message_preselects_and_waits_for_a_person(survey: Survey) -> None:
    invitation = invite_one(survey)
    marina = Respondent(personal(invitation) + "?nps=9")
    assert "You chose 9. Press Next to confirm." in marina.text
    assert 'value="9" checked' in re.sub(r"\s+", " ", marina.text)
    invitation.refresh_from_db()
    assert (invitation.clicked, invitation.scanned, invitation.state) == ("9", False, "sent")
    assert not Response.objects.exists()

    marina.send(nps="10")
    assert Response.objects.get().answers == {"nps": 10}
    assert Invitation.objects.get().state == "answered"


def test_values_that_the_scale_does_not_have_are_not_taken_from_links(survey: Survey) -> None:
    invitation = invite_one(survey)
    for value in ("11", "-1", "x", "%00", "<script>", "9" * 5000):
        assert "You chose" not in Respondent(personal(invitation) + f"?nps={value}").text
    assert Invitation.objects.get().clicked == ""


def test_a_gateway_that_opens_every_link_twice_changes_no_score(survey: Survey) -> None:
    invitations = [invite_one(survey, customer=f"c{i}", address=f"c{i}@example.com") for i in range(3)]
    gateway = Client(SERVER_NAME="localhost")
    for invitation in invitations:
        base = personal(invitation)
        for address in (*(f"{base}?nps={n}" for n in range(11)), base, f"{base}d/"):
            for method in (gateway.get, gateway.head):
                assert method(address).status_code == 200

    assert not Response.objects.exists()
    assert not PendingFact.objects.filter(table__in=("answers", "mentions")).exists()
    for invitation in Invitation.objects.all():
        assert invitation.scanned
        assert invitation.state == "sent"
    clicks = [row["clicked_at"] for row in PendingFact.objects.order_by("id").values_list("row", flat=True)]
    assert clicks[-1] is None, "what a program clicked is no click"


def test_a_person_who_clicks_again_later_is_no_scanner(survey: Survey) -> None:
    invitation = invite_one(survey)
    Respondent(personal(invitation) + "?nps=3")
    Invitation.objects.update(clicked_at=timezone.now() - timedelta(minutes=2))
    Respondent(personal(invitation) + "?nps=8")
    invitation.refresh_from_db()
    assert (invitation.clicked, invitation.scanned) == ("8", False)


def test_the_decoy_shows_a_scanner(survey: Survey) -> None:
    invitation = invite_one(survey)
    page = Client(SERVER_NAME="localhost").get(personal(invitation) + "d/")
    assert "not for people" in page.content.decode()
    invitation.refresh_from_db()
    assert invitation.scanned


# Invitations.


def test_an_invitation_is_answered_once_and_can_be_gone_on_with(survey: Survey) -> None:
    invitation = invite_one(survey, interaction="order-1", traits={"country": "BR"})
    Respondent(personal(invitation)).send(nps="3")

    again = Respondent(personal(invitation))
    assert "Why 3, Marina?" in again.text
    again.send(why="Slow")
    kept = Response.objects.get()
    assert (kept.customer, kept.channel, kept.traits) == ("c1", "email", {"country": "BR"})

    third = Respondent(personal(invitation))
    assert third.page.status_code == 410
    assert "You have answered already" in third.text


def test_an_anonymous_survey_keeps_nothing_that_tells_who(acme: Workspace) -> None:
    survey = open_survey(acme, anonymous=True)
    invitation = invite_one(survey, traits={"team": "Sales"})
    marina = Respondent(personal(invitation) + "?nps=2&email=marina@example.com&utm_source=x")
    assert Invitation.objects.get().clicked == ""
    marina.send(nps="2")
    assert "Why 2, friend?" in marina.text
    assert marina.status == 200, "no address names invitation and response"
    marina.send(why="Overtime")
    assert "Thank you" in marina.text

    kept = Response.objects.get()
    assert (kept.invitation, kept.customer, kept.origin, kept.traits, kept.context) == (None, "", "", {}, {})
    assert kept.answers == {"nps": 2, "why": "Overtime"}
    assert Invitation.objects.get().state == "answered"
    assert Respondent(personal(invitation)).page.status_code == 410
    assert not any("c1" in str(row) for row in PendingFact.objects.values_list("row", flat=True))


def test_an_anonymous_invitation_is_used_once_however_many_tabs_are_open(acme: Workspace) -> None:
    survey = open_survey(acme, anonymous=True)
    invitation = invite_one(survey)
    tabs = [Respondent(personal(invitation)) for _ in range(2)]
    for tab in tabs:
        tab.send(nps="10")
    assert [tab.status for tab in tabs] == [200, 410]
    assert Response.objects.count() == 1


# What is not taken.


def test_addresses_of_nothing_are_told_kindly(survey: Survey) -> None:
    for path in ("/s/nothing/", f"{link(survey)}i/nothing/", f"{link(survey)}r/nothing/", "/s/x/look.css"):
        answer = Client(SERVER_NAME="localhost", headers={"accept-language": "en"}).get(path)
        assert answer.status_code == 404
        assert "was not found" in answer.content.decode()


def test_a_token_is_good_for_its_own_survey_only(survey: Survey, acme: Workspace) -> None:
    other = open_survey(acme, slug="other")
    path = personal(invite_one(survey)).replace(survey.key, other.key)
    assert Respondent(path).page.status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "told"),
    [
        ({"state": "closed"}, 410, "This survey is over"),
        ({"state": "paused"}, 403, "This survey is paused"),
        ({"closes_at": timezone.now() - timedelta(hours=1)}, 410, "This survey is over"),
        ({"state": "draft"}, 404, "was not found"),
    ],
)
def test_a_survey_that_is_not_open_takes_nothing(
    survey: Survey, change: dict[str, Any], status: int, told: str
) -> None:
    before, within = Respondent(link(survey)), Respondent(link(survey))
    within.send(nps="1")
    Survey.objects.update(**change)

    before.send(nps="9")
    assert (before.status, told in before.text) == (status, True)
    if change.get("state") != "draft":
        within.send(why="Late")
        assert (within.status, told in within.text) == (status, True)
    assert Respondent(link(survey)).page.status_code == status
    assert [kept.answers for kept in Response.objects.all()] == [{"nps": 1}]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"expires_at": timezone.now() - timedelta(hours=1)}, "This invitation has expired"),
        ({"state": "cancelled"}, "This invitation was taken back"),
    ],
)
def test_an_invitation_that_is_over_says_so(survey: Survey, change: dict[str, Any], told: str) -> None:
    marina = Respondent(personal(invite_one(survey, **change)))
    assert (marina.page.status_code, told in marina.text) == (410, True)


def test_a_full_quota_ends_kindly_and_counts_for_nothing(acme: Workspace) -> None:
    content = {**NPS, "quotas": [{"id": "few", "when": {"question": "nps", "at_least": 9}, "limit": 1}]}
    survey = open_survey(acme, content)
    for told in ("Thank you, that helps", "enough people"):
        marina = Respondent(link(survey))
        marina.send(nps="9")
        assert told in marina.text
    assert [kept.left_out for kept in Response.objects.order_by("id")] == [False, True]


@pytest.mark.parametrize("seal", ["", "x", "a:b", "eyJrZXkiOiJ4In0:AAAA"])
def test_a_form_that_is_not_ours_keeps_nothing(survey: Survey, seal: str) -> None:
    marina = Respondent(link(survey))
    marina.send(nps="9", _seal=seal)
    assert marina.status == 403
    assert 'value="9" checked' in re.sub(r"\s+", " ", marina.text), "what was chosen stays"
    assert not Response.objects.exists()
    marina.send(nps="9")
    assert Response.objects.count() == 1


def test_the_seal_of_one_survey_is_none_of_another(survey: Survey, acme: Workspace) -> None:
    other = Respondent(link(open_survey(acme, slug="other")))
    marina = Respondent(link(survey))
    marina.send(nps="9", _seal=other.fields()["_seal"])
    assert marina.status == 403


@pytest.mark.parametrize("value", ["11", "-1", "1e1", "９", "nine", "\x00", "true", '{"a":1}'])
def test_tampered_values_are_refused_in_words(survey: Survey, value: str) -> None:
    marina = Respondent(link(survey))
    marina.send(nps=value)
    assert marina.status == 422
    assert not Response.objects.exists()


def test_script_in_a_text_is_shown_as_text(survey: Survey) -> None:
    nasty = "<script>alert(1)</script>\n{customer.name}"
    marina = Respondent(personal(invite_one(survey, name="<b>Marina</b>")))
    marina.send(nps="1")
    assert "<b>Marina</b>" not in marina.page.content.decode()
    marina.send(why=nasty, _go="back")
    marina.send(nps="1")
    assert "<script>alert" not in marina.page.content.decode()
    assert Response.objects.get().answers["why"] == nasty


def test_ten_megabytes_are_refused_with_a_page(survey: Survey) -> None:
    marina = Respondent(link(survey))
    sent = {**marina.fields(), "nps": "1", "why": "x" * 10_000_000}
    urlencoded = marina.client.post(
        marina.action, "&".join(f"{k}={v}" for k, v in sent.items()), content_type="application/x-www-form-urlencoded"
    )
    multipart = marina.client.post(marina.action, sent)
    for answer in (urlencoded, multipart):
        assert answer.status_code == 413
        assert "more than fits" in answer.content.decode()
    many = marina.client.post(marina.action, {**marina.fields(), **{f"x{i}": "1" for i in range(2000)}})
    assert many.status_code == 413
    assert not Response.objects.exists()


def test_a_program_that_fills_in_every_field_is_marked(survey: Survey) -> None:
    bot = Respondent(link(survey))
    bot.send(nps="10", _website="https://spam.example")
    kept = Response.objects.get()
    assert kept.context["bot"] is True
    assert "bot" in kept.marks


def test_two_answers_from_one_place_are_marked(survey: Survey) -> None:
    for _ in range(2):
        Respondent(link(survey), user_agent="Firefox").send(nps="10")
    Respondent(link(survey), user_agent="Safari").send(nps="10")
    assert ["duplicate" in kept.marks for kept in Response.objects.order_by("id")] == [False, True, False]


def test_other_methods_are_refused(survey: Survey) -> None:
    for method in ("put", "patch", "delete", "options"):
        assert getattr(Client(SERVER_NAME="localhost"), method)(link(survey)).status_code == 405


# Headers, limits, cost.


def test_headers_of_every_page(survey: Survey) -> None:
    invitation = invite_one(survey)
    client = Client(SERVER_NAME="localhost")
    for path, status in (
        (link(survey), 200),
        (personal(invitation), 200),
        ("/s/none/", 404),
        (f"{personal(invitation)}d/", 200),
    ):
        answer = client.get(path)
        assert answer.status_code == status
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["X-Frame-Options"] == "DENY"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert policy.endswith("frame-ancestors 'none'")
        assert "unsafe" not in policy
        assert not re.search(r"<style|\sstyle=|\son\w+=", answer.content.decode())


def test_only_the_surveys_sites_may_frame_it(acme: Workspace) -> None:
    sites = [
        "https://shop.example",
        "https://*.shop.example:8443",
        "https://evil.example; script-src *",
        "'unsafe-inline'",
    ]
    survey = open_survey(acme, sites=sites)
    frame = Respondent(link(survey) + "?frame=1")
    policy = frame.page.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://shop.example https://*.shop.example:8443")
    assert "X-Frame-Options" not in frame.page.headers
    assert 'class="framed"' in frame.text
    frame.send(nps="3")
    assert 'class="framed"' in frame.text, "the next page is in the frame too"
    assert Response.objects.get().channel == "widget"


def test_too_many_requests_from_one_address_wait(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SENDING", limits.Window(2))
    pages = [Respondent(link(survey), accept_language="it") for _ in range(3)]
    for page in pages:
        page.send(nps="9")
    assert pages[2].status == 429
    assert 0 < int(pages[2].page.headers["Retry-After"]) <= 60
    assert Response.objects.count() == 2


def test_too_many_requests_for_one_token_wait(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TOKENS", limits.Window(3))
    invitation, other = invite_one(survey), invite_one(survey, customer="c2")
    assert [Respondent(personal(invitation)).page.status_code for _ in range(4)] == [200, 200, 200, 429]
    assert Respondent(personal(other)).page.status_code == 200


def test_the_window_slides() -> None:
    window = limits.Window(10)
    assert [window.wait("a", now=59.0) for _ in range(11)] == [0] * 10 + [1]
    assert window.wait("a", now=60.5) > 0, "those of half a second ago still count"
    assert window.wait("a", now=119.0) == 0
    assert window.wait("b", now=119.0) == 0
    assert window.wait("a", now=400.0) == 0


def test_an_address_behind_proxies(survey: Survey, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "READING", limits.Window(1))
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    told = "6.6.6.6, 203.0.113.7"
    assert Respondent(link(survey), x_forwarded_for=told).page.status_code == 200
    assert Respondent(link(survey), x_forwarded_for="9.9.9.9").page.status_code == 429, "nobody vouches for the header"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert Respondent(link(survey), x_forwarded_for=told).page.status_code == 200
    assert Respondent(link(survey), x_forwarded_for="7.7.7.7, 203.0.113.7").page.status_code == 429
    assert Respondent(link(survey), x_forwarded_for="2001:db8::1").page.status_code == 200
    assert Respondent(link(survey), x_forwarded_for="2001:db8::2").page.status_code == 429


@pytest.mark.parametrize("rows", [1, 3])
def test_what_an_answer_costs(survey: Survey, rows: int, django_assert_num_queries: Any) -> None:
    for _ in range(rows):
        Respondent(link(survey), user_agent=f"{_}").send(nps="2")
    marina = Respondent(link(survey))
    with django_assert_num_queries(1):
        marina.get(link(survey))
    sent = {**marina.fields(), "nps": "10"}
    # The survey, a savepoint and its end, the look for a duplicate, the response, its facts.
    with django_assert_num_queries(6):
        assert marina.client.post(marina.action, sent).status_code == 303


def test_what_an_invited_answer_costs(survey: Survey, django_assert_num_queries: Any) -> None:
    marina = Respondent(personal(invite_one(survey)))
    with django_assert_num_queries(3):  # the invitation, the survey, whether there is a response
        marina.get(marina.path)
    look_again()
    # Three of them ask what the workspace decided of privacy, which is remembered for two seconds.
    with django_assert_num_queries(14):
        assert marina.client.post(marina.action, {**marina.fields(), "nps": "10"}).status_code == 303


def test_facts_arrive(survey: Survey) -> None:
    Respondent(link(survey)).send(nps="10")
    assert fact_outbox.load() > 0
    assert not PendingFact.objects.exists()


def test_the_surveys_colour_is_readable_on_both_themes(acme: Workspace) -> None:
    from percorso.surveys.respond.look import SURFACES, contrast, readable, text_on

    survey = open_survey(acme, look={"accent": "#ffee55"})
    page = Respondent(link(survey))
    sheet = re.search(r'href="(/s/[^"]+look.css[^"]*)"', page.text)
    assert sheet
    answer = page.client.get(sheet[1])
    assert answer.headers["Content-Type"] == "text/css"
    assert "max-age" in answer.headers["Cache-Control"]
    for surface in SURFACES:
        tone = readable("#ffee55", surface)
        assert contrast(tone, surface) >= 4.5
        assert contrast(text_on(tone), tone) >= 4.5
        assert tone in answer.content.decode()
    assert "look.css" not in Respondent(link(open_survey(acme, slug="b", look={"accent": "red;}"}))).text


# Files.

PHOTO: dict[str, Any] = {
    "title": {"en": "A photo"},
    "pages": [
        {
            "id": "one",
            "questions": [
                {"id": "photo", "type": "file", "text": {"en": "Show us"}},
                {"id": "nps", "type": "nps", "required": True, "text": {"en": "Recommend?"}},
            ],
        },
        {"id": "two", "questions": [{"id": "why", "type": "text", "text": {"en": "Why?"}}]},
    ],
}


def test_a_file_is_kept_in_the_data_folder(acme: Workspace) -> None:
    survey = open_survey(acme, PHOTO)
    marina = Respondent(link(survey))
    assert 'enctype="multipart/form-data"' in marina.text
    marina.send(nps="5", photo=SimpleUploadedFile("../../broken box.png", b"\x89PNG...", content_type="image/png"))

    kept, upload = Response.objects.get(), Upload.objects.get()
    assert kept.answers["photo"] == {"upload": upload.key, "name": "broken box.png"}
    assert (upload.response, upload.question, upload.size_bytes) == (kept, "photo", 7)
    assert path_of(upload.key).read_bytes() == b"\x89PNG..."

    marina.send(why="x", _go="back")
    marina.send(nps="6", **{"photo.kept": upload.key})
    assert Response.objects.get().answers["photo"]["upload"] == upload.key
    marina.send(why="x", _go="back")
    with TestCase.captureOnCommitCallbacks(execute=True):
        marina.send(nps="6", photo=SimpleUploadedFile("other.png", b"two", content_type="image/png"))
    assert [path_of(upload.key).exists(), path_of(Upload.objects.get().key).read_bytes()] == [False, b"two"]
    marina.send(why="x", _go="back")
    marina.send(nps="6")  # without the tick that keeps it
    assert "photo" not in Response.objects.get().answers
    assert not Upload.objects.exists()


def test_a_file_that_is_refused_leaves_nothing_behind(acme: Workspace) -> None:
    survey = open_survey(acme, PHOTO)
    before = set(path_of("x").parent.glob("*"))
    marina = Respondent(link(survey))
    marina.send(nps="5", photo=SimpleUploadedFile("run.exe", b"MZ"))
    assert marina.status == 422
    marina.send(photo=SimpleUploadedFile("fine.png", b"fine"))
    assert marina.status == 422, "the other answer is missing"
    assert "Please choose the file again" in marina.text
    Survey.objects.update(state="closed")
    marina.send(nps="5", photo=SimpleUploadedFile("late.png", b"late"))
    assert marina.status == 410
    assert not Upload.objects.exists()
    assert set(path_of("x").parent.glob("*")) == before


def test_somebody_elses_file_cannot_be_named(acme: Workspace) -> None:
    survey = open_survey(acme, PHOTO)
    Respondent(link(survey)).send(nps="5", photo=SimpleUploadedFile("a.png", b"a"))
    marina = Respondent(link(survey))
    marina.send(nps="5", **{"photo.kept": Upload.objects.get().key})
    assert Response.objects.first().answers == {"nps": 5}  # type: ignore[union-attr]
