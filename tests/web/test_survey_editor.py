"""The editor of surveys in a real Chromium: what is typed is kept at once, shown in the preview, and never lost."""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, FrameLocator, Page, expect

from percorso.accounts.models import Person, Workspace
from percorso.surveys.bank import TEMPLATES
from percorso.surveys.definition import Definition
from percorso.surveys.editing.actions import change_draft, make_survey
from percorso.surveys.editing.draft import add_question
from percorso.surveys.models import Survey
from tests.web.accessible import axe
from tests.web.browser import Complaints, browsing, chromium, opened, sign_in

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")

EDIT = "/w/acme/surveys/care/edit/"
KEEPS = re.compile(r"/edit/\?at=")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def survey(members: Workspace, alice_person: Person) -> Survey:
    return make_survey(members, name="Care", by=alice_person, definition=TEMPLATES["nps"].make("Acme"))


@pytest.fixture
def both(browser: Browser, live_server: Any, alice: Client, survey: Survey) -> Iterator[tuple[Page, Complaints]]:
    with opened(browser, live_server.url) as (page, complaints):
        sign_in(page, live_server.url, alice)
        yield page, complaints
        assert complaints.console == []


@pytest.fixture
def page(both: tuple[Page, Complaints]) -> Page:
    return both[0]


@pytest.fixture
def refused(both: tuple[Page, Complaints]) -> Iterator[None]:
    """The browser notes on its console what was refused on purpose; nothing else may be there."""
    yield
    console = both[1].console
    assert all(said.startswith("Failed to load resource") for said in console)
    console.clear()


def kept(survey: Survey) -> Definition:
    survey.refresh_from_db()
    return survey.definition


def preview(page: Page) -> FrameLocator:
    """The preview, once the new one has taken the old one's place."""
    expect(page.locator("iframe")).to_have_count(1, timeout=15_000)
    return page.frame_locator("iframe")


def saved(page: Page) -> None:
    expect(page.locator("#editor-saved")).to_have_text("Saved")


def test_what_is_typed_is_kept_and_shown_without_a_button(page: Page, survey: Survey) -> None:
    page.goto(f"{EDIT}?at=q-nps")
    page.get_by_label("Question", exact=True).press("Control+End")
    page.keyboard.type(" Really?")
    saved(page)
    question = kept(survey).question("nps")
    assert question is not None
    assert question.text["en"].endswith(" Really?")
    expect(preview(page).get_by_text("Really?").first).to_be_visible()
    expect(page.locator("#editor-bar").get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Question", exact=True)).not_to_have_value("Really?")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert "Really?" not in page.get_by_label("Question", exact=True).input_value()


def test_leaving_at_once_loses_nothing(page: Page, survey: Survey) -> None:
    page.goto(f"{EDIT}?at=q-nps")
    page.get_by_label("Help below it").fill("Be frank")
    page.get_by_role("navigation", name="Pages and questions").get_by_role("link", name="Thanks").click()
    expect(page.get_by_role("heading", name="Thanks")).to_be_visible()
    question = kept(survey).question("nps")
    assert question is not None
    assert question.help["en"] == "Be frank"


def test_what_is_typed_before_the_editors_script_has_come_is_kept(page: Page, survey: Survey) -> None:
    held: list[Any] = []
    page.route(re.compile(r"/editor-\w+\.js"), lambda route: held.append(route))
    page.goto(f"{EDIT}?at=q-why", wait_until="commit")
    page.get_by_label("Question", exact=True).fill("Quick fingers")
    page.wait_for_timeout(300)
    for route in held:
        route.continue_()
    saved(page)
    question = kept(survey).question("why")
    assert question is not None
    assert question.text["en"] == "Quick fingers"


def test_a_question_with_options_is_made_by_keyboard_alone(page: Page, survey: Survey) -> None:
    page.goto(f"{EDIT}?at=p-{survey.definition.pages[-1].id}")
    page.locator(".outline-add summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Multiple choice").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Question", exact=True)).to_be_focused()
    page.keyboard.type("What matters?")
    page.get_by_role("button", name="Add", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Options 1", exact=True)).to_be_focused()
    page.keyboard.type("Price")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Options 2", exact=True)).to_be_focused()
    page.keyboard.type("Speed")
    saved(page)
    question = kept(survey).question("choices")
    assert question is not None
    assert question.text == {"en": "What matters?"}
    assert [option.text["en"] for option in question.config.options] == ["Price", "Speed"]
    page.get_by_role("button", name="Move up", exact=True).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".outline-questions a").nth(1)).to_have_text("What matters?")
    assert [q.id for q in kept(survey).pages[-1].questions] == ["choices", "why"]


def test_the_menu_of_types_is_within_reach_however_long_the_survey_is(
    page: Page, survey: Survey, alice_person: Person
) -> None:
    definition = survey.definition
    for number in range(15):
        definition = add_question(definition, "text", f"more_{number}")
    change_draft(survey, definition, by=alice_person)
    for height in (600, 900):
        page.set_viewport_size({"width": 1440, "height": height})
        page.goto(f"{EDIT}?at=q-nps")
        page.locator(".outline-add summary").click()
        last = page.locator(".outline-type").last
        last.scroll_into_view_if_needed()
        expect(last).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(last).to_be_hidden()
        expect(page.locator(".outline-add summary")).to_be_focused()


def test_questions_are_moved_by_keyboard_and_the_preview_shows_it_at_both_widths(page: Page, survey: Survey) -> None:
    page.goto(f"{EDIT}?at=q-why")
    page.get_by_role("button", name="Move up", exact=True).focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[data-page]").first.locator("[data-question]")).to_have_count(2)
    assert [q.id for q in kept(survey).pages[0].questions] == ["nps", "why"]
    widths = []
    for name in ("Phone", "Computer"):
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute("aria-pressed", "true")
        expect(preview(page).locator("input[name=nps]")).to_have_count(11)
        expect(preview(page).locator("textarea[name=why]")).to_be_visible()
        widths.append(page.locator("iframe").evaluate("frame => frame.contentWindow.innerWidth"))
    assert widths[0] <= 430
    assert widths[1] >= 900


def test_a_question_is_dragged_to_another_page(page: Page, survey: Survey) -> None:
    page.goto(EDIT)
    grip = page.locator("[data-question='why'] [data-outline-grip]").bounding_box()
    over = page.locator("[data-question='nps']").bounding_box()
    assert grip is not None
    assert over is not None
    page.mouse.move(grip["x"] + 6, grip["y"] + 12)
    page.mouse.down()
    page.mouse.move(over["x"] + 40, over["y"] + over["height"] - 2, steps=4)
    page.mouse.up()
    expect(page.locator("[data-page]").first.locator("[data-question]")).to_have_count(2)
    for _ in range(100):
        if len(kept(survey).pages[0].questions) == 2:
            break
        page.wait_for_timeout(100)
    assert [q.id for q in kept(survey).pages[0].questions] == ["nps", "why"]


def test_a_place_is_put_where_the_cursor_is(page: Page, survey: Survey) -> None:
    page.goto(f"{EDIT}?at=q-why")
    field = page.get_by_label("Question", exact=True)
    field.fill("Dear , why?")
    field.evaluate("field => field.setSelectionRange(5, 5)")
    page.get_by_text("Recall", exact=True).first.click()
    page.locator("[data-recalls^='{customer.name']").click()
    expect(field).to_have_value("Dear {customer.name|there}, why?")
    saved(page)
    expect(preview(page).get_by_text("Dear there, why?").first).to_be_visible()


def test_somebody_elses_change_is_told_and_what_was_typed_stays(
    page: Page, survey: Survey, bob_person: Person, refused: None
) -> None:
    page.goto(f"{EDIT}?at=q-why")
    other = kept(survey)
    question = other.question("why")
    assert question is not None
    question.text["en"] = "Theirs"
    change_draft(survey, other, by=bob_person)
    page.get_by_label("Question", exact=True).fill("Mine")
    expect(page.get_by_text("Somebody else has changed this part meanwhile")).to_be_visible()
    expect(page.get_by_label("Question", exact=True)).to_have_value("Mine")
    page.get_by_role("button", name="Keep what I wrote").click()
    expect(page.get_by_text("Somebody else has changed")).to_have_count(0)
    question = kept(survey).question("why")
    assert question is not None
    assert question.text["en"] == "Mine"


def test_without_a_network_nothing_is_lost(page: Page, survey: Survey, refused: None) -> None:
    page.goto(f"{EDIT}?at=q-why")
    page.route(KEEPS, lambda route: route.abort())
    page.get_by_label("Question", exact=True).fill("Offline")
    expect(page.locator("#editor-saved")).to_contain_text("Not saved")
    page.unroute(KEEPS)
    page.get_by_label("Question", exact=True).press("Control+End")
    page.keyboard.type("!")
    saved(page)
    question = kept(survey).question("why")
    assert question is not None
    assert question.text["en"] == "Offline!"


def test_translations_are_kept_as_they_are_typed(page: Page, survey: Survey) -> None:
    page.goto(f"{EDIT}translations/?to=it")
    field = page.locator("textarea[name='x.q.why.text']")
    field.fill("Perché?")
    saved(page)
    page.get_by_role("button", name="Copy the text").first.click()
    saved(page)
    definition = kept(survey)
    question = definition.question("why")
    assert question is not None
    assert question.text["it"] == "Perché?"
    assert definition.title["it"] == definition.title["en"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["?at=q-nps", "?at=q-choice", "?at=p-why", "?at=quotas", "publish/", "translations/?to=it", "../settings/"]
)
def test_pages_of_the_editor_are_accessible_and_fit_a_phone(
    browser: Browser, live_server: Any, alice: Client, survey: Survey, alice_person: Person, theme: str, path: str
) -> None:
    change_draft(survey, add_question(survey.definition, "choice", "choice"), by=alice_person)
    with opened(browser, live_server.url, width=360, height=780, theme=theme) as (page, complaints):
        sign_in(page, live_server.url, alice)
        page.goto(EDIT + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert axe(page) == []
        assert complaints.console == []
