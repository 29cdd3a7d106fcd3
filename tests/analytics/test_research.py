"""Research indicators where the shared vectors are silent: boundaries, repeats, segments, mixed scales, agreement."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from percorso.analytics.behind import facts_behind
from percorso.analytics.measure import measure
from percorso.analytics.query import Period, Query
from percorso.analytics.result import Cell
from percorso.analytics.statistics.bootstrap import bootstrap_counts
from percorso.analytics.store import Store
from percorso.errors import BadQuestion

NOON = datetime(2025, 3, 15, 12, tzinfo=UTC)
MARCH = Period(date(2025, 3, 1), date(2025, 4, 1), "America/Sao_Paulo")
Rows = list[dict[str, Any]]


@pytest.fixture(params=[":memory:", "chdb://memory/default"])
def store(request: Any) -> Iterator[Store]:
    opened = Store.open(request.param)
    yield opened
    opened.close()


def fill(store: Store, metric: str, rows: Rows, **shared: Any) -> None:
    """Append answers of one metric, numbered."""
    told = [{"id": f"{metric}{i:04}", "metric": metric, "at": NOON, **shared, **row} for i, row in enumerate(rows)]
    store.append("answers", told, workspace="acme")


def ask(store: Store, key: str, **args: Any) -> list[Cell]:
    args.setdefault("as_of", datetime(2025, 6, 1, tzinfo=UTC))
    return list(measure(store, Query((key,), "acme", **args)).rows)


def one(store: Store, key: str, **args: Any) -> Cell:
    (cell,) = ask(store, key, **args)
    return cell


def sus(response: str, score: float, **more: Any) -> Rows:
    """Return ten answers that make every item count the same."""
    items = [(f"q{k}", score if k % 2 else 6 - score) for k in range(1, 11)]
    return [{"interaction": response, "question": name, "score": value, **more} for name, value in items]


# ---- System Usability Scale --------------------------------------------------------------------------------------


def test_a_questionnaire_belongs_to_the_period_of_its_last_answer(store: Store) -> None:
    # 00:00 on 1 April in São Paulo is 03:00 UTC.
    end = datetime(2025, 4, 1, 3, tzinfo=UTC)
    late = [{**row, "at": end - timedelta(minutes=9 - k)} for k, row in enumerate(sus("late", 5))]
    early = [{**row, "at": end - timedelta(minutes=10 - k)} for k, row in enumerate(sus("early", 3))]
    fill(store, "sus", [*early, *late])

    march = one(store, "sus", period=MARCH)
    april = one(store, "sus", period=Period(date(2025, 4, 1), date(2025, 5, 1), "America/Sao_Paulo"))
    assert (march.value, march.n, march.details["n_invalid"]) == (50.0, 1, 0)
    assert (april.value, april.n, april.details["grade"]) == (100.0, 1, "A+")


def test_an_answer_corrected_later_counts_once_and_an_invalid_correction_does_not(store: Store) -> None:
    rows = sus("a", 3)
    rows.append({**rows[0], "score": 5, "at": NOON + timedelta(minutes=1)})
    rows.append({**rows[2], "score": 9, "at": NOON + timedelta(minutes=2)})
    fill(store, "sus", rows)

    assert one(store, "sus").value == 55.0


def test_what_comes_after_as_of_is_not_known(store: Store) -> None:
    fill(store, "sus", [{**row, "at": NOON + timedelta(hours=k)} for k, row in enumerate(sus("a", 5))])

    cell = one(store, "sus", as_of=NOON + timedelta(hours=5))
    assert (cell.value, cell.details["n_invalid"], cell.status) == (None, 1, "no_data")


def test_the_scale_can_be_named_by_the_company(store: Store) -> None:
    fill(store, "sus", [{**row, "question": row["question"].replace("q", "item ")} for row in sus("a", 5)])

    items = ", ".join(f"item {k}" for k in range(1, 11))
    assert one(store, "sus", options={"items": items}).value == 100.0
    with pytest.raises(BadQuestion):
        ask(store, "sus", options={"items": "q1, q2"})


def test_products_are_compared_by_their_means(store: Store) -> None:
    scores = [(f"x{i}", 4 + i % 2, "new") for i in range(12)] + [(f"y{i}", 2 + i % 2, "old") for i in range(12)]
    fill(store, "sus", [row for name, score, survey in scores for row in sus(name, score, survey=survey)])

    cell = one(store, "sus", segment={"survey": ("new",)}, compare="rest")
    assert cell.value == 87.5
    assert cell.change is not None
    assert (cell.change.before, cell.change.verdict, cell.change.good) == (37.5, "up", True)
    assert len(one(store, "sus", options={"each": True}).details["scores"]) == 24


# ---- usability tests ---------------------------------------------------------------------------------------------


def test_times_of_failed_attempts_are_left_out(store: Store) -> None:
    people = [("a", 10.0, 1), ("b", 40.0, 1), ("c", 9999.0, 0), ("d", 20.0, None)]
    fill(store, "task_time", [{"customer": c, "question": "pay", "score": s} for c, s, _ in people])
    fill(store, "task_success", [{"customer": c, "question": "pay", "score": done} for c, _, done in people])

    cell = one(store, "time_on_task")
    assert cell.value == pytest.approx(20.0)
    assert (cell.n, cell.details["n_failed"], cell.details["n_invalid"]) == (3, 1, 0)
    success = one(store, "task_success_rate")
    assert (success.value, success.n, success.details["n_missing"]) == (pytest.approx(2 / 3), 3, 1)


def test_a_failure_at_another_task_or_of_somebody_unknown_takes_no_time_away(store: Store) -> None:
    fill(store, "task_time", [{"question": "pay", "score": 10.0}, {"customer": "a", "question": "find", "score": 10.0}])
    fill(store, "task_success", [{"question": "pay", "score": 0}, {"customer": "a", "question": "pay", "score": 0}])

    assert one(store, "time_on_task").n == 2


# ---- visits and audits -------------------------------------------------------------------------------------------


def test_every_visit_weighs_the_same_and_points_off_the_scale_are_left_out(store: Store) -> None:
    rows = [{"interaction": "long", "question": f"i{k}", "score": 5} for k in range(9)]
    rows += [
        {"interaction": "short", "question": "i0", "score": 0},
        {"interaction": "short", "question": "i1", "score": 7},
    ]
    fill(store, "mystery", rows, scale_max=5)

    cell = one(store, "mystery_shopping_score")
    assert (cell.value, cell.n, cell.details["n_invalid"], cell.status) == (50.0, 2, 1, "low_sample")


def test_only_the_last_audit_of_a_touchpoint_counts_and_months_stand_alone(store: Store) -> None:
    def audit(name: str, day: int, **ratings: Any) -> Rows:
        at = datetime(2025, 3, day, 12, tzinfo=UTC)
        return [
            {"interaction": name, "touchpoint": t, "question": "c", "score": r, "at": at} for t, r in ratings.items()
        ]

    fill(store, "audit", [*audit("first", 2, shop=0, site=4), *audit("second", 20, shop=4)], scale_max=4)

    cell = one(store, "cx_audit_score", period=MARCH)
    assert (cell.value, cell.details["touchpoints"]) == (100.0, {"shop": 100.0, "site": 100.0})
    april = Period(date(2025, 4, 1), date(2025, 5, 1), "America/Sao_Paulo")
    assert one(store, "cx_audit_score", period=april).status == "no_data"


def test_the_agreement_of_two_raters_is_krippendorffs_alpha(store: Store) -> None:
    pairs = [(1, 1), (2, 3), (4, 4), (0, 1), (3, 3)]
    rows = [
        {"interaction": "audit", "touchpoint": "shop", "question": f"c{k}", "identity": f"rater{j}", "score": pair[j]}
        for k, pair in enumerate(pairs)
        for j in (0, 1)
    ]
    fill(store, "audit", rows, scale_max=4)

    values = np.array(pairs, float)
    observed = ((values[:, 0] - values[:, 1]) ** 2).mean()
    every = values.ravel()
    expected = sum((a - b) ** 2 for i, a in enumerate(every) for j, b in enumerate(every) if i != j) / (10 * 9)
    assert one(store, "cx_audit_score").details["agreement"] == pytest.approx(1 - observed / expected)


# ---- gaps --------------------------------------------------------------------------------------------------------


def test_a_gap_is_taken_item_by_item(store: Store) -> None:
    # Employees rate mostly the good item, customers the bad one: pooled they would seem to differ.
    good, bad = (
        {"employee": [5, 5, 4, 5, 5, 4, 5], "customer": [5, 4]},
        {"employee": [2, 1, 1, 2, 2], "customer": [1, 2, 1, 2, 2]},
    )
    rows = [
        {"population": side, "question": item, "score": score}
        for item, sides in (("good", good), ("bad", bad))
        for side, scores in sides.items()
        for score in scores
    ]
    alone = {"population": "employee", "question": "alone", "score": 5}
    fill(store, "experience", [*rows, alone], scale_min=1, scale_max=5)

    cell = one(store, "experience_gap")
    assert cell.value == pytest.approx(((33 / 7 - 4.5) + (1.6 - 1.6)) / 2 * 25)
    assert cell.details["items"]["bad"] == pytest.approx(0.0, abs=1e-9)
    assert (cell.details["n_unmatched"], cell.status, cell.n) == (1, "ok", 20)
    by_item = {c.by["question"]: c for c in ask(store, "experience_gap", by=("question",))}
    assert by_item["good"].value == pytest.approx((33 / 7 - 4.5) * 25)


def test_nobodys_belief_can_be_told_from_a_breakdown(store: Store) -> None:
    rows = [{"population": "employee", "team": team, "score": 4} for team in ("a",) * 6 + ("b",) * 2]
    fill(store, "experience", [*rows, *({"team": t, "score": 3} for t in "aabb")], scale_min=1, scale_max=5)

    assert [c.status for c in ask(store, "experience_gap", by=("team",))] == ["suppressed", "suppressed"]
    assert one(store, "experience_gap").value == 25.0
    with pytest.raises(BadQuestion):
        facts_behind(store, Query(("experience_gap",), "acme"), 3)


def test_mixed_scales_give_a_reason_in_place_of_a_gap(store: Store) -> None:
    fill(store, "experience", [{"population": "employee", "score": s} for s in (4, 5)], scale_min=1, scale_max=5)
    rows = [
        {"id": f"c{i}", "metric": "experience", "at": NOON, "score": s, "scale_min": 1, "scale_max": 7}
        for i, s in enumerate((6, 7))
    ]
    store.append("answers", rows, workspace="acme")

    cell = one(store, "experience_gap")
    assert (cell.value, cell.status) == (None, "mixed_scales")


def test_expected_and_perceived_are_paired_within_one_response(store: Store) -> None:
    told = [("a", 6, 5), ("b", 7, 7), ("c", 5, 6), ("d", 6, None), ("e", None, 4)]
    for metric, place in (("servqual_expected", 1), ("servqual_perceived", 2)):
        rows = [{"interaction": row[0], "aspect": "empathy", "question": "q1", "score": row[place]} for row in told]
        fill(store, metric, rows, scale_min=1, scale_max=7)

    cell = one(store, "servqual_gap", options={"dimensions": "empathy"})
    differences = np.array([-1, 0, 1])
    half = 4.302652729911275 * differences.std(ddof=1) / np.sqrt(3)
    assert (cell.value, cell.n) == (pytest.approx(0.0, abs=1e-12), 3)
    assert (cell.low, cell.high) == (pytest.approx(-half), pytest.approx(half))
    whole = one(store, "servqual_gap")
    assert (whole.value, whole.status) == (None, "incomplete")
    with pytest.raises(BadQuestion):
        ask(store, "servqual_gap", options={"dimensions": "empathy", "weights": "1, 2"})


# ---- pillars -----------------------------------------------------------------------------------------------------


def see(who: str, *scores: float | None) -> Rows:
    pillars = zip(("success", "effort", "emotion"), scores, strict=True)
    return [{"customer": who, "aspect": pillar, "score": score} for pillar, score in pillars]


def test_the_bootstrap_is_by_respondent_and_always_the_same(store: Store) -> None:
    rows = [row for i in range(40) for row in see(f"c{i}", 1 + i % 7, 7 - i % 4, 1 + (3 * i) % 7)]
    fill(store, "see", rows, scale_min=1, scale_max=7)

    cell, again = one(store, "see_index"), one(store, "see_index")
    assert (cell.low, cell.high) == (again.low, again.high)
    assert cell.low is not None
    assert cell.value is not None
    assert cell.high is not None
    assert -100 <= cell.low < cell.value < cell.high <= 100
    fewer = one(store, "see_index", segment={"customer": tuple(f"c{i}" for i in range(9))})
    assert (fewer.value is None, fewer.low, fewer.n) == (False, None, 9)


def test_a_pillar_asked_on_another_scale_is_invalid(store: Store) -> None:
    fill(store, "see", [*see("a", 7, 7, 7), *see("b", None, 8, 2.5)], scale_min=1, scale_max=7)
    rows = [
        {"id": f"x{i}", "metric": "see", "at": NOON, "scale_max": 5, **row} for i, row in enumerate(see("c", 1, 1, 1))
    ]
    store.append("answers", rows, workspace="acme")

    cell = one(store, "see_index")
    assert cell.value == pytest.approx(100)
    assert (cell.n, cell.details["n_invalid"], cell.details["n_missing"]) == (1, 5, 1)


def test_pillars_of_scales_of_different_length_meet_at_0_to_100(store: Store) -> None:
    pillars = ("personalization", "integrity", "expectations", "resolution", "time_effort", "empathy")
    rows = [{"customer": "a", "aspect": p, "score": 7, "scale_min": 1, "scale_max": 7} for p in pillars]
    rows += [{"customer": "b", "aspect": p, "score": 1, "scale_min": 1, "scale_max": 10} for p in pillars]
    fill(store, "six_pillars", rows)

    months = ask(store, "six_pillars_index", period=MARCH, grain="month")
    assert [cell.value for cell in months] == [pytest.approx(50.0)]
    assert months[0].details["answers"] == dict.fromkeys(pillars, 2)


def test_the_bootstrap_of_counts_agrees_with_the_normal_interval_of_a_mean() -> None:
    r = np.random.default_rng(3)
    scores = r.integers(1, 8, 500).astype(float)
    patterns, times = np.unique(scores, return_counts=True)
    sums = np.column_stack([patterns, np.ones_like(patterns)])

    low, high = bootstrap_counts(sums, times.astype(float), lambda s: s[..., 0] / s[..., 1], seed=1)
    half = 1.96 * scores.std() / np.sqrt(500)
    assert (low, high) == (pytest.approx(scores.mean() - half, abs=0.03), pytest.approx(scores.mean() + half, abs=0.03))
