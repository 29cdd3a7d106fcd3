"""Results of surveys: figures with intervals, groups, what is hidden, single answers, and what is left out."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from percorso.accounts.models import AuditEntry, Membership, Workspace
from percorso.analytics.store import Store
from percorso.base import fact_outbox, owner
from percorso.base.worker import run_all
from percorso.customers.models import Segment
from percorso.surveys.facts import facts_of, sent_message
from percorso.surveys.models import Invitation, Response, Survey, Version
from percorso.surveys.results import kept, stored, views
from percorso.surveys.results import scope as scope_module
from percorso.surveys.results.scope import safe_groups, scope_of
from tests.app.answered import EVERYTHING, answer, everything
from tests.app.respondents import invite_one
from tests.web.accessible import axe
from tests.web.browser import browsing, chromium, opened, sign_in

FULL: dict[str, Any] = {
    "service": 8, "best": "fast", "used": ["fast", "kind"], "grid": {"app": "good", "shop": "bad"},
    "order": ["speed", "price"], "minutes": 12, "day": "2026-11-03", "agreed": {"agreed": True, "version": "0" * 16},
}  # fmt: skip


@pytest.fixture
def survey(members: Workspace) -> Survey:
    return everything(members)


def page(client: Client, survey: Survey, name: str = "survey", key: str = "", **asked: Any) -> str:
    """Return an address's text, as somebody reads it: without tags, blanks as one."""
    args = [survey.workspace.slug, survey.slug, *([key] if key else [])]
    shown = client.get(reverse(name, args=args), asked)
    assert shown.status_code == 200, shown.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", shown.content.decode()))


def raw(client: Client, survey: Survey) -> str:
    return client.get(reverse("survey", args=[survey.workspace.slug, survey.slug])).content.decode()


def test_a_survey_without_answers_says_what_to_do_next(survey: Survey, bob: Client) -> None:
    assert "No answers yet" in page(bob, survey)
    survey.state = Survey.State.DRAFT
    survey.save()
    assert "Not published yet" in page(bob, survey)


def test_figures_stand_with_interval_and_n(survey: Survey, bob: Client) -> None:
    for score in (10, 9, 9, 3):
        answer(survey, nps=score, **FULL)
    shown = page(bob, survey)
    assert "4 complete responses" in shown
    assert re.search(r"Net Promoter Score \+50 .*? from 4 answers", shown)
    assert "Net Promoter Score · Service" in shown
    assert re.search(r"Completion rate 100\.0% .*? between 51\.0% and 100\.0%, 95% sure 4 of 4 responses", shown)


def test_every_kind_of_question_is_broken_down(survey: Survey, bob: Client) -> None:
    answer(survey, nps=10, **FULL)
    answer(survey, nps=10, **{**FULL, "best": {"option": "other", "text": "The smile"}, "order": ["price", "speed"], "minutes": 20})  # fmt: skip
    shown = page(bob, survey)
    for told in (
        "Recommend? Recommendation, 0 to 10 (NPS) · 2 responses",
        "Mean 10.00",
        "10 · Extremely likely 100.0%",
        "Fast 50.0% 9.5% to 90.5% 1",
        "Other 50.0%",
        "Good",
        "Median 16",
        "Nov 2026 100.0%",
        "Agreed 100.0%",
        "Mean place",
        "1.50",
        "The smile",
    ):
        assert told in shown, told


def test_who_stops_where_counts_only_who_saw_a_question(survey: Survey, bob: Client) -> None:
    answer(survey, nps=10, **FULL)  # is not asked why
    answer(survey, nps=2, why="Too slow", **FULL)
    answer(survey, nps=3, pages=1)  # sees why, and goes
    shown = page(bob, survey)
    way = shown[shown.index("Where people stop") :]
    assert re.search(r"Recommend\? 3 3 100\.0%", way)
    assert re.search(r"Why …\? 2 1 50\.0%", way)
    assert re.search(r"What is best\? 2 2 100\.0%", way)
    assert "1 not finished" in shown


def test_rates_by_channel_and_clicks_that_count_for_nothing(survey: Survey, bob: Client) -> None:
    answer(survey, invite_one(survey), channel="email", nps=9, **FULL)
    invite_one(survey, clicked="9", clicked_at=timezone.now())
    invite_one(survey, clicked="0", scanned=True)
    invite_one(survey, channel="sms")
    invite_one(survey, state=Invitation.State.REFUSED)
    shown = page(bob, survey)
    assert re.search(r"Response rate 25\.0% .*? 1 of 4 invitations", shown)
    assert "1 click that nobody confirmed" in shown
    assert "links of 1 invitation opened by a scanner" in shown
    assert re.search(r"E-mail 33\.3% .*? 1 of 3 ", shown)
    assert re.search(r"SMS 0\.0% .*? 0 of 1 ", shown)


@pytest.mark.parametrize("by", ["channel", "language", "customer.country", "segments"])
def test_figures_by_group(survey: Survey, bob: Client, by: str) -> None:
    answer(survey, nps=10, **FULL)
    answer(survey, nps=0, channel="qr", language="it", **FULL)
    shown = page(bob, survey, by=by)
    assert "By group" in shown
    if by == "channel":
        assert re.search(r"Link \+100", shown)
        assert re.search(r"QR code −100", shown)
    assert "Response rate" not in shown  # nobody was invited
    assert page(bob, survey, by="customer.email", figure="99")


def test_answers_on_their_way_are_told(survey: Survey, bob: Client) -> None:
    answer(survey, nps=10, loaded=False)
    assert "on their way" in page(bob, survey) or "on its way" in page(bob, survey)
    fact_outbox.load()
    assert "on its way" not in page(bob, survey)


def test_a_figure_about_the_whole_leaves_out_answers_about_aspects(members: Workspace, bob: Client) -> None:
    scales = [{"id": "whole", "type": "csat", "metric": "csat", "text": {"en": "All?"}}]
    scales += [{"id": "part", "type": "csat", "metric": "csat", "aspect": "service", "text": {"en": "Service?"}}]
    made = everything(members, {"languages": ["en"], "pages": [{"id": "one", "questions": scales}]})
    answer(made, whole=5, part=1)
    shown = page(bob, made)
    assert re.search(
        r"Satisfaction Score 100\.0% .*? from 1 answer .*?Satisfaction Score · Service 0\.0% .*? from 1 answer", shown
    )


def test_a_question_that_was_replaced_stays_with_its_answers(survey: Survey, bob: Client) -> None:
    answer(survey, nps=10, **FULL)
    content = {**EVERYTHING, "quotas": [], "pages": [{"id": "new", "questions": [{"id": "csat", "type": "csat", "metric": "csat", "text": {"en": "Satisfied?"}}]}]}  # fmt: skip
    survey.live = Version.objects.create(survey=survey, number=2, content=content)
    survey.save()
    answer(survey, csat=5)
    shown = page(bob, survey)
    assert shown.index("Satisfied?") < shown.index("Recommend?")
    assert "only in an earlier version" in shown


def test_equal_scales_are_suspicious_and_equal_numbers_are_not(members: Workspace) -> None:
    for kind in ("csat", "number"):
        questions = [{"id": f"q{i}", "type": kind, "text": {"en": f"{i}?"}} for i in range(6)]
        made = everything(members, {"languages": ["en"], "pages": [{"id": "one", "questions": questions}]})
        given = answer(made, **{f"q{i}": 3 for i in range(6)})
        assert ("straight" in given.marks) == (kind == "csat")


def test_marks_are_shown_and_switched_for_all_figures(survey: Survey, as_role: Callable[[str], Client]) -> None:
    for score in (10, 0):
        answer(survey, nps=score)
    Response.objects.filter(survey=survey, answers__nps=0).update(marks=["fast"])
    editor = as_role("editor")
    assert "Answered faster than anybody reads 1 0" in page(as_role("viewer"), survey)
    href = reverse("survey_mark", args=[survey.workspace.slug, survey.slug])
    assert as_role("viewer").post(href, {"mark": "fast", "left_out": "1"}).status_code == 403
    as_role("editor")
    assert editor.post(href, {"mark": "fast", "left_out": "1"}).status_code == 302
    fact_outbox.load()
    shown = page(as_role("viewer"), survey)
    assert "Net Promoter Score +100" in shown
    assert "1 left out" in shown
    assert AuditEntry.objects.filter(action="marked_left_out", details__responses=1).exists()
    as_role("editor")
    editor.post(href, {"mark": "fast", "left_out": "0"})
    fact_outbox.load()
    assert re.search(r"Net Promoter Score 0 ", page(as_role("viewer"), survey))


def test_comments_are_found_and_lead_to_their_response(survey: Survey, bob: Client) -> None:
    given = answer(survey, nps=2, why="Più lento <b>di prima</b>", **FULL)
    answer(survey, nps=3, why="Cold", **FULL)
    href = reverse("survey", args=[survey.workspace.slug, survey.slug])
    shown = bob.get(href, {"q": "PIÙ"}).content.decode()
    assert "Più lento &lt;b&gt;di prima&lt;/b&gt;" in shown
    assert "Cold" not in shown
    assert reverse("survey_answer", args=[survey.workspace.slug, survey.slug, given.key]) in shown
    assert "No comment holds these words" in page(bob, survey, q="nothing like it")


def test_an_analyst_sees_figures_and_nobody(survey: Survey, as_role: Callable[[str], Client]) -> None:
    invitation = invite_one(survey)
    given = answer(survey, invitation, nps=2, why="Call me, Marina", **FULL)
    analyst = as_role("analyst")
    shown = page(analyst, survey)
    assert "Net Promoter Score" in shown
    assert "Marina" not in shown
    for name, args in (("survey_answers", []), ("survey_answer", [given.key])):
        href = reverse(name, args=[survey.workspace.slug, survey.slug, *args])
        assert analyst.get(href).status_code == 403


def test_a_stranger_finds_nothing(survey: Survey, charlie: Client) -> None:
    given = answer(survey, nps=2)
    for name, args in (("survey", []), ("survey_answers", []), ("survey_answer", [given.key]), ("survey_export", [])):
        assert charlie.get(reverse(name, args=[survey.workspace.slug, survey.slug, *args])).status_code == 404


# Anonymous surveys


@pytest.fixture
def secret(members: Workspace) -> Survey:
    return everything(members, anonymous=True, least_answers=3)


def test_an_anonymous_survey_shows_nothing_below_its_least_answers(secret: Survey, bob: Client) -> None:
    for _ in range(2):
        answer(secret, nps=2, why="I am Marina")
    shown = page(bob, secret)
    assert "Too few answers to show yet" in shown
    assert "Marina" not in shown
    assert "Net Promoter" not in shown


def test_an_anonymous_survey_grows_in_steps(secret: Survey, bob: Client) -> None:
    for score in (10, 10, 10, 0):
        answer(secret, nps=score, **FULL)
    shown = page(bob, secret)
    assert "3 complete responses" in shown
    assert "Net Promoter Score +100" in shown
    for _ in range(2):
        answer(secret, nps=0, **FULL)
    assert "6 complete responses" in page(bob, secret)


def test_no_small_group_of_an_anonymous_survey_is_shown_nor_can_be_worked_out(secret: Survey, bob: Client) -> None:
    for i in range(6):
        answer(secret, nps=10 if i else 0, channel="link" if i else "qr", **FULL)
    shown = page(bob, secret, by="channel")
    groups = shown[shown.index("By group") : shown.index("Question by question")]
    assert "+100" not in groups
    assert "−100" not in groups
    assert groups.count("too few answers to show") == 2


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ([("a", 9), ("b", 9)], {"a", "b"}),
        ([("a", 9), ("b", 2)], set()),
        ([("a", 9), ("b", 8), ("c", 2)], {"a"}),
        ([("a", 9), ("b", 2), ("c", 3)], {"a"}),
        ([("a", 4)], set()),
        ([], set()),
    ],
)
def test_hidden_groups_are_together_large_enough(sizes: list[tuple[str, int]], shown: set[str]) -> None:
    assert safe_groups(sizes, 5) == shown


def test_an_anonymous_survey_has_no_single_answers_no_times_and_no_names(secret: Survey, bob: Client) -> None:
    given = [answer(secret, nps=2, why=f"Reason {i}", **FULL) for i in range(3)]
    answer(secret, invite_one(secret), nps=2, why="Late reason", **FULL)
    shown = page(bob, secret)
    assert "Reason 1" in shown
    assert "Late reason" not in shown
    assert "Marina" not in shown
    assert "the whole response" not in shown
    assert "Answers over time" not in shown
    assert "Nobody sees single answers" in page(bob, secret, "survey_answers")
    one = reverse("survey_answer", args=[secret.workspace.slug, secret.slug, given[0].key])
    assert bob.get(one).status_code == 404


def test_a_question_that_few_answered_is_hidden_in_an_anonymous_survey(secret: Survey, bob: Client) -> None:
    for i in range(3):
        answer(secret, nps=2, **({"best": "fast", "why": "Only me"} if not i else {}))
    shown = page(bob, secret)
    assert "Too few answers to show." in shown
    assert "Only me" not in shown


# Single answers


def test_answers_are_listed_and_filtered(survey: Survey, bob: Client) -> None:
    answer(survey, invite_one(survey), nps=9, **FULL)
    answer(survey, nps=2, why="Slow as ever", language="it", **FULL)
    answer(survey, nps=3, pages=1, channel="qr")
    Response.objects.filter(survey=survey, language="it").update(marks=["straight"], left_out=True)

    def n(**asked: str) -> int:
        href = reverse("survey_answers", args=[survey.workspace.slug, survey.slug])
        return bob.get(href, asked).content.decode().count('scope="row">')

    assert n() == 3
    assert (n(state="complete"), n(state="partial"), n(state="left_out"), n(state="over_quota")) == (1, 1, 1, 0)
    assert (n(mark="straight"), n(mark="fast"), n(language="it"), n(version="1"), n(version="7")) == (1, 1, 1, 3, 0)
    assert (n(q="marina@"), n(q="slow AS"), n(q="nobody")) == (1, 1, 0)
    assert n(version="x", state="y") == 3
    assert "Marina" in page(bob, survey, "survey_answers")


def test_one_response_shows_what_was_asked_and_answered(survey: Survey, bob: Client) -> None:
    given = answer(survey, invite_one(survey), nps=2, why="Slow", **FULL)
    Response.objects.filter(pk=given.pk).update(marks=["fast"])
    shown = page(bob, survey, "survey_answer", given.key)
    for told in (
        "Why 2?",
        "Slow",
        "Fast; =Kind",
        "1. Speed; 2. Price",
        "Marina",
        "Answered faster than anybody reads",
        "version 1",
    ):
        assert told in shown, told
    assert "Leave it out" not in shown  # a viewer changes nothing


def change(client: Client, survey: Survey, key: str, do: str, reason: str = "Asked for") -> int:
    href = reverse("survey_answer_change", args=[survey.workspace.slug, survey.slug, key])
    return client.post(href, {"do": do, "reason": reason}).status_code


def test_a_survey_that_measures_nothing_has_response_rates_by_group(members: Workspace, bob: Client) -> None:
    question = {"id": "why", "type": "text", "text": {"en": "Why?"}}
    plain = everything(members, {"languages": ["en"], "pages": [{"id": "one", "questions": [question]}]})
    answer(plain, invite_one(plain), channel="email", why="So")
    invite_one(plain, channel="sms")
    shown = page(bob, plain)
    assert re.search(r"By group .*? E-mail 100\.0% .*? 1 of 1 ", shown)
    assert re.search(r"By group .*? SMS 0\.0% .*? 0 of 1 ", shown)
    Segment.objects.create(workspace=members, slug="all", name="Everybody", rule={})
    assert re.search(r"Everybody 100\.0% .*? 1 of 1 ", page(bob, plain, by="segments"))


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_what_takes_no_answers_is_not_renewed(survey: Survey, bob: Client, state: str) -> None:
    answer(survey, nps=10)
    assert "data-live" in raw(bob, survey)
    survey.state = state
    survey.save()
    shown = page(bob, survey)
    assert "1 complete response" in shown
    assert "data-live" not in raw(bob, survey)
    answered = Response.objects.get(survey=survey)
    fact_outbox.put("acme", facts_of(answered))
    assert "data-live" in raw(bob, survey)  # something is on its way
    fact_outbox.load()
    answered.delete()
    assert "The survey takes no answers now" in page(bob, survey)


def test_a_response_is_left_out_and_counted_again_for_a_reason(
    survey: Survey, as_role: Callable[[str], Client]
) -> None:
    given = answer(survey, nps=0)
    answer(survey, nps=10)
    client = as_role("editor")
    assert change(client, survey, given.key, "leave_out", reason="") == 302
    assert not Response.objects.get(pk=given.pk).left_out
    assert change(client, survey, given.key, "leave_out", reason="A test of ours") == 302
    fact_outbox.load()
    viewer = as_role("viewer")
    assert "Net Promoter Score +100" in page(viewer, survey)
    assert "A test of ours" in page(viewer, survey, "survey_answer", given.key)
    assert change(viewer, survey, given.key, "count") == 403
    assert change(as_role("editor"), survey, given.key, "count") == 302
    fact_outbox.load()
    assert re.search(r"Net Promoter Score 0 ", page(as_role("viewer"), survey))
    assert change(as_role("editor"), survey, given.key, "invent") == 404


def test_erasing_leaves_nothing_of_the_answers(survey: Survey, facts: Store, as_role: Callable[[str], Client]) -> None:
    given = answer(survey, invite_one(survey), nps=2, why="I am Marina", **FULL)
    assert change(as_role("editor"), survey, given.key, "erase") == 302
    fact_outbox.load()
    left = Response.objects.get(pk=given.pk)
    assert (left.answers, left.customer, left.traits, left.origin, left.invitation) == ({}, "", {}, "", None)
    shown = page(as_role("viewer"), survey, "survey_answer", given.key)
    assert "erased on request" in shown
    assert "Marina" not in shown
    for table in ("answers", "mentions"):
        t = facts.table(table, survey.workspace.slug)
        rows = facts.engine.fetch(facts.engine.sql(t.filter(t.id.startswith(given.key)))).to_pylist()
        assert rows
        assert not [row for row in rows if any(row.get(c) for c in ("customer", "identity", "text", "score", "option"))]
    assert change(as_role("editor"), survey, given.key, "count") == 302
    assert Response.objects.get(pk=given.pk).left_out


# How many queries


@pytest.mark.parametrize("n", [1, 3])
def test_the_results_take_a_fixed_number_of_queries(
    survey: Survey, bob: Client, n: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for i in range(n):
        answer(survey, invite_one(survey), nps=i, why=f"Reason {i}", **FULL)
    page(bob, survey)
    with django_assert_num_queries(RESULTS_QUERIES):
        page(bob, survey)
    with django_assert_num_queries(ANSWERS_QUERIES):
        page(bob, survey, "survey_answers")


RESULTS_QUERIES, ANSWERS_QUERIES = 13, 10


def test_times_taken_are_quartiles(survey: Survey, bob: Client) -> None:
    for _ in range(4):
        answer(survey, nps=10)
    for seconds, response in zip((10, 20, 30, 60), Response.objects.filter(survey=survey), strict=True):
        Response.objects.filter(pk=response.pk).update(seconds=seconds)
    assert "Time taken 25 s half of all between 18 s and 38 s" in page(bob, survey)


def test_answers_over_time_are_columns_and_a_table(survey: Survey, bob: Client) -> None:
    days = (timezone.now() - timedelta(days=3), timezone.now())
    for at in days:
        given = answer(survey, nps=10)
        Response.objects.filter(pk=given.pk).update(completed_at=at)
        known = Response.objects.select_related("survey__workspace", "version", "invitation").get(pk=given.pk)
        fact_outbox.put(survey.workspace.slug, facts_of(known))
    fact_outbox.load()
    href = reverse("survey", args=[survey.workspace.slug, survey.slug])
    shown = bob.get(href).content.decode()
    assert "Answers over time" in shown
    assert shown.count("<rect x=") == 4
    table = shown[shown.index("Answers over time as a table") :]
    assert table[: table.index("</table>")].count('<th scope="row">') == 2


# In a browser


@pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")
def test_the_page_renews_itself_until_it_is_paused(
    survey: Survey, live_server: Any, bob: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setattr(views, "LIVE_SECONDS", 2)
    answer(survey, nps=9, why="One")
    with browsing() as browser, opened(browser, live_server.url) as (shown, complaints):
        sign_in(shown, live_server.url, bob)
        shown.goto(reverse("survey", args=[survey.workspace.slug, survey.slug]))
        told = shown.locator(".results-counts strong")
        expect(told).to_have_text("1 complete response")
        answer(survey, nps=10)
        expect(told).to_have_text("2 complete responses", timeout=15_000)
        pause = shown.get_by_role("button", name="Stop renewing")
        pause.click()
        expect(pause).to_have_attribute("aria-pressed", "true")
        answer(survey, nps=10)
        shown.wait_for_timeout(5000)
        expect(told).to_have_text("2 complete responses")
        pause.click()
        expect(told).to_have_text("3 complete responses", timeout=15_000)
        assert complaints.console == []
        assert axe(shown) == []


@pytest.fixture(scope="module")
def clickhouse() -> Iterator[Store]:
    """ClickHouse's engine in this process."""
    pytest.importorskip("chdb")
    with Store.open("chdb://memory/default") as made:
        yield made


def test_both_engines_count_the_same_answers(
    survey: Survey, facts: Store, clickhouse: Store, bob: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [answer(survey, invite_one(survey), nps=i, why=f"Reason {i % 2}", **FULL) for i in (3, 3, 10)]
    for response in Response.objects.filter(survey=survey).select_related("survey__workspace", "version", "invitation"):
        for table, rows in facts_of(response).items():
            clickhouse.append(table, rows, workspace=survey.workspace.slug)
    member = Membership.objects.get(workspace=survey.workspace, role="viewer")
    scope = scope_of(survey, member, "en")
    told = []
    for engine in (facts, clickhouse):
        monkeypatch.setattr(owner, "_store", engine)
        counted = stored.answers(scope)
        rates = stored.rates_by(scope, "country")
        told.append(
            (
                {key: sorted(several, key=str) for key, several in counted.given.items()},
                counted.responses,
                counted.days,
                stored.comments(scope, "reason 1"),
                sorted(stored.writing(scope, "REASON")),
                [sum(several) for several in list(zip(*rates, strict=True))[1:]],
            )
        )
    assert told[0] == told[1]
    assert told[0][1]["nps"] == len(given)


def test_many_marked_responses_are_left_out_by_a_job(
    survey: Survey, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "AT_ONCE", 0)
    given = answer(survey, nps=10)
    Response.objects.filter(pk=given.pk).update(marks=["bot"])
    href = reverse("survey_mark", args=[survey.workspace.slug, survey.slug])
    assert as_role("editor").post(href, {"mark": "bot", "left_out": "1"}).status_code == 302
    assert not Response.objects.get(pk=given.pk).left_out
    run_all()
    assert Response.objects.get(pk=given.pk).left_out
    assert AuditEntry.objects.filter(action="marked_left_out", by="bob@acme.test").exists()


def test_so_few_marked_responses_of_an_anonymous_survey_stay(secret: Survey, as_role: Callable[[str], Client]) -> None:
    given = [answer(secret, nps=10) for _ in range(3)]
    Response.objects.filter(pk=given[0].pk).update(marks=["bot"])
    href = reverse("survey_mark", args=[secret.workspace.slug, secret.slug])
    as_role("editor").post(href, {"mark": "bot", "left_out": "1"})
    assert not Response.objects.get(pk=given[0].pk).left_out
    assert "They are marked and count" not in page(as_role("viewer"), secret)


def test_figures_of_the_customers_of_each_segment(survey: Survey, bob: Client) -> None:
    nobody = {"trait": "country", "is": ["XX"]}
    Segment.objects.create(workspace=survey.workspace, slug="all", name="Everybody", rule={})
    Segment.objects.create(workspace=survey.workspace, slug="nobody", name="Nobody of them", rule=nobody)
    answer(survey, invite_one(survey), nps=10, **FULL)
    fact_outbox.put(survey.workspace.slug, {"messages": [sent_message(invite_one(survey))]})
    fact_outbox.load()
    shown = page(bob, survey, by="segments")
    groups = shown[shown.index("By group") : shown.index("Question by question")]
    assert re.search(r"Everybody \+100 .*? from 1 answer .*?50\.0% .*? 1 of 2 ", groups)
    assert "Nobody of them" not in groups


def test_a_large_survey_is_counted_anew_after_a_while_and_when_something_is_left_out(
    survey: Survey, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope_module, "LARGE", 0)
    first = answer(survey, nps=10)
    client = as_role("editor")
    at_once = page(client, survey)
    assert "Counting 1 response…" in at_once
    assert "Show the figures" in at_once  # without script
    assert "complete response" not in at_once
    assert "1 complete response" in page(client, survey, whole="1")
    assert "1 complete response" in page(client, survey)
    answer(survey, nps=9)
    assert "1 complete response" in page(client, survey)
    assert change(client, survey, first.key, "leave_out") == 302
    fact_outbox.load()
    href = reverse("survey", args=[survey.workspace.slug, survey.slug])
    assert "Counting" in client.get(href, headers={"HX-Request": "true", "HX-Boosted": "true"}).content.decode()
    assert "Counting" not in client.get(href, headers={"HX-Request": "true"}).content.decode()
    assert "1 complete response 1 left out" in page(client, survey)
    monkeypatch.setattr(kept, "KEPT_SECONDS", 0.0)
    answer(survey, nps=9)
    assert "2 complete responses" in page(client, survey, whole="1")


@pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")
def test_a_response_is_left_out_counted_again_and_erased_by_keyboard(
    survey: Survey, live_server: Any, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    given = answer(survey, nps=2, why="I am Marina")
    with browsing() as browser, opened(browser, live_server.url) as (shown, complaints):
        sign_in(shown, live_server.url, alice)
        shown.goto(reverse("survey_answer", args=[survey.workspace.slug, survey.slug, given.key]))
        for button, confirms, told in (
            ("Leave it out", "Leave it out", "The response is left out of the figures."),
            ("Count it again", "Count it again", "The response counts again."),
            ("Erase", "Erase", "The answers are erased."),
        ):
            opens = shown.locator(".results-do").get_by_role("button", name=button)
            opens.focus()
            shown.keyboard.press("Enter")
            dialog = shown.get_by_role("dialog")
            expect(dialog).to_be_visible()
            assert axe(shown) == []
            shown.keyboard.press("Escape")
            expect(dialog).to_be_hidden()
            expect(opens).to_be_focused()
            shown.keyboard.press("Enter")
            shown.wait_for_function("document.activeElement.closest('dialog')")
            while shown.evaluate("document.activeElement.name") != "reason":
                shown.keyboard.press("Tab")
            shown.keyboard.type("Asked for")
            while shown.evaluate("document.activeElement.textContent.trim()") != confirms:
                shown.keyboard.press("Tab")
            shown.keyboard.press("Enter")
            expect(shown.get_by_text(told)).to_be_visible()
        expect(shown.get_by_text("The answers were erased on request.")).to_be_visible()
        expect(shown.get_by_text("Marina")).to_have_count(0)
        expect(shown.get_by_text("Asked for")).to_have_count(3)
        assert complaints.console == []
    left = Response.objects.get(pk=given.pk)
    assert (left.answers, left.left_out) == ({}, True)


@pytest.mark.skipif(chromium() is None, reason="Debian's chromium is not installed")
def test_the_page_of_a_large_survey_comes_at_once_and_its_figures_follow(
    survey: Survey, live_server: Any, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setattr(scope_module, "LARGE", 0)
    monkeypatch.setattr(kept, "KEPT_SECONDS", 0.0)
    monkeypatch.setattr(views, "LIVE_SECONDS", 2)
    answer(survey, nps=9)
    with browsing() as browser, opened(browser, live_server.url) as (shown, complaints):
        sign_in(shown, live_server.url, alice)
        shown.goto(reverse("survey", args=[survey.workspace.slug, survey.slug]))
        told = shown.locator(".results-counts strong")
        expect(told).to_have_text("1 complete response")
        expect(shown.get_by_text("Counting")).to_have_count(0)
        answer(survey, nps=10)
        expect(told).to_have_text("2 complete responses", timeout=15_000)
        shown.locator("#pick-by").select_option("channel")
        expect(shown.locator(".results-groups tbody th")).to_have_text("Link")
        assert "by=channel" in shown.url
        assert complaints.console == []
