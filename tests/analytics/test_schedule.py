from datetime import date

import pytest

from percorso.analytics.clocks import CalendarError
from percorso.analytics.schedule import Schedule


def test_equal_schedules_are_one() -> None:
    listed = Schedule("UTC", {"mon": [["13:00", "18:00"], ["09:00", "12:00"]]}, ["2026-01-01"])
    tupled = Schedule("UTC", {"mon": (("9:00", "12:00"), ("13:00:00", "18:00"))}, (date(2026, 1, 1),))
    assert listed == tupled
    assert len({listed, tupled, Schedule("UTC")}) == 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"tz": "Europe/Roma"}, "There is no time zone 'Europe/Roma'.*such as Europe/Rom"),
        ({"weekly": {"monday": []}}, "There is no weekday 'monday'. Use mon, tue"),
        ({"weekly": {"mon": [("18:00", "09:00")]}}, "18:00–09:00 of mon end before they begin.*22:00–24:00"),
        ({"weekly": {"mon": [("09:00", "09:00")]}}, "end before they begin"),
        ({"weekly": {"mon": [("09:00", "13:00"), ("12:00", "18:00")]}}, "09:00–13:00 and 12:00–18:00 of mon overlap"),
        ({"weekly": {"mon": [("9h", "18:00")]}}, "'9h' is no time of day .*Write it like 09:00"),
        ({"weekly": {"mon": [("09:00", "24:01")]}}, "at most 24:00"),
        ({"weekly": {"mon": ["09:00-18:00"]}}, r'Give pairs such as \["09:00", "18:00"\]'),
        ({"weekly": {"mon": [("09:00",)]}}, "Give pairs"),
        ({"holidays": ["25/12/2026"]}, "'25/12/2026' is no day. Write it like"),
        ({"overrides": {"2026-12-25": [("12:00", "10:00")]}}, "12:00–10:00 of 2026-12-25 end before"),
    ],
)
def test_hours_that_cannot_be_say_what_to_write(given: dict, says: str) -> None:
    with pytest.raises(CalendarError, match=says):
        Schedule(**{"tz": "UTC", **given})
