"""What somebody who asks for figures notices: buckets, verdicts, privacy, refusals, the forms of a result."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from percorso.analytics.calendar import Schedule
from percorso.analytics.indicators import INDICATORS
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.store import Store
from percorso.errors import BadQuestion

SP, ROME = "America/Sao_Paulo", "Europe/Rome"
MARCH = Period(date(2025, 3, 1), date(2025, 4, 1), SP)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        yield opened


def nps(score: float, at: str | datetime, **more: Any) -> dict[str, Any]:
    return {"metric": "nps", "score": score, "at": at, "scale_min": 0, "scale_max": 10, **more}


def add(store: Store, table: str, rows: list[dict[str, Any]]) -> None:
    store.append(table, [{"id": str(i), **row} for i, row in enumerate(rows)])


def test_a_month_without_answers_is_a_gap_and_not_zero(store: Store) -> None:
    add(store, "answers", [nps(10, "2025-01-10T12:00:00Z"), nps(0, "2025-03-10T12:00:00Z")])
    period = Period(date(2025, 1, 1), date(2025, 4, 1), SP)
    cells = measure(store, Query(("nps",), period=period, grain="month")).rows
    assert [(c.value, c.n, c.status) for c in cells] == [
        (100.0, 1, "low_sample"),
        (None, 0, "no_data"),
        (-100.0, 1, "low_sample"),
    ]
    assert cells[0].start == datetime(2025, 1, 1, 3, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_two_buckets(store: Store) -> None:
    # In Rome 02:00–03:00 of 26 October 2025 comes first as summer time, then as winter time.
    add(store, "answers", [nps(10, "2025-10-26T00:30:00Z"), nps(0, "2025-10-26T01:30:00Z")])
    period = Period(date(2025, 10, 26), date(2025, 10, 27), ROME)
    cells = measure(store, Query(("nps",), period=period, grain="hour")).rows
    assert len(cells) == 25
    assert [c.value for c in cells if c.n] == [100.0, -100.0]


def test_a_day_of_23_hours_is_one_bucket_of_its_own(store: Store) -> None:
    add(
        store,
        "answers",
        [nps(10, "2025-03-29T22:59:59Z"), nps(0, "2025-03-29T23:00:00Z"), nps(0, "2025-03-30T21:59:59Z")],
    )
    period = Period(date(2025, 3, 29), date(2025, 3, 31), ROME)
    cells = measure(store, Query(("nps",), period=period, grain="day")).rows
    assert [(c.start, c.n) for c in cells] == [
        (datetime(2025, 3, 28, 23, tzinfo=UTC), 1),
        (datetime(2025, 3, 29, 23, tzinfo=UTC), 2),
    ]


def test_days_make_the_month(store: Store) -> None:
    r = np.random.default_rng(1)
    start = datetime(2025, 3, 1, 3, tzinfo=UTC)
    add(
        store,
        "answers",
        [nps(int(r.integers(0, 11)), start + timedelta(hours=int(h))) for h in r.integers(0, 740, 400)],
    )
    days = measure(store, Query(("nps",), period=MARCH, grain="day")).rows
    month = measure(store, Query(("nps",), period=MARCH)).one()
    for part in ("promoters", "passives", "detractors"):
        assert sum(c.details[part] for c in days) == month.details[part]


@settings(max_examples=40, deadline=None)
@given(seconds=st.lists(st.integers(0, 5000), min_size=1, max_size=60), cut=st.integers(0, 60))
def test_durations_of_two_halves_make_the_whole(seconds: list[int], cut: int) -> None:
    from percorso.analytics.statistics.distribution import Distribution

    whole = Distribution.of(seconds)
    halves = Distribution.of(seconds[:cut]).merge(Distribution.of(seconds[cut:]))
    assert halves.n == whole.n == len(seconds)
    assert halves.quantile(0.5) == pytest.approx(float(np.median(seconds)))
    assert halves.mean == pytest.approx(float(np.mean(seconds)))


def month_of(share: float, n: int, month: int, **more: Any) -> list[dict[str, Any]]:
    happy = round(share * n)
    at = datetime(2025, month, 10, 12, tzinfo=UTC)
    scores = [5] * happy + [2] * (n - happy)
    return [
        {"id": f"{month}-{i}-{more}", "metric": "csat", "score": s, "at": at, "scale_min": 1, "scale_max": 5, **more}
        for i, s in enumerate(scores)
    ]


def test_a_real_fall_is_down_and_bad(store: Store) -> None:
    add(store, "answers", month_of(0.8, 600, 2) + month_of(0.7, 600, 3))
    change = measure(store, Query(("csat",), period=MARCH, compare="previous")).one().change
    assert change is not None
    # statsmodels proportions_ztest([420, 480], [600, 600]): z = -4.0, p = 6.334e-05
    assert change.p_value == pytest.approx(6.334248366623996e-05)
    assert (change.verdict, change.good, change.before, change.before_n) == ("down", False, 0.8, 600)
    assert change.difference == pytest.approx(-0.1)


def test_a_difference_that_chance_explains_is_no_evidence_of_change(store: Store) -> None:
    add(store, "answers", month_of(0.80, 50, 2) + month_of(0.72, 50, 3))
    change = measure(store, Query(("csat",), period=MARCH, compare="previous")).one().change
    assert change is not None
    assert (change.verdict, change.good) == ("none", None)


def test_a_certain_difference_that_does_not_matter_is_no_arrow(store: Store) -> None:
    add(store, "answers", month_of(0.50, 20000, 2) + month_of(0.515, 20000, 3))
    change = measure(store, Query(("csat",), period=MARCH, compare="previous")).one().change
    assert change is not None
    assert change.p_value is not None
    assert change.p_value < 0.01
    assert change.verdict == "none"


def test_many_figures_are_held_to_a_stricter_standard_together(store: Store) -> None:
    rows = []
    for i in range(20):
        rows += month_of(0.7, 200, 2, channel=f"c{i:02}") + month_of(
            0.79 if i == 0 else 0.7, 200, 3, channel=f"c{i:02}"
        )
    add(store, "answers", rows)
    alone = (
        measure(store, Query(("csat",), period=MARCH, compare="previous", segment={"channel": ("c00",)})).one().change
    )
    among = measure(store, Query(("csat",), period=MARCH, compare="previous", by=("channel",))).rows[0].change
    assert alone is not None
    assert among is not None
    assert (alone.verdict, among.verdict) == ("up", "none")
    assert among.p_value == alone.p_value
    assert among.adjusted_p == pytest.approx(min(1.0, 20 * float(alone.p_value or 0)))


def test_a_running_period_gets_no_verdict(store: Store) -> None:
    add(store, "answers", month_of(0.8, 600, 2) + month_of(0.3, 600, 3))
    as_of = datetime(2025, 3, 20, tzinfo=UTC)
    change = measure(store, Query(("csat",), period=MARCH, compare="previous", as_of=as_of)).one().change
    assert change is not None
    assert (change.verdict, change.p_value) == ("running", None)


def test_a_segment_is_compared_with_the_rest_of_which_it_is_no_part(store: Store) -> None:
    add(store, "answers", month_of(0.9, 300, 3, channel="chat") + month_of(0.5, 300, 3, channel="phone"))
    cell = measure(store, Query(("csat",), period=MARCH, segment={"channel": ("chat",)}, compare="rest")).one()
    assert cell.value == 0.9
    assert cell.change is not None
    assert (cell.change.before, cell.change.before_n, cell.change.verdict) == (0.5, 300, "up")


def test_the_same_month_last_year(store: Store) -> None:
    old = [{**row, "id": "old" + row["id"], "at": datetime(2024, 3, 10, tzinfo=UTC)} for row in month_of(0.5, 300, 3)]
    add(store, "answers", month_of(0.8, 300, 3) + old + month_of(0.1, 300, 1))
    change = measure(store, Query(("csat",), period=MARCH, compare="year")).one().change
    assert change is not None
    assert (change.before, change.verdict, change.good) == (0.5, "up", True)


def enps(team: str, scores: list[int]) -> list[dict[str, Any]]:
    return [nps(s, "2025-03-10T12:00:00Z", population="employee", team=team) for s in scores]


def test_small_teams_are_hidden_and_cannot_be_had_by_subtraction(store: Store) -> None:
    add(store, "answers", enps("a", [9] * 20) + enps("b", [3] * 3) + enps("c", [8] * 6) + enps("d", [9] * 9))
    cells = {c.by["team"]: c for c in measure(store, Query(("enps",), by=("team",)))}
    assert [cells[t].status for t in "abcd"] == ["low_sample", "suppressed", "suppressed", "low_sample"]
    assert (cells["b"].value, cells["b"].n, cells["b"].details["promoters"]) == (None, None, None)
    assert (cells["a"].value, cells["a"].n) == (100.0, 20)


def test_employees_are_not_in_the_customers_figure(store: Store) -> None:
    add(store, "answers", [*enps("a", [0] * 8), nps(10, "2025-03-10T12:00:00Z")])
    assert measure(store, Query(("nps",))).one().value == 100.0


def test_aspects_are_figures_of_their_own(store: Store) -> None:
    at = "2025-03-10T12:00:00Z"
    add(store, "answers", [nps(10, at), nps(0, at, aspect="service"), nps(9, at, aspect="product")])
    assert measure(store, Query(("nps",))).one().n == 1
    cells = measure(store, Query(("nps_aspect",))).rows
    assert {c.by["aspect"]: c.value for c in cells} == {"service": -100.0, "product": 100.0}


def test_mixed_scales_have_no_common_mean(store: Store) -> None:
    one = {"metric": "csat", "at": "2025-03-10T12:00:00Z", "scale_min": 1}
    add(store, "answers", [{**one, "score": 5, "scale_max": 5}, {**one, "score": 5, "scale_max": 10}])
    cell = measure(store, Query(("csat",))).one()
    assert cell.value == 0.5
    assert (cell.details["mean"], cell.details["mean_note"]) == (None, "mixed_scales")
    assert cell.details["mean_0_100"] == pytest.approx((100 + 400 / 9) / 2)


def test_business_hours_leave_out_the_night_and_carnival(store: Store) -> None:
    # Conventions 4.9: Friday 13 February 2026 16:00 to Wednesday 18 February 10:00 in São Paulo.
    add(store, "tickets", [{"opened_at": "2026-02-13T19:00:00Z", "first_reply_at": "2026-02-18T13:00:00Z"}])
    week = {day: [("09:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
    for holidays, minutes in (((), 1260), (("2026-02-16", "2026-02-17"), 180)):
        schedule = Schedule(SP, week, holidays)
        query = Query(("first_response_time",), options={"hours": "business"}, schedule=schedule)
        assert measure(store, query).one().value == minutes * 60


def test_a_target_in_business_hours_is_due_when_the_open_time_is_used_up(store: Store) -> None:
    from percorso.analytics.calendar import deadline

    week = {day: [("09:00", "12:00"), ("13:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
    schedule = Schedule(SP, week, ("2025-04-18",))
    opened = [datetime(2025, 4, 14, 3, tzinfo=UTC) + timedelta(minutes=97 * i) for i in range(120)]
    due = [deadline(at, 4 * 3600, schedule) for at in opened]
    solved = [d + timedelta(seconds=i % 2) for i, d in enumerate(due) if d is not None]
    add(store, "tickets", [{"opened_at": o, "resolved_at": s} for o, s in zip(opened, solved, strict=True)])
    options = {"target_seconds": 4 * 3600, "hours": "business"}
    cell = measure(store, Query(("sla_compliance",), options=options, schedule=schedule)).one()
    # Every other ticket was solved on the second, the others one second late.
    assert (cell.details["numerator"], cell.details["denominator"]) == (60, 120)
    calendar = measure(store, Query(("sla_compliance",), options={"target_seconds": 4 * 3600})).one()
    assert calendar.details["numerator"] < 60


def test_tickets_without_events_fall_back_to_their_columns(store: Store) -> None:
    opened, reply, solved = "2025-03-03T12:00:00Z", "2025-03-03T12:30:00Z", "2025-03-03T14:00:00Z"
    add(store, "tickets", [{"opened_at": opened, "first_reply_at": reply, "resolved_at": solved}])
    result = measure(store, Query(("first_response_time", "median_resolution_time", "backlog")))
    assert [c.value for c in result] == [1800.0, 7200.0, 0.0]


def test_the_state_of_each_month_is_at_its_end_and_never_in_the_future(store: Store) -> None:
    add(store, "tickets", [
        {"opened_at": "2025-01-05T12:00:00Z"},
        {"opened_at": "2025-02-05T12:00:00Z", "resolved_at": "2025-03-05T12:00:00Z"},
    ])  # fmt: skip
    period = Period(date(2025, 1, 1), date(2025, 6, 1), SP)
    query = Query(("backlog",), period=period, grain="month", as_of=datetime(2025, 4, 2, tzinfo=UTC))
    assert [c.value for c in measure(store, query)] == [1, 2, 1, 1, None]


def test_the_result_comes_in_every_form(store: Store) -> None:
    add(store, "answers", month_of(0.8, 60, 2, channel="chat") + month_of(0.7, 60, 3, channel="chat"))
    period = Period(date(2025, 1, 1), date(2025, 4, 1), SP)
    result = measure(store, Query(("csat",), period=period, grain="month", by=("channel",), compare="previous"))
    frame = result.to_pandas()
    assert list(frame["n"]) == [0, 60, 60]
    assert list(result.to_polars()["value"]) == [None, pytest.approx(0.8), pytest.approx(0.7)]
    assert result.to_arrow().column_names[:5] == ["indicator", "start", "channel", "value", "low"]
    assert 'FROM "answers"' in result.sql()["csat"]
    assert "«" not in result.sql()["csat"]
    drawn = result.chart().to_dict()
    assert [layer["mark"]["type"] for layer in drawn["layer"]] == ["area", "line"]
    shown = result._repr_html_()
    assert "80.0%" in shown
    assert "no data" in shown


@pytest.mark.parametrize("url", [":memory:", "chdb://memory/default"])
def test_values_of_a_segment_are_only_values(url: str) -> None:
    odd = ["it's", "a\\'b", "«as_of»", "x\\", '"; DROP TABLE answers --']
    with Store.open(url) as store:
        rows = [{"id": str(i), **nps(10, "2025-03-10T12:00:00Z", channel=name)} for i, name in enumerate(odd)]
        store.append("answers", rows, workspace="odd")
        for name in odd:
            assert measure(store, Query(("nps",), "odd", segment={"channel": (name,)})).one().n == 1, name
        two = Query(("nps",), "odd", segment={"channel": (odd[0], odd[1], None)})
        assert measure(store, two).one().n == 2


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"indicators": ("npz",)}, "There is no npz here. Choose one of: abandonment_rate,"),
        ({"by": ("colour",)}, "There is no column colour to break down by. Use one of: workspace, id,"),
        ({"grain": "fortnight"}, "There is no grain fortnight. Choose one of: hour, day"),
        ({"compare": "yesterday"}, "A figure cannot be compared with yesterday. Choose previous, year, rest"),
        ({"compare": "previous"}, "Give a period: without one there is nothing earlier to compare with."),
        ({"compare": "rest"}, "Give a segment: without one there is no rest"),
        ({"options": {"hours": "business"}}, "There is no option hours for these indicators. Options: latest_per,"),
        ({"options": {"latest_per": "week"}}, "latest_per cannot be week. Choose one of: answer, customer"),
        ({"confidence": 95}, "The confidence is a share between 0.5 and 1"),
        (
            {"indicators": ("first_response_time",), "options": {"hours": "business"}},
            "Business time needs business hours",
        ),
    ],
)
def test_a_wrong_question_is_told_what_is_right(store: Store, question: dict[str, Any], message: str) -> None:
    with pytest.raises(BadQuestion) as told:
        measure(store, Query(**{"indicators": ("nps",), **question}))
    assert str(told.value).startswith(message)


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(BadQuestion, match="The period ends \\(2025-01-01\\) before it starts"):
        Period(date(2025, 2, 1), date(2025, 1, 1), SP)


@pytest.mark.parametrize(
    ("preset", "start", "end"),
    [
        ("last_7_days", date(2026, 3, 24), date(2026, 3, 31)),
        ("last_12_months", date(2025, 3, 31), date(2026, 3, 31)),
        ("this_month", date(2026, 3, 1), date(2026, 4, 1)),
        ("last_month", date(2026, 2, 1), date(2026, 3, 1)),
        ("last_year", date(2025, 1, 1), date(2026, 1, 1)),
    ],
)
def test_presets_follow_the_local_calendar(preset: str, start: date, end: date) -> None:
    # 1 April 01:00 in UTC is still 31 March in São Paulo.
    now = datetime(2026, 4, 1, 1, tzinfo=UTC)
    assert Period.preset(preset, SP, now) == Period(start, end, SP)


def test_the_months_before_whole_months_are_whole_months() -> None:
    assert Period(date(2025, 3, 1), date(2025, 4, 1)).previous() == Period(date(2025, 2, 1), date(2025, 3, 1))
    assert Period(date(2025, 3, 5), date(2025, 3, 10)).previous() == Period(date(2025, 2, 28), date(2025, 3, 5))
    assert Period(date(2024, 2, 29), date(2024, 3, 1)).year_before().start == date(2023, 2, 28)


def test_nobody_sees_another_workspace(store: Store) -> None:
    store.append("answers", [{"id": "1", **nps(10, "2025-03-10T12:00:00Z")}], workspace="alice")
    store.append("answers", [{"id": "2", **nps(0, "2025-03-10T12:00:00Z")}], workspace="bob")
    store.append("customers", [{"id": "c", "country": "IT"}], workspace="bob")
    for key in INDICATORS:
        for cell in measure(store, Query((key,), workspace="charlie", by=("customer.country",))):
            assert not cell.n, key
    assert measure(store, Query(("nps",), workspace="alice")).one().value == 100.0
