"""From measured cells to series: local days, no bucket that is not complete, parts that add up."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from percorso.analytics.indicators import INDICATORS
from percorso.analytics.result import Cell
from percorso.errors import BadQuestion
from percorso.insights.alerts import series_of, with_shares

TZ = "America/Sao_Paulo"


def cell(day: int, n: int, value: float | None = 0.2, waiting: int = 0, **by: str | None) -> Cell:
    """A day of May in São Paulo."""
    start = datetime(2026, 5, 1, 3, tzinfo=UTC) + timedelta(days=day)
    return Cell("response_rate", start, by, value, 0.1, 0.3, n, "ok", {"immature": waiting})


def test_days_before_the_first_facts_and_unfinished_ones_are_left_out() -> None:
    cells = [
        cell(0, 0, None),
        cell(1, 50),
        cell(2, 0, None),
        cell(3, 60),
        cell(4, 30, waiting=30),
        cell(5, 0, None, 70),
    ]
    series = series_of(INDICATORS["response_rate"], cells, "day", TZ, segment="new")
    assert series.starts == (date(2026, 5, 2), date(2026, 5, 3), date(2026, 5, 4))
    assert list(series.n) == [50, 0, 60]
    assert np.isnan(series.value[1])
    assert (series.unit, series.better, series.binomial, series.segment) == ("share", "higher", True, "new")
    assert (series.family, series.table) == ("surveys", "messages")


def test_other_indicators_and_no_facts_make_an_empty_series() -> None:
    assert len(series_of(INDICATORS["nps"], [cell(1, 50)], "day", TZ)) == 0
    assert len(series_of(INDICATORS["response_rate"], [cell(0, 0, None)], "week", TZ)) == 0


def test_only_days_weeks_and_months_are_watched() -> None:
    with pytest.raises(BadQuestion, match="hour"):
        series_of(INDICATORS["response_rate"], [], "hour", TZ)


def test_shares_of_the_parts_add_up_to_one() -> None:
    series = series_of(INDICATORS["response_rate"], [cell(1, 50), cell(2, 40)], "day", TZ)
    parts = [cell(1, 20, channel="web"), cell(1, 30, channel=None), cell(2, 40, channel="web"), cell(9, 1, channel="x")]
    mixed = with_shares(series, parts, "channel", TZ)
    assert mixed.shares is not None
    assert {name: list(own) for name, own in mixed.shares.items()} == {"web": [0.4, 1.0], "": [0.6, 0.0]}
    assert list(mixed.n) == [50, 40]
