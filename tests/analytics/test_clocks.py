from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from percorso.analytics.calendar import bucket, period_bounds
from percorso.analytics.clocks import CalendarError, day_start, instant, offsets, zone
from tests.analytics.test_calendar import ZONES, instants, iso


@settings(deadline=None)
@given(instants, st.sampled_from(ZONES), st.integers(0, 900))
def test_offsets_are_those_of_the_zone(start: datetime, tz: str, days: int) -> None:
    end = start + timedelta(days=days)
    pieces = offsets(start, end, tz)
    assert pieces[0][0] == start
    place = ZoneInfo(tz)
    for since, seconds in pieces:
        assert since.astimezone(place).utcoffset() == timedelta(seconds=seconds)
    for (_, before), (since, after) in pairwise(pieces):
        assert before != after
        assert (since - timedelta(seconds=1)).astimezone(place).utcoffset() == timedelta(seconds=before)
    for hours in range(0, days * 24, 37):
        moment = start + timedelta(hours=hours)
        known = [seconds for since, seconds in pieces if since <= moment][-1]
        assert moment.astimezone(place).utcoffset() == timedelta(seconds=known)


def test_offsets_of_a_year_by_hand() -> None:
    assert offsets("2026-01-01", "2027-01-01", "Europe/Rome") == [
        (datetime(2026, 1, 1, tzinfo=UTC), 3600),
        (datetime(2026, 3, 29, 1, tzinfo=UTC), 7200),
        (datetime(2026, 10, 25, 1, tzinfo=UTC), 3600),
    ]
    assert offsets("2026-01-01", "2027-01-01", "America/Sao_Paulo") == [(datetime(2026, 1, 1, tzinfo=UTC), -10800)]


@settings(deadline=None)
@given(st.dates(date(1970, 1, 1), date(2034, 1, 1)), st.sampled_from(ZONES))
@example(date(2018, 11, 4), "America/Sao_Paulo")
@example(date(2011, 12, 30), "Pacific/Apia")
@example(date(2009, 10, 25), "America/Havana")
def test_a_day_starts_when_its_date_is_first_reached(day: date, tz: str) -> None:
    start, place = day_start(day, tz), ZoneInfo(tz)
    assert start.astimezone(place).date() >= day
    assert all((start - timedelta(minutes=m)).astimezone(place).date() < day for m in (1 / 60, 1, 30, 61, 1440))


def test_an_ambiguous_midnight_takes_the_first() -> None:
    # Havana, 25 October 2009: at 01:00 back to 00:00.
    assert iso([day_start("2009-10-25", "America/Havana")]) == ["2009-10-25T04:00Z"]
    assert period_bounds("2009-10-25", "2009-10-26", "America/Havana").hours == 25


def test_instants_without_a_zone_are_utc() -> None:
    assert instant(datetime(2025, 3, 7, 20, 30)) == instant("2025-03-07T17:30-03:00")  # noqa: DTZ001
    assert instant("2025-03-07T17:30-03:00").tzinfo is UTC


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("Europe/rome", "Europe/Rome"),
        ("america/sao paulo", "America/Sao_Paulo"),
        ("BRT-ish", "America/Sao_Paulo"),
        ("", "America/Sao_Paulo"),
    ],
)
def test_an_unknown_zone_says_what_to_write(name: str, suggested: str) -> None:
    with pytest.raises(CalendarError, match=f"There is no time zone '{name}'.* such as {suggested}"):
        zone(name)


def test_what_is_no_day_or_instant_says_how_to_write_it() -> None:
    with pytest.raises(CalendarError, match=r"'01/03/2025' is no day. Write it like 2025-03-01"):
        day_start("01/03/2025", "UTC")
    with pytest.raises(CalendarError, match="is no day"):
        day_start(datetime(2025, 3, 1, tzinfo=UTC), "UTC")
    with pytest.raises(CalendarError, match=r"0001-01-01 is out of range. Check its year"):
        day_start(date(1, 1, 1), "UTC")
    with pytest.raises(CalendarError, match=r"'yesterday' is no point in time. Write it like 2025-03-07T20:30:00Z"):
        bucket("yesterday", "UTC")
