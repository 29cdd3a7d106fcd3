"""The respondent's pages in a real Chromium: by keyboard, on phones, in frames, with and without script."""

import gzip
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from percorso.accounts.models import Workspace
from percorso.base.assets import BUILT, asset
from percorso.surveys.models import Invitation, Response, Survey
from percorso.surveys.question import QUESTIONS
from tests.app.respondents import invite_one, link, open_survey, personal
from tests.web.accessible import AXE, axe
from tests.web.browser import Complaints, browsing, chromium, opened

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")
MOST_BYTES = 40_000


def _text(text: str) -> dict[str, str]:
    return {"en": text, "pt-BR": f"{text} (português)"}


def _options(*names: str) -> list[dict[str, Any]]:
    return [{"id": name.lower().replace(" ", "-")[:40], "text": _text(name)} for name in names]


SHORT: dict[str, Any] = {
    "languages": ["en", "pt-BR", "it"],
    "title": {"en": "Your delivery", "pt-BR": "Sua entrega", "it": "La tua consegna"},
    "pages": [
        {"id": "score", "questions": [
            {"id": "hello", "type": "statement", "text": _text("Thank you for shopping with us.")},
            {"id": "nps", "type": "nps", "required": True, "metric": "nps", "text": _text("How likely are you to recommend {company}?")},
            {"id": "why", "type": "text", "text": _text("What is the main reason?"), "help": _text("A sentence is enough.")},
        ]},
        {"id": "more", "questions": [{"id": "csat", "type": "csat", "metric": "csat", "text": _text("How satisfied are you?")}]},
    ],
}  # fmt: skip
EVERY_TYPE: dict[str, Any] = {
    "languages": ["en", "pt-BR"],
    "title": _text("Your visit"),
    "one_at_a_time": False,
    "pages": [{"id": "all", "questions": [
        {"id": "hello", "type": "statement", "text": _text("Thank you for coming.")},
        {"id": "nps", "type": "nps", "required": True, "text": _text("How likely are you to recommend us?")},
        {"id": "csat", "type": "csat", "text": _text("How satisfied are you with the delivery?")},
        {"id": "ces", "type": "ces", "text": _text("It was easy.")},
        {"id": "stars", "type": "stars", "text": _text("How was the product?")},
        {"id": "emoji", "type": "emoji", "text": _text("How do you feel?")},
        {"id": "choice", "type": "choice", "text": _text("How did you hear of us?"), "settings": {"options": _options("Search", "A friend"), "other": True}},
        {"id": "choices", "type": "choices", "text": _text("What did you buy?"), "settings": {"options": _options("Tools", "Extraordinarily long-winded household appliances")}},
        {"id": "matrix", "type": "matrix", "text": _text("How were these?"), "settings": {"rows": _options("Price", "Service"), "columns": _options("Bad", "Fair", "Good")}},
        {"id": "ranking", "type": "ranking", "text": _text("What matters most?"), "settings": {"items": _options("Price", "Speed", "Advice")}},
        {"id": "text", "type": "text", "text": _text("Anything else?")},
        {"id": "number", "type": "number", "text": _text("How many people live with you?")},
        {"id": "day", "type": "date", "text": _text("When did you visit?")},
        {"id": "photo", "type": "file", "text": _text("A photo")},
        {"id": "consent", "type": "consent", "text": _text("May we write to you?")},
    ]}],
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(live_server: Any) -> str:
    return str(live_server.url)


@pytest.fixture
def survey(acme: Workspace, site: str) -> Survey:
    return open_survey(acme, SHORT)


@pytest.fixture
def every(acme: Workspace, site: str) -> Survey:
    return open_survey(acme, EVERY_TYPE, slug="every", look={"accent": "#0b6e4f"})


def styled(page: Page, rules: str) -> None:
    """Add rules of a reader's own, as an extension of their browser does: the page's policy does not hold them up."""
    page.evaluate(
        "rules => { const own = new CSSStyleSheet(); own.replaceSync(rules); document.adoptedStyleSheets = [own]; }",
        rules,
    )


def quiet(complaints: Complaints) -> None:
    """Nothing was complained about, but pages whose status says that something is wrong."""
    told = [line for line in complaints.console if "the server responded with a status of 4" not in line]
    assert (told, complaints.hosts) == ([], set())


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


# Accessible.


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: `npm ci` in frontend/")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1440])
def test_nothing_serious_on_any_page(
    browser: Browser, site: str, survey: Survey, every: Survey, theme: str, width: int
) -> None:
    closed = open_survey(every.workspace, slug="closed", closes_at="2026-01-01T00:00:00Z")
    invitation = invite_one(survey)
    with opened(browser, site, width=width, theme=theme) as (page, complaints):
        for path in (
            link(survey),
            personal(invitation) + "?nps=9",
            link(every),
            link(closed),
            "/s/nothing/",
            link(survey) + "?frame=1",
        ):
            page.goto(path)
            assert axe(page) == [], path
        page.goto(link(every))
        page.locator(".buttons .button").click()
        expect(page.get_by_role("alert")).to_contain_text("One answer needs a look.")
        assert axe(page) == []
        page.get_by_role("radio", name="10 Extremely likely").check(force=True)
        page.locator(".buttons .button").click()
        expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
        assert axe(page) == []
        quiet(complaints)


def test_by_keyboard_alone(browser: Browser, site: str, survey: Survey) -> None:
    with opened(browser, site) as (page, complaints):
        page.goto(link(survey))
        for _ in range(3):  # the languages come first
            page.keyboard.press("Tab")
            expect(page.locator(":focus")).to_have_class("language")
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_attribute("name", "nps")
        page.keyboard.press("Space")
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        expect(page.locator("input[name=nps]:checked")).to_have_value("3")
        assert page.url.endswith(link(survey)), "choosing sends nothing"
        page.keyboard.press("Tab")
        page.keyboard.type("Late")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(
            page.get_by_role("group", name="How satisfied are you?").or_(
                page.get_by_role("radiogroup", name="How satisfied are you?")
            )
        ).to_be_visible()
        page.keyboard.press("Tab")
        for _ in range(3):
            page.keyboard.press("Tab")
        page.keyboard.press("5")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
        quiet(complaints)
    assert Response.objects.get().answers == {"nps": 3, "why": "Late", "csat": 5}


def test_figures_choose_on_the_scale_that_has_the_focus_and_nowhere_else(
    browser: Browser, site: str, survey: Survey
) -> None:
    with opened(browser, site) as (page, _):
        page.goto(link(survey))
        page.keyboard.press("7")
        expect(page.locator("input[name=nps]:checked")).to_have_count(0)
        page.locator("input[name=nps]").first.focus()
        page.keyboard.press("7")
        expect(page.locator("input[name=nps]:checked")).to_have_value("7")
        page.keyboard.press("1")
        page.keyboard.press("0")
        expect(page.locator("input[name=nps]:checked")).to_have_value("10")
        page.locator("textarea").focus()
        page.keyboard.type("24")
        expect(page.locator("textarea")).to_have_value("24")
        expect(page.locator("input[name=nps]:checked")).to_have_value("10")


def test_the_first_wrong_answer_has_the_focus(browser: Browser, site: str, survey: Survey) -> None:
    with opened(browser, site) as (page, _):
        page.goto(link(survey))
        page.locator("textarea").fill("Not lost")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("input[name=nps]").first).to_be_focused()
        expect(page.locator("input[name=nps]").first).to_have_accessible_name(re.compile("^0"))
        group = page.get_by_role("radiogroup")
        expect(group).to_have_accessible_description(
            re.compile("Please answer this question.*0 Not at all likely.*10 Extremely likely", re.S)
        )
        expect(page).to_have_title(re.compile("^Please check: Your delivery"))
        expect(page.locator("textarea")).to_have_value("Not lost")


@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_320_pixels_and_text_of_twice_the_size(browser: Browser, site: str, every: Survey, language: str) -> None:
    with opened(browser, site, language, width=320, height=640) as (page, _):
        page.goto(link(every))
        assert fits(page), "320 px"
        page.set_viewport_size({"width": 1280, "height": 900})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert fits(page), "text of 200 %"
        page.set_viewport_size({"width": 320, "height": 640})
        assert fits(page), "text of 200 % at 320 px"


@pytest.mark.parametrize("width", [320, 1280])
def test_text_with_more_space_is_not_cut(browser: Browser, site: str, every: Survey, width: int) -> None:
    """WCAG 1.4.12: lines, paragraphs, letters and words further apart, nothing lost."""
    with opened(browser, site, width=width, height=640) as (page, _):
        page.goto(link(every))
        styled(
            page,
            "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }"
            " p { margin-bottom: 2em !important }",
        )
        assert fits(page)
        cut = page.evaluate(
            """[...document.querySelectorAll("main :is(p, legend, label, span, small, b, button, h1)")]
            .filter(e => e.getClientRects().length && !e.closest(".unseen, .q-unseen") && getComputedStyle(e).overflow !== "visible")
            .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1).map(e => e.outerHTML.slice(0, 90))"""
        )
        assert cut == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_chosen_is_seen_in_forced_colours(browser: Browser, site: str, every: Survey, theme: Any) -> None:
    context = browser.new_context(base_url=site, forced_colors="active", color_scheme=theme)
    page = context.new_page()
    page.goto(link(every))
    border = "e => getComputedStyle(e).borderTopWidth + getComputedStyle(e).borderTopColor"
    for name, value in (("nps", "9"), ("csat", "4"), ("emoji", "5")):
        page.locator(f"input[name={name}][value='{value}']").check(force=True)
        own = page.locator(f"label:has(input[name={name}][value='{value}']) > span").evaluate(border)
        assert own != page.locator(f"label:has(input[name={name}][value='2']) > span").evaluate(border), name
    page.locator("input[name=stars][value='3']").check(force=True)
    fills = page.evaluate("[...document.querySelectorAll('.q-sign svg')].map(e => getComputedStyle(e).fill)")
    assert fills[0] == fills[2] != fills[3]
    context.close()


def test_motion_only_for_who_wants_it(browser: Browser, site: str, every: Survey) -> None:
    for wanted, some in (("reduce", False), ("no-preference", True)):
        context = browser.new_context(base_url=site, reduced_motion=wanted)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(link(every))
        moving = page.evaluate(
            """[...document.querySelectorAll("body, body *")].map(e => getComputedStyle(e))
            .some(s => parseFloat(s.transitionDuration) > 0 || s.animationName !== "none")"""
        )
        assert moving is some
        context.close()


def test_on_paper_every_question_stands_and_nothing_to_press(browser: Browser, site: str, survey: Survey) -> None:
    with opened(browser, site, width=360, theme="dark") as (page, _):
        page.goto(link(survey))
        expect(page.locator("textarea")).to_be_hidden()
        page.emulate_media(media="print", color_scheme="dark")
        expect(page.locator("textarea")).to_be_visible()
        for gone in (".buttons .button", ".language", "progress"):
            expect(page.locator(gone).first).to_be_hidden()
        assert page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor") == "rgb(255, 255, 255)"


def test_a_language_from_right_to_left_is_mirrored_and_fits(browser: Browser, site: str, acme: Workspace) -> None:
    content = json.loads(json.dumps(EVERY_TYPE).replace('"pt-BR"', '"ar"'))
    survey = open_survey(acme, content, slug="arabic")
    for width in (320, 1280):
        with opened(browser, site, width=width) as (page, _):
            page.goto(f"{link(survey)}?lang=ar")
            assert page.locator("html").get_attribute("dir") == "rtl"
            assert fits(page)
            first, last = (page.locator(f"label:has([name=nps][value='{n}'])").bounding_box() for n in (0, 5))
            assert first is not None
            assert last is not None
            assert first["x"] > last["x"]


LONG = {"en": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"}


def test_words_that_are_longer_than_the_screen_are_broken(browser: Browser, site: str, acme: Workspace) -> None:
    def lengthened(part: Any) -> Any:
        if isinstance(part, dict):
            return LONG if "en" in part else {key: lengthened(value) for key, value in part.items()}
        return [lengthened(value) for value in part] if isinstance(part, list) else part

    content = lengthened(EVERY_TYPE) | {"languages": ["en", "pt-BR", "it", "de", "fr", "es"]}
    asked = {q["id"]: q for q in content["pages"][0]["questions"]}
    asked["number"]["settings"] = {"unit": LONG}
    asked["csat"]["settings"] = {"labels": {str(n): LONG for n in range(1, 6)}}
    asked["nps"] |= {"help": LONG, "settings": {"low": LONG, "high": LONG}}
    survey = open_survey(acme, content, slug="long")
    for width in (320, 768, 1280):
        with opened(browser, site, width=width) as (page, _):
            page.goto(link(survey))
            assert fits(page), width
            page.locator(".buttons .button").click()
            expect(page.get_by_role("alert")).to_be_visible()
            assert fits(page), width


def _tree(page: Page) -> list[dict[str, Any]]:
    """What Chromium tells screen readers: roles, names, descriptions, states."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    told = ("role", "name", "description")
    return [
        {name: str(node.get(name, {}).get("value", "")) for name in told}
        | {p["name"]: p["value"].get("value") for p in node.get("properties", [])}
        for node in nodes
        if not node.get("ignored")
    ]


@pytest.mark.parametrize(
    ("language", "low", "high"),
    [("en", "0 Not at all likely", "10 Extremely likely"), ("pt-br", "0 Nada provável", "10 Extremamente provável")],
)
def test_screen_readers_hear_the_ends_of_scales(
    browser: Browser, site: str, every: Survey, language: str, low: str, high: str
) -> None:
    with opened(browser, site, language) as (page, _):
        page.goto(link(every))
        tree = _tree(page)
    radios = [node["name"] for node in tree if node["role"] == "radio"]
    assert radios[:11] == [low, *(str(n) for n in range(1, 10)), high]
    group = next(node for node in tree if node["role"] in ("radiogroup", "group") and node["description"])
    assert low in group["description"]
    assert high in group["description"]
    for role in ("radio", "checkbox", "textbox", "spinbutton", "combobox", "button", "radiogroup", "group"):
        unnamed = [node for node in tree if node["role"] == role and not node["name"].strip()]
        assert unnamed == [], role


def test_targets_are_large_enough(browser: Browser, site: str, every: Survey) -> None:
    """WCAG 2.2, 2.5.8: 24 px each way; a control's label counts, a link within a sentence does not."""
    with opened(browser, site, width=320, height=640) as (page, _):
        page.goto(link(every))
        small = page.evaluate(
            """[...document.querySelectorAll("button, input:not([type=hidden]), select, textarea")]
            .filter(e => e.tabIndex >= 0 && !e.closest(".unseen") && e.getClientRects().length)
            .map(e => [e.outerHTML.slice(0, 90), (e.closest("label") ?? e).getBoundingClientRect(), e.getBoundingClientRect()])
            .filter(([, a, b]) => Math.max(a.width, b.width) < 24 || Math.max(a.height, b.height) < 24).map(([html]) => html)"""
        )
        assert small == []


def test_every_control_has_a_name(browser: Browser, site: str, every: Survey) -> None:
    with opened(browser, site) as (page, _):
        page.goto(link(every))
        for control in page.locator("main :is(input:not([tabindex]), select, textarea, button):visible").all():
            expect(control).to_have_accessible_name(re.compile(r"\S"))


# Without script, and what script adds.


def test_without_script(browser: Browser, site: str, survey: Survey) -> None:
    context = browser.new_context(
        base_url=site, java_script_enabled=False, locale="it", viewport={"width": 360, "height": 780}
    )
    page = context.new_page()
    page.goto(link(survey))
    expect(page.get_by_role("heading", name="La tua consegna")).to_be_visible()
    page.locator("textarea").fill("In ritardo")
    page.get_by_role("button", name="Português").click()
    expect(page.get_by_role("heading", name="Sua entrega")).to_be_visible()
    expect(page.locator("textarea")).to_have_value("In ritardo")
    page.locator("input[name=nps][value='2']").check(force=True)
    page.locator(".buttons .button").first.click()
    page.locator("input[name=csat][value='4']").check(force=True)
    page.locator(".buttons .button").first.click()
    expect(page.locator("main[data-over]")).to_be_visible()
    assert context.cookies() == []
    context.close()
    kept = Response.objects.get()
    assert (kept.language, kept.answers) == ("pt-BR", {"nps": 2, "why": "In ritardo", "csat": 4})


def test_without_script_every_type_is_answered_in_another_language_and_changed_by_back(
    browser: Browser, site: str, acme: Workspace, tmp_path: Path
) -> None:
    pages = [*EVERY_TYPE["pages"], {"id": "end", "questions": [{"id": "last", "type": "text", "text": _text("Last?")}]}]
    survey = open_survey(acme, EVERY_TYPE | {"pages": pages}, slug="plain")
    photo = tmp_path / "shelf.png"
    photo.write_bytes(b"\x89PNG")
    context = browser.new_context(
        base_url=site, java_script_enabled=False, locale="en", viewport={"width": 320, "height": 640}
    )
    page = context.new_page()
    page.goto(link(survey))
    for name, value in (("nps", "7"), ("csat", "4"), ("ces", "6"), ("stars", "3"), ("emoji", "2"), ("choice", "other"),
                        ("choices", "tools"), ("matrix.price", "bad"), ("matrix.service", "good")):  # fmt: skip
        page.locator(f"input[name='{name}'][value='{value}']").check(force=True)
    page.locator("input[name='choice.other']").fill("On the bus")
    for name, place in (("price", "2"), ("speed", "1"), ("advice", "3")):
        page.locator(f"select[name='ranking.{name}']").select_option(place)
    page.locator("textarea[name=text]").fill("Fine")
    page.locator("input[name=number]").fill("3")
    page.locator("input[name=day]").fill("2026-03-01")
    page.locator("input[name=consent]").check()
    page.get_by_role("button", name="Português").click()
    expect(page.get_by_role("heading", name="Your visit (português)")).to_be_visible()
    page.locator("input[name=photo]").set_input_files(photo)
    page.locator(".buttons .button").first.click()
    expect(page.get_by_text("Last? (português)")).to_be_visible()
    before = Response.objects.get().answers
    page.locator("textarea[name=last]").fill("Bye")
    page.locator("button[name=_go]").click()
    expect(page.get_by_text("shelf.png")).to_be_visible()
    expect(page.locator("select[name='ranking.speed']")).to_have_value("1")
    page.locator(".buttons .button").first.click()
    expect(page.locator("textarea[name=last]")).to_have_value("Bye")
    page.locator(".buttons .button").first.click()
    expect(page.locator("main[data-over]")).to_be_visible()
    context.close()
    kept = Response.objects.get()
    assert kept.completed_at is not None
    assert kept.language == "pt-BR"
    assert kept.answers == before | {"last": "Bye"}
    assert {key: kept.answers[key] for key in ("choice", "matrix", "ranking", "number", "day")} == {
        "choice": {"option": "other", "text": "On the bus"}, "matrix": {"price": "bad", "service": "good"},
        "ranking": ["speed", "price", "advice"], "number": 3.0, "day": "2026-03-01",
    }  # fmt: skip
    assert kept.answers["photo"]["name"] == "shelf.png"


def test_one_question_at_a_time_on_a_phone(browser: Browser, site: str, survey: Survey) -> None:
    with opened(browser, site, width=360, height=780) as (page, complaints):
        page.goto(link(survey))
        expect(page.get_by_text("Question 1 of 2")).to_be_visible()
        expect(page.get_by_text("Thank you for shopping")).to_be_visible()
        expect(page.locator("textarea")).to_be_hidden()
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_text("Question 2 of 2")).to_be_visible()
        expect(page.locator("textarea")).to_be_visible()
        page.get_by_role("button", name="Back").click()
        expect(page.get_by_text("Question 1 of 2")).to_be_visible()
        page.get_by_role("button", name="Next").click()
        page.get_by_role("button", name="Next").click()  # the required one was left out
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_text("Question 1 of 2")).to_be_visible()
        page.locator("label:has([name=nps][value='10'])").click()
        page.get_by_role("button", name="Next").click()
        page.set_viewport_size({"width": 1200, "height": 780})
        expect(page.locator("input[name=nps]:checked")).to_have_value("10")
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_text("How satisfied are you?")).to_be_visible()
        quiet(complaints)


def test_what_was_typed_stays_on_the_device_until_it_is_sent(browser: Browser, site: str, survey: Survey) -> None:
    with opened(browser, site) as (page, complaints):
        page.goto(link(survey))
        page.locator("textarea").fill("Half a sentence")
        page.locator("input[name=nps]").nth(4).check(force=True)
        page.goto("about:blank")
        page.goto(link(survey))
        expect(page.get_by_text("was kept on this device")).to_be_visible()
        expect(page.locator("textarea")).to_have_value("Half a sentence")
        expect(page.locator("input[name=nps]:checked")).to_have_value("4")
        assert not Response.objects.exists()

        page.get_by_role("button", name="Start afresh").click()
        expect(page.locator("textarea")).to_have_value("")
        page.locator("input[name=nps]").nth(9).check(force=True)
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_text("How satisfied are you?")).to_be_visible()
        page.goto(link(survey))
        expect(page.locator("input[name=nps]:checked")).to_have_count(0)
        quiet(complaints)


def test_devices_of_many_keep_nothing(browser: Browser, site: str, acme: Workspace) -> None:
    for slug, how in (("kiosk", {"repeated": True}), ("staff", {"anonymous": True})):
        with opened(browser, site) as (page, _):
            page.goto(link(open_survey(acme, SHORT, slug=slug, **how)))
            page.locator("textarea").fill("Secret")
            assert page.evaluate("localStorage.length") == 0


def test_a_gateway_that_runs_script_changes_no_score(browser: Browser, site: str, survey: Survey) -> None:
    invitation = invite_one(survey)
    for script in (True, False):
        context = browser.new_context(base_url=site, java_script_enabled=script)
        page = context.new_page()
        for address in (*(f"{personal(invitation)}?nps={n}" for n in range(11)), f"{personal(invitation)}d/"):
            for _ in range(2):
                page.goto(address)
                page.wait_for_load_state("networkidle")
        context.close()
    assert not Response.objects.exists()
    assert Invitation.objects.get().scanned


# Frames, weight.


@contextmanager
def _other_site(frame: str) -> Iterator[str]:
    """Serve a page of another site that shows `frame` and writes down what it is told; gives its address."""
    html = f"""<!doctype html><title>Shop</title><iframe src="{frame}" width=400 height=300></iframe>
    <script>window.heard = []; addEventListener("message", told => heard.push(told.data));</script>"""

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_site_of_the_survey_shows_it_in_a_frame_and_is_told_its_height_and_its_end(
    browser: Browser, site: str, survey: Survey
) -> None:
    address = f"{site}{link(survey)}?frame=1"
    with _other_site(address) as shop, opened(browser, site) as (page, _):
        Survey.objects.update(sites=[shop])
        page.goto(shop)
        page.wait_for_function("heard.some(told => told.percorso === 'survey' && told.height > 200)")
        frame = page.frame_locator("iframe")
        frame.locator("label:has([name=nps][value='9'])").click()
        for _ in range(2):  # in a frame as narrow as a phone: one question at a time
            frame.get_by_role("button", name="Next").click()
        frame.get_by_role("button", name="Send").click()
        expect(frame.get_by_role("heading", name="Thank you!")).to_be_visible()
        page.wait_for_function("heard.some(told => told.done)")
    assert Response.objects.get().channel == "widget"


def test_another_site_cannot_show_it(browser: Browser, site: str, survey: Survey) -> None:
    Survey.objects.update(sites=["https://shop.example"])
    with _other_site(f"{site}{link(survey)}?frame=1") as other, opened(browser, site) as (page, complaints):
        page.goto(other)
        page.wait_for_load_state("networkidle")
        assert any("frame-ancestors" in line for line in complaints.console)
        assert page.evaluate("heard") == []


def test_the_page_is_compressed_on_its_way(every: Survey) -> None:
    answer = Client(SERVER_NAME="localhost", headers={"accept-encoding": "gzip, br"}).get(link(every))
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"Your visit" in gzip.decompress(answer.content)
    assert len(answer.content) < 6_000


def test_the_whole_page_weighs_at_most_40_kb(every: Survey, site: str) -> None:
    assert {q.type for q in every.definition.questions()} == set(QUESTIONS)
    page = Client(SERVER_NAME="localhost").get(link(every))
    html = page.content.decode()
    named = set(re.findall(r'(?:href|src)="([^"]+)"', html)) - {"#"}
    weights = {"page": len(gzip.compress(page.content)), "look": 200}
    for name in ("survey.css", "survey.js", "mark.svg"):
        weights[name] = Path(BUILT / f"{asset(name)}.gz").stat().st_size
    assert {path.rpartition("/")[2] for path in named if path.startswith("/static/")} == {
        asset(name) for name in ("survey.css", "survey.js", "mark.svg")
    }
    assert sum(weights.values()) <= MOST_BYTES, weights
    assert not re.search(r"https?://", html), "nothing comes from elsewhere"
