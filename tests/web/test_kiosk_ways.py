"""The kiosk's script in a real Chromium without a network against the one code that decides: surveys drawn by chance."""

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from django.http import QueryDict
from playwright.sync_api import Browser, expect

from percorso.accounts.models import Workspace
from percorso.surveys.models import Response, Survey
from percorso.surveys.sharing.kiosk import _read
from tests.app.kiosk_surveys import draw_fields, draw_survey
from tests.app.respondents import link, open_survey
from tests.app.test_sharing_ways import decided
from tests.web.browser import browsing, chromium
from tests.web.test_kiosk import is_kept, sends_what_waits

pytestmark = pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")
# Goes through the survey as somebody who gives these fields would; returns the pages that were seen.
GO = """async fields => {
    const seen = [], told = (section, which) => [...section.querySelectorAll(which)].map(q => q.dataset.question).sort();
    for (let steps = 0; steps < 20; steps++) {
        const section = document.querySelector("section:not([hidden])");
        const asked = told(section, "[data-question]:not([hidden])");
        for (const [name, value] of fields.filter(([name]) => asked.includes(name.split(".")[0])))
            for (const field of document.getElementsByName(name)) {
                if (["radio", "checkbox"].includes(field.type)) { if (field.value === value) field.checked = true; } else field.value = value;
                field.dispatchEvent(new Event("change", {bubbles: true}));
            }
        document.querySelector("#next").click();
        const turned = () => section.hidden || !document.querySelector("#thanking").hidden || section.querySelector(".wrong");
        while (!turned()) await new Promise(done => setTimeout(done, 5));
        seen.push([section.dataset.page, asked, told(section, ".wrong")]);
        if (section.querySelector(".wrong")) break;
        if (!document.querySelector("#thanking").hidden) { document.querySelector("#again").click(); break; }
    }
    return seen;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def expected(survey: Survey, fields: QueryDict) -> tuple[list[list[Any]], bool]:
    """What the server shows and refuses, up to the first page that it refuses; and whether that is the end."""
    assert survey.live is not None
    seen: list[list[Any]] = []
    for page, asked, wrong in decided(survey.live.definition, fields):
        seen.append([page, sorted(asked), sorted(wrong)])
        if wrong:
            return seen, False
    return seen, True


def answers_to(survey: Survey, fields: QueryDict) -> dict[str, Any]:
    response = Response(survey=survey, version=survey.live, key="k", language="en")
    _read(response, fields, "")
    return response.answers


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_the_way_through_a_survey(browser: Browser, live_server: Any, acme: Workspace, seed: int) -> None:
    chance = Random(seed)
    survey = open_survey(
        acme, draw_survey(chance).model_dump(mode="json", by_alias=True, exclude_none=True), repeated=True
    )
    assert survey.live is not None
    kept = []
    context = browser.new_context(base_url=live_server.url, locale="en")
    page = context.new_page()
    page.goto(f"{link(survey)}kiosk/")
    is_kept(page, 6)
    context.set_offline(True)
    for _ in range(8):
        fields = draw_fields(chance, survey.live.definition)
        seen, finished = expected(survey, fields)
        pairs = [[name, value] for name, values in fields.lists() for value in values]
        assert page.evaluate(GO, pairs) == seen, fields
        answers = answers_to(survey, fields)
        if finished and answers:
            kept.append(answers)
        if not finished:
            page.reload()
        expect(page.locator("#asking")).to_be_visible()
    expect(page.locator("#waiting")).to_have_text(f"Waiting on this device: {len(kept)}" if kept else "")
    # A worker that the browser starts anew is online for a moment: what it sends then is kept once, as the end shows.
    assert Response.objects.count() <= len(kept)
    context.set_offline(False)
    sends_what_waits(page)
    context.close()
    assert list(Response.objects.order_by("completed_at", "pk").values_list("answers", flat=True)) == kept
    assert not [key for response in Response.objects.all() for key in response.context if key != "kiosk"]
