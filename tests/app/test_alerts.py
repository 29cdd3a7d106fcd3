"""Alerts: a known cause is found and told once, quiet facts tell nothing, and the preview is what the daily run would tell."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from percorso.accounts.models import AuditEntry, Notice, Person, Workspace
from percorso.analytics.store import Store
from percorso.base import jobs, owner, worker
from percorso.base.models import Job
from percorso.insights.alerting import actions, shown
from percorso.insights.alerting import jobs as alert_jobs
from percorso.insights.alerting import previews as alerting_previews
from percorso.insights.alerting.looking import look, today
from percorso.insights.models import Alarm, Finding, Goal, Watch
from percorso.sources.models import Import
from percorso.web.settings import _mail
from tests.smtp import Post, post_office
from tests.web.test_pages import text

ALERTS = "/w/acme/alerts/"
WATCHES = f"{ALERTS}watches/"
NEW = f"{WATCHES}new/?alert=change"
DAYS, A_DAY, STEP = 300, 48, 20
CHANNELS = ("chat", "email", "phone")


def answers(random: np.random.Generator, cause: bool) -> list[dict[str, Any]]:
    """Return 48 CSAT answers a day; with the cause, customers on the phone are much less satisfied in the last 20 days."""
    end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = []
    for day in range(DAYS):
        for i in range(A_DAY):
            channel = CHANNELS[i % 3]
            fell = cause and channel == "phone" and day >= DAYS - STEP
            satisfied = random.random() < (0.35 if fell else 0.85)
            at = end - timedelta(days=DAYS - day) + timedelta(hours=10, minutes=10 * i % 480)
            rows.append(
                {"id": f"a{day}-{i}", "at": at, "metric": "csat", "score": 5 if satisfied else 2, "scale_min": 1, "scale_max": 5}
                | {"polarity": "higher", "population": "customer", "customer": f"c{i}", "identity": f"c{i}", "channel": channel}
            )  # fmt: skip
    return rows


def store_of(cause: bool) -> Iterator[Store]:
    with Store.open(":memory:") as store:
        store.append("answers", answers(np.random.default_rng(11), cause), workspace="acme", batch="test")
        yield store


@pytest.fixture(scope="module")
def falling_facts() -> Iterator[Store]:
    yield from store_of(cause=True)


@pytest.fixture(scope="module")
def quiet_facts() -> Iterator[Store]:
    yield from store_of(cause=False)


@pytest.fixture
def falling(members: Workspace, falling_facts: Store, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace, whose satisfaction on the phone has fallen."""
    monkeypatch.setattr(owner, "_store", falling_facts)
    return members


@pytest.fixture
def quiet(members: Workspace, quiet_facts: Store, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace, in which nothing has changed."""
    monkeypatch.setattr(owner, "_store", quiet_facts)
    return members


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    """A mail server, and this process sending by it."""
    with post_office() as office:
        for name, value in _mail(f"smtp://127.0.0.1:{office.port}?starttls=no").items():
            setattr(settings, name, value)
        yield office


def watching(workspace: Workspace, *people: Person, alert: str = "change", **given: Any) -> Watch:
    """Make a watch of CSAT that is on, as if it had been for long: its first look is not lined up."""
    values = {"name": "Satisfaction", "indicators": ["csat"], "active": True} | given
    made = actions.make_watch(workspace, alert=alert, by="test", people=people, **values)
    Job.objects.filter(name=actions.LOOK).delete()
    return made


def told_days(workspace: Workspace, first: int, last: int = 0) -> list[date]:
    """Run the daily look of some days, the first so many days ago; return the days of the alarms that it made."""
    day = today(workspace)
    for ago in range(first, last - 1, -1):
        actions.look_for_alarms(workspace, end=day - timedelta(days=ago))
    return sorted(Alarm.objects.values_list("day", flat=True))


def shown_page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_known_cause_is_found_told_once_and_names_the_channel(
    falling: Workspace, alice: Client, alice_person: Person, post: Post
) -> None:
    alice_person.language = "it"
    alice_person.save()
    watching(falling, alice_person)
    began = today(falling) - timedelta(days=STEP)
    (day,) = told_days(falling, STEP)
    worker.run_all()

    assert began <= day <= began + timedelta(days=7)
    finding = Finding.objects.get()
    assert (finding.indicator, finding.direction, finding.good) == ("csat", "down", False)
    assert finding.since is not None
    assert abs((finding.since - began).days) <= 2
    assert [(c["column"], c["value"]) for c in finding.contributors][:1] == [("channel", "phone")]
    assert finding.contributors[0]["share"] > 0.7

    (mail,) = post.to("alice@acme.test")
    plain = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"/w/acme/alerts/{finding.alarm_id}/" in plain
    rich = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert '<html lang="it">' in rich
    assert "class=" not in rich
    assert not post.to("bob@acme.test"), "only who is named gets a mail"
    assert Notice.objects.count() == 2, "everybody of the workspace is told inside the pages"

    told_days(falling, 3)
    worker.run_all()
    assert (Alarm.objects.count(), Finding.objects.count(), len(post.mails), Notice.objects.count()) == (1, 1, 1, 2)


def test_the_page_says_what_moved_since_when_and_why(falling: Workspace, alice: Client) -> None:
    watching(falling)
    told_days(falling, STEP)
    page = shown_page(alice, ALERTS)
    assert "Customer Satisfaction Score:" in text(page)
    assert "was to be expected" in text(page)
    assert "By chance alone this happens" in text(page)
    assert "Channel Phone:" in text(page)
    assert "alarm-spot" in page

    alarm = Alarm.objects.get()
    detail = shown_page(alice, f"{ALERTS}{alarm.pk}/")
    assert "Probably since" in text(detail)
    assert f"finding-{Finding.objects.get().pk}-data" in detail
    link = next(part for part in detail.split('"') if part.startswith("/w/acme/indicators/csat/?period=custom"))
    assert alice.get(link.replace("&amp;", "&")).status_code == 200
    assert alice.get("/w/acme/find/?q=satisf").status_code == 200


def test_nothing_is_told_on_quiet_facts(quiet: Workspace, alice: Client) -> None:
    watching(quiet)
    watching(quiet, alert="trend", name="Trend")
    watching(quiet, alert="silence", name="Silence")
    assert told_days(quiet, 30, 20) == []
    assert told_days(quiet, 0) == []
    assert not Notice.objects.exists()
    assert "All as usual" in text(shown_page(alice, ALERTS))


def test_the_preview_is_what_the_daily_run_tells_day_by_day(falling: Workspace) -> None:
    watch = watching(falling)
    messages = look([watch], today(falling)).in_a_year()
    recent = [m.told for m in messages if m.told >= today(falling) - timedelta(days=STEP)]
    assert recent
    assert told_days(falling, STEP) == recent
    past = shown.rehearse(watch)
    assert len(past.told) == len(messages)
    assert past.charts


def test_an_alarm_closes_when_all_is_as_usual_again(quiet: Workspace) -> None:
    """A finding that the facts do not show any more is over."""
    watch = watching(quiet)
    alarm = Alarm.objects.create(workspace=quiet, day=today(quiet) - timedelta(days=9))
    alarm.findings.create(watch=watch, indicator="csat", day=alarm.day, direction="down", template="{indicator}", params={"indicator": "csat"})  # fmt: skip
    told_days(quiet, 0)
    alarm.refresh_from_db()
    assert alarm.closed_at is not None


def test_what_is_already_so_is_shown_and_told_to_nobody(falling: Workspace, alice_person: Person, post: Post) -> None:
    actions.make_watch(
        falling, alert="change", by=alice_person, people=[alice_person], indicators=["csat"], active=True
    )
    worker.run_all()
    assert Alarm.objects.count() == 1
    assert not Notice.objects.exists()
    assert not post.mails
    actions.look_for_alarms(falling)
    assert not Notice.objects.exists()


def test_a_snoozed_watch_keeps_its_alarms_and_tells_nobody(
    falling: Workspace, alice_person: Person, post: Post
) -> None:
    watch = watching(falling, alice_person)
    actions.snooze_watch(watch, today(falling) + timedelta(days=7), by=alice_person)
    told_days(falling, 0)
    worker.run_all()
    assert Alarm.objects.count() == 1
    assert not post.mails
    assert not Notice.objects.exists()


def test_a_snoozed_alarm_comes_back(falling: Workspace, alice: Client) -> None:
    watching(falling)
    told_days(falling, 0)
    alarm = Alarm.objects.get()
    alice.post(f"{ALERTS}{alarm.pk}/snooze/", {"for": "week"})
    page = text(shown_page(alice, ALERTS))
    assert "Snoozed" in page
    assert "All as usual" in page
    Alarm.objects.update(snoozed_until=today(falling))
    Notice.objects.all().delete()
    told_days(falling, 0)
    assert Notice.objects.first().template.startswith("Still so")  # type: ignore[union-attr]
    assert Alarm.objects.get().snoozed_until is None


def test_an_alarm_that_was_closed_stays_closed(falling: Workspace, alice: Client) -> None:
    watching(falling)
    told_days(falling, 0)
    alarm = Alarm.objects.get()
    alice.post(f"{ALERTS}{alarm.pk}/close/")
    assert "Over" in text(shown_page(alice, ALERTS))
    told_days(falling, 0)
    assert Alarm.objects.get().closed_at is not None
    assert AuditEntry.objects.filter(action="alarm_closed").count() == 1


def test_other_systems_are_told(falling: Workspace) -> None:
    watching(falling)
    told_days(falling, 0)
    (event,) = Job.objects.filter(name="publish_event", arguments__kind="alarm.raised")
    data = event.arguments["data"]
    assert data["findings"][0]["indicator"] == "csat"
    assert data["findings"][0]["contributors"][0]["value"] == "phone"
    assert "customer" not in str(data).replace("Customer Satisfaction Score", "")


def test_an_import_that_has_finished_is_followed_once(falling: Workspace) -> None:
    watching(falling)
    done = {"state": Import.State.DONE, "new": 5, "finished_at": timezone.now()}
    Import.objects.create(workspace=falling, connector="answers", tables={"answers": {"new": 5}}, **done)
    assert actions.follow_imports() == 1
    assert actions.follow_imports() == 0
    worker.run_all()
    assert Alarm.objects.count() == 1


def test_data_that_stops_is_told(falling: Workspace) -> None:
    """Facts end three days before the day that is looked at."""
    watching(falling, alert="silence", name="Silence")
    actions.look_for_alarms(falling, end=today(falling) + timedelta(days=4))
    assert "Does its data still arrive?" in Finding.objects.get().template


def test_data_that_comes_by_imports_may_pause_as_long_as_usual(falling: Workspace) -> None:
    watching(falling, alert="silence", name="Silence")
    day = timezone.now().replace(hour=23, minute=0)
    for weeks in range(5):
        at = day - timedelta(weeks=weeks)
        Import.objects.create(workspace=falling, connector="answers", state=Import.State.DONE, new=9, finished_at=at, tables={"answers": {"new": 9}})  # fmt: skip
    actions.look_for_alarms(falling, end=today(falling) + timedelta(days=4))
    assert not Finding.objects.exists()
    actions.look_for_alarms(falling, end=today(falling) + timedelta(days=13))
    assert "no data has arrived since" in Finding.objects.get().template


def test_a_goal_in_danger_is_told(falling: Workspace) -> None:
    day = today(falling)
    Goal.objects.create(
        workspace=falling, indicator="csat", target=0.95, starts=day - timedelta(days=60), due=day + timedelta(days=10)
    )
    watching(falling, alert="goal", name="Goals", indicators=[])
    told_days(falling, 0)
    finding = Finding.objects.get()
    assert (finding.indicator, finding.good) == ("csat", False)


def test_a_mix_that_drifts_names_its_part(members: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = answers(np.random.default_rng(3), cause=False)
    for row in rows[-A_DAY * 10 :]:
        row["channel"] = "chat" if row["channel"] == "email" else row["channel"]
    with Store.open(":memory:") as store:
        store.append("answers", rows, workspace="acme", batch="test")
        monkeypatch.setattr(owner, "_store", store)
        watching(members, alert="mix", name="Mix", config={"by": "channel"})
        told_days(members, 0)
        finding = Finding.objects.get()
        assert shown.line_of(members, finding).sentence.startswith(
            "Customer Satisfaction Score: Chat makes 48% of the whole"
        )


def test_without_watches_the_page_teaches_and_one_press_begins(
    falling: Workspace, alice: Client, alice_person: Person
) -> None:
    assert "Nothing is watched yet" in text(shown_page(alice, ALERTS))
    alice.post(f"{ALERTS}start/")
    alice.post(f"{ALERTS}start/")
    watch = Watch.objects.get()
    assert (watch.alert, watch.indicators, watch.active) == ("change", [], True)
    assert list(watch.people.all()) == [alice_person]
    assert "The indicators of the overview" in text(shown_page(alice, WATCHES))


def sent(**changes: Any) -> dict[str, Any]:
    """Return what the form of a change sends."""
    values = {"name": "", "indicators": ["csat"], "grain": "day"}
    settings = {"setting-spike": "4", "setting-shift": "4", "setting-minimum_n": "10"}
    return values | settings | changes


def previewed(client: Client, path: str, asked: dict[str, Any], run: bool = True) -> str:
    """Ask for a preview and have its job carried out; return where its page is."""
    answer = client.post(path, asked)
    assert answer.status_code == 302, text(answer.content.decode())
    if run:
        worker.run_all()
    return str(answer["Location"])


def previews() -> list[Job]:
    return list(Job.objects.filter(name="preview_watch").order_by("pk"))


def test_an_alert_is_tried_on_the_past_before_it_is_switched_on(
    falling: Workspace, alice: Client, alice_person: Person
) -> None:
    kinds = text(shown_page(alice, f"{WATCHES}new/"))
    assert "Goal in danger" in kinds
    assert "Data stopped" in kinds
    path = f"{WATCHES}new/?alert=change"
    assert 'name="on"' not in shown_page(alice, path), "first the preview"
    tried = shown_page(alice, previewed(alice, path, sent(preview="1")))
    assert "In the last 12 months this alert would have come 1 time." in text(tried)
    assert "Estimated from these limits: by chance alone fewer than one false alarm in about ten months" in text(tried)
    assert "past-0-data" in tried
    eager = shown_page(alice, previewed(alice, path, sent(preview="1", **{"setting-spike": "2.5"})))
    assert "Estimated from these limits: by chance alone about 0.7 false alarms a month" in text(eager)
    assert 'value="2.5"' in eager, "the form has what was tried"
    assert not Watch.objects.exists()
    alice.post(path, sent(on="1", people=[alice_person.pk]))
    watch = Watch.objects.get()
    assert (watch.name, watch.active, watch.config["spike"]) == ("Unusual change", True, 4.0)
    assert list(watch.people.all()) == [alice_person]


def test_a_preview_is_a_job_that_the_page_follows(falling: Workspace, alice: Client) -> None:
    where = previewed(alice, NEW, sent(preview="1", name="Mine"), run=False)
    (job,) = previews()
    page = shown_page(alice, where)
    assert "The preview is being made" in text(page)
    assert f'hx-get="{WATCHES}previews/{job.pk}/"' in page
    assert "disabled" in page.partition('class="watch-fields"')[2].partition(">")[0]
    follow = alice.get(f"{WATCHES}previews/{job.pk}/")
    assert "waits for its turn" in text(follow.content.decode())
    assert "HX-Refresh" not in follow
    worker.run_all()
    assert alice.get(f"{WATCHES}previews/{job.pk}/")["HX-Refresh"] == "true"
    page = shown_page(alice, where)
    assert "this alert would have come 1 time." in text(page)
    assert 'value="Mine"' in page


def test_the_same_preview_is_kept_until_the_facts_or_the_settings_change(
    falling: Workspace, falling_facts: Store, alice: Client
) -> None:
    first = previewed(alice, NEW, sent(preview="1"))
    assert previewed(alice, NEW, sent(preview="1", name="Other name"), run=False) == first
    assert 'value="Other name"' in shown_page(alice, first)
    assert "this alert would have come" in text(shown_page(alice, first))
    assert previewed(alice, NEW, sent(preview="1", grain="week"), run=False) != first
    falling_facts.append("answers", answers(np.random.default_rng(11), cause=True)[:1], workspace="acme", batch="more")
    assert previewed(alice, NEW, sent(preview="1"), run=False) != first
    assert len(previews()) == 3


def test_a_preview_tells_how_far_it_is_and_one_runs_for_a_form(
    falling: Workspace, alice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[float, str]] = []
    monkeypatch.setattr(alert_jobs, "check", lambda row, *how: told.append(how))
    previewed(alice, NEW, sent(preview="1", indicators=["csat", "nps", "first_response_time"]), run=False)
    previewed(alice, f"{WATCHES}{watching(falling).pk}/", sent(preview="1"), run=False)
    previewed(alice, NEW, sent(preview="1"))
    assert [job.state for job in previews()] == ["stopped", "done", "done"]
    previewed(alice, NEW, sent(preview="1", indicators=["csat", "nps", "first_response_time"]))
    assert [job.state for job in previews()] == ["done", "done", "done"], "what was stopped is made after all"
    doing = [doing for _, doing in told]
    assert doing[:2] == ["0 of 1 indicator"] * 2
    assert doing[2:] == sorted(doing[2:])
    assert (doing[2], doing[-1]) == ("0 of 3 indicators", "2 of 3 indicators")


def test_a_newer_preview_begins_when_the_older_one_has_stopped(falling: Workspace, alice: Client) -> None:
    previewed(alice, NEW, sent(preview="1"), run=False)
    older = jobs.take("elsewhere", local=True)
    assert older is not None
    previewed(alice, NEW, sent(preview="1", grain="week"), run=False)
    newer = jobs.take("here", local=True)
    assert newer is not None
    assert alerting_previews.stopping(newer, "change:new")
    with pytest.raises(jobs.Stopped):
        jobs.check(older)
    worker.run(older)
    assert not alerting_previews.stopping(newer, "change:new")
    worker.run(newer)
    assert [job.state for job in previews()] == ["stopped", "done"]


def test_a_preview_that_is_stopped_or_fails_says_what_to_do(falling: Workspace, alice: Client) -> None:
    where = previewed(alice, NEW, sent(preview="1"), run=False)
    (job,) = previews()
    assert alice.post(f"{WATCHES}previews/{job.pk}/stop/")["Location"] == where
    page = text(shown_page(alice, where))
    assert "The preview was stopped" in page
    assert "press “Preview on the past” again" in page
    assert AuditEntry.objects.filter(action="job_stopped").count() == 1
    segment = falling.segments.create(slug="gone", name="Gone", rule={"segment": "nothing"})
    Job.objects.filter(pk=job.pk).update(
        state="waiting", arguments=job.arguments | {"draft": job.arguments["draft"] | {"segment_id": segment.pk}}
    )
    worker.run_all()
    page = text(shown_page(alice, where))
    assert "The preview did not come to its end" in page
    assert "nothing" in page


def test_a_preview_belongs_to_who_asked(falling: Workspace, alice: Client, as_role: Callable[[str], Client]) -> None:
    analyst = as_role("analyst")
    where = previewed(analyst, NEW, sent(preview="1"))
    (job,) = previews()
    assert "this alert would have come" in text(shown_page(analyst, where))
    assert analyst.get(f"{WATCHES}previews/{job.pk}/").status_code == 200
    assert "this alert would have come" not in text(shown_page(alice, where))
    assert alice.get(f"{WATCHES}previews/{job.pk}/").status_code == 404
    assert alice.post(f"{WATCHES}previews/{job.pk}/stop/").status_code == 404
    other = f"{WATCHES}new/?alert=trend&tried={job.pk}"
    assert "this alert would have come" not in text(shown_page(analyst, other)), "of another form"
    for odd in ("x", "-1", "²", "9" * 30, "9" * 5000):
        assert shown_page(analyst, f"{NEW}&tried={odd}")


def test_a_kept_watch_is_tried_with_other_settings(falling: Workspace, alice: Client) -> None:
    watch = watching(falling)
    where = previewed(alice, f"{WATCHES}{watch.pk}/", sent(preview="1", name="Strict", **{"setting-spike": "6"}))
    page = shown_page(alice, where)
    assert where.startswith(f"{WATCHES}{watch.pk}/?tried=")
    assert 'value="Strict"' in page
    assert 'value="6.0"' in page
    watch.refresh_from_db()
    assert (watch.name, watch.config) == ("Satisfaction", {}), "nothing is kept before it is saved"


def test_two_goals_on_one_indicator_are_two_findings(falling: Workspace) -> None:
    day = today(falling)
    for target, days in ((0.95, 10), (0.97, 20)):
        Goal.objects.create(workspace=falling, indicator="csat", target=target, starts=day - timedelta(days=60), due=day + timedelta(days=days))  # fmt: skip
    watching(falling, alert="goal", name="Goals", indicators=[])
    told_days(falling, 0)
    found = list(Finding.objects.order_by("subject"))
    assert [f.subject for f in found] == [str(goal.pk) for goal in Goal.objects.order_by("pk")]
    assert [f.params["target"] for f in found] == [0.95, 0.97]
    assert len({(f.watch_id, f.indicator, f.direction, f.day) for f in found}) == 1
    assert Alarm.objects.count() == 1, "one message"
    told_days(falling, 0)
    assert Finding.objects.count() == 2


def test_a_watch_is_changed_switched_and_removed(falling: Workspace, alice: Client) -> None:
    watch = watching(falling)
    told_days(falling, 0)
    path = f"{WATCHES}{watch.pk}/"
    assert 'value="Satisfaction"' in shown_page(alice, path)
    alice.post(path, sent(name="Strict", **{"setting-spike": "6"}))
    watch.refresh_from_db()
    assert (watch.name, watch.config["spike"], watch.active) == ("Strict", 6.0, True)
    alice.post(f"{path}switch/")
    assert not Watch.objects.get().active
    assert Alarm.objects.get().closed_at is not None
    alice.post(f"{path}snooze/", {"for": "day"})
    assert Watch.objects.get().snoozed_until == today(falling) + timedelta(days=1)
    alice.post(f"{path}remove/")
    assert not Watch.objects.exists()
    assert not Alarm.objects.exists()
    actions_done = {"watch_made", "watch_changed", "watch_snoozed", "watch_removed"}
    assert actions_done <= set(AuditEntry.objects.values_list("action", flat=True))


@pytest.mark.parametrize(
    ("alert", "changes", "said"),
    [
        ("change", {"setting-spike": "1"}, "greater than or equal to 2.5"),
        ("change", {"setting-minimum_n": ""}, "This field is required."),
        ("change", {"indicators": ["nothing"]}, "Select a valid choice."),
        ("mix", {"setting-drift": "0", "setting-minimum_n": "100", "by": "channel"}, "does not fit"),
        ("mix", {"setting-drift": "0.1", "setting-minimum_n": "100", "by": "plan"}, "is not made up by plan"),
    ],
)
def test_what_does_not_fit_is_said(falling: Workspace, alice: Client, alert: str, changes: Any, said: str) -> None:
    answer = alice.post(f"{WATCHES}new/?alert={alert}", sent(on="1") | changes)
    assert answer.status_code == 400
    assert said in text(answer.content.decode())
    assert not Watch.objects.exists()


def test_a_viewer_sees_and_changes_nothing(falling: Workspace, bob: Client) -> None:
    watch = watching(falling)
    told_days(falling, 0)
    alarm = Alarm.objects.get()
    page = shown_page(bob, ALERTS)
    assert "was to be expected" in text(page)
    assert "New alert" not in text(page)
    assert shown_page(bob, f"{ALERTS}{alarm.pk}/")
    for path in (f"{ALERTS}{alarm.pk}/close/", f"{ALERTS}{alarm.pk}/snooze/", f"{WATCHES}{watch.pk}/switch/"):
        assert bob.post(path).status_code == 403
    assert bob.get(f"{WATCHES}new/").status_code == 403
    assert Alarm.objects.get().closed_at is None


def test_another_workspace_sees_nothing(falling: Workspace, charlie: Client) -> None:
    watch = watching(falling)
    told_days(falling, 0)
    alarm = Alarm.objects.get()
    assert "Nothing is watched yet" in text(shown_page(charlie, "/w/elsewhere/alerts/"))
    assert charlie.get(f"{ALERTS}{alarm.pk}/").status_code == 404
    assert charlie.get(f"/w/elsewhere/alerts/{alarm.pk}/").status_code == 404
    assert charlie.post(f"/w/elsewhere/alerts/{alarm.pk}/close/").status_code == 404
    assert charlie.get(f"/w/elsewhere/alerts/watches/{watch.pk}/").status_code == 404


def test_only_members_get_mails(falling: Workspace, alice: Client, charlie_person: Person) -> None:
    answer = alice.post(f"{WATCHES}new/?alert=change", sent(on="1", people=[charlie_person.pk]))
    assert answer.status_code == 400
    assert not Watch.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_database_the_same_however_long(
    quiet: Workspace, alice: Client, rows: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for i in range(rows):
        watch = watching(quiet, name=f"Watch {i}")
        alarm = Alarm.objects.create(workspace=quiet, day=today(quiet) - timedelta(days=i))
        alarm.findings.create(watch=watch, indicator="csat", day=alarm.day, direction="down", template="{indicator}", params={"indicator": "csat"})  # fmt: skip
    alice.get(ALERTS)
    with django_assert_num_queries(11):
        alice.get(ALERTS)
    with django_assert_num_queries(7):
        alice.get(WATCHES)
