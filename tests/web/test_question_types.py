"""All types of questions in a real Chromium: small screens, large letters, keyboard, without script."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.http import QueryDict
from playwright.sync_api import Browser, Page

from percorso.base.assets import BUILT, asset
from percorso.surveys.question import QUESTIONS
from tests.app.question_sheet import SAMPLES, question, sheet
from tests.web.accessible import axe
from tests.web.browser import browsing, chromium, opened

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")

# The least size of a target in WCAG 2.2 AA, and what fingers like.
LEAST, LIKED = 24, 44


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to work.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


Look = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def look(browser: Browser) -> Look:
    """Opens the sheet of all questions; takes the width, the theme, the size of letters (%), and what `sheet` takes."""
    stylesheet = (BUILT / asset("survey.css")).read_text()

    @contextmanager
    def opening(width: int = 1440, theme: str = "light", letters: int = 100, **how: Any) -> Iterator[Page]:
        with opened(browser, "about:blank", width=width, theme=theme) as (page, complaints):
            page.set_content(sheet(f"{stylesheet} html {{ font-size: {letters}% }}", **how))
            yield page
            assert complaints.console == []

    return opening


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1440])
def test_questions_are_accessible_and_fit(look: Look, width: int, theme: str) -> None:
    for how in ({}, {"filled": True}, {"error": "Please answer this question."}):
        with look(width, theme, **how) as page:
            assert overflow(page) <= 0
            assert axe(page) == []


def test_letters_of_twice_the_size_fit(look: Look) -> None:
    for width in (320, 640, 1280):
        with look(width, letters=200, filled=True) as page:
            assert overflow(page) <= 0
            cut = "[...document.querySelectorAll('.q-pick > span, .q-option, .q-cell')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
            assert page.evaluate(cut) == []


def test_eleven_buttons_fit_a_small_phone(look: Look) -> None:
    with look(320) as page:
        boxes = [label.bounding_box() for label in page.query_selector_all("label:has([name=nps])")]
        assert len(boxes) == 11
        assert all(box and box["width"] >= 40 and box["height"] >= LIKED for box in boxes)
        assert len({round(box["y"]) for box in boxes if box}) == 2
    with look(1440) as page:
        boxes = [label.bounding_box() for label in page.query_selector_all("label:has([name=nps])")]
        assert len({round(box["y"]) for box in boxes if box}) == 1


@pytest.mark.parametrize("width", [320, 1440])
def test_every_target_is_large_enough(look: Look, width: int) -> None:
    with look(width, filled=True) as page:
        targets = page.query_selector_all(
            "label:has(input), select, textarea, input:not([type=radio], [type=checkbox])"
        )
        small = []
        for target in targets:
            box = target.bounding_box()
            if box and (box["width"] < LEAST or box["height"] < LEAST):
                small.append(target.inner_html())
        assert small == []


def test_a_group_is_one_stop_and_arrows_choose(look: Look) -> None:
    with look() as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.value") == "0"
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        assert page.evaluate("document.querySelector('[name=nps]:checked').value") == "3"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "ten"


def test_a_scale_is_heard_with_its_ends(look: Look) -> None:
    with look() as page:
        group = page.get_by_role("radiogroup", name="How likely are you to recommend Aurora")
        heard = group.evaluate(
            "e => e.getAttribute('aria-describedby').trim().split(' ').map(i => document.getElementById(i).textContent).join()"
        )
        assert heard.split() == ["0", "Not", "at", "all", "likely", "10", "Extremely", "likely"]
        assert group.get_by_role("radio", name="10 Extremely likely").count() == 1
        assert page.get_by_role("radio", name="3 stars").count() == 1
        row = page.get_by_role("radiogroup", name="Care after the purchase")
        assert row.get_by_role("radio", name="Very satisfied").count() == 1


def test_an_answer_can_be_taken_back(look: Look) -> None:
    with look() as page:
        stars = page.locator("fieldset.q-stars")
        back = stars.get_by_text("No answer")
        assert not back.is_visible()
        stars.get_by_role("radio", name="4 stars").check(force=True)
        back.click()
        assert page.evaluate("document.querySelector('[name=stars]:checked').value") == ""


def test_other_asks_which_when_it_is_chosen(look: Look) -> None:
    with look() as page:
        field = page.locator("[name='where.other']")
        assert not field.is_visible()
        page.locator("[name=where][value=other]").check()
        assert field.is_visible()


def test_what_a_browser_without_script_sends_is_what_was_kept(browser: Browser) -> None:
    """Fill the page in as the samples say, send it as a plain form, and read it."""
    context = browser.new_context(java_script_enabled=False, locale="en")
    page, bodies = context.new_page(), []
    page.route("**/kept", lambda route: (bodies.append(route.request.post_data), route.fulfill(body="Kept")))
    html = sheet("", filled=True).replace("<form>", '<form method="post" action="http://survey.test/kept">')
    page.set_content(html.replace("</form>", "<button>Send</button></form>"))
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Kept").wait_for()
    form = QueryDict(mutable=True)
    for name, values in parse_qs(bodies[0], keep_blank_values=True).items():
        form.setlist(name, values)
    for key, sample in SAMPLES.items():
        kind = QUESTIONS[sample[0]]
        if kind.answerable and sample[0] != "file":
            assert kind.read(question(key), form, key) == sample[4], key
    context.close()
