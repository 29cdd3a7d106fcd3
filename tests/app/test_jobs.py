"""The queue, by what its users rely on; the same on SQLite and on PostgreSQL."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone, translation

from percorso.base import jobs
from percorso.base.jobs import Later, Rule, check, enqueue, job, once, take
from percorso.base.models import Clock, Effect, Job
from percorso.base.worker import Worker, run, run_all
from percorso.errors import UserError

done: list[Any] = []


@pytest.fixture(autouse=True)
def own_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs of the tests, without those of the application."""
    done.clear()
    monkeypatch.setattr(jobs, "KINDS", {})
    monkeypatch.setattr(jobs, "SCHEDULE", {})
    job("add", "Add")(lambda row, what: done.append(what))


def later(row: Job, **delta: float) -> None:
    """Let a job's times have been so long ago."""
    row.refresh_from_db()
    by = timedelta(**delta)
    until = row.leased_until and row.leased_until - by
    Job.objects.filter(pk=row.pk).update(run_at=row.run_at - by, leased_until=until)


def waits_seconds(row: Job) -> float:
    row.refresh_from_db()
    return round((row.run_at - timezone.now()).total_seconds())


@pytest.mark.django_db
def test_jobs_are_carried_out_in_order_and_told_as_done() -> None:
    first, second = enqueue("add", what=1), enqueue("add", what=2)
    enqueue("add", what=3, run_at=timezone.now() + timedelta(hours=1))
    assert run_all() == 2
    assert done == [1, 2]
    for row in (first, second):
        row.refresh_from_db()
        assert (row.state, row.progress, row.attempts, row.is_over) == ("done", 1.0, 1, True)


@pytest.mark.django_db
def test_one_key_is_lined_up_once() -> None:
    assert enqueue("add", key="k", what=1).pk == enqueue("add", key="k", what=2).pk
    run_all()
    assert done == [1]


@pytest.mark.django_db
def test_a_job_of_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no job nothing"):
        enqueue("nothing")


@pytest.mark.django_db
def test_what_is_rolled_back_was_never_lined_up() -> None:
    with transaction.atomic():
        enqueue("add", what=1)
        transaction.set_rollback(True)
    assert run_all() == 0


@pytest.mark.django_db
def test_failures_are_tried_again_later_and_later_and_then_no_more() -> None:
    @job("break", "Break", delays=(timedelta(seconds=5), timedelta(minutes=1)))
    def broken(row: Job) -> None:
        raise OSError("no route")

    row = enqueue("break")
    for seconds in (5, 60):
        assert run_all() == 1
        assert waits_seconds(row) == seconds
        assert row.state == "waiting"
        later(row, seconds=seconds)
    assert run_all() == 1
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("failed", 3, "OSError: no route")


@pytest.mark.django_db
def test_a_job_that_asks_for_later_runs_then() -> None:
    @job("wait", "Wait")
    def patient(row: Job) -> None:
        raise Later(timedelta(minutes=7), "asked to wait")

    row = enqueue("wait")
    run_all()
    assert waits_seconds(row) == 7 * 60
    assert row.error == "asked to wait"


@pytest.mark.django_db
def test_what_a_person_has_to_solve_is_not_tried_again() -> None:
    @job("refuse", "Refuse")
    def refused(row: Job) -> None:
        raise UserError("Free some space on {disk}.", disk="/srv")

    row = enqueue("refuse")
    run_all()
    row.refresh_from_db()
    assert (row.state, row.problem) == ("failed", "Free some space on /srv.")


@pytest.mark.django_db
def test_the_result_and_what_it_is_doing_are_kept() -> None:
    @job("count", "Count")
    def count(row: Job, to: int) -> dict[str, int]:
        check(row, 0.5, "Counting")
        return {"counted": to}

    row = enqueue("count", to=3)
    run_all()
    row.refresh_from_db()
    assert (row.result, row.doing, row.progress) == ({"counted": 3}, "Counting", 1.0)


@pytest.mark.django_db
def test_a_waiting_job_that_is_stopped_never_runs_until_it_is_repeated() -> None:
    row = enqueue("add", what=1)
    jobs.stop(row)
    assert run_all() == 0
    jobs.repeat(row)
    assert run_all() == 1
    assert done == [1]


@pytest.mark.django_db
def test_a_running_job_stops_at_its_next_check() -> None:
    @job("long", "Long")
    def long(row: Job) -> None:
        check(row)
        jobs.stop(row)
        check(row)
        done.append("never")

    row = enqueue("long")
    run_all()
    row.refresh_from_db()
    assert (row.state, done) == ("stopped", [])


@pytest.mark.django_db
def test_a_job_that_was_stopped_and_then_fails_is_not_tried_again() -> None:
    @job("break", "Break")
    def broken(row: Job) -> None:
        jobs.stop(row)
        raise OSError

    row = enqueue("break")
    run_all()
    row.refresh_from_db()
    assert row.state == "stopped"


@pytest.mark.django_db
def test_the_job_of_a_dead_worker_is_taken_over_and_the_dead_one_has_no_say() -> None:
    enqueue("add", what=1)
    first = take("first", local=True)
    assert first is not None
    assert take("second", local=True) is None
    later(first, seconds=61)
    second = take("second", local=True)
    assert second is not None
    assert (second.pk, second.attempts) == (first.pk, 2)
    # The first was not dead, only slow.
    with pytest.raises(jobs.Stopped):
        check(first)
    run(first)
    second.refresh_from_db()
    assert second.state == "running"
    run(second)
    second.refresh_from_db()
    assert second.state == "done"


@pytest.mark.django_db
def test_a_job_that_kills_its_workers_is_given_up() -> None:
    row = enqueue("add", what=1)
    for _ in range(len(jobs.DELAYS) + 1):
        assert take("doomed", local=True) is not None
        later(row, seconds=61)
    assert take("careful", local=True) is None
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", jobs.LOST)


@pytest.mark.django_db
def test_a_job_stopped_while_its_worker_was_dead_is_not_taken_over() -> None:
    row = enqueue("add", what=1)
    take("doomed", local=True)
    jobs.stop(row)
    later(row, seconds=61)
    assert run_all() == 0
    row.refresh_from_db()
    assert row.state == "stopped"


@pytest.mark.django_db
def test_jobs_that_need_the_data_folder_wait_for_the_process_that_has_it() -> None:
    job("local", "Local", local=True)(lambda row: done.append("local"))
    enqueue("local")
    assert take("elsewhere", local=False) is None
    assert run_all() == 1


@pytest.mark.django_db
def test_an_effect_happens_once_and_not_at_all_when_it_fails() -> None:
    with suppress(OSError), once("mail-1"):
        raise OSError("the mail server is away")
    for expected in (True, False, False):
        with once("mail-1") as new:
            assert new is expected
    assert Effect.objects.count() == 1


@pytest.mark.parametrize(
    ("zone", "rule", "moment", "expected"),
    [
        # Spring: 2:30 does not exist, the change of the clock is at 1:00 UTC; autumn: 2:30 comes twice, the first counts.
        ("Europe/Rome", Rule(at=clock_time(2, 30)), "2026-03-28T12:00", "2026-03-29T01:00"),
        ("Europe/Rome", Rule(at=clock_time(2, 30)), "2026-03-29T01:00", "2026-03-30T00:30"),
        ("Europe/Rome", Rule(at=clock_time(2, 30)), "2026-10-24T12:00", "2026-10-25T00:30"),
        ("Europe/Rome", Rule(at=clock_time(2, 30)), "2026-10-25T00:30", "2026-10-26T01:30"),
        ("America/New_York", Rule(at=clock_time(2, 30)), "2026-03-08T00:00", "2026-03-08T07:00"),
        ("America/New_York", Rule(at=clock_time(1, 30)), "2026-11-01T04:00", "2026-11-01T05:30"),
        ("America/New_York", Rule(at=clock_time(1, 30)), "2026-11-01T05:30", "2026-11-02T06:30"),
        ("America/Sao_Paulo", Rule(at=clock_time(8)), "2026-03-29T11:00", "2026-03-30T11:00"),
        # São Paulo skipped the first hour of 4 November 2018.
        ("America/Sao_Paulo", Rule(at=clock_time(0, 30)), "2018-11-03T12:00", "2018-11-04T03:00"),
        # Samoa skipped all of 30 December 2011.
        ("Pacific/Apia", Rule(at=clock_time(10)), "2011-12-29T20:00", "2011-12-30T10:00"),
        # Mondays; asked on a Monday after the hour, the next week's.
        ("Europe/Rome", Rule(at=clock_time(7), days=(0,)), "2026-11-23T06:00", "2026-11-30T06:00"),
        # In Auckland Monday has begun while it is Sunday in UTC.
        ("Pacific/Auckland", Rule(at=clock_time(1), days=(0,)), "2026-11-22T05:00", "2026-11-22T12:00"),
        ("UTC", Rule(minutes=15), "2026-11-22T05:44", "2026-11-22T05:45"),
        ("UTC", Rule(minutes=15), "2026-11-22T05:45", "2026-11-22T06:00"),
    ],
)
def test_a_rule_names_the_next_instant_in_the_zone(zone: str, rule: Rule, moment: str, expected: str) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert rule.after(at(moment), zone) == at(expected)


@pytest.mark.parametrize("zone", ["Europe/Rome", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe"])
def test_a_daily_rule_runs_once_on_every_local_day_of_a_year(zone: str) -> None:
    moment, end, times = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), 0
    rule = Rule(at=clock_time(2, 15))
    while (moment := rule.after(moment, zone)) < end:
        times += 1
    assert times == 365


@pytest.mark.parametrize("wrong", [{}, {"minutes": 5, "at": clock_time(1)}, {"at": clock_time(1), "days": ()}])
def test_a_rule_that_names_no_time_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="names no minutes"):
        Rule(**wrong)


def nightly() -> None:
    job("nightly", "Nightly", every=Rule(at=clock_time(3)), per_workspace=True)(lambda row: done.append(row.workspace))


@pytest.mark.django_db
def test_every_workspace_has_its_own_night_and_missed_ones_are_made_up_for_once() -> None:
    nightly()
    zones = [("acme", "America/Sao_Paulo"), ("elsewhere", "Europe/Rome")]
    assert jobs.tick(zones) == 0
    assert Clock.objects.get(workspace="acme").next_at.astimezone(UTC).hour == 6
    assert Clock.objects.get(workspace="elsewhere").next_at.astimezone(UTC).hour in (1, 2)
    Clock.objects.filter(workspace="acme").update(next_at=timezone.now() - timedelta(days=3))
    assert jobs.tick(zones) == 1
    assert jobs.tick(zones) == 0
    run_all()
    assert done == ["acme"]


@pytest.mark.django_db
def test_a_workspace_that_moves_to_another_zone_takes_its_schedule_along() -> None:
    nightly()
    jobs.tick([("acme", "America/Sao_Paulo")])
    jobs.tick([("acme", "Asia/Tokyo")])
    assert Clock.objects.get().next_at.astimezone(UTC).hour == 18


@pytest.mark.django_db
def test_a_look_at_the_clock_asks_one_question_however_many_workspaces(
    django_assert_num_queries: Callable[..., Any],
) -> None:
    nightly()
    for zones in ([("a", "UTC")], [("a", "UTC"), ("b", "UTC"), ("c", "UTC")]):
        jobs.tick(zones)
        with django_assert_num_queries(1):
            jobs.tick(zones)


@pytest.mark.django_db
def test_jobs_over_long_ago_are_forgotten_and_their_effects_are_not() -> None:
    enqueue("add", what=1)
    run_all()
    with once("for good"):
        pass
    assert jobs.forget_old() == 0
    Job.objects.update(finished_at=timezone.now() - timedelta(days=31))
    assert jobs.forget_old() == 1
    assert Effect.objects.count() == 1


@pytest.fixture
def workers() -> Iterator[Callable[..., Worker]]:
    """Workers that are ended after the test."""
    made: list[Worker] = []

    def make(threads: int) -> Worker:
        made.append(Worker(threads, lambda: [], local=True))
        made[-1].start()
        return made[-1]

    yield make
    for worker in made:
        worker.end(5)


def until(reached: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_many_workers_do_every_job_once(workers: Callable[..., Worker]) -> None:
    for what in range(60):
        enqueue("add", what=what)
    for _ in range(2):
        workers(3)
    until(lambda: Job.objects.filter(state="done").count() == 60)
    assert sorted(done) == list(range(60))
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_an_effect_that_two_want_at_once_happens_once() -> None:
    together, made = threading.Barrier(4), []

    def want() -> None:
        together.wait()
        with once("one mail") as new:
            if new:
                time.sleep(0.2)
                made.append(new)
        connections.close_all()

    threads = [threading.Thread(target=want) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [True]


@pytest.mark.django_db(transaction=True)
def test_two_clocks_line_a_job_up_once() -> None:
    nightly()
    jobs.tick([("acme", "UTC")])
    Clock.objects.update(next_at=timezone.now() - timedelta(hours=1))
    together = threading.Barrier(4)

    def look() -> None:
        together.wait()
        jobs.tick([("acme", "UTC")])
        connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_ends_finishes_the_job_at_hand_and_takes_no_other(workers: Callable[..., Worker]) -> None:
    begun, may_end = threading.Event(), threading.Event()

    @job("hold", "Hold")
    def hold(row: Job) -> None:
        begun.set()
        may_end.wait(10)

    enqueue("hold")
    enqueue("add", what=1)
    worker = workers(1)
    assert begun.wait(10)
    ending = threading.Thread(target=worker.end)
    ending.start()
    may_end.set()
    ending.join(10)
    assert list(Job.objects.order_by("id").values_list("state", flat=True)) == ["done", "waiting"]


@pytest.mark.django_db(transaction=True)
def test_what_a_worker_could_not_finish_is_taken_over_at_once(workers: Callable[..., Worker]) -> None:
    begun, may_end = threading.Event(), threading.Event()

    @job("hold", "Hold")
    def hold(row: Job) -> None:
        if begun.is_set():
            done.append("again")
        begun.set()
        may_end.wait(10)

    row = enqueue("hold")
    worker = workers(1)
    assert begun.wait(10)
    worker.end(0.1)
    may_end.set()
    workers(1)
    until(lambda: done == ["again"])
    until(lambda: Job.objects.get(pk=row.pk).state == "done")


def test_a_problem_is_told_in_the_language_of_its_reader(db: None) -> None:
    row = Job(
        error="There is no workspace {slug}. Choose one of: {known}.", error_params={"slug": "x", "known": "main"}
    )

    with translation.override("it"):
        assert "x" in row.problem
        assert row.problem != "There is no workspace x. Choose one of: main."
    with translation.override("en"):
        assert row.problem == "There is no workspace x. Choose one of: main."
