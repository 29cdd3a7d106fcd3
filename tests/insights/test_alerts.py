"""Alerts on small series whose changes are known: each fires when it should, says since when, and ends."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pytest

from percorso.insights.alerts import (
    ALERTS,
    FIGURES,
    SHARES,
    Aim,
    Firing,
    Flagged,
    Part,
    Series,
    contributors,
    fitting_grain,
    grouped,
    preview,
)

FIRST = date(2025, 1, 6)
DAYS = 200


def series(value: Any, n: Any = 150.0, **more: Any) -> Series:
    """Days from a Monday on, with the intervals of a share."""
    value, n = np.broadcast_arrays(np.asarray(value, dtype=float), np.asarray(n, dtype=float))
    half = 1.96 * np.sqrt(np.clip(value * (1 - value), 0.01, None) / np.maximum(n, 1))
    step = {"day": 1, "week": 7}.get(more.get("grain", "day"), 1)
    starts = tuple(FIRST + timedelta(days=step * i) for i in range(value.size))
    return Series(
        more.pop("indicator", "csat"), starts, value.copy(), value - half, value + half, n.copy(),
        **{"better": "higher", "family": "surveys", "table": "answers"} | more,
    )  # fmt: skip


def satisfied(change: Any = 0.0, seed: int = 1, n: float = 150, days: int = DAYS, base: float = 0.8) -> Series:
    """Simulated shares of satisfied answers, lower at weekends."""
    rng = np.random.default_rng(seed)
    sizes = rng.poisson(n * np.where(np.arange(days) % 7 >= 5, 0.5, 1.0))
    share = base - 0.03 * (np.arange(days) % 7 >= 5) + change
    return series(rng.binomial(sizes, share) / np.maximum(sizes, 1), sizes)


def after(day: int, size: float, days: int = DAYS) -> Any:
    """A change of `size` from `day` on."""
    return np.where(np.arange(days) >= day, size, 0.0)


def fired(key: str, of: Series, **settings: Any) -> list[Firing]:
    return ALERTS[key].firings(of, ALERTS[key].Config(**settings))


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def told(firings: Sequence[Firing]) -> list[tuple[date, str]]:
    return [(f.at, f.direction) for f in firings]


def test_nothing_happens_when_nothing_changed() -> None:
    assert [fired("change", satisfied(seed=seed)) for seed in range(1, 6)] == [[]] * 5


def test_a_lasting_drop_is_told_within_two_weeks_with_its_beginning() -> None:
    (firing,) = fired("change", satisfied(after(130, -0.08, 150), days=150))
    assert day(130) <= firing.at < day(144)
    assert firing.since is not None
    assert abs((firing.since - day(130)).days) <= 4
    assert (firing.direction, firing.good, firing.closed) == ("down", False, None)
    assert firing.chance < 0.002
    assert firing.size == pytest.approx(-0.08, abs=0.04)
    assert firing.params["expected"] == pytest.approx(0.79, abs=0.03)


def test_one_day_far_off_is_told_that_day_and_closed_after_seven_calm_days() -> None:
    change = np.where(np.arange(DAYS) == 140, -0.3, 0.0)
    (firing,) = fired("change", satisfied(change))
    assert (firing.at, firing.since, firing.direction) == (day(140), day(140), "down")
    assert firing.closed is not None
    assert day(147) <= firing.closed <= day(160)


def test_a_firing_closes_although_there_is_nothing_at_weekends() -> None:
    one = satisfied(np.where(np.arange(DAYS) == 140, -0.3, 0.0))
    weekend = np.arange(DAYS) % 7 >= 5
    weekdays = replace(one, value=np.where(weekend, np.nan, one.value), n=np.where(weekend, 0.0, one.n))
    (firing,) = fired("change", weekdays)
    assert firing.closed is not None
    assert day(149) <= firing.closed <= day(163)


def test_a_rise_of_what_should_fall_is_bad() -> None:
    rising = replace(satisfied(after(130, 0.12), base=0.2), better="lower")
    assert [f.good for f in fired("change", rising) if f.direction == "up"] == [False]
    assert [f.good for f in fired("change", replace(rising, better=None))] == [None]


def test_days_with_too_few_answers_are_passed_over() -> None:
    few = satisfied(after(130, -0.3), n=5)
    assert fired("change", few, minimum_n=30) == []


@pytest.mark.parametrize("key", ["change", "trend", "silence", "churn", "mix", "goal", "threshold"])
def test_no_alert_looks_ahead(key: str) -> None:
    whole = satisfied(after(120, -0.15))
    web = np.where(np.arange(DAYS) < 100, 0.3, 0.5)
    whole = replace(whole, shares={"web": web, "app": 1 - web}, goal=Aim(0.85, day(190)), n=whole.n * 1.0)
    whole.n[150:153] = 0
    config = ALERTS[key].Config(**({"limit": 0.75} if key == "threshold" else {}))
    later = {(f.at, f.direction): f for f in ALERTS[key].firings(whole, config)}
    for end in (110, 125, 152, 180):
        cut = replace(
            whole, starts=whole.starts[:end], value=whole.value[:end], low=whole.low[:end], high=whole.high[:end],
            n=whole.n[:end], shares={name: own[:end] for name, own in (whole.shares or {}).items()},
        )  # fmt: skip
        then = {(f.at, f.direction): f for f in ALERTS[key].firings(cut, config)}
        assert then.keys() == {at for at in later if at[0] < day(end)}
        assert all(then[at].chance == later[at].chance and then[at].since == later[at].since for at in then)


def test_shares_of_nothing_and_of_all_and_series_without_figures_do_not_break_anything() -> None:
    flat = [series(np.full(DAYS, v)) for v in (0.0, 1.0, np.nan)] + [series(np.empty(0))]
    for key, alert in ALERTS.items():
        config = alert.Config(**({"limit": 0.5} if key == "threshold" else {}))
        for one in flat:
            if key != "threshold":
                assert alert.firings(replace(one, goal=Aim(0.5, day(300))), config) == [] or key == "goal"
            assert preview(alert, one, config).days == len(one)


def test_durations_and_backlogs_move_by_factors() -> None:
    rng = np.random.default_rng(3)
    seconds = 5000 * np.exp(0.1 * rng.normal(size=DAYS) + after(130, 0.4))
    spread = np.exp(0.2)
    waits = replace(series(seconds, 100), unit="seconds", low=seconds / spread, high=seconds * spread)
    assert fired("change", waits)[0].at < day(137)
    unknown = np.full(DAYS, np.nan)
    assert fired("change", replace(waits, unit="tickets", low=unknown, high=unknown))[0].at < day(137)


def test_a_limit_does_not_flutter() -> None:
    value = np.full(60, 0.8)
    value[20:40:2] = 0.6
    assert told(fired("threshold", series(value), limit=0.7)) == [(day(20), "down")]
    (firing,) = fired("threshold", series(value), limit=0.7)
    assert firing.closed == day(45)
    assert firing.chance < 0.01
    assert firing.chances == {}
    assert told(fired("threshold", series(1 - value), limit=0.3, side="above")) == [(day(20), "up")]
    near = np.where(value == 0.8, 0.71, value)
    assert fired("threshold", series(near), limit=0.7, back=0.05)[0].closed is None


def test_a_limit_is_not_crossed_by_what_chance_explains() -> None:
    value = np.full(60, 0.8)
    value[30] = 0.68
    assert fired("threshold", series(value, 40), limit=0.7) == []
    assert told(fired("threshold", series(value, 40), limit=0.7, sure=False)) == [(day(30), "down")]
    assert fired("threshold", series(value, 40), limit=0.7, sure=False, buckets=2) == []
    assert fired("threshold", series(value, 20), limit=0.7, sure=False) == []


def test_a_slow_drift_is_a_trend() -> None:
    drift = np.clip((np.arange(DAYS) - 100) * 0.0015, 0, None)
    firings = fired("trend", satisfied(-drift))
    assert firings
    assert {f.direction for f in firings} == {"down"}
    assert day(110) < firings[0].at < day(170)
    assert firings[0].params["after"] < firings[0].params["before"]


def test_another_mix_names_the_part_that_moved_most() -> None:
    web = np.where(np.arange(DAYS) < 130, 0.3, 0.5)
    mixed = replace(series(np.full(DAYS, 0.8)), shares={"web": web, "app": 0.6 - web / 2, "shop": 0.4 - web / 2})
    (firing,) = fired("mix", mixed)
    assert day(130) <= firing.at <= day(136)
    assert (firing.params["part"], firing.direction, firing.good) == ("web", "up", None)
    assert firing.params["share"] > firing.params["share_before"]
    assert fired("mix", replace(mixed, shares=None)) == []


def test_missing_data_is_told_on_its_second_day_and_ends_with_the_first_usual_one() -> None:
    n = np.full(DAYS, 150.0)
    n[140:144] = 0
    (firing,) = fired("silence", series(np.full(DAYS, 0.8), n))
    assert (firing.at, firing.since, firing.closed, firing.good) == (day(141), day(140), day(144), None)
    assert firing.chance < 1e-6
    assert (firing.params["n"], firing.params["usual"]) == (0, 300)


def test_weekends_without_data_are_usual_and_one_holiday_is_no_silence() -> None:
    n = np.where(np.arange(DAYS) % 7 >= 5, 0.0, 150.0)
    n[142] = 0
    assert fired("silence", series(np.full(DAYS, 0.8), n)) == []


def test_a_delivery_that_stays_away_longer_than_ever_is_told() -> None:
    weekly = tuple(datetime.combine(day(7 * week), time(8), UTC) for week in range(20))
    (firing,) = fired("silence", replace(satisfied(), received_at=weekly))
    # The last came on day 133, the longest pause was a week, two days of grace.
    assert firing.at == day(142)
    assert (firing.params["since"], firing.params["usual"]) == (day(133), 7)
    assert firing.chance == pytest.approx(1 / 20)


def test_a_goal_is_in_danger_while_the_trend_does_not_lead_there() -> None:
    level = satisfied(days=150)
    (firing,) = fired("goal", replace(level, goal=Aim(0.9, day(170), start=day(100))))
    assert firing.at >= day(100)
    assert (firing.direction, firing.good) == ("down", False)
    assert firing.params["probability"] == firing.chance < 0.2
    assert fired("goal", replace(level, goal=Aim(0.7, day(170)))) == []
    assert fired("goal", replace(level, goal=Aim(0.9, day(170)), better="lower")) == []
    assert fired("goal", level) == []


def test_rising_churn_is_told_and_falling_is_not() -> None:
    rng = np.random.default_rng(2)
    at_risk = np.full(DAYS, 5000)
    lost = rng.binomial(at_risk, 0.001 + after(140, 0.0007))
    (firing,) = fired("churn", replace(series(lost / at_risk, at_risk), better="lower"))
    assert day(140) < firing.at < day(175)
    assert (firing.direction, firing.good) == ("up", False)
    fallen = rng.binomial(at_risk, 0.002 - after(140, 0.001))
    assert fired("churn", series(fallen / at_risk, at_risk)) == []


def test_weeks_and_months_are_watched_too() -> None:
    for grain in ("week", "month"):
        shifted = replace(satisfied(after(80, -0.12, 100), days=100), grain=grain)
        assert shifted.starts[80] <= fired("change", shifted)[0].at <= shifted.starts[88]


def test_sparse_days_are_watched_by_week() -> None:
    assert fitting_grain(series(np.full(DAYS, 0.8), 20)) == "day"
    assert fitting_grain(series(np.full(DAYS, 0.8), 3)) == "week"
    assert fitting_grain(series(np.full(DAYS, 0.8), 1)) == "month"


def test_a_preview_counts_the_last_twelve_months() -> None:
    change = np.where(np.isin(np.arange(500), [120, 300, 450]), -0.3, 0.0)
    seen = preview(ALERTS["change"], satisfied(change, days=500), ALERTS["change"].Config())
    assert [f.at for f in seen.firings if f.direction == "down"] == [day(300), day(450)]
    assert seen.days == 365


def test_every_message_can_be_filled_and_the_kind_of_its_figures_is_known() -> None:
    web = np.where(np.arange(DAYS) < 130, 0.3, 0.5)
    missing = satisfied()
    missing.n[140:144] = 0
    lost = replace(satisfied(after(130, 0.1), base=0.2), better="lower")
    firings = [
        *fired("change", satisfied(after(130, -0.15))),
        *fired("change", satisfied(np.where(np.arange(DAYS) == 140, -0.3, 0.0))),
        *fired("trend", satisfied(-np.clip((np.arange(DAYS) - 100) * 0.0015, 0, None))),
        *fired("mix", replace(satisfied(), shares={"web": web, "app": 1 - web})),
        *fired("silence", missing),
        *fired("threshold", satisfied(after(130, -0.15)), limit=0.7),
        *fired("goal", replace(satisfied(), goal=Aim(0.95, day(190)))),
        *fired("churn", lost),
    ]
    assert len({firing.message for firing in firings}) >= 8
    for firing in firings:
        assert "{" not in firing.message.format(**firing.params)
        assert firing.params["indicator"] == "csat"
        assert all(name in FIGURES | SHARES for name, value in firing.params.items() if isinstance(value, float))


def test_only_what_is_tested_can_be_taken_for_noise() -> None:
    missing = satisfied()
    missing.n[140:144] = 0
    assert not ALERTS["silence"].tested
    assert [f.chances for f in fired("silence", missing)] == [{}]
    assert ALERTS["change"].tested
    assert all(f.chances for f in fired("change", satisfied(after(130, -0.15))))


def flagged(at: int, chance: float = 1e-5, since: int | None = None, **of: Any) -> Flagged:
    one = replace(series(np.full(3, 0.8)), **of)
    start = day(at)
    begun = day(at if since is None else since)
    firing = Firing(start, begun, "down", False, chance, "", {}, None, None, {start: chance})
    return Flagged("change", one, firing)


def test_one_cause_sends_one_message() -> None:
    first, second = flagged(10), flagged(14, since=9, indicator="ces")
    other = flagged(10, indicator="conversion_rate", family="commerce", table="events")
    new = flagged(13, indicator="nps")
    messages = grouped([new, other, second, first], watched=20)
    assert [m.told for m in messages] == [day(10), day(10), day(13)]
    assert [[f.series.indicator for _, f in m.members] for m in messages] == [
        ["conversion_rate"],
        ["csat", "ces"],
        ["nps"],
    ]
    assert messages[1].lead is first


def test_segments_relate_series_and_the_order_does_not_matter() -> None:
    a = flagged(10, indicator="csat", segment="new")
    b = flagged(11, since=8, indicator="fcr", family="service", table="contacts", segment="new")
    for order in ([a, b], [b, a]):
        (message,) = grouped(order, watched=20)
        assert message.lead is a


def test_among_many_series_a_weak_firing_waits_until_it_passes() -> None:
    weak = flagged(10, chance=0.001)
    assert [m.told for m in grouped([weak], watched=20)] == [day(10)]
    assert grouped([weak], watched=1000) == []
    growing = replace(weak, firing=replace(weak.firing, chances={day(10): 0.001, day(12): 1e-6}))
    assert [m.told for m in grouped([growing], watched=1000)] == [day(12)]


def test_missing_data_of_another_table_is_news_of_its_own() -> None:
    silent = replace(flagged(11, since=10, indicator="fcr", table="contacts"), alert="silence")
    silent = replace(silent, firing=silent.firing.alone())
    assert len(grouped([flagged(10), silent], watched=40)) == 2
    same = replace(silent, series=replace(silent.series, table="answers"))
    assert len(grouped([flagged(10), same], watched=40)) == 1


def test_weeks_are_told_when_they_are_over() -> None:
    (message,) = grouped([flagged(7, grain="week")], watched=1)
    assert message.told == day(13)


def test_contributions_add_up_to_the_move() -> None:
    before = {"web": Part(0.80, 600), "app": Part(0.90, 300), "shop": Part(0.70, 100)}
    later = {"web": Part(0.70, 500), "app": Part(0.91, 300), "new": Part(0.60, 200)}
    found = contributors(before, later)
    whole = [sum(p.value * p.n for p in side.values() if p.value) / 1000 for side in (before, later)]
    assert sum(c.total for c in found) == pytest.approx(whole[1] - whole[0], abs=1e-12)
    assert sum(c.share for c in found if c.share is not None) == pytest.approx(1)
    assert found[0].name == "web"
    by_name = {c.name: c for c in found}
    assert by_name["new"].within == by_name["shop"].within == 0
    assert by_name["shop"].mix > 0
    assert by_name["web"].within == pytest.approx(0.55 * -0.1)


def test_the_mix_alone_can_move_the_whole() -> None:
    before = {"happy": Part(80.0, 50), "unhappy": Part(-20.0, 50)}
    later = {"happy": Part(80.0, 20), "unhappy": Part(-20.0, 80), "silent": Part(None, 0)}
    found = contributors(before, later)
    assert [c.within for c in found] == [0, 0]
    assert sum(c.mix for c in found) == pytest.approx(-30)
    assert contributors({}, later) == []
    assert [c.share for c in contributors(before, before)] == [None, None]
