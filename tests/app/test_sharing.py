"""Link, code, kiosk and widget of a survey: what staff get, what other sites get, and what devices send."""

import hmac
import json
import re
import struct
import zlib
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import segno
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Workspace
from percorso.base.assets import BUILT, asset
from percorso.surveys.identity import secret_of, vouched
from percorso.surveys.models import Response, Survey, Version
from tests.app.respondents import NPS, Respondent, link, open_survey

SHARE = "/w/acme/surveys/nps/share/"
PUBLIC = "http://localhost:8000"


@pytest.fixture
def survey(members: Workspace, settings: Any) -> Survey:
    settings.PUBLIC_URL = PUBLIC
    return open_survey(members, sites=["https://shop.example", "https://*.shop.example"])


def page(client: Client, address: str = SHARE, status: int = 200) -> str:
    answered = client.get(address)
    assert answered.status_code == status
    return unescape(answered.content.decode())


def told(answer: Any, key: str) -> dict[str, Any]:
    """What the loader is told, as it would understand it."""
    found = re.fullmatch(r"percorso\.told\((.+?),(\{.*\})\)", answer.content.decode())
    assert found is not None
    assert json.loads(found[1]) == key
    return dict(json.loads(found[2]))


def config(survey: Survey, site: str = "https://shop.example", lang: str = "en") -> dict[str, Any]:
    answer = Client(SERVER_NAME="localhost").get(f"/s/{survey.key}/widget.js", {"site": site, "lang": lang})
    assert answer.status_code == 200
    return told(answer, survey.key)


# The page.


def test_the_page_shows_every_way(alice: Client, survey: Survey) -> None:
    html = page(alice)
    assert f"{PUBLIC}{link(survey)}<" in html
    assert f"{PUBLIC}{link(survey)}kiosk/<" in html
    assert f'<script async src="{PUBLIC}/w.js" data-survey="{survey.key}"></script>' in html
    assert 'class="qr"' in html
    assert "https://shop.example" in html
    assert "work on this computer only" in html
    assert secret_of(survey) in html


def test_a_place_and_a_campaign_are_kept_with_the_answer(alice: Client, survey: Survey) -> None:
    html = page(alice, f"{SHARE}?place=Till+3+%26+4&campaign=Spring")
    found = re.search(r'id="share-address"[^>]*>([^<]+)<', html)
    assert found is not None
    person = Respondent(found[1].removeprefix(PUBLIC))
    person.send(nps="10")
    assert Response.objects.get().context == {"place": "Till 3 & 4", "campaign": "Spring"}


def test_a_link_a_code_and_a_kiosk_in_one_language(alice: Client, survey: Survey) -> None:
    html = page(alice, f"{SHARE}?lang=pt-BR&place=Till")
    address, kiosk = (
        re.findall(rf'id="{name}"[^>]*>([^<]+)<', html)[0] for name in ("share-address", "share-kiosk-address")
    )
    assert (address, kiosk) == tuple(f"{PUBLIC}{link(survey)}{more}?place=Till&lang=pt-BR" for more in ("", "kiosk/"))
    assert '<option value="pt-BR" selected>Português</option>' in html
    poster = re.findall(r'href="([^"]+/poster/[^"]+)"', html)[0]
    assert "<h1>Como estamos indo?</h1>" in page(alice, poster)
    person = Respondent(address.removeprefix(PUBLIC))
    assert "Como estamos indo?" in person.text
    person.send(nps="10")
    assert (Response.objects.get().language, Response.objects.get().context) == ("pt-BR", {"place": "Till"})
    assert "lang=" not in re.findall(r'id="share-address"[^>]*>([^<]+)<', page(alice, f"{SHARE}?lang=xx"))[0]


def test_an_anonymous_survey_is_asked_for_no_campaign_and_has_no_secret(alice: Client, survey: Survey) -> None:
    Survey.objects.update(anonymous=True)
    html = page(alice, f"{SHARE}?place=Canteen&campaign=Spring")
    assert "place=Canteen" in html
    assert "campaign" not in re.findall(r'id="share-address"[^>]*>([^<]+)<', html)[0]
    assert secret_of(survey) not in html


def test_a_draft_says_that_nobody_can_answer_yet(alice: Client, survey: Survey) -> None:
    Survey.objects.update(state="draft")
    html = page(alice)
    assert "takes no answers now" in html
    assert "/publish/" in html


def test_questions_asked_of_the_database(
    alice: Client, survey: Survey, django_assert_num_queries: Callable[[int], Any]
) -> None:
    alice.get(SHARE)
    with django_assert_num_queries(6):
        alice.get(SHARE)


# Codes.


def matrix_of_svg(svg: str) -> list[list[int]]:
    """Read the squares back from the one path that segno draws: lines of modules, half a module below their top."""
    size = int(float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1]))  # type: ignore[index]
    drawn = re.findall(r'<path[^>]*stroke="#000"[^>]*d="([^"]+)"|<path[^>]*d="([^"]+)"[^>]*stroke="#000"', svg)
    steps = re.findall(r"([Mmhl])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", "".join(drawn[0]))
    squares = [[0] * size for _ in range(size)]
    x, y = 0.0, 0.0
    for what, first, second in steps:
        if what == "M":
            x, y = float(first), float(second)
        elif what == "m":
            x, y = x + float(first), y + float(second)
        else:
            for column in range(int(x), int(x + float(first))):
                squares[int(y)][column] = 1
            x += float(first)
    return squares


def matrix_of_png(content: bytes) -> tuple[list[list[int]], int]:
    """Read a grey PNG of one bit back; return its dots, and how many there are in a metre."""
    width, height, depth = struct.unpack(">IIB", content[16:25])
    assert depth == 1
    parts = {content[at + 4 : at + 8]: at for at in _chunks(content)}
    at = parts[b"IDAT"]
    data = zlib.decompress(content[at + 8 : at + 8 + struct.unpack(">I", content[at : at + 4])[0]])
    row = (width + 7) // 8
    dots, above = [], bytes(row)
    for line in range(height):
        how, *held = data[line * (row + 1) : (line + 1) * (row + 1)]
        assert how in (0, 2), "as it is, or what differs from the line above"
        above = bytes((byte + before * (how == 2)) % 256 for byte, before in zip(held, above, strict=True))
        dots.append([1 - (above[x // 8] >> (7 - x % 8) & 1) for x in range(width)])
    per_metre = struct.unpack(">I", content[parts[b"pHYs"] + 8 : parts[b"pHYs"] + 12])[0]
    return dots, per_metre


def _chunks(content: bytes) -> list[int]:
    at, found = 8, []
    while at < len(content):
        found.append(at)
        at += 12 + struct.unpack(">I", content[at : at + 4])[0]
    return found


def expected(address: str) -> list[list[int]]:
    return [list(row) for row in segno.make(address, error="q", micro=False).matrix_iter(border=4)]


def test_the_code_as_svg_is_of_the_address_and_prints_as_wide_as_told(alice: Client, survey: Survey) -> None:
    answer = alice.get(f"{SHARE}code.svg?size=100&place=Till")
    svg = answer.content.decode()
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="nps-10cm.svg"'
    assert "<title>How are we doing?</title>" in svg
    width = re.search(r'width="(\d+)mm"', svg)
    assert width is not None
    assert width[1] == "100"
    assert matrix_of_svg(svg) == expected(f"{PUBLIC}{link(survey)}?channel=qr&place=Till")


@pytest.mark.parametrize("size", [30, 50, 100])
def test_the_code_as_png_is_of_the_address_and_prints_as_wide_as_told(alice: Client, survey: Survey, size: int) -> None:
    answer = alice.get(f"{SHARE}code.png?size={size}")
    dots, per_metre = matrix_of_png(answer.content)
    squares = expected(f"{PUBLIC}{link(survey)}?channel=qr")
    scale = len(dots) // len(squares)
    assert [[dots[y * scale][x * scale] for x in range(len(squares))] for y in range(len(squares))] == squares
    assert all(dots[y][x] == dots[y // scale * scale][x // scale * scale] for y in range(40) for x in range(len(dots)))
    assert 1000 * len(dots) / per_metre == pytest.approx(size, rel=0.1)


def test_who_answers_by_the_code_is_told_apart(survey: Survey) -> None:
    Respondent(f"{link(survey)}?channel=qr&place=Till").send(nps="10")
    kept = Response.objects.get()
    assert (kept.channel, kept.context) == ("qr", {"place": "Till"})


@pytest.mark.parametrize("address", ["code.gif", "code.svg?size=31", "code.png?size=x", "poster/?paper=a3"])
def test_no_other_codes_and_posters(alice: Client, survey: Survey, address: str) -> None:
    assert alice.get(f"{SHARE}{address}").status_code == 404


def test_the_poster_in_a_language(alice: Client, survey: Survey) -> None:
    html = page(alice, f"{SHARE}poster/?paper=a6&lang=pt-BR&place=Till")
    assert '<html lang="pt-BR">' in html
    assert "<h1>Como estamos indo?</h1>" in html
    assert "poster-a6" in html
    assert matrix_of_svg(html) == expected(f"{PUBLIC}{link(survey)}?channel=qr&place=Till&lang=pt-BR")
    assert not re.search(r"<script|style=", html)


# Sites, widget.


def test_sites_are_kept_as_origins(alice: Client, survey: Survey) -> None:
    lines = "shop.example\nhttps://WWW.shop.example/path?x\nhttp://localhost:3000"
    assert alice.post(SHARE, {"do": "sites", "sites": lines}).status_code == 302
    survey.refresh_from_db()
    assert survey.sites == ["https://shop.example", "https://www.shop.example", "http://localhost:3000"]
    assert AuditEntry.objects.filter(action="survey_changed").exists()


@pytest.mark.parametrize(
    "line", ["javascript:alert(1)", "https://a b", "https://x;script-src *", "ftp://x.example", "*"]
)
def test_what_is_no_site_is_refused(alice: Client, survey: Survey, line: str) -> None:
    answer = alice.post(SHARE, {"do": "sites", "sites": line})
    assert answer.status_code in (302, 400)
    survey.refresh_from_db()
    assert all(re.fullmatch(r"https?://[a-z0-9.*:-]+", site) and ";" not in site for site in survey.sites)
    if line != "https://a b":
        assert answer.status_code == 400


WIDGET = {"do": "widget", "on": "load", "share_percent": "100", "position": "right", "theme": "auto"}


def test_the_widgets_settings_reach_the_loader(alice: Client, survey: Survey) -> None:
    Survey.objects.update(look={"accent": "#0b6e4f"})
    sent = {
        **WIDGET,
        "on": "event",
        "event": "order </script>",
        "share_percent": "25",
        "position": "left",
        "page": "/orders/*",
    }
    assert alice.post(SHARE, sent).status_code == 302
    survey.refresh_from_db()
    assert survey.look["accent"] == "#0b6e4f"
    known = config(survey)
    assert (known["on"], known["event"], known["share"], known["position"]) == (
        "event",
        "order </script>",
        0.25,
        "left",
    )
    assert (known["open"], known["days"], known["page"]) == (True, 90, "/orders/*")
    assert 'value="order </script>"' in page(alice)


@pytest.mark.parametrize(
    "wrong",
    [{"on": "event"}, {"on": "click"}, {"on": "never"}, {"share_percent": "0"}, {"on": "scroll", "scroll": "101"}],
)
def test_a_way_to_open_that_lacks_something_is_refused(alice: Client, survey: Survey, wrong: dict[str, str]) -> None:
    assert alice.post(SHARE, {**WIDGET, **wrong}).status_code == 400
    survey.refresh_from_db()
    assert "widget" not in survey.look


def test_the_loader_is_told_in_the_pages_language(survey: Survey) -> None:
    assert config(survey, lang="pt-BR")["title"] == "Como estamos indo?"
    assert config(survey, lang="it-CH")["title"] == "Come stiamo andando?"
    assert config(survey, lang="xx")["title"] == "How are we doing?"


@pytest.mark.parametrize(("site", "opens"), [
    ("https://shop.example", True), ("https://www.shop.example", True), ("http://shop.example", False),
    ("https://other.example", False), ("null", False), ("", False),
])  # fmt: skip
def test_it_opens_on_the_surveys_sites_only(survey: Survey, site: str, opens: bool) -> None:
    assert config(survey, site)["open"] is opens


def test_it_does_not_open_when_the_survey_is_over(survey: Survey) -> None:
    Survey.objects.update(state="paused")
    assert config(survey)["open"] is False


def test_settings_that_were_kept_wrong_are_the_usual_ones(survey: Survey) -> None:
    Survey.objects.update(look={"widget": {"on": "sometimes", "share": 7}})
    assert config(survey)["on"] == "load"


def test_the_loader_has_one_address_and_is_small(db: None) -> None:
    answer = Client(SERVER_NAME="localhost").get("/w.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert len(answer.content) <= 5 * 1024
    plain = Client(SERVER_NAME="localhost").get("/w.js")
    assert "Content-Encoding" not in plain.headers
    assert zlib.decompress(answer.content, 31) == plain.content == (BUILT / asset("widget.js")).read_bytes()
    assert not answer.cookies


# Who is signed in on the site.


def signed(survey: Survey, user: str) -> str:
    """What the documentation tells a site's server to do."""
    return hmac.new(secret_of(survey).encode(), user.encode(), "sha256").hexdigest()


def test_a_signed_customer_is_known(survey: Survey) -> None:
    person = Respondent(f"{link(survey)}?frame=1&user=c%C3%A91&signature={signed(survey, 'cé1')}")
    person.send(nps="3")
    person.send(why="Late")
    kept = Response.objects.get()
    assert (kept.customer, kept.channel, kept.context) == ("cé1", "widget", {})


@pytest.mark.parametrize("signature", ["", "0" * 64, "é"])
def test_a_wrong_signature_is_nobody(survey: Survey, signature: str) -> None:
    Respondent(f"{link(survey)}?frame=1&user=c1&signature={signature}").send(nps="10")
    kept = Response.objects.get()
    assert (kept.customer, kept.context) == ("", {})


def test_the_signature_of_another_survey_and_of_another_customer_is_nobody(survey: Survey) -> None:
    other = open_survey(survey.workspace, slug="other")
    for user, signature in (("c1", signed(other, "c1")), ("c2", signed(survey, "c1"))):
        Respondent(f"{link(survey)}?user={user}&signature={signature}").send(nps="10")
    assert {kept.customer for kept in Response.objects.all()} == {""}


def test_an_anonymous_survey_is_told_nobody(survey: Survey) -> None:
    Survey.objects.update(anonymous=True)
    person = Respondent(f"{link(survey)}?user=c1&signature={signed(survey, 'c1')}")
    person.send(nps="10")
    assert Response.objects.get().customer == ""
    assert "c1" not in json.dumps(Response.objects.get().context)


def renew(client: Client, status: int = 302, **sent: str) -> None:
    assert client.post(f"{SHARE}secret/", sent).status_code == status


def believed(survey: Survey, signature: str) -> bool:
    survey.refresh_from_db()
    return vouched(survey, "c1", signature) == "c1"


def test_a_renewed_secret_is_the_only_one(alice: Client, survey: Survey) -> None:
    earlier, before = secret_of(survey), signed(survey, "c1")
    renew(alice, days="0")
    assert not believed(survey, before)
    html = page(alice)
    assert earlier not in html
    assert secret_of(survey) in html
    assert secret_of(survey) != earlier
    person = Respondent(f"{link(survey)}?user=c1&signature={signed(survey, 'c1')}")
    person.send(nps="10")
    assert Response.objects.get().customer == "c1"
    entry = AuditEntry.objects.get(action="survey_secret_renewed")
    assert (entry.target, entry.details) == ("NPS", {"days": 0})


def test_the_earlier_secret_counts_for_a_while(alice: Client, survey: Survey) -> None:
    first = signed(survey, "c1")
    renew(alice, days="7")
    assert believed(survey, first)
    second = signed(survey, "c1")
    assert believed(survey, second)
    assert "are believed until" in page(alice)
    Survey.objects.update(earlier_until=timezone.now() - timedelta(seconds=1))
    assert not believed(survey, first)
    assert believed(survey, second)
    assert "are believed until" not in page(alice)


def test_the_earlier_secret_is_ended(alice: Client, survey: Survey) -> None:
    first = signed(survey, "c1")
    renew(alice, days="30")
    renew(alice, end="1")
    assert not believed(survey, first)
    assert believed(survey, signed(survey, "c1"))
    assert AuditEntry.objects.filter(action="survey_secret_ended").exists()


def test_who_may_renew_the_secret(as_role: Callable[[str], Client], alice: Client, survey: Survey) -> None:
    editor, before = as_role("editor"), secret_of(survey)
    renew(editor, days="0", status=403)
    assert "renew-secret" not in page(editor)
    assert "renew-secret" in page(alice)
    renew(alice, days="3", status=400)
    survey.refresh_from_db()
    assert secret_of(survey) == before


# The kiosk.


def kept_on_device(survey: Survey, fields: str = "nps=9", **more: Any) -> dict[str, Any]:
    now = timezone.now().timestamp()
    usual = {"key": "0123456789abcdef", "version": 1, "language": "en", "at": now - 3600, "started": now - 3620}
    return {**usual, "fields": fields, **more}


def send(survey: Survey, *answers: dict[str, Any], status: int = 200, **more: Any) -> dict[str, str]:
    batch = {"now": timezone.now().timestamp(), "answers": answers, **more}
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    answer = client.post(f"{link(survey)}kiosk/answers/", json.dumps(batch), content_type="application/json")
    assert answer.status_code == status
    assert not answer.cookies
    return dict(answer.json()["done"]) if status == 200 else {}


def test_answers_are_kept_with_the_time_they_were_given(survey: Survey) -> None:
    Survey.objects.update(created_at=timezone.now() - timedelta(days=9))
    assert send(survey, kept_on_device(survey), place="Entrance") == {"0123456789abcdef": "kept"}
    kept = Response.objects.get()
    assert (kept.answers, kept.channel, kept.context) == ({"nps": 9}, "kiosk", {"kiosk": True, "place": "Entrance"})
    assert kept.completed_at is not None
    ago = timezone.now() - kept.completed_at
    assert timedelta(minutes=59) < ago < timedelta(minutes=61)
    assert kept.seconds == pytest.approx(20, abs=0.1)
    assert (kept.customer, kept.origin, kept.marks) == ("", "", [])


def test_sent_again_they_are_kept_once(survey: Survey) -> None:
    for _ in range(3):
        assert send(survey, kept_on_device(survey)) == {"0123456789abcdef": "kept"}
    send(survey, kept_on_device(survey, key="fedcba9876543210"))
    assert Response.objects.count() == 2


def test_a_clock_that_is_wrong_does_no_harm(survey: Survey) -> None:
    Survey.objects.update(created_at=timezone.now() - timedelta(days=9))
    far = 1_000_000.0
    send(survey, kept_on_device(survey, at=far - 60, started=far - 70), now=far)
    kept = Response.objects.get()
    assert kept.completed_at is not None
    assert timedelta(seconds=55) < timezone.now() - kept.completed_at < timedelta(seconds=70)


def test_answers_from_the_future_are_of_now(survey: Survey) -> None:
    ahead = timezone.now().timestamp() + 9e6
    send(survey, kept_on_device(survey, at=ahead, started=0))
    kept = Response.objects.get()
    assert kept.completed_at is not None
    assert kept.completed_at <= timezone.now()


def test_they_belong_to_the_version_that_was_shown(survey: Survey) -> None:
    content = {
        **NPS,
        "pages": [
            {"id": "score", "questions": [{"id": "csat", "type": "csat", "metric": "csat", "text": {"en": "?"}}]}
        ],
    }
    survey.live = Version.objects.create(survey=survey, number=2, content=content)
    survey.save()
    assert set(send(survey, kept_on_device(survey)).values()) == {"kept"}
    kept = Response.objects.get()
    assert (kept.version.number, kept.answers) == (1, {"nps": 9})


def test_what_does_not_fit_is_left_out_told_and_shown_to_staff(alice: Client, survey: Survey) -> None:
    send(survey, kept_on_device(survey, "nps=3&why=Late&unknown=1"))
    send(survey, kept_on_device(survey, "nps=10&why=Not+asked", key="a" * 16))
    assert send(survey, kept_on_device(survey, "nps=11", key="b" * 16)) == {"b" * 16: "refused"}
    first, second = Response.objects.order_by("pk")
    assert (first.answers, first.context) == ({"nps": 3, "why": "Late"}, {"kiosk": True})
    assert (second.answers, second.context) == ({"nps": 10}, {"kiosk": True, "not taken.why": "Not asked"})
    assert "Not asked" in page(alice, f"/w/acme/surveys/nps/answers/{second.key}/")


def test_the_device_hears_what_was_not_taken_once(survey: Survey) -> None:
    batch = {"now": timezone.now().timestamp(), "answers": [kept_on_device(survey, "nps=10&why=Not+asked")]}
    client, address = Client(SERVER_NAME="localhost"), f"{link(survey)}kiosk/answers/"
    for expected in ({"0123456789abcdef": 1}, {}):
        told = client.post(address, json.dumps(batch), content_type="application/json").json()
        assert told == {"done": {"0123456789abcdef": "kept"}, "not_taken": expected}


def test_numbers_come_with_a_point_in_every_language(survey: Survey) -> None:
    pages = [{"id": "one", "questions": [{"id": "hours", "type": "number", "text": {"en": "Hours", "pt-BR": "Horas"}}]}]
    survey.live = Version.objects.create(survey=survey, number=2, content={**NPS, "pages": pages})
    survey.save()
    send(survey, kept_on_device(survey, "hours=1.125", version=2, language="pt-BR"))
    assert Response.objects.get().answers == {"hours": 1.125}


def test_the_page_of_links_says_why_no_kiosk_can_show_it(alice: Client, survey: Survey) -> None:
    pages = [
        {"id": "one", "questions": [{"id": "name", "type": "text", "text": {"en": "Your name?"}}]},
        {"id": "two", "show_if": {"question": "name", "is": ["Ada"]}, "questions": NPS["pages"][0]["questions"]},
    ]
    survey.live = Version.objects.create(survey=survey, number=2, content={**NPS, "pages": pages})
    survey.save()
    html = page(alice)
    assert "A condition compares the answer to “Your name?”, of which there are too many" in html
    assert "share-kiosk-address" not in html
    told = page(Client(SERVER_NAME="localhost"), f"{link(survey)}kiosk/?lang=pt-BR", status=409)
    assert f'href="{link(survey)}?lang=pt-BR"' in told


def test_the_page_of_links_says_what_a_kiosk_leaves_out(alice: Client, survey: Survey) -> None:
    content = json.loads(json.dumps(NPS))
    content["pages"][1]["questions"].append({"id": "photo", "type": "file", "text": {"en": "A photo"}})
    survey.live = Version.objects.create(survey=survey, number=2, content=content)
    survey.save()
    html = page(alice)
    assert "share-kiosk-address" in html
    assert "“A photo”" in html


def test_who_went_away_has_not_finished(survey: Survey) -> None:
    send(survey, kept_on_device(survey, "nps=3", page="score"))
    kept = Response.objects.get()
    assert (kept.answers, kept.page, kept.completed_at) == ({"nps": 3}, "why", None)


def test_a_closed_survey_lets_them_wait(survey: Survey) -> None:
    Survey.objects.update(state="paused")
    assert send(survey, kept_on_device(survey)) == {"0123456789abcdef": "closed"}
    Survey.objects.update(state="live")
    assert send(survey, kept_on_device(survey)) == {"0123456789abcdef": "kept"}


@pytest.mark.parametrize("more", [
    {"key": "short"}, {"version": 0}, {"at": "x"}, {"fields": 7}, {"customer": "c1"}, {"fields": "x" * 200_001}, {"at": float("nan")},
])  # fmt: skip
def test_what_no_kiosk_sends_is_refused(survey: Survey, more: dict[str, Any]) -> None:
    send(survey, kept_on_device(survey, **more), status=400)
    assert not Response.objects.exists()


def test_too_many_at_once_and_no_json(survey: Survey) -> None:
    send(survey, *(kept_on_device(survey, key=f"{n:016x}") for n in range(21)), status=400)
    answer = Client(SERVER_NAME="localhost").post(f"{link(survey)}kiosk/answers/", b"{", content_type="text/plain")
    assert answer.status_code == 403
    assert send(survey, kept_on_device(survey, version=9)) == {"0123456789abcdef": "refused"}


def test_the_page_holds_all_questions_and_no_files(survey: Survey) -> None:
    content = json.loads(json.dumps(NPS))
    content["pages"][1]["questions"].append({"id": "photo", "type": "file", "text": {"en": "A photo"}})
    survey.live = Version.objects.create(survey=survey, number=2, content=content)
    survey.save()
    html = Client(SERVER_NAME="localhost").get(f"{link(survey)}kiosk/?lang=it").content.decode()
    assert '<html lang="it"' in html
    assert [html.count(f'data-page="{name}"') for name in ("score", "why")] == [1, 1]
    looked_up = json.loads(re.findall(r'<script id="looked-up" type="application/json">(.*?)</script>', html)[0])
    assert looked_up["ways"] == {"why": ["nps", [False, True]]}  # no answer, 9 and 10; 0 to 8
    assert "photo" not in html
    assert not re.search(r"<script(?![^>]*src=|[^>]*application/json)|style=|https?://", html)
    assert set(send(survey, kept_on_device(survey, "nps=3&why=Late", version=2)).values()) == {"kept"}
    assert Response.objects.get().completed_at is not None


def test_the_worker_keeps_what_the_page_needs(survey: Survey) -> None:
    Survey.objects.update(look={"accent": "#0b6e4f"})
    client = Client(SERVER_NAME="localhost")
    answer = client.get(f"{link(survey)}kiosk/worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    kept = json.loads(re.findall(r"const KEPT=(\[.*?\])", answer.content.decode())[0])
    html = client.get(f"{link(survey)}kiosk/").content.decode()
    assert set(re.findall(r'(?:href|src)="(/static/[^"]+|[^"]+look\.css[^"]*)"', html)) <= set(kept)
    assert {f"{link(survey)}kiosk/", f"{link(survey)}kiosk/?lang=pt-BR"} <= set(kept)
    before = answer.content
    survey.live = Version.objects.create(survey=survey, number=2, content=NPS)
    survey.look = {"accent": "#0b6e4f"}
    survey.save()
    assert client.get(f"{link(survey)}kiosk/worker.js").content != before


def test_a_kiosk_of_a_closed_survey_says_so(survey: Survey) -> None:
    Survey.objects.update(state="closed")
    assert Client(SERVER_NAME="localhost").get(f"{link(survey)}kiosk/").status_code == 410


def test_every_text_of_a_page_is_escaped(alice: Client, survey: Survey) -> None:
    content = {**NPS, "title": {"en": "<script>alert(1)</script>"}}
    survey.draft, survey.live = content, Version.objects.create(survey=survey, number=2, content=content)
    survey.save()
    addresses = (SHARE, f"{SHARE}poster/", f"{SHARE}preview/", f"{link(survey)}kiosk/")
    assert all("<script>alert" not in alice.get(address).content.decode() for address in addresses)
    svg = alice.get(f"{SHARE}code.svg").content.decode()
    assert "<script>" not in svg
