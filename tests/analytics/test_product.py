"""Product indicators at the edges that the shared vectors do not show."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.result import Cell
from percorso.analytics.store import Store
from percorso.errors import BadQuestion

ROME = "Europe/Rome"
MARCH = Period(date(2025, 3, 1), date(2025, 4, 1), ROME)
AS_OF = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module", params=(":memory:", "chdb://memory/default"))
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    with Store.open(request.param) as opened:
        yield opened


def at(day: int, hour: float = 12, month: int = 3) -> datetime:
    return datetime(2025, month, day, tzinfo=UTC) + timedelta(hours=hour)


def tell(store: Store, workspace: str, *events: tuple[Any, ...], **same: Any) -> None:
    """Append events: (who, name, when) and perhaps a dict of further columns."""
    rows = []
    for i, (who, name, when, *more) in enumerate(events):
        rows.append({"id": f"{i:04}", "customer": who, "name": name, "at": when, **same, **(more[0] if more else {})})
    store.append("events", rows, workspace=workspace)


def ask(store: Store, workspace: str, key: str, **query: Any) -> list[Cell]:
    given = {"period": MARCH, "as_of": AS_OF, **query}
    return list(measure(store, Query((key,), workspace, **given)))


def one(store: Store, workspace: str, key: str, **query: Any) -> Cell:
    [cell] = ask(store, workspace, key, **query)
    return cell


# ---- activation --------------------------------------------------------------------------------------------------


def test_activation_counts_a_users_first_signup_and_only_what_follows(store: Store) -> None:
    tell(
        store, "activation",
        ("a", "Signed Up", at(3)), ("a", "Order Completed", at(3)),  # at the same instant: done
        ("b", "Order Completed", at(2)), ("b", "Signed Up", at(3)),  # before the signup: not done
        ("c", "Signed Up", at(1, month=2)), ("c", "Signed Up", at(5)), ("c", "Order Completed", at(6)),  # signed up before
        (None, "Signed Up", at(4)),
    )  # fmt: skip
    cell = one(store, "activation", "activation_rate")
    assert (cell.details["numerator"], cell.details["denominator"], cell.details["median_seconds"]) == (1, 2, 0.0)


def test_activation_leaves_out_who_may_still_come_to_the_microsecond(store: Store) -> None:
    tell(store, "mature", ("a", "Signed Up", at(3)), ("a", "Order Completed", at(4)))
    for as_of, counted in ((at(10), (1, 0)), (at(10) - timedelta(microseconds=1), (0, 1))):
        cell = one(store, "mature", "activation_rate", as_of=as_of)
        assert (cell.details["denominator"], cell.details["immature"]) == counted


def test_activation_needs_every_event(store: Store) -> None:
    tell(store, "every", ("a", "Signed Up", at(3)), ("a", "x", at(4)), ("b", "Signed Up", at(3)), ("b", "x", at(4)),
         ("b", "y", at(5)), ("b", "y", at(6)))  # fmt: skip
    cell = one(store, "every", "activation_rate", options={"activation": "x, y"})
    assert (cell.value, cell.details["median_seconds"]) == (0.5, 2 * 86400.0)


# ---- active days -------------------------------------------------------------------------------------------------


def test_days_are_local_through_the_change_of_the_clocks(store: Store) -> None:
    # 30 March 2025: at 01:00 UTC clocks in Rome go from 02:00 to 03:00.
    tell(
        store, "clocks",
        ("a", "x", at(29, 22.9)), ("a", "x", at(29, 23.1)),  # 23:54 on the 29th, 00:06 on the 30th
        ("a", "x", at(30, 21.9)), ("a", "x", at(30, 22.1)),  # 23:54 on the 30th, 00:06 on the 31st
    )  # fmt: skip
    cell = one(store, "clocks", "access_frequency")
    assert cell.value == 3
    assert cell.details["histogram"] == [{"days": 3, "users": 1}]
    assert one(store, "clocks", "stickiness").value == pytest.approx(3 / 31)


def test_each_month_is_divided_by_its_own_days(store: Store) -> None:
    tell(
        store, "months", *[("a", "x", at(1 + i)) for i in range(5)], *[("a", "x", at(2 + i, month=2)) for i in range(7)]
    )
    spring = Period(date(2025, 2, 1), date(2025, 5, 1), ROME)
    cells = ask(store, "months", "stickiness", period=spring, grain="month")
    assert [c.value for c in cells] == [pytest.approx(7 / 28), pytest.approx(5 / 31), None]
    assert [c.status for c in cells] == ["low_sample", "low_sample", "no_data"]
    assert [c.details["days"] for c in cells] == [28, 31, 30]
    now = one(store, "months", "stickiness", compare="previous")
    assert now.change is not None
    assert (now.value, now.change.before) == (pytest.approx(5 / 31), pytest.approx(7 / 28))


def test_days_to_come_are_not_counted(store: Store) -> None:
    tell(store, "running", ("a", "x", at(1)), ("a", "x", at(2)))
    assert one(store, "running", "stickiness", as_of=at(4)).value == 0.5
    assert one(store, "running", "access_frequency", as_of=at(4)).value == 2


def test_all_time_lasts_from_the_first_day_to_the_last(store: Store) -> None:
    tell(store, "ever", ("a", "x", at(1)), ("a", "x", at(10)), ("b", "x", at(4)))
    cell = one(store, "ever", "stickiness", period=None)
    assert (cell.details["days"], cell.value) == (10, pytest.approx(0.15))


# ---- features ----------------------------------------------------------------------------------------------------


def test_features_that_nobody_uses_any_more_are_listed(store: Store) -> None:
    used = [("a", "Feature Used", at(3, month=2), {"feature": "old"}), ("a", "Feature Used", at(3), {"feature": "new"}),
            ("b", "Page Viewed", at(4)), ("b", "Feature Used", at(5, month=5), {"feature": "later"})]  # fmt: skip
    tell(store, "features", *used)
    cell = one(store, "features", "feature_adoption", as_of=at(2, month=4))
    assert [(f["feature"], f["users"], f["adoption"]) for f in cell.details["ranking"]] == [
        ("new", 1, 0.5),
        ("old", 0, 0),
    ]
    assert (cell.value, cell.n) == (0.5, 2)
    assert one(store, "features", "feature_adoption", options={"feature": "old"}).value == 0
    assert one(store, "features", "adoption_breadth", as_of=at(2, month=4)).value == 0.25
    assert one(store, "features", "adoption_breadth", options={"core": "new, other"}).value == 0.25


def test_features_are_ranked_in_every_cell(store: Store) -> None:
    tell(store, "by cell", ("a", "Feature Used", at(3), {"feature": "f", "channel": "app"}),
         ("b", "Feature Used", at(3), {"feature": "g"}))  # fmt: skip
    cells = ask(store, "by cell", "feature_adoption", by=("channel",))
    assert {c.by["channel"]: [(f["feature"], f["users"]) for f in c.details["ranking"]] for c in cells} == {
        "app": [("f", 1), ("g", 0)], None: [("g", 1), ("f", 0)],
    }  # fmt: skip


# ---- sessions ----------------------------------------------------------------------------------------------------


def test_a_visit_belongs_to_when_and_where_it_began(store: Store) -> None:
    tell(
        store, "visits",
        ("a", "Page Viewed", at(1, -1.1), {"page": "/"}),  # 28 February 22:54 UTC: before March began in Rome
        ("a", "Page Viewed", at(1, -0.9), {"page": "/x"}),  # the same visit, in March
        ("a", "Page Viewed", at(5, 10), {"page": "/a"}), ("a", "Page Viewed", at(5, 10.499), {"page": "/b"}),
        ("a", "Page Viewed", at(5, 11), {"page": "/c"}), ("a", "Page Viewed", at(5, 11.4), {"page": "/c"}),
    )  # fmt: skip
    cells = ask(store, "visits", "session_metrics", by=("page",))
    assert {c.by["page"]: (c.details["sessions"], c.details["pages_per_session"]) for c in cells} == {
        "/a": (1, 2.0), "/c": (1, 2.0),
    }  # fmt: skip


def test_half_an_hour_without_an_event_ends_a_visit(store: Store) -> None:
    half = timedelta(minutes=30)
    just_before = at(5) + half - timedelta(microseconds=1)
    tell(store, "edge", ("a", "x", at(5)), ("a", "x", just_before), ("a", "x", just_before + half))
    cell = one(store, "edge", "session_metrics")
    assert cell.details["sessions"] == 2
    assert cell.details["median_seconds"] == pytest.approx(1800 / 2, abs=1e-5)


def test_what_makes_a_visit_engaged(store: Store) -> None:
    ten = timedelta(seconds=10)
    tell(
        store, "engaged",
        ("a", "x", at(3)), ("a", "x", at(3) + ten),  # ten seconds are not longer than ten
        ("b", "x", at(3)), ("b", "x", at(3) + ten + timedelta(microseconds=1)),
        ("c", "Page Viewed", at(3)), ("c", "Page Viewed", at(3)),
        ("d", "Order Completed", at(3)),
        ("e", "x", at(3), {"properties": {"key_event": True}}),
        ("f", "x", at(3), {"properties": {"key_event": False}}),
    )  # fmt: skip
    cell = one(store, "engaged", "session_metrics")
    assert (cell.details["sessions"], cell.details["engaged_rate"]) == (6, pytest.approx(4 / 6))


# ---- digital quality ---------------------------------------------------------------------------------------------


def test_measurements_that_are_none_are_counted_and_left_out(store: Store) -> None:
    values = [100, -1, None, "fast", "250.5", 1e20]
    tell(store, "vitals", *[(None, "Web Vital Measured", at(3), {"metric": "LCP", "value": v}) for v in values])
    cell = one(store, "vitals", "web_vitals")
    assert (cell.n, cell.details["n_invalid"]) == (2, 4)
    assert cell.value == pytest.approx(100 + 0.75 * 150.5)
    assert one(store, "vitals", "layout_shift").status == "no_data"


def test_errors_are_clustered_by_user(store: Store) -> None:
    tell(store, "errors", ("a", "Page Viewed", at(3)), ("a", "Error Occurred", at(3)), ("b", "Page Viewed", at(3)),
         ("b", "Requests Counted", at(3), {"requests": 9, "errors": "x"}))  # fmt: skip
    cell = one(store, "errors", "error_rate")
    assert (cell.value, cell.details["denominator"], cell.n) == (pytest.approx(1 / 12), 12, 2)


def test_a_session_is_told_by_its_status_or_by_its_crash(store: Store) -> None:
    tell(
        store, "crashes",
        ("a", "Application Opened", at(3), {"session": "s1"}), ("a", "Application Crashed", at(3), {"session": "s1"}),
        ("b", "Session Ended", at(4), {"session": "s2", "status": "errored"}),
        ("b", "Application Opened", at(4), {"session": "s2"}),
        (None, "Session Ended", at(4), {"session": "s3", "status": "crashed"}),
    )  # fmt: skip
    cell = one(store, "crashes", "crash_free_sessions")
    assert (cell.value, cell.n) == (0.5, 2)
    assert cell.details["crash_free_sessions"] == pytest.approx(1 / 3)
    assert cell.details["unhealthy_session_rate"] == 1


# ---- funnel ------------------------------------------------------------------------------------------------------


def test_a_funnels_first_attempt_of_each_month_counts(store: Store) -> None:
    tell(
        store, "funnel",
        ("a", "x", at(3)), ("a", "x", at(20)), ("a", "y", at(21)),  # the first attempt fails
        ("b", "x", at(31)), ("b", "y", at(2, month=4)), ("b", "x", at(3, month=4)), ("b", "y", at(4, month=4)),
        ("c", "x", at(30, month=5)), ("c", "y", at(30, 13, month=5)),  # its window is open
    )  # fmt: skip
    asked = {"options": {"steps": "x, y"}, "period": Period(date(2025, 3, 1), date(2025, 6, 1), ROME)}
    cells = ask(store, "funnel", "funnel_conversion", grain="month", **asked)
    assert [(c.details["numerator"], c.details["denominator"], c.details["immature"]) for c in cells] == [
        (1, 2, 0), (1, 1, 0), (0, 0, 1),
    ]  # fmt: skip
    whole = one(store, "funnel", "funnel_conversion", **asked)
    assert (whole.details["numerator"], whole.details["denominator"]) == (1, 2)
    assert whole.details["median_seconds"] == 2 * 86400
    with pytest.raises(BadQuestion, match="two steps"):
        ask(store, "funnel", "funnel_conversion", options={"steps": "x"})
