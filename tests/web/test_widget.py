"""The widget inside another site's page, under a strict content policy, in a real Chromium."""

import gzip
import hmac
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from percorso.accounts.models import Workspace
from percorso.base.assets import BUILT, asset
from percorso.surveys.identity import secret_of
from percorso.surveys.models import Response, Survey
from percorso.surveys.sharing.widget import widget_of
from tests.app.respondents import NPS, open_survey
from tests.web.accessible import AXE, axe
from tests.web.browser import browsing, chromium, opened, sign_in

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")

# What a careful shop has: its own scripts and styles, and ours by host; nothing inline, no connections, no other frames.
POLICY = (
    "default-src 'none'; script-src 'self' {host}; frame-src {host}; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'"
)
PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Shop</title>
<link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/shop.css"><script src="/first.js"></script>
<script async src="{host}/w.js" data-survey="{key}" {data}></script></head>
<body><header>Shop</header><main><h1>Tools</h1><p>Hammers.</p><button id="buy">Buy</button> <input id="search" aria-label="Search">
<div class="tall"></div><a href="/about">About</a></main></body></html>"""
FILES = {
    "/shop.css": ("text/css", "* { box-sizing: content-box; } body { display: grid; gap: 10px; margin: 0; } body > * { padding: 30px; border: 5px solid red; } div, button, iframe { transform: none; opacity: 0.99; } .tall { height: 3000px; }"),
    "/first.js": ("text/javascript", "window.percorso = window.percorso || function () { (percorso.q = percorso.q || []).push(arguments); };"),
    "/icon.svg": ("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"/>'),
}  # fmt: skip


@dataclass
class Shop:
    """Another site. `data`: the attributes of the widget's line; `lang`: of its page."""

    host: str
    survey: Survey
    address: str = ""
    data: str = ""
    lang: str = "en"
    asked: list[str] = field(default_factory=list)

    def page(self) -> str:
        """The page as it is now."""
        return PAGE.format(host=self.host, key=self.survey.key, data=self.data, lang=self.lang)


@contextmanager
def serving(shop: Shop) -> Iterator[Shop]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = FILES.get(self.path, ("text/html", shop.page()))
            shop.asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", POLICY.format(host=shop.host))
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shop.address = f"http://127.0.0.1:{server.server_port}"
    yield shop
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def shop(acme: Workspace, live_server: Any) -> Iterator[Shop]:
    survey = open_survey(acme, NPS)
    with serving(Shop(str(live_server.url), survey)) as made:
        Survey.objects.update(sites=[made.address])
        yield made


@contextmanager
def visiting(browser: Browser, **options: Any) -> Iterator[Page]:
    """Be a visitor of the shop; in the end nothing was complained about, and no cookie set."""
    context = browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **options})
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda m: told.append(m.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    yield page
    assert told == []
    assert context.cookies() == []
    context.close()


def dialog(page: Page) -> Any:
    return page.locator("percorso-survey [role=dialog]")


def frame(page: Page) -> FrameLocator:
    return page.frame_locator("percorso-survey iframe")


# Two frames drawn: what was laid out before is then what a click finds. A frame that is not drawn does not wait for ever.
DRAWN = "await Promise.race([new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))), new Promise(done => setTimeout(done, 500))])"
AROUND = f"async element => {{ {DRAWN}; const {{x, y, width, height}} = element.getBoundingClientRect(); return [x, y, width, height, element.style.height]; }}"
WITHIN = f"async () => {{ {DRAWN}; return [innerHeight, Math.ceil(document.body.getBoundingClientRect().height)]; }}"


def inside(page: Page) -> FrameLocator:
    """Return what is in the frame, once it stands still: a click into a frame of another site is lost while it moves."""
    expect(dialog(page)).to_be_visible()
    around, within = page.locator("percorso-survey iframe"), frame(page).locator("html")
    before: list[Any] = []
    for _ in range(100):
        box, (shown, content) = around.evaluate(AROUND), within.evaluate(WITHIN)
        if box == before and shown == round(box[3]) and box[4] == f"{max(content, 80)}px":
            return frame(page)
        before = box
    raise AssertionError(f"the frame does not stand still: {before}, {shown}, {content}")


def choose(page: Page, value: int) -> None:
    """Choose a figure on the scale, and send the page."""
    survey = inside(page)
    survey.locator(f"label:has([name=nps][value='{value}'])").click()
    expect(survey.locator("[name=nps]:checked")).to_have_value(str(value))
    survey.get_by_role("button", name="Next").click()


def settles(page: Page, shop: Shop) -> None:
    """Wait until the loader knows what it was told, and has had its time."""
    # Not `wait_for_function`: from its second try on it evaluates a text, which the shop's policy forbids.
    for _ in range(200):
        if page.evaluate("window.percorso?.widgets?.[0]?.settings !== undefined"):
            break
        page.wait_for_timeout(50)
    page.wait_for_timeout(400)


def stays_closed(page: Page, shop: Shop) -> None:
    settles(page, shop)
    assert page.locator("percorso-survey").count() == 0


def test_it_opens_answers_and_closes_and_the_page_stays_as_it_was(browser: Browser, shop: Shop) -> None:
    measure = """JSON.stringify([...document.querySelectorAll("body > *:not(percorso-survey), main > *")].map(e => {
        const {x, y, width, height} = e.getBoundingClientRect(), style = getComputedStyle(e);
        return [e.tagName, x, y, width, height, style.color, style.font, style.margin];
    }).concat([[document.documentElement.scrollWidth, document.documentElement.scrollHeight]]))"""
    with visiting(browser) as page:
        shop.data = 'data-on="call"'
        page.goto(shop.address)
        settles(page, shop)
        before = page.evaluate(measure)
        known = page.evaluate("Object.keys(window).length")
        page.locator("#buy").focus()
        page.evaluate("percorso('open')")
        expect(dialog(page)).to_be_visible()
        expect(dialog(page)).to_have_accessible_name("How are we doing?")
        expect(dialog(page)).to_be_focused()
        assert page.evaluate(measure) == before
        box = dialog(page).bounding_box()
        assert (round(box["x"] + box["width"]), round(box["y"] + box["height"]), round(box["width"])) == (
            1184,
            784,
            400,
        )
        choose(page, 10)
        expect(frame(page).get_by_role("heading", name="Thank you!")).to_be_visible()
        page.get_by_role("button", name="Close").click()
        expect(page.locator("percorso-survey")).to_have_count(0)
        assert page.evaluate(measure) == before
        assert page.evaluate("Object.keys(window).length") == known
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    kept = Response.objects.get()
    assert (kept.answers, kept.channel, kept.customer, kept.context) == ({"nps": 10}, "widget", "", {"page": "/"})


def test_escape_closes_it_and_the_focus_comes_back(browser: Browser, shop: Shop) -> None:
    shop.data = 'data-on="click" data-click="#buy"'
    with visiting(browser) as page:
        page.goto(shop.address)
        settles(page, shop)
        page.locator("#buy").click()
        expect(dialog(page)).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("percorso-survey")).to_have_count(0)
        expect(page.locator("#buy")).to_be_focused()
        page.evaluate("percorso('open')")
        expect(dialog(page)).to_be_visible()
        # Not by the keyboard: of a frame that goes while its key is still down the browser may never tell.
        inside(page).locator("[name=nps]").first.dispatch_event("keydown", {"key": "Escape"})
        expect(page.locator("percorso-survey")).to_have_count(0)
        expect(page.locator("#buy")).to_be_focused()


def reach(page: Page, wanted: Locator, most: int) -> None:
    """Press Tab until something is focused, so many times at most; into a frame the browser takes its time each time."""
    for _ in range(most):
        page.keyboard.press("Tab")
        page.wait_for_timeout(400)
        if wanted.evaluate("one => document.hasFocus() && document.activeElement === one"):
            return
    expect(wanted).to_be_focused()


def test_by_keyboard_alone(browser: Browser, shop: Shop) -> None:
    with visiting(browser) as page:
        page.goto(shop.address)
        inside(page)
        expect(dialog(page)).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Close")).to_be_focused()
        reach(page, frame(page).locator("[name=nps]").first, 4)  # after three languages
        page.keyboard.press("Space")
        expect(frame(page).locator("[name=nps]").first).to_be_checked()
        reach(page, frame(page).get_by_role("button").last, 2)
        page.keyboard.press("Enter")
        expect(frame(page).get_by_text("Why 0")).to_be_visible()
    assert Response.objects.get().answers == {"nps": 0}


@pytest.mark.parametrize(
    ("data", "act"),
    [
        ('data-on="event" data-event="order completed"', lambda page: page.evaluate("percorso('order completed')")),
        ('data-on="click" data-click="#buy"', lambda page: page.locator("#buy").click()),
        ('data-on="scroll" data-scroll="60"', lambda page: page.mouse.wheel(0, 2500)),
        ('data-on="exit"', lambda page: (page.mouse.move(300, 200), page.mouse.move(300, 0), page.evaluate("document.documentElement.dispatchEvent(new MouseEvent('mouseleave', {clientY: -1}))"))),
        ('data-on="time" data-seconds="60"', lambda page: page.clock.run_for(60_000)),
        ('data-on="call"', lambda page: page.evaluate("percorso('open')")),
    ],
)  # fmt: skip
def test_it_opens_when_it_is_told_to(browser: Browser, shop: Shop, data: str, act: Callable[[Page], Any]) -> None:
    shop.data = data
    with visiting(browser) as page:
        page.clock.install()
        page.goto(shop.address)
        stays_closed(page, shop)
        act(page)
        expect(dialog(page)).to_be_visible()


def test_settings_that_percorso_keeps(browser: Browser, shop: Shop) -> None:
    Survey.objects.update(look={"widget": {"on": "event", "event": "paid", "position": "left"}})
    with visiting(browser) as page:
        page.goto(shop.address)
        stays_closed(page, shop)
        page.evaluate("percorso('other'); percorso('paid')")
        expect(dialog(page)).to_be_visible()
        assert dialog(page).bounding_box()["x"] == 16


def test_what_happened_before_the_loader_came_counts(browser: Browser, shop: Shop) -> None:
    shop.data = 'data-on="event" data-event="paid"'
    with visiting(browser) as page:
        page.add_init_script("addEventListener('DOMContentLoaded', () => window.percorso && percorso('paid'))")
        page.goto(shop.address)
        expect(dialog(page)).to_be_visible()


def test_pages_and_shares(browser: Browser, shop: Shop) -> None:
    with visiting(browser) as page:
        shop.data = 'data-page="/orders/* /help"'
        page.goto(f"{shop.address}/about")
        stays_closed(page, shop)
        page.evaluate("history.pushState({}, '', '/orders/7')")
        expect(dialog(page)).to_be_visible()
        page.goto(f"{shop.address}/help")
        expect(dialog(page)).to_be_visible()
        shop.data = 'data-share="0"'
        page.goto(shop.address)
        stays_closed(page, shop)


def test_nobody_is_interrupted_while_typing(browser: Browser, shop: Shop) -> None:
    shop.data = 'data-on="event" data-event="paid"'
    with visiting(browser) as page:
        page.goto(shop.address)
        settles(page, shop)
        page.locator("#search").focus()
        page.evaluate("percorso('paid')")
        page.wait_for_timeout(1200)
        assert page.locator("percorso-survey").count() == 0
        page.locator("#search").blur()
        expect(dialog(page)).to_be_visible()


def test_once_a_page_view_without_consent_and_once_a_visitor_with_it(browser: Browser, shop: Shop) -> None:
    with visiting(browser) as page:
        for _ in range(2):
            page.goto(shop.address)
            expect(dialog(page)).to_be_visible()
        assert page.evaluate("localStorage.length") == 0
        page.evaluate("percorso('consent')")
        assert page.evaluate("Object.keys(localStorage)") == [f"percorso:{shop.survey.key}"]
        shop.data = 'data-consent="yes"'
        page.goto(shop.address)
        stays_closed(page, shop)
        page.evaluate("percorso('consent', false)")
        assert page.evaluate("localStorage.length") == 0
        page.goto(shop.address)
        expect(dialog(page)).to_be_visible()
        assert page.evaluate("localStorage.length") == 1


def test_what_is_typed_is_kept_nowhere(browser: Browser, shop: Shop) -> None:
    # Of the same site as percorso, where browsers let a frame keep things.
    near = shop.address.replace("127.0.0.1", "localhost")
    Survey.objects.update(sites=[near])
    with visiting(browser) as page:
        page.goto(near)
        choose(page, 3)
        frame(page).locator("textarea").fill("Secret")
        kept = "[localStorage.length, sessionStorage.length]"
        assert frame(page).locator("html").evaluate(kept) == page.evaluate(kept) == [0, 0]


def test_in_the_language_of_the_page(browser: Browser, shop: Shop) -> None:
    shop.lang = "pt-BR"
    with visiting(browser, locale="it") as page:
        page.goto(shop.address)
        expect(dialog(page)).to_have_accessible_name("Como estamos indo?")
        expect(page.locator("percorso-survey button")).to_have_accessible_name("Fechar")
        expect(frame(page).get_by_role("heading", name="Como estamos indo?")).to_be_visible()


def test_who_is_signed_in(browser: Browser, shop: Shop) -> None:
    signature = hmac.new(secret_of(shop.survey).encode(), b"c1", "sha256").hexdigest()
    for user, known in (("c1", "c1"), ("c2", "")):
        shop.data = f'data-user="{user}" data-signature="{signature}"'
        with visiting(browser) as page:
            page.goto(shop.address)
            choose(page, 9)
            expect(frame(page).get_by_role("heading", name="Thank you!")).to_be_visible()
        assert Response.objects.order_by("-pk")[0].customer == known


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_light_and_dark(browser: Browser, shop: Shop, theme: str) -> None:
    shop.data = f'data-theme="{theme}"'
    with visiting(browser, color_scheme="light" if theme == "dark" else "dark") as page:
        page.goto(shop.address)
        expect(dialog(page)).to_be_visible()
        ground = "getComputedStyle({}).backgroundColor"
        around = dialog(page).evaluate("element => " + ground.format("element"))
        inside = frame(page).locator("html").evaluate("element => " + ground.format("element"))
        assert around == inside == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 25, 30)"}[theme]


@pytest.mark.parametrize("width", [320, 400])
def test_on_a_phone(browser: Browser, shop: Shop, width: int) -> None:
    with visiting(browser, viewport={"width": width, "height": 640}) as page:
        page.goto(shop.address)
        inside(page)
        box = dialog(page).bounding_box()
        assert (box["x"], box["width"], box["y"] + box["height"]) == (0, width, 640)
        assert box["height"] <= 0.86 * 640
        assert page.evaluate("document.documentElement.scrollWidth") == width
        inner = frame(page).locator("html")
        assert inner.evaluate("element => element.scrollWidth <= element.clientWidth")
        close = page.get_by_role("button", name="Close").bounding_box()
        assert close is not None
        assert min(close["width"], close["height"]) >= 24


def test_nothing_opens_on_a_site_that_may_not_or_when_the_survey_is_over(browser: Browser, shop: Shop) -> None:
    for change in ({"sites": ["https://shop.example"]}, {"sites": [shop.address], "state": "paused"}):
        Survey.objects.update(**change)
        with visiting(browser) as page:
            page.goto(shop.address)
            stays_closed(page, shop)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: `npm ci` in frontend/")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious(browser: Browser, shop: Shop, theme: str) -> None:
    shop.data = f'data-theme="{theme}"'
    with visiting(browser, color_scheme=theme, bypass_csp=True) as page:
        page.goto(shop.address)
        expect(dialog(page)).to_be_visible()
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run('percorso-survey', {resultTypes: ['violations']})")
        assert [v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")] == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: `npm ci` in frontend/")
@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 360)])
def test_the_page_of_links(browser: Browser, shop: Shop, client: Client, theme: str, width: int) -> None:
    with opened(browser, shop.host, width=width, theme=theme) as (page, complaints):
        sign_in(page, shop.host, client)
        page.goto("/w/acme/surveys/nps/share/?place=Till")
        preview = page.frame_locator(".sharing-preview iframe")
        expect(preview.locator("percorso-survey [role=dialog]")).to_be_visible()
        expect(preview.frame_locator("percorso-survey iframe").locator("[name=nps]").first).to_be_attached()
        expect(page.locator("body")).to_have_js_property("scrollWidth", width)
        assert axe(page) == []
        expect(page.get_by_label("Name of the event")).to_be_hidden()
        page.get_by_label("When it opens").select_option("event")
        page.get_by_label("Name of the event").fill("paid")
        page.get_by_role("button", name="Save the widget").click()
        expect(page.get_by_text("The widget was changed.")).to_be_visible()
        expect(page.get_by_label("Name of the event")).to_have_value("paid")
        for paper, size in (("a6", "298"), ("a4", "594")):
            page.goto(f"/w/acme/surveys/nps/share/poster/?paper={paper}")
            assert axe(page) == []
            expect(page.locator("body")).to_have_js_property("scrollWidth", width)
            printed = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type /Page\b", printed)) == 1
            assert f"/MediaBox [0 0 {size}.".encode() in printed
        assert (complaints.console, complaints.hosts) == ([], set())
    assert config_of_survey(shop.survey) == ("event", "paid")


def config_of_survey(survey: Survey) -> tuple[str, str]:
    survey.refresh_from_db()
    kept = widget_of(survey)
    return kept.on, kept.event


def test_the_loader_is_small() -> None:
    assert len(gzip.compress((BUILT / asset("widget.js")).read_bytes(), 9)) <= 5 * 1024
