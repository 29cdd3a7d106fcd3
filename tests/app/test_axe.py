"""Every page is accessible, light and dark: axe finds nothing serious in a real Chromium."""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, expect

from percorso.accounts.actions import notify
from percorso.accounts.models import Person, Workspace
from percorso.base import jobs
from percorso.base.models import Job
from percorso.base.worker import run_all
from percorso.customers.identity.belonging import Claim
from percorso.customers.identity.book import believed
from percorso.customers.models import Company
from percorso.customers.personas.actions import make_persona
from percorso.customers.segments.actions import make_segment
from percorso.i18n import mark
from percorso.insights.alerting.actions import make_watch, start_preview
from percorso.insights.alerting.previews import JOB as PREVIEW
from percorso.insights.alerting.previews import Draft
from percorso.insights.boards.actions import make_board
from percorso.insights.models import Alarm, Report, Watch
from percorso.insights.reports.actions import make_report
from percorso.sources.models import RefusedCall, Source, WebhookSource
from percorso.sources.webhooks.actions import make_webhook_source
from percorso.surveys.inviting.actions import make_distribution, make_rule
from tests.app.answered import answer, everything
from tests.app.respondents import invite_one, open_survey
from tests.web.accessible import AXE, axe, axe_in_both_themes
from tests.web.browser import browsing, chromium, opened, sign_in

pytestmark = [
    pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: `npm ci` in frontend/"),
]

SIGNED_OUT = ("/accounts/login/", "/accounts/password/reset/")
SIGNED_IN = (
    "/w/acme/",
    "/w/acme/indicators/",
    "/w/acme/overview/",
    "/w/acme/indicators/csat/",
    "/w/acme/indicators/csat/definition/",
    "/w/acme/indicators/csat/facts/",
    "/w/acme/indicators/csat/annotations/",
    "/w/acme/boards/",
    "/w/acme/boards/new/",
    "/w/acme/boards/service/",
    "/w/acme/boards/service/edit/",
    "/w/acme/boards/service/settings/",
    "/w/acme/boards/service/cards/",
    "/w/acme/boards/service/wall/",
    "/w/acme/boards/service/wall/?theme=dark",
    "/w/acme/reports/",
    "/w/acme/reports/new/",
    "/w/acme/alerts/",
    "/w/acme/alerts/watches/",
    "/w/acme/alerts/watches/new/",
    "/w/acme/alerts/watches/new/?alert=change",
    "/w/acme/programme/",
    "/w/acme/programme/goals/new/",
    "/w/acme/programme/goals/new/?indicator=csat",
    "/w/acme/programme/benchmarks/",
    "/w/acme/programme/benchmarks/new/?indicator=nps",
    "/w/acme/programme/plans/",
    "/w/acme/programme/plans/new/",
    "/w/acme/programme/calculator/?kind=nps&margin=5",
    "/w/acme/programme/scorecards/",
    "/w/acme/programme/scorecards/new/",
    "/w/acme/value/",
    "/w/acme/value/staying/?by=country",
    "/w/acme/value/forecast/",
    "/w/acme/value/loop/",
    "/w/acme/usage/",
    "/w/acme/usage/features/",
    "/w/acme/usage/features/choose/",
    "/w/acme/usage/speed/",
    "/w/acme/usage/flows/?period=last_12_months&compare=previous&part=all",
    "/w/acme/usage/funnels/?period=last_30_days&step=Signed+Up&step=Order+Completed&exclude=Error&part=all",
    "/w/acme/usage/retention/?period=last_30_days&start=Signed+Up&intervals=1&part=all",
    "/w/acme/customers/",
    "/w/acme/segments/",
    "/w/acme/segments/brazil/",
    "/w/acme/segments/brazil/change/",
    "/w/acme/segments/new/",
    "/w/acme/surveys/seen/",
    "/w/acme/surveys/seen/?by=channel",
    "/w/acme/surveys/seen/answers/",
    "/w/acme/surveys/seen/export/",
    "/w/acme/segments/new/?starter=tickets",
    "/w/acme/personas/",
    "/w/acme/personas/new/",
    "/w/acme/customers/c1/",
    "/w/acme/customers/c1/identities/",
    "/w/acme/customers/c1/merge/?q=c",
    "/w/acme/identities/",
    "/w/acme/identities/decided/",
    "/w/acme/identities/rules/",
    "/w/acme/companies/",
    "/w/acme/companies/acme-brasil/",
    "/w/acme/settings/contact/",
    "/w/acme/settings/contact/refusals/",
    "/w/acme/settings/contact/suppressed/",
    "/w/acme/surveys/",
    "/w/acme/surveys/new/",
    "/w/acme/surveys/import/",
    "/w/acme/surveys/new/?template=nps",
    "/w/acme/surveys/sent/send/",
    "/w/acme/surveys/sent/send/invitations/",
    "/w/acme/sources/",
    "/w/acme/sources/new/",
    "/w/acme/sources/refused/",
    "/w/acme/sources/webhooks/",
    "/w/acme/sources/webhooks/new/",
    "/w/acme/arriving/",
    "/w/acme/arriving/events/",
    "/w/acme/arriving/plan/",
    "/w/acme/arriving/plan/event/",
    "/w/acme/imports/",
    "/w/acme/imports/new/",
    "/w/acme/settings/",
    "/w/acme/settings/people/",
    "/w/acme/settings/keys/",
    "/w/acme/settings/audit/",
    "/w/acme/settings/data/",
    "/w/acme/settings/channels/",
    "/w/acme/settings/channels/email/",
    "/w/acme/settings/channels/sms/",
    "/w/acme/settings/webhooks/",
    "/w/acme/settings/privacy/",
    "/w/acme/customers/c1/privacy/",
    "/w/acme/customers/c1/privacy/read/",
    "/w/acme/notices/",
    "/w/acme/jobs/",
    "/w/acme/find/?q=c",
    "/workspaces/new/",
    "/me/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/accounts/password/change/",
    "/help/",
    "/components/",
    "/nothing-here/",
)


def signed_in() -> tuple[str, ...]:
    """The pages of somebody signed in, those of one alarm, report and preview among them."""
    alarm, report, source = Alarm.objects.get(), Report.objects.get(), WebhookSource.objects.get()
    tried = [f"/w/acme/alerts/watches/new/?alert=change&tried={job.pk}" for job in Job.objects.filter(name=PREVIEW)]
    return (
        *SIGNED_IN,
        f"/w/acme/alerts/{alarm.pk}/",
        f"/w/acme/reports/{report.pk}/",
        f"/w/acme/sources/webhooks/{source.pk}/",
        f"/w/acme/sources/refused/{RefusedCall.objects.get().pk}/",
        *tried,
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse to clean up its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with browsing() as found:
        yield found
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def busy(members: Workspace, alice_person: Person) -> None:
    """Notices and jobs in some states, a board and a report, so that lists are not empty."""
    board = make_board(members, name="Service", starter="service", by=alice_person)
    to = [{"email": "ana@acme.test", "language": "it", "time_zone": "Europe/Rome"}]
    make_report(board, name="Service", recipients=to, by=alice_person)
    nobody = {
        "any": [{"trait": "country", "is": ["BR"]}, {"did": "events", "where": {"properties.total": {"at_least": 9}}}]
    }
    segment = make_segment(members, name="Brazil", rule=nobody, by=alice_person)
    make_persona(members, name="Marina", segment=segment, needs="An answer", quote="Where is it?", by=alice_person)
    alarm(members, alice_person)
    answer(everything(members, slug="seen"), nps=3, why="Slow", best="fast", grid={"app": "good"}, minutes=3)
    sent_survey(members, alice_person)
    believed(members, [Claim("c1", "email:a@x.it"), Claim("c2", "email:a@x.it"), Claim("c1", "card:7")], ["c1"])
    Company.objects.create(workspace=members, key="acme-brasil", name="Acme Brasil", told={"seats": [[0, 1], [9, 2]]})
    source = make_webhook_source(members, "generic", "ERP", {"secret": "a secret"}, by=alice_person)
    for state in ("done", "ignored", "failed"):
        source.deliveries.create(delivery=state, event="order.paid", body='{"order": 1}', state=state, problem="Why")
    shop = Source.objects.create(workspace=members, name="Shop", key="k" * 32)
    RefusedCall.objects.create(source=shop, reason="not_json", body='"{\\"event\\": 1,}"', context='{"locale": "it"}')
    notify([alice_person], members, mark("Jobs"), {}, tone="good")
    for state in ("waiting", "running", "failed"):
        job = jobs.enqueue(next(iter(jobs.KINDS)), workspace=members.slug)
        Job.objects.filter(pk=job.pk).update(state=state, error="no file" if state == "failed" else "")


def sent_survey(workspace: Workspace, person: Person) -> None:
    """A survey that was sent, with a rule and invitations in some states."""
    survey = open_survey(workspace, slug="sent")
    made = make_distribution(survey, channel="email", audience={"segment": None}, subject={}, words={}, by=person)
    make_rule(survey, event="resolved", name="", after_hours=24, share=0.5, channel="sms", segment=None, by=person)
    for state in ("waiting", "sent", "answered", "refused"):
        because = "unsubscribed" if state == "refused" else ""
        invite_one(survey, distribution=made, address=f"{state}@example.com", state=state, because=because)


def alarm(workspace: Workspace, person: Person) -> None:
    """An alarm of two findings, with the group that moved the first; and previews that are made, stopped and running."""
    watch = make_watch(workspace, alert="change", by=person, indicators=["csat"], people=[person])
    found = Alarm.objects.create(workspace=workspace, day=date(2026, 6, 10))
    told = {"value": 0.5, "expected": 0.8, "at": "2026-06-10", "grain": "week"}
    phone = {
        "column": "channel",
        "value": "phone",
        "before": 0.8,
        "after": 0.3,
        "before_n": 90,
        "after_n": 80,
        "share": 0.9,
    }
    text = "{indicator}: {value} on {at}, where {expected} was to be expected."
    for indicator, groups in (("csat", [phone]), ("nps", [])):
        found.findings.create(
            watch=watch, indicator=indicator, day=found.day, since=date(2026, 6, 8), direction="down", good=False,
            chance=0.001, template=text, params=told | {"indicator": indicator}, contributors=groups,
        )  # fmt: skip
    for grain, state in (("day", "done"), ("week", "stopped"), ("month", "running")):
        tried = Watch(workspace=workspace, alert="change", name="Change", indicators=["csat"], grain=grain)
        job = start_preview(Draft(tried), by=person)
        if state == "done":
            run_all()
        Job.objects.filter(pk=job.pk).update(
            state=state, progress=0.5, leased_until=timezone.now() + timedelta(hours=1)
        )


def test_nothing_serious_on_any_page_in_either_theme(
    browser: Browser, live_server: Any, alice: Client, busy: None
) -> None:
    found: dict[str, list[str]] = {}
    for paths, known in ((SIGNED_OUT, False), (signed_in(), True)):
        with opened(browser, live_server.url, still=True) as (page, _):
            if known:
                sign_in(page, live_server.url, alice)
            for path in paths:
                page.goto(path)
                page.wait_for_load_state("networkidle")
                if grave := axe_in_both_themes(page):
                    found[path] = grave
    assert found == {}


@pytest.mark.parametrize("language", ["en", "pt-br", "it"])
def test_every_page_fits_a_phone(browser: Browser, live_server: Any, alice: Client, busy: None, language: str) -> None:
    wide: dict[str, int] = {}
    for paths, known in ((SIGNED_OUT, False), (signed_in(), True)):
        with opened(browser, live_server.url, language, width=360, height=780) as (page, _):
            if known:
                sign_in(page, live_server.url, alice)
            for path in paths:
                page.goto(path)
                width = page.evaluate("document.documentElement.scrollWidth")
                if width > 360:
                    wide[path] = width
    assert wide == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_in_what_opens(
    browser: Browser, live_server: Any, alice: Client, busy: None, theme: str
) -> None:
    with opened(browser, live_server.url, theme=theme) as (page, _):
        sign_in(page, live_server.url, alice)
        page.goto("/w/acme/jobs/")
        page.keyboard.press("Control+k")
        page.locator(".palette-entry").first.wait_for()
        assert axe(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("#palette")).to_be_hidden()
        page.keyboard.press("?")
        page.locator("#help[open]").wait_for()
        assert axe(page) == []
        page.keyboard.press("Escape")
        page.locator(".person").click()
        assert axe(page) == []
        page.set_viewport_size({"width": 360, "height": 780})
        assert axe(page) == []
