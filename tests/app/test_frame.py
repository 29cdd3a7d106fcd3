"""The frame around every page: navigation by role, search, help, notices, jobs."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from percorso.accounts.actions import notify
from percorso.accounts.models import AuditEntry, Membership, Notice, Person, Role, Workspace
from percorso.base import jobs
from percorso.base.assets import BUILT, asset
from percorso.base.models import Job
from percorso.i18n import mark
from percorso.web import guide
from tests.app.test_access import addresses

DELAY = timedelta(days=1)


@jobs.job("test_frame", mark("Jobs"))
def _work(row: Job) -> None:
    """Do nothing."""


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def labels(html: str) -> list[str]:
    """Return the entries of the navigation."""
    nav = html.partition('class="nav-list"')[2].partition("</nav>")[0]
    return re.findall(r"<span>([^<]+)</span>", nav)


def test_the_navigation_shows_what_the_role_allows(as_role: Callable[[str], Client], members: Workspace) -> None:
    assert "Imports" in labels(text_of(as_role("editor"), "/w/acme/notices/"))
    viewer = labels(text_of(as_role("viewer"), "/w/acme/notices/"))
    assert viewer[0] == "Overview"
    assert "Imports" not in viewer
    analyst = text_of(as_role("analyst"), "/w/acme/notices/")
    assert "Customers" in labels(analyst)
    assert 'href="/w/acme/segments/"' in analyst
    assert 'href="/w/acme/customers/"' not in analyst


def test_all_workspaces_of_a_person_can_be_reached(alice: Client, alice_person: Person) -> None:
    other = Workspace.objects.create(slug="second", name="Second <b>", time_zone="UTC")
    Membership.objects.create(workspace=other, person=alice_person, role=Role.VIEWER)

    shown = text_of(alice, "/w/acme/notices/")
    assert 'href="/w/second/"' in shown
    assert "Second &lt;b&gt;" in shown
    assert "/w/elsewhere/" not in shown


def test_outside_of_a_workspace_the_only_one_stays_around(alice: Client) -> None:
    assert "Overview" in labels(text_of(alice, "/help/"))


def test_search_finds_pages_by_the_beginning_of_their_words(alice: Client) -> None:
    assert "/w/acme/settings/" in text_of(alice, "/w/acme/find/?list=1&q=sett") or "settings" not in _known()
    assert "Nothing found" in text_of(alice, "/w/acme/find/?list=1&q=zzzz")
    assert "<html" not in text_of(alice, "/w/acme/find/?list=1&q=ov")
    assert 'value="&quot;&gt;&lt;b&gt;"' in text_of(alice, "/w/acme/find/?q=%22%3E%3Cb%3E")


def test_search_finds_only_what_the_role_may_open(as_role: Callable[[str], Client]) -> None:
    assert "/w/acme/imports/" not in text_of(as_role("viewer"), "/w/acme/find/?list=1&q=imports")


def test_accents_and_case_do_not_matter_in_a_search() -> None:
    from percorso.base.find import matches

    assert matches("sat cli", "Satisfação do cliente (CSAT)")
    assert matches("SATISFAÇÃO", "satisfacao do cliente")
    assert matches("csat", "Satisfação do cliente (CSAT)")
    assert not matches("tisf", "Satisfação")


def _known() -> set[str]:
    return {key for key in get_resolver().reverse_dict if isinstance(key, str)}


def _pages() -> set[str]:
    """Return the addresses that somebody signed in can open, by name; the API and allauth's pages have their own words."""
    return {a.name for a in addresses() if a.access not in (None, "public") and not a.route.startswith("api/")}


# These change something, or are a part of a page, or a file: nobody reads them as a page.
NO_HELP = {
    "home", "value_customers", "value_forecast_start", "value_loop_file", "usage_file", "usage_features_file", "speed_file", "notice_open", "notices_read", "job_progress", "job_stop", "job_repeat", "session_end",
    "download", "indicators_annotation_remove",
    "event_source_revoke", "refused_replay", "refused_remove", "arriving_plan_remove", "arriving_plan_seen",
    "flows_file", "funnels_file", "funnels_remove", "funnels_save", "funnels_segment", "retention_file", "retention_segment",
    "webhook_source_remove", "webhook_source_replay",
    "import_again", "import_discard", "import_format", "import_rejected", "import_stop", "import_undo",
    "settings_audit_csv", "settings_change", "settings_key_revoke", "settings_remove", "settings_role", "settings_withdraw",
    "settings_channel_save", "settings_channel_secret", "settings_channel_switch", "settings_channel_try",
    "settings_webhook_change", "settings_webhook_make", "settings_webhook_remove", "settings_webhook_replay",
    "settings_webhook_secret", "settings_webhook_switch", "settings_webhook_try",
    "boards_copy", "boards_remove", "boards_arrange", "boards_move", "boards_card_remove", "boards_download",
    "boards_report_pdf", "boards_report_send", "boards_report_remove", "boards_issue_pdf",
    "boards_issue_again",
    "survey_preview", "survey_state", "survey_copy", "survey_remove",
    "survey_share_secret", "survey_send_count", "survey_send_letter", "survey_send_stop", "survey_rule_new", "survey_rule_switch", "survey_rule_remove",
    "survey_invitation_again", "survey_invitation_cancel",
    "survey_mark", "survey_answer_change", "survey_export_file",
    "survey_definition", "survey_share_code", "survey_share_preview",
    "segment_copy", "segment_count", "segment_figures", "segment_remove", "persona_remove",
    "alerts_start", "alerts_alarm_snooze", "alerts_alarm_close", "alerts_watch_switch", "alerts_watch_snooze", "alerts_watch_remove", "alerts_preview", "alerts_preview_stop",
    "customer_counts", "customer_split", "customer_split_preview", "identities_decide", "identities_replay", "identity_undo",
    "identity_claim", "company_figures", "company_place",
    "customer_copy", "customer_copy_file", "customer_erase", "privacy_find", "privacy_erase", "privacy_copy", "privacy_lift",
    "privacy_schema", "privacy_receipt_json",
    "contact_policy_change", "contact_policy_file", "contact_policy_lift", "contact_policy_suppress", "customer_consent",
    "goal_remove", "benchmark_remove", "plan_remove", "plan_item_remove", "scorecard_remove", "scorecard_propose", "scorecard_evidence_remove",
}  # fmt: skip


def test_every_page_has_help() -> None:
    assert _pages() - set(guide.all_help()) == NO_HELP


def test_no_help_is_left_without_its_page() -> None:
    assert set(guide.all_help()) - {a.name for a in addresses()} == set()


@pytest.mark.parametrize("name", ["find", "notices", "jobs", "help", "components"])
def test_the_pages_of_the_frame_have_help(name: str, alice: Client) -> None:
    path = {"help": "/help/", "components": "/components/"}.get(name, f"/w/acme/{name}/")
    shown = text_of(alice, path)
    assert '<dialog class="dialog dialog-side" id="help"' in shown
    assert 'data-opens="help"' in shown


def test_all_help_and_all_words_are_on_one_page(alice: Client) -> None:
    shown = text_of(alice, "/help/")
    for title, paragraphs in guide.all_help().values():
        assert title
        assert 1 <= len(paragraphs) <= 6
    assert 'id="words"' in shown
    assert "Interval" in shown


def test_notices_are_read_one_by_one_or_all(
    alice: Client, bob: Client, alice_person: Person, members: Workspace
) -> None:
    assert "No notices yet" in text_of(alice, "/w/acme/notices/")
    for n in range(2):
        notify([alice_person], members, mark("{file} is imported."), {"file": f"<{n}>.csv"}, href="/w/acme/")
    shown = text_of(alice, "/w/acme/notices/")
    assert "&lt;1&gt;.csv is imported." in shown
    assert '<span class="unread">2' in shown

    newest = Notice.objects.first()
    assert newest is not None
    answer = alice.post(f"/w/acme/notices/{newest.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/w/acme/")
    assert '<span class="unread">1' in text_of(alice, "/w/acme/notices/")
    assert bob.post(f"/w/acme/notices/{newest.pk}/").status_code == 404
    assert alice.get(f"/w/acme/notices/{newest.pk}/").status_code == 405

    alice.post("/w/acme/notices/read/")
    assert 'class="unread"' not in text_of(alice, "/w/acme/notices/")


@pytest.mark.parametrize("href", ["https://evil.test/", "//evil.test/", "javascript:alert(1)"])
def test_a_notice_never_leads_to_another_host(
    href: str, alice: Client, alice_person: Person, members: Workspace
) -> None:
    notify([alice_person], members, mark("Jobs"), {}, href=href)
    newest = Notice.objects.first()
    assert newest is not None
    assert alice.post(f"/w/acme/notices/{newest.pk}/").headers["Location"] == "/w/acme/notices/"


def test_jobs_are_listed_with_their_state_and_reason(alice: Client, bob: Client, charlie: Client) -> None:
    assert "No jobs yet" in text_of(alice, "/w/acme/jobs/")
    assert bob.get("/w/acme/jobs/").status_code == 403
    assert charlie.get("/w/acme/jobs/").status_code == 404

    job = jobs.enqueue("test_frame", workspace="acme", by="Alice")
    jobs.enqueue("test_frame", workspace="elsewhere", by="Charlie")
    Job.objects.filter(pk=job.pk).update(state="failed", error="no <file>", finished_at=timezone.now())
    shown = text_of(alice, "/w/acme/jobs/")
    assert "no &lt;file&gt;" in shown
    assert "Charlie" not in shown.partition("<main")[2]
    assert "No job is in this state" in text_of(alice, "/w/acme/jobs/?state=running")
    assert "no &lt;file&gt;" in text_of(alice, "/w/acme/jobs/?state=failed")


def test_a_job_is_stopped_and_run_again(alice: Client, bob: Client) -> None:
    job = jobs.enqueue("test_frame", workspace="acme", by="Alice", run_at=timezone.now() + DELAY)
    address = f"/w/acme/jobs/{job.pk}"
    assert bob.post(f"{address}/stop/").status_code == 403
    assert alice.get(f"{address}/stop/").status_code == 405

    answer = alice.post(f"{address}/stop/", {"next": "https://evil.test/"}, follow=True)
    assert answer.redirect_chain == [("/w/acme/jobs/", 302)]
    assert "The job is told to stop." in answer.content.decode()
    job.refresh_from_db()
    assert job.state == "stopped"

    assert alice.post(f"{address}/repeat/", {"next": "/w/acme/notices/"}).headers["Location"] == "/w/acme/notices/"
    job.refresh_from_db()
    assert job.state == "waiting"
    assert list(AuditEntry.objects.values_list("action", flat=True))[:2] == ["job_repeated", "job_stopped"]


def test_a_job_of_another_workspace_is_not_there(alice: Client) -> None:
    job = jobs.enqueue("test_frame", workspace="elsewhere")
    for part in ("stop", "repeat"):
        assert alice.post(f"/w/acme/jobs/{job.pk}/{part}/").status_code == 404
    assert alice.get(f"/w/acme/jobs/{job.pk}/progress/").status_code == 404


def test_progress_asks_again_until_the_job_is_over(alice: Client) -> None:
    job = jobs.enqueue("test_frame", workspace="acme")
    Job.objects.filter(pk=job.pk).update(state="running", progress=0.42, doing="row 42")
    address = f"/w/acme/jobs/{job.pk}/progress/"
    answer = alice.get(address)
    shown = answer.content.decode()
    assert 'hx-trigger="every 1s"' in shown
    assert 'value="0.42"' in shown
    assert "row 42" in shown
    assert "HX-Refresh" not in answer.headers

    Job.objects.filter(pk=job.pk).update(state="done", progress=1)
    answer = alice.get(address)
    assert answer.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in answer.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_database_equally_often_however_long_they_are(
    rows: int, alice: Client, alice_person: Person, members: Workspace, django_assert_num_queries: Callable
) -> None:
    for _ in range(rows):
        notify([alice_person], members, mark("Jobs"), {})
        jobs.enqueue("test_frame", workspace="acme")
    alice.get("/w/acme/notices/")  # the first page of a session writes down where it is from
    with django_assert_num_queries(7):
        alice.get("/w/acme/notices/")
    with django_assert_num_queries(8):
        alice.get("/w/acme/jobs/")


def test_messages_are_said_in_a_live_region_and_paging_keeps_the_filters(alice: Client) -> None:
    for _ in range(51):
        jobs.enqueue("test_frame", workspace="acme")
    shown = text_of(alice, "/w/acme/jobs/?state=waiting")
    assert 'id="toasts" role="status" aria-live="polite"' in shown
    assert "?state=waiting&amp;page=2" in shown
    assert "1–50 of 51" in shown


def test_the_first_paint_needs_little() -> None:
    """What a browser loads before it can show a page: styles, scripts, font, icons; charts, editors, their styles come when they are needed."""
    first = ["percorso.css", "app.js", "theme.js", "icons.svg", "mark.svg"]
    size = (
        sum((BUILT / f"{asset(name)}.gz").stat().st_size for name in first)
        + (BUILT / asset("inter.woff2")).stat().st_size
    )
    assert size < 105_000, f"{size / 1000:.0f} kB"


def test_no_template_has_styles_or_scripts_inside() -> None:
    """The content policy would block them, so nobody would see why a page looks wrong."""
    for file in Path(guide.__file__).parents[1].rglob("templates/**/*.html"):
        html = file.read_text()
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:", html), file
        assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", html), file
