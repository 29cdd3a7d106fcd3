"""The kiosk in a real Chromium: one person after another, with and without a network."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from percorso.accounts.models import Workspace
from percorso.surveys.models import Response, Survey, Version
from tests.app.respondents import NPS, link, open_survey
from tests.web.accessible import AXE, axe
from tests.web.browser import browsing, chromium, opened

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")
READY = """async (n) => {
    if (navigator.serviceWorker.controller === null) return false;
    const names = (await caches.keys()).filter(name => name.startsWith("percorso-kiosk-"));
    return names.length === 1 && (await (await caches.open(names[0])).keys()).length >= n;
}"""


def is_kept(page: Page, n: int) -> None:
    """Wait until the device keeps so many files of the page, and answers with them."""
    for _ in range(100):
        if page.evaluate(READY, n):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the page is not kept")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def survey(acme: Workspace, live_server: Any) -> Survey:
    survey = open_survey(acme, NPS, repeated=True)
    Survey.objects.update(created_at=timezone.now() - timedelta(days=30))
    return survey


@contextmanager
def standing(browser: Browser, base: str, **options: Any) -> Iterator[Page]:
    """Put a device up, whose clock the test turns."""
    context = browser.new_context(
        **{"base_url": base, "locale": "en", "viewport": {"width": 1024, "height": 768}, **options}
    )
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda m: told.append(m.text) if not re.search("net::ERR_|by Playwright", m.text) else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.clock.install()
    yield page
    assert told == []
    assert context.cookies() == []
    context.close()


def kiosk(survey: Survey, more: str = "") -> str:
    return f"{link(survey)}kiosk/{more}"


def choose(page: Page, value: int) -> None:
    page.locator(f"label:has([name=nps][value='{value}'])").click()
    page.get_by_role("button", name="Next").click()


def thanks(page: Page) -> None:
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()


def answers() -> list[dict[str, Any]]:
    return list(Response.objects.order_by("completed_at", "pk").values_list("answers", flat=True))


def sends_what_waits(page: Page) -> None:
    """Tell a page that the network is back until nothing waits: right after it was, a request can still fail."""
    for _ in range(20):
        page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(500)
        if not page.locator("#waiting").text_content():
            break
    expect(page.locator("#waiting")).to_be_empty()


def arrives(page: Page, n: int) -> None:
    """Wait until so many answers are on the server, and none waits any more."""
    for _ in range(150):
        if Response.objects.count() >= n:
            break
        page.wait_for_timeout(100)
    assert Response.objects.count() == n
    expect(page.locator("#waiting")).to_be_empty()


def test_one_after_another(browser: Browser, live_server: Any, survey: Survey) -> None:
    with standing(browser, live_server.url) as page:
        page.goto(kiosk(survey, "?place=Till"))
        choose(page, 3)
        expect(page.get_by_role("heading", name="How are we doing?")).to_be_focused()
        page.locator("textarea").fill("Queue")
        page.get_by_role("button", name="Back").click()
        expect(page.locator("input[name=nps]:checked")).to_have_value("3")
        page.get_by_role("button", name="Next").click()
        page.get_by_role("button", name="Send").click()
        thanks(page)
        expect(page.get_by_text("Thank you, that helps Acme")).to_be_visible()
        page.clock.run_for(11_000)
        expect(page.locator("input[name=nps]").first).to_be_visible()
        expect(page.locator("input[name=nps]:checked")).to_have_count(0)
        choose(page, 10)  # no why
        thanks(page)
        page.get_by_role("button", name="Next person").click()
        expect(page.locator("input[name=nps]:checked")).to_have_count(0)
        arrives(page, 2)
        assert page.evaluate("localStorage.length") == 0
    assert answers() == [{"nps": 3, "why": "Queue"}, {"nps": 10}]
    assert {(r.channel, r.context["place"], r.customer, r.origin) for r in Response.objects.all()} == {
        ("kiosk", "Till", "", "")
    }


def test_what_must_be_answered(browser: Browser, live_server: Any, survey: Survey) -> None:
    with standing(browser, live_server.url) as page:
        page.goto(kiosk(survey))
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_role("alert")).to_have_text("Please answer this question.")
        expect(page.locator("input[name=nps]").first).to_be_focused()
        choose(page, 9)
        thanks(page)
        arrives(page, 1)


def test_nobody_there_any_more(browser: Browser, live_server: Any, survey: Survey) -> None:
    with standing(browser, live_server.url) as page:
        page.goto(kiosk(survey))
        page.clock.run_for(200_000)
        expect(page.get_by_role("dialog")).to_be_hidden()  # nobody has begun
        page.locator("label:has([name=nps][value='3'])").click()
        page.clock.run_for(61_000)
        expect(page.get_by_role("dialog", name="Still there?")).to_be_visible()
        expect(page.get_by_role("button", name="Yes, go on")).to_be_focused()
        page.clock.run_for(15_000)
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page.locator("input[name=nps]:checked")).to_have_value("3")
        page.clock.run_for(61_000)
        expect(page.get_by_role("dialog")).to_be_visible()
        page.clock.run_for(22_000)
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page.locator("input[name=nps]:checked")).to_have_count(0)
        assert not Response.objects.exists()
        choose(page, 4)
        expect(page.locator("textarea")).to_be_visible()
        page.clock.run_for(61_000)
        page.clock.run_for(22_000)
        expect(page.locator("input[name=nps]").first).to_be_visible()
        arrives(page, 1)
    kept = Response.objects.get()
    assert (kept.answers, kept.completed_at, kept.page) == ({"nps": 4}, None, "why")


def test_another_language_is_for_one_person(browser: Browser, live_server: Any, survey: Survey) -> None:
    with standing(browser, live_server.url) as page:
        page.goto(kiosk(survey, "?lang=en&place=Till"))
        page.get_by_role("link", name="Italiano").click()
        expect(page.get_by_role("heading", name="Come stiamo andando?")).to_be_visible()
        page.locator("label:has([name=nps][value='10'])").click()
        page.locator("#next").click()
        expect(page.locator("#thanking")).to_be_visible()
        page.clock.run_for(11_000)
        expect(page.get_by_role("heading", name="How are we doing?")).to_be_visible()
        arrives(page, 1)
    kept = Response.objects.get()
    assert (kept.language, kept.context["place"]) == ("it", "Till")


def test_a_day_without_a_network(browser: Browser, live_server: Any, survey: Survey) -> None:
    with standing(browser, live_server.url) as page:
        page.goto(kiosk(survey, "?place=Till"))
        is_kept(page, 8)
        page.context.set_offline(True)
        page.reload()
        choose(page, 2)
        page.locator("textarea").fill("Too warm")
        page.get_by_role("button", name="Send").click()
        thanks(page)
        expect(page.locator("#waiting")).to_have_text("Waiting on this device: 1")
        page.clock.run_for(11_000)
        page.get_by_role("link", name="Italiano").click()
        expect(page.get_by_role("heading", name="Come stiamo andando?")).to_be_visible()
        page.locator("label:has([name=nps][value='10'])").click()
        page.locator("#next").click()
        expect(page.locator("#thanking")).to_be_visible()  # then it is kept
        page.reload()
        page.clock.fast_forward("24:00:00")
        page.goto(kiosk(survey, "?place=Till"))
        expect(page.locator("#waiting")).to_have_text("Waiting on this device: 2")
        assert not Response.objects.exists()
        page.context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
        arrives(page, 2)
    assert answers() == [{"nps": 2, "why": "Too warm"}, {"nps": 10}]
    assert {r.context["place"] for r in Response.objects.all()} == {"Till"}
    for kept in Response.objects.all():
        assert kept.completed_at is not None
        assert timedelta(hours=23) < timezone.now() - kept.completed_at < timedelta(hours=25)


def test_answers_that_the_server_has_but_did_not_say_so_are_kept_once(
    browser: Browser, live_server: Any, survey: Survey
) -> None:
    with standing(browser, live_server.url, service_workers="block") as page:
        heard = []

        def lose(route: Any) -> None:
            heard.append(route.fetch().status)
            route.abort()

        page.route("**/kiosk/answers/", lose)
        page.goto(kiosk(survey))
        choose(page, 9)
        thanks(page)
        expect(page.locator("#waiting")).to_have_text("Waiting on this device: 1")
        while not heard:
            page.wait_for_timeout(50)
        page.wait_for_timeout(200)
        page.unroute("**/kiosk/answers/")
        page.clock.run_for(31_000)
        arrives(page, 1)
        assert heard == [200]


def publish(survey: Survey, *pages: dict[str, Any], **more: Any) -> None:
    """Put other questions into the survey."""
    content = {**NPS, "pages": list(pages), **more}
    survey.live = Version.objects.create(survey=survey, number=2, content=content)
    survey.save()


def test_nothing_of_one_person_is_there_for_the_next(browser: Browser, live_server: Any, survey: Survey) -> None:
    with standing(browser, live_server.url) as page:
        page.goto(kiosk(survey))
        choose(page, 3)
        page.locator("textarea").press_sequentially("My secret")
        page.get_by_role("button", name="Send").click()
        thanks(page)
        page.get_by_role("button", name="Next person").click()
        assert page.evaluate("[...new FormData(document.querySelector('#kiosk'))].filter(([, value]) => value)") == []
        assert "secret" not in page.content()
        choose(page, 2)
        page.locator("textarea").focus()
        page.keyboard.press("Control+z")
        page.keyboard.press("Control+Shift+z")
        expect(page.locator("textarea")).to_have_value("")
        page.locator("textarea").fill("Another secret")
        page.goto(kiosk(survey, "?lang=it"))
        page.go_back()
        expect(page.locator("input[name=nps]").first).to_be_visible()
        assert page.evaluate("[...new FormData(document.querySelector('#kiosk'))].filter(([, value]) => value)") == []
        arrives(page, 1)
        kept = """async key => {
            const asked = indexedDB.open(`percorso-kiosk-${key}`, 1);
            await new Promise(done => asked.onsuccess = done);
            const all = asked.result.transaction("answers").objectStore("answers").getAll();
            return await new Promise(done => all.onsuccess = () => done(all.result.length));
        }"""
        assert page.evaluate(kept, survey.key) == 0
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]


def test_pressed_twice_it_is_kept_once_and_no_page_is_passed(
    browser: Browser, live_server: Any, survey: Survey
) -> None:
    with standing(browser, live_server.url) as page:
        page.goto(kiosk(survey))
        page.locator("label:has([name=nps][value='3'])").click()
        page.get_by_role("button", name="Next").dblclick()
        expect(page.locator("textarea")).to_be_visible()
        page.evaluate("for (const _ of [1, 2, 3]) document.querySelector('#next').click()")
        thanks(page)
        arrives(page, 1)
    assert answers() == [{"nps": 3}]


def test_texts_repeat_answers(browser: Browser, live_server: Any, survey: Survey) -> None:
    reason = {
        "id": "reason",
        "type": "choice",
        "text": {"en": "What for?"},
        "settings": {"options": [{"id": "work", "text": {"en": "Work"}}], "other": True},
    }
    name = {"id": "called", "type": "text", "settings": {"lines": 1}, "text": {"en": "Your name?"}}
    told = {
        "id": "more",
        "type": "nps",
        "text": {"en": "Dear {called|friend} of {company}: {nps|no figure} for {reason}, {customer.name|you}?"},
    }
    options = [{"id": "as", "text": {"en": "As {called|nobody}"}}]
    menu = {"id": "menu", "type": "choice", "text": {"en": "Which?"}, "settings": {"look": "menu", "options": options}}
    first = {"id": "score", "questions": [{"id": "nps", "type": "nps", "text": {"en": "How likely?"}}, reason, name]}
    publish(survey, first, {"id": "next", "questions": [told, menu]}, thanks={"en": "Bye, {called|you}"})  # fmt: skip
    with standing(browser, live_server.url) as page:
        page.goto(kiosk(survey))
        page.get_by_label("Other").check()
        page.get_by_label("Please say which").fill("Fun & <b>play</b>")
        page.get_by_label("Your name?").fill("$& Ada")
        choose(page, 7)
        legend = page.locator("#more-text")
        expect(legend).to_have_text("Dear $& Ada of Acme: 7 for Other: Fun & <b>play</b>, you?")
        expect(page.get_by_label("Which?").locator("option")).to_have_text(["No answer", "As $& Ada"])
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("Bye, $& Ada")).to_be_visible()
        page.get_by_role("button", name="Next person").click()
        page.get_by_role("button", name="Next").click()
        expect(legend).to_have_text("Dear friend of Acme: no figure for , you?")
        expect(page.get_by_label("Which?").locator("option")).to_have_text(["No answer", "As nobody"])
        arrives(page, 1)


def test_what_a_browser_checks_and_what_must_be_chosen(browser: Browser, live_server: Any, survey: Survey) -> None:
    number = {
        "id": "age",
        "type": "number",
        "text": {"en": "Years"},
        "settings": {"least": 18, "most": 99, "step": 0.5},
    }
    several = {
        "id": "ways",
        "type": "choices",
        "text": {"en": "Ways"},
        "settings": {"options": [{"id": "a"}, {"id": "b"}, {"id": "c"}], "most": 2},
    }
    order = {
        "id": "order",
        "type": "ranking",
        "required": True,
        "text": {"en": "Order"},
        "settings": {"items": [{"id": "x"}, {"id": "y"}, {"id": "z"}], "places": 2},
    }
    day = {"id": "day", "type": "date", "text": {"en": "Day"}, "settings": {"days": "past"}}
    publish(survey, {"id": "one", "questions": [number, several, order, day]})  # fmt: skip
    with standing(browser, live_server.url) as page:
        page.goto(kiosk(survey))
        page.get_by_label("Years").fill("17")
        for key in ("a", "b", "c"):
            page.locator(f"[name=ways][value={key}]").check()
        page.get_by_label("x").select_option("1")
        expect(page.locator("[name='order.y'] option[value='1']")).to_be_disabled()
        page.get_by_role("button", name="Send").click()
        told = ["Please check this answer.", "You chose 3; please choose at most 2.", "Please answer this question."]
        expect(page.get_by_role("alert")).to_have_text(told)
        expect(page.get_by_label("Years")).to_be_focused()
        page.get_by_label("Years").fill("42.5")
        page.locator("[name=ways][value=c]").uncheck()
        page.get_by_label("z").select_option("2")
        page.get_by_label("Day").fill(timezone.localdate().isoformat())
        page.get_by_role("button", name="Send").click()
        thanks(page)
        arrives(page, 1)
    today = timezone.localdate().isoformat()
    assert answers() == [{"age": 42.5, "ways": ["a", "b"], "order": ["x", "z"], "day": today}]


def test_what_the_server_does_not_take_is_told_and_not_lost(browser: Browser, live_server: Any, survey: Survey) -> None:
    day = {"id": "day", "type": "date", "text": {"en": "Day"}, "settings": {"days": "past"}}
    publish(survey, {"id": "one", "questions": [NPS["pages"][0]["questions"][0], day]})
    with standing(browser, live_server.url) as page:
        page.goto(kiosk(survey))
        page.get_by_label("Day").fill("2999-12-31")
        page.locator("label:has([name=nps][value='3'])").click()
        page.get_by_role("button", name="Send").click()
        thanks(page)
        expect(page.locator("#waiting")).to_have_text("Not taken: 1")
        assert "2999" not in page.content()
        page.get_by_role("button", name="Send again").click()
        expect(page.locator("#waiting")).to_be_empty()
        expect(page.get_by_role("button", name="Send again")).to_be_hidden()
    kept = Response.objects.get()
    assert (kept.answers, kept.context["not taken.day"]) == ({"nps": 3}, "2999-12-31")


def test_random_order_is_drawn_anew_for_each_person(browser: Browser, live_server: Any, survey: Survey) -> None:
    many = [{"id": f"q{n}", "type": "nps", "text": {"en": f"Q{n}"}} for n in range(8)]
    publish(survey, {"id": "one", "randomise": True, "questions": many})
    with standing(browser, live_server.url) as page:
        page.goto(kiosk(survey))
        seen = []
        for _ in range(3):
            seen.append(page.evaluate("[...document.querySelectorAll('[data-question]')].map(q => q.dataset.question)"))
            page.locator("label:has([name=q0][value='5'])").click()
            page.get_by_role("button", name="Send").click()
            page.get_by_role("button", name="Next person").click()
        assert len({tuple(order) for order in seen}) > 1
        assert {tuple(sorted(order)) for order in seen} == {tuple(f"q{n}" for n in range(8))}
        arrives(page, 3)


def test_a_survey_that_no_kiosk_can_show_says_so(browser: Browser, live_server: Any, survey: Survey) -> None:
    name = {"id": "called", "type": "text", "text": {"en": "Your name?"}}
    rule = {"question": "called", "is": ["Ada"]}
    publish(
        survey,
        {"id": "one", "questions": [name]},
        {"id": "two", "show_if": rule, "questions": NPS["pages"][0]["questions"]},
    )
    with opened(browser, live_server.url) as (page, _):
        answer = page.goto(kiosk(survey))
        assert answer is not None
        assert answer.status == 409
        expect(page.get_by_role("heading", name="This survey cannot be shown at a kiosk")).to_be_visible()
        page.get_by_role("link", name="Answer on the survey's own page").click()
        expect(page.get_by_label("Your name?")).to_be_visible()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: `npm ci` in frontend/")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1024])
def test_nothing_serious(browser: Browser, live_server: Any, survey: Survey, theme: Any, width: int) -> None:
    with standing(browser, live_server.url, color_scheme=theme, viewport={"width": width, "height": 700}) as page:
        page.goto(kiosk(survey))
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        page.get_by_role("button", name="Next").click()
        assert axe(page) == []
        choose(page, 3)
        page.clock.run_for(61_000)
        expect(page.get_by_role("dialog")).to_be_visible()
        assert axe(page) == []
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Send").click()
        thanks(page)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
