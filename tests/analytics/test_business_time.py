from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.analytics.calendar import CalendarError, Schedule, business_seconds, cumulative, deadline

WEEK = ("mon", "tue", "wed", "thu", "fri")
OFFICE = {day: [("09:00", "18:00")] for day in WEEK}
ROME = Schedule("Europe/Rome", {day: [("00:00", "06:00"), ("22:00", "24:00")] for day in (*WEEK, "sat", "sun")})

# Around both changes of the clocks in Rome in 2026, and the turn of the year.
moments = st.builds(
    lambda day, later: datetime(*day, tzinfo=UTC) + later,
    st.sampled_from([(2026, 3, 25), (2026, 10, 22), (2025, 12, 27)]),
    st.timedeltas(timedelta(0), timedelta(days=8)),
)
intervals = st.lists(st.integers(0, 24), max_size=4, unique=True).map(
    lambda hours: [(f"{a:02d}:00", f"{b:02d}:00") for a, b in zip(*[iter(sorted(hours))] * 2, strict=False)]
)
schedules = st.builds(
    Schedule,
    st.sampled_from(["Europe/Rome", "America/Sao_Paulo", "UTC"]),
    st.fixed_dictionaries({}, optional=dict.fromkeys((*WEEK, "sat", "sun"), intervals)),
    st.lists(st.sampled_from(["2026-03-29", "2026-10-26", "2026-01-01"])),
    st.dictionaries(st.sampled_from(["2026-03-30", "2026-01-01"]), intervals),
)
pauses = st.lists(st.tuples(moments, moments), max_size=3)


@settings(deadline=None)
@given(schedules, moments, moments, moments, pauses)
def test_the_parts_of_a_span_add_up(schedule: Schedule, a: datetime, b: datetime, c: datetime, stops: list) -> None:
    a, b, c = sorted((a, b, c))
    parts = [business_seconds(x, y, schedule, stops) for x, y in ((a, b), (b, c))]
    assert sum(parts) == pytest.approx(business_seconds(a, c, schedule, stops), abs=1e-6)
    assert 0 <= parts[0] <= (b - a).total_seconds()


@settings(deadline=None)
@given(schedules, moments, st.integers(0, 4000))
def test_open_time_is_what_counting_minutes_finds(schedule: Schedule, start: datetime, minutes: int) -> None:
    start, place = start.replace(second=0, microsecond=0), ZoneInfo(schedule.tz)
    count = 0
    for m in range(minutes):
        local = (start + timedelta(minutes=m)).astimezone(place)
        clock = local.hour * 3600 + local.minute * 60
        count += any(opens <= clock < closes for opens, closes in schedule.hours(local.date()))
    assert business_seconds(start, start + timedelta(minutes=minutes), schedule) == count * 60


@settings(deadline=None)
@given(schedules, moments, moments, st.lists(st.floats(0, 1), max_size=5))
def test_the_running_sum_gives_the_same(schedule: Schedule, a: datetime, b: datetime, shares: list[float]) -> None:
    a, b = sorted((a, b))
    table = cumulative(schedule, a, b)
    assert np.all(np.diff(table.instants) > np.timedelta64(0))
    for share in (0.0, *shares, 1.0):
        t = a + share * (b - a)
        now = np.datetime64(t.replace(tzinfo=None), "us")
        i = np.searchsorted(table.instants, now, side="right") - 1
        since = (now - table.instants[i]) / np.timedelta64(1, "s")
        assert table.open_seconds[i] + table.is_open[i] * since == pytest.approx(business_seconds(a, t, schedule))


@settings(deadline=None)
@given(schedules, moments, st.integers(1, 200_000), pauses)
def test_at_the_deadline_the_budget_is_used_up_and_not_before(
    schedule: Schedule, start: datetime, budget: int, stops: list
) -> None:
    due = deadline(start, budget, schedule, stops)
    if due is None:
        assert not any(schedule.hours(date(2026, 6, day)) for day in range(1, 8))
    else:
        assert business_seconds(start, due, schedule, stops) == pytest.approx(budget)
        assert business_seconds(start, due - timedelta(milliseconds=1), schedule, stops) < budget


def test_sao_paulo_carnival() -> None:
    # conventions.md 4.9: Friday 13 February 2026 16:00 to Wednesday 18 February 10:00.
    span = ("2026-02-13T16:00-03:00", "2026-02-18T10:00-03:00")
    assert business_seconds(*span, Schedule("America/Sao_Paulo", OFFICE)) == 1260 * 60
    carnival = Schedule("America/Sao_Paulo", OFFICE, ["2026-02-16", date(2026, 2, 17)])
    assert business_seconds(*span, carnival) == 180 * 60


def test_rome_nights_when_the_clocks_change() -> None:
    # conventions.md 4.9: 00:00 to 06:00 open, nights of 29 March and 25 October 2026.
    nights = Schedule("Europe/Rome", {"sun": [("00:00", "06:00")]})
    assert business_seconds("2026-03-28T12:00Z", "2026-03-29T12:00Z", nights) == 300 * 60
    assert business_seconds("2026-10-24T12:00Z", "2026-10-25T12:00Z", nights) == 420 * 60


def test_hours_that_the_clock_skips_or_repeats() -> None:
    # 02:00 to 03:00 does not exist on 29 March, and comes twice on 25 October: hours end with the first 02:30.
    early = Schedule("Europe/Rome", {"sun": [("02:00", "02:30")]})
    assert business_seconds("2026-03-28T12:00Z", "2026-03-29T12:00Z", early) == 0
    assert business_seconds("2026-10-24T12:00Z", "2026-10-25T12:00Z", early) == 30 * 60


def test_no_time_passes_backwards() -> None:
    assert business_seconds("2026-01-02", "2026-01-01", ROME) is None
    assert business_seconds("2026-01-02", "2026-01-02", ROME) == 0


def test_a_special_opening_wins_over_weekday_and_holiday() -> None:
    special = {"2026-12-25": [("10:00", "12:00")], "2026-12-26": [("10:00", "11:00")]}
    desk = Schedule("UTC", OFFICE, ["2026-12-25"], special)
    assert business_seconds("2026-12-25", "2026-12-28", desk) == 3 * 3600


def test_waiting_for_the_customer_is_taken_off_once_and_only_while_open() -> None:
    desk = Schedule("UTC", OFFICE)
    monday = ("2026-03-02T09:00Z", "2026-03-02T18:00Z")
    twice = [("2026-03-02T10:00Z", "2026-03-02T12:00Z"), ("2026-03-02T11:00Z", "2026-03-02T13:00Z")]
    assert business_seconds(*monday, desk, twice) == 6 * 3600
    assert business_seconds(*monday, desk, [("2026-03-02T17:00Z", "2026-03-03T12:00Z")]) == 8 * 3600
    assert business_seconds(*monday, desk, [("2026-03-02T15:00Z", None)]) == 6 * 3600
    assert business_seconds(*monday, desk, [("2026-03-02T15:00Z", "2026-03-02T14:00Z")]) == 9 * 3600


def test_deadlines_by_hand() -> None:
    desk = Schedule("America/Sao_Paulo", OFFICE, ["2026-02-16", "2026-02-17"])
    friday = "2026-02-13T16:00-03:00"

    def due(hours: float, stops: list | None = None) -> str:
        return deadline(friday, hours * 3600, desk, stops or ()).astimezone(ZoneInfo("America/Sao_Paulo")).isoformat()

    assert due(0) == due(0, [(friday, None)]) == "2026-02-13T16:00:00-03:00"
    assert due(2) == "2026-02-13T18:00:00-03:00"
    assert due(3) == "2026-02-18T10:00:00-03:00"
    assert due(3, [("2026-02-13T17:00-03:00", "2026-02-18T09:30-03:00")]) == "2026-02-18T11:30:00-03:00"


def test_deadlines_that_are_never_reached() -> None:
    assert deadline("2026-03-02T09:00Z", 3600, Schedule("UTC", OFFICE), [("2026-03-02T09:30Z", None)]) is None
    assert deadline("2026-03-02T09:00Z", 3600, Schedule("UTC")) is None
    with pytest.raises(CalendarError, match="Give 0 or more, such as 3600"):
        deadline("2026-03-02T09:00Z", -1, Schedule("UTC", OFFICE))


def test_a_service_that_never_closes_is_one_row() -> None:
    always = Schedule("Europe/Rome", {day: [("00:00", "24:00")] for day in (*WEEK, "sat", "sun")})
    table = cumulative(always, "2020-01-01", "2026-01-01")
    assert (table.open_seconds.tolist(), table.is_open.tolist()) == ([0.0], [True])
    never = cumulative(Schedule("Europe/Rome"), "2020-01-01", "2026-01-01")
    assert (never.open_seconds.tolist(), never.is_open.tolist()) == ([0.0], [False])
