from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.analytics.calendar import (
    bucket,
    bucket_starts,
    label,
    period_bounds,
)

# Clocks changed at midnight, across midnight, by half an hour, twice a year around Ramadan, and by a whole day.
ZONES = (
    "America/Sao_Paulo",
    "Europe/Rome",
    "America/Havana",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Africa/Monrovia",
)
instants = st.timedeltas(timedelta(0), timedelta(days=24_500)).map(lambda d: datetime(1968, 1, 1, tzinfo=UTC) + d)


def iso(moments: list[datetime]) -> list[str]:
    return [f"{m:%Y-%m-%dT%H:%MZ}" for m in moments]


def test_a_skipped_day_has_no_hours() -> None:
    # Samoa went from 29 to 31 December 2011.
    assert period_bounds("2011-12-30", "2011-12-31", "Pacific/Apia").hours == 0
    days = bucket_starts("2011-12-29T12:00Z", "2012-01-01T10:00Z", "Pacific/Apia", "day")
    assert [label(d, "Pacific/Apia", "day") for d in days] == ["2011-12-29", "2011-12-31", "2012-01-01"]


@settings(deadline=None)
@given(instants, st.sampled_from(ZONES), st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_every_instant_carries_the_label_of_its_bucket(moment: datetime, tz: str, grain: str) -> None:
    starts = bucket_starts(moment, moment + timedelta(days=800), tz, grain)
    assert starts[0] <= moment < starts[1]
    assert label(starts[0], tz, grain) == label(moment, tz, grain) != label(starts[1], tz, grain)
    labels = [label(s, tz, grain) for s in starts]
    assert labels == sorted(set(labels))
    before = [label(s - timedelta(seconds=1), tz, grain) for s in starts[1:]]
    assert before == labels[:-1]


@settings(deadline=None)
@given(instants, st.sampled_from(ZONES), st.integers(1, 60))
def test_hours_cover_time_without_gaps_and_never_exceed_an_hour(start: datetime, tz: str, hours: int) -> None:
    end = start + timedelta(hours=hours)
    starts = bucket_starts(start, end, tz, "hour")
    assert starts[0] <= start < starts[0] + timedelta(hours=1)
    steps = [b - a for a, b in zip(starts, [*starts[1:], end], strict=True)]
    assert all(timedelta(0) < step <= timedelta(hours=1) for step in steps)
    labels = [label(s, tz, "hour") for s in starts]
    assert len(set(labels)) == len(labels)
    assert label(start, tz, "hour") == labels[0]


def test_the_hour_that_comes_twice_is_two_buckets() -> None:
    hours = bucket_starts("2025-10-25T23:30Z", "2025-10-26T03:00Z", "Europe/Rome", "hour")
    assert [label(h, "Europe/Rome", "hour") for h in hours] == [
        "2025-10-26T01:00+02:00",
        "2025-10-26T02:00+02:00",
        "2025-10-26T02:00+01:00",
        "2025-10-26T03:00+01:00",
    ]


def test_the_hour_that_is_skipped_is_none() -> None:
    hours = bucket_starts("2025-03-30T00:00Z", "2025-03-30T02:00Z", "Europe/Rome", "hour")
    assert [label(h, "Europe/Rome", "hour") for h in hours] == ["2025-03-30T01:00+01:00", "2025-03-30T03:00+02:00"]


def test_hours_of_a_zone_with_half_hours() -> None:
    assert iso(bucket_starts("2025-01-01T00:00Z", "2025-01-01T01:00Z", "Asia/Kolkata", "hour")) == [
        "2024-12-31T23:30Z",
        "2025-01-01T00:30Z",
    ]


def test_days_of_a_range_of_dates_have_23_and_25_hours() -> None:
    days = bucket_starts(date(2026, 3, 28), date(2026, 3, 31), "Europe/Rome", "day")
    assert iso(days) == ["2026-03-27T23:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z"]
    assert bucket_starts(date(2026, 3, 28), date(2026, 3, 28), "Europe/Rome", "day") == []


def test_weeks_carry_their_iso_year() -> None:
    weeks = bucket_starts(date(2020, 12, 30), date(2021, 1, 12), "Europe/Rome", "week")
    assert [label(w, "Europe/Rome", "week") for w in weeks] == ["2020-W53", "2021-W01", "2021-W02"]


def test_labels_of_one_instant() -> None:
    # 31 December, 23:30 in São Paulo, is already next year in Rome.
    assert tuple(bucket("2026-01-01T02:30Z", "America/Sao_Paulo")) == (
        "2025-12-31T23:00-03:00",
        "2025-12-31",
        "2026-W01",
        "2025-12",
        "2025-Q4",
        "2025",
    )
    assert bucket("2026-01-01T02:30Z", "Europe/Rome").quarter == "2026-Q1"


def test_an_unknown_grain_says_which_there_are() -> None:
    with pytest.raises(ValueError, match="Choose hour, day, week, month, quarter or year"):
        bucket_starts("2025-01-01", "2025-01-02", "UTC", "decade")  # type: ignore[arg-type]
