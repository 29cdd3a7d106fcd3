"""Text as people and programs write it, to numbers, flags and instants."""

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.errors import UserError
from percorso.sources.instants import Dates, instants, is_ambiguous, order_votes
from percorso.sources.values import flags, numbers, text


def number(written: str, **how: object) -> float | str | None:
    read = numbers(pl.Series([written]), **how)
    return "bad" if read.bad[0] else read.values[0]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("9", 9.0), (" 9 ", 9.0), ("9.0", 9.0), ("9,0", 9.0), ("-1.5", -1.5), ("4,5", 4.5), ("1e1", 10.0),
        ("1,234.5", 1234.5), ("1.234,5", 1234.5), ("9/10", 9.0), ("9 de 10", 9.0), ("9 su 10", 9.0),
        ("9 out of 10", 9.0),
        ("10 - Extremely likely", 10.0), ("0 (nada provável)", 0.0), ("5: ottimo", 5.0), ("★★★★☆", 4.0),
        ("", None), ("NA", None), ("?", None), ("-", None), ("null", None), ("NaN", None), ("Sem resposta", None),
        ("não se aplica", None), ("nessuna risposta", None), ("#N/A", None), ("Prefer not to say", None),
        ("inf", "bad"), ("nine", "bad"), ("9-10", "bad"), ("1_000", "bad"), ("85%", "bad"), ("2025-01-01", "bad"),
        ("1.2.3", "bad"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(written, value):
    assert number(written) == value


def test_numbers_thousands_follow_the_decimal_sign():
    assert number("1,234") == 1234.0
    assert number("1,234", decimal=",") == 1.234
    assert number("1.234", decimal=",") == 1234.0
    assert number("4.5", decimal=",") == 4.5


def test_numbers_codes_mean_blank_and_labels_mean_numbers():
    read = numbers(pl.Series(["11", "11.0", "10", "99", "muito bom", "x"]), blank=["11", "x"], labels={"Muito bom": 5})
    assert read.values.to_list() == [None, None, 10.0, 99.0, 5.0, None]
    assert not read.bad.any()


def test_numbers_out_of_another_scale_cannot_be_read():
    assert number("4/5", out_of=10) == "bad"
    assert number("4/5", out_of=5) == 4.0


def test_numbers_keep_typed_columns():
    assert numbers(pl.Series([1, None, 3])).values.to_list() == [1.0, None, 3.0]
    assert numbers(pl.Series([1.0, math.nan, math.inf])).values.to_list() == [1.0, None, None]
    assert numbers(pl.Series([True])).values.to_list() == [1.0]


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False, width=32)), min_size=1))
def test_numbers_round_trip(values):
    read = numbers(pl.Series([None if v is None else repr(v) for v in values], dtype=pl.String))
    assert read.values.to_list() == values
    assert not read.bad.any()


@given(st.lists(st.integers(-(10**12), 10**12).map(lambda n: n / 100), min_size=1), st.sampled_from(",."))
def test_numbers_round_trip_with_thousands(values, decimal):
    written = [f"{v:,.2f}" for v in values]
    if decimal == ",":
        written = [w.translate(str.maketrans(",.", ".,")) for w in written]
    assert numbers(pl.Series(written), decimal).values.to_list() == values


def test_flags_in_three_languages():
    read = flags(pl.Series(["Sim", "não", "sì", "No", "TRUE", "0", "", "?", "talvez", None]))
    assert read.values.to_list() == [True, False, True, False, True, False, None, None, None, None]
    assert read.bad.to_list() == [False] * 8 + [True, False]


def test_text_loses_blanks_around_it_and_texts_that_say_nothing():
    assert text(pl.Series([" a ", "", "  ", "null", "-", "na", "NONE of them"])).to_list() == [
        "a", None, None, None, None, "na", "NONE of them",
    ]  # fmt: skip


def instant(written: str, order: str = "day", zone: str = "UTC") -> str:
    read = instants(pl.Series([written], dtype=pl.String), Dates(order, zone))  # type: ignore[arg-type]
    return (
        "bad"
        if read.bad[0]
        else read.values[0] and read.values[0].strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2025-03-01", "2025-03-01T00:00:00"),
        ("2025-03-01T10:30", "2025-03-01T10:30:00"),
        ("2025-03-01 10:30:05.123456", "2025-03-01T10:30:05.123456"),
        ("2025-03-01T10:30:05.1234567Z", "2025-03-01T10:30:05.123456"),
        ("2025-03-01T10:30:05+02:00", "2025-03-01T08:30:05"),
        ("2025-03-01T10:30:05-0300", "2025-03-01T13:30:05"),
        ("2025-03-01 10:30:05 UTC", "2025-03-01T10:30:05"),
        ("2012/10/09 14:50:17.000", "2012-10-09T14:50:17"),
        ("01/03/2025", "2025-03-01T00:00:00"),
        ("1/3/2025 7:05", "2025-03-01T07:05:00"),
        ("1.3.2025 07:05:09", "2025-03-01T07:05:09"),
        ("01-03-25", "2025-03-01T00:00:00"),
        ("1/3/99 07:05", "1999-03-01T07:05:00"),
        ("01/03/2025 12:15 AM", "2025-03-01T00:15:00"),
        ("01/03/2025 12:15:00 p.m.", "2025-03-01T12:15:00"),
        ("01/03/2025 10h30", "2025-03-01T10:30:00"),
        ("1 de março de 2025", "2025-03-01T00:00:00"),
        ("1º de março de 2025 às 10:30", "2025-03-01T10:30:00"),
        ("1 marzo 2025", "2025-03-01T00:00:00"),
        ("sab, 1 mar 2025 10:30", "2025-03-01T10:30:00"),
        ("March 1, 2025 3:04 PM", "2025-03-01T15:04:00"),
        ("Sat, 01 Mar 2025 10:30:00 -0300", "2025-03-01T13:30:00"),
        ("20250301", "2025-03-01T00:00:00"),
        ("20250301T103000Z", "2025-03-01T10:30:00"),
        ("1740825000", "2025-03-01T10:30:00"),
        ("1740825000123", "2025-03-01T10:30:00.123"),
        ("45717", "2025-03-01T00:00:00"),
        ("45717.4375", "2025-03-01T10:30:00"),
        ("", None), ("?", None), ("N/A", None), ("sem resposta", None),
        ("31/02/2025", "bad"), ("2025-13-01", "bad"), ("12/31/1899 09:30:00 AM", "bad"), ("0000-00-00", "bad"),
        ("yesterday", "bad"), ("10:30", "bad"), ("25:00", "bad"), ("2025-03-01 25:00", "bad"),
        ("99999999999999999", "bad"),
    ],
)  # fmt: skip
def test_instants_as_files_write_them(written, value):
    assert instant(written) == value


def test_instants_month_first_and_year_first():
    assert instant("01/03/2025", "month") == "2025-01-03T00:00:00"
    assert instant("03/14/2025 10:00", "month") == "2025-03-14T10:00:00"
    assert instant("14/03/2025 10:00", "month") == "bad"
    assert instant("99/02/01", "year") == "1999-02-01T00:00:00"


def test_instants_local_times_follow_daylight_saving():
    # Clocks: Rome skips 02:00-03:00 on 2025-03-30 and shows 02:00-03:00 twice on 2025-10-26;
    # São Paulo had no midnight on 2018-11-04 (specification 1.4: the day starts at 03:00Z).
    assert instant("30/03/2025 01:59", zone="Europe/Rome") == "2025-03-30T00:59:00"
    assert instant("30/03/2025 02:30", zone="Europe/Rome") == "2025-03-30T01:30:00"
    assert instant("30/03/2025 03:00", zone="Europe/Rome") == "2025-03-30T01:00:00"
    assert instant("26/10/2025 02:30", zone="Europe/Rome") == "2025-10-26T00:30:00"
    assert instant("2018-11-04", zone="America/Sao_Paulo") == "2018-11-04T03:00:00"
    assert instant("2025-07-01 12:00Z", zone="America/Sao_Paulo") == "2025-07-01T12:00:00"


def test_instants_of_mixed_columns_and_typed_columns():
    mixed = pl.Series(["2025-03-01", "01/03/2025 10:00", None, "2025-03-01T10:00:00Z", "x", "1740825000"])
    read = instants(mixed, Dates("day", "UTC"))
    assert [v and v.hour for v in read.values] == [0, 10, None, 10, None, 10]
    assert read.bad.to_list() == [False, False, False, False, True, False]
    typed = instants(pl.Series([datetime(2025, 7, 1)]), Dates(zone="Europe/Rome"))  # noqa: DTZ001
    assert typed.values.to_list() == [datetime(2025, 6, 30, 22, tzinfo=UTC)]
    assert instants(pl.Series([1740825000]), Dates()).values[0] == datetime(2025, 3, 1, 10, 30, tzinfo=UTC)


INSTANTS = st.datetimes(datetime(1970, 1, 3), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
FORMS = ("%Y-%m-%dT%H:%M:%S.%f%z", "%d/%m/%Y %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f", "%d-%m-%Y %I:%M:%S.%f %p")


@settings(deadline=None)
@given(
    st.lists(INSTANTS, min_size=1), st.sampled_from(FORMS), st.sampled_from(["UTC", "America/Sao_Paulo", "Europe/Rome"])
)
def test_instants_round_trip(values, form, zone):
    local = [v.astimezone(ZoneInfo(zone)) for v in values]
    read = instants(pl.Series([v.strftime(form) for v in local]), Dates("day", zone))
    assert not read.bad.any()
    # Of an hour that the clock showed twice, the first is taken.
    first = timedelta(0) if "%z" in form else None
    expected = [(v.replace(fold=0) if first is None else v).astimezone(UTC) for v in local]
    assert read.values.to_list() == expected


def test_unknown_zone_says_what_to_give():
    with pytest.raises(UserError, match=r"There is no time zone Mars/Olympus\. Give one such as America/Sao_Paulo"):
        Dates("day", "Mars/Olympus")


def test_order_of_day_and_month_is_told_by_any_value():
    assert order_votes(pl.Series(["03/04/2025", "04/03/2025", "25/12/2025 10:00", None, "x"])) == (1, 0)
    assert order_votes(pl.Series(["12/25/2025"])) == (0, 1)
    assert order_votes(pl.Series(["03/04/2025", "2025-12-25"])) == (0, 0)
    assert is_ambiguous(pl.Series(["03/04/2025"]))
    assert not is_ambiguous(pl.Series(["2025-12-25", "1740825000", None]))
