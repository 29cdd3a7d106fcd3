"""The page about the demo company states the truth, and the truth can be found again in the tables."""

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxTimeVaryingFitter
from scipy.stats import norm

from percorso.demo import Truth, scores
from tests.demo.conftest import PAGE, Ask

QUERIES = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
NAMES = [re.findall(r"'([a-z_]+)[.']", query.split("AS figure")[0].rsplit("SELECT", 1)[1])[0] for query in QUERIES]


def needs_everything(query: str) -> bool:
    """Whether a query asks for what only the small store has."""
    return "FROM events" in query or "FROM mentions" in query


def test_the_page_states_every_figure_and_no_other(truth: Truth) -> None:
    stated = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+?) \| [^|]+\|$", PAGE.read_text(), re.MULTILINE))
    facts_about_tables = {"customers", "subscriptions", "orders", "events", "contacts", "promises", "messages", "cases"}
    assert {k: v for k, v in stated.items() if k not in facts_about_tables | {"answers", "mentions"}} == truth.listed()


@pytest.mark.parametrize("query", QUERIES, ids=NAMES)
def test_every_query_of_the_page_finds_the_truth_within_its_error(
    query: str, truth: Truth, ask: Ask, ask_whole: Ask
) -> None:
    found = (ask if needs_everything(query) else ask_whole)(query)
    assert found
    for figure, value, error in found:
        expected = truth.figures()[figure]
        # The small part allows for what the queries do not hold constant (season, other causes).
        assert value == pytest.approx(expected, abs=3 * error + 0.02 * abs(float(str(expected)))), figure


def test_all_effects_of_the_simulation_are_checked(truth: Truth, ask: Ask, ask_whole: Ask) -> None:
    seen = {row[0] for q in QUERIES for row in (ask if needs_everything(q) else ask_whole)(q)}
    effects = {"slow_hazard_ratio", "price_hazard_ratio", "broken_factor", "carrier_late_points", "campaign_lift"}
    patience = {"phone_patience", "chat_patience", "bot_containment", "help_containment"}
    implied = {"csat_on_time", "csat_late", "late_response_ratio", "better_team_ces_points", "digital_contact_ratio"}
    assert effects | patience | implied <= seen
    closing = {"loop_in_time", "loop_in_time_before", "loop_close_hours", "loop_close_hours_before"}
    research = {"sus", "sus_before", "task_success", "task_seconds", "referral_share", "sentiment_right"}
    assert closing | research <= seen
    groups = ("see_points", "pillar_scores", "servqual_gaps", "experience_gaps", "mystery_scores")
    for group in (*groups, "audit_level", "contact_costs"):
        assert {f"{group}.{part}" for part in getattr(truth, group)} <= seen, group
    assert {f"enps_points.{team}" for team in truth.enps} <= seen
    assert {f"nps_unaffected.{part}" for part in ("company", *truth.nps_weights)} <= seen


def test_a_cox_model_finds_both_hazard_ratios(truth: Truth, ask_whole: Ask) -> None:
    """lifelines' time-varying Cox model, on monthly plans: broken reply promises and the price rise."""
    spells = ask_whole(
        """
        WITH s AS (
            SELECT subscription, customer, min(started_at) AS began, max(plan) <> 'Office' AS home,
                   CASE WHEN count(*) = count(ended_at) THEN max(ended_at) END AS ended
            FROM subscriptions GROUP BY subscription, customer
        ), p AS (
            SELECT customer, list(due_at ORDER BY due_at) AS slow FROM promises
            WHERE kind = 'first_reply' AND channel = 'email' AND (kept_at IS NULL OR kept_at > due_at) GROUP BY customer
        )
        SELECT epoch(greatest(began, TIMESTAMP '{until} 03:00' - INTERVAL 730 DAY)) / 86400, epoch(ended) / 86400, home,
               list_transform(slow, x -> epoch(x) / 86400), epoch(TIMESTAMP '{until} 03:00') / 86400
        FROM s LEFT JOIN p USING (customer) WHERE hash(subscription) % 5 < 2
        """
    )
    model = CoxTimeVaryingFitter()
    model.fit(_episodes(truth, spells), id_col="who", event_col="left", start_col="begin", stop_col="end")
    for effect, expected in (("slow", truth.slow_hazard_ratio), ("dear", truth.price_hazard_ratio)):
        row = model.summary.loc[effect]
        assert row["exp(coef)"] == pytest.approx(expected, abs=3 * row["exp(coef)"] * row["se(coef)"]), effect


def _episodes(truth: Truth, spells: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Cut each subscription where an exposure begins or ends; time is days since the window began."""
    rows = []
    for who, (began, ended, home, slow, end) in enumerate(spells):
        price = end - truth.price_days_before
        stop = end if ended is None else ended
        slow_windows = [(due, due + truth.slow_window_days) for due in slow or []]
        dear_windows = [(price, price + truth.price_window_days)] if home and began < price else []
        marks = {began, stop, *(t for w in slow_windows + dear_windows for t in w if began < t < stop)}
        edges = sorted(marks)
        for a, b in pairwise(edges):
            middle = (a + b) / 2
            rows.append(
                {
                    "who": who,
                    # Calendar time would absorb the price rise, which comes for all at once: age is the clock.
                    "begin": a - began,
                    "end": b - began,
                    "left": ended is not None and b == stop,
                    "slow": any(x <= middle < y for x, y in slow_windows),
                    "dear": any(x <= middle < y for x, y in dear_windows),
                }
            )
    return pd.DataFrame(rows).astype({"slow": float, "dear": float})


def test_product_drives_the_overall_score_most(truth: Truth, ask_whole: Ask) -> None:
    rows = ask_whole(
        """
        SELECT max(score) FILTER (aspect = 'company'), max(score) FILTER (aspect = 'product'),
               max(score) FILTER (aspect = 'service'), max(score) FILTER (aspect = 'after_sales')
        FROM answers WHERE survey = 'relationship' GROUP BY invitation HAVING count(*) = 4
        """
    )
    data = np.array(rows)
    design = np.column_stack([np.ones(len(data)), data[:, 1:]])
    found = np.linalg.lstsq(design, data[:, 0], rcond=None)[0][1:]
    shares = found / found.sum()
    assert shares == pytest.approx(list(truth.nps_weights.values()), abs=0.06)


def test_implied_figures_agree_with_a_simulation_of_the_model(truth: Truth) -> None:
    """The integrals of `scores.answered` against two million drawn people."""
    rng = np.random.default_rng(1)
    feeling = rng.standard_normal(2_000_000) + 0.02 + truth.late_shift
    given = scores.score(feeling, scores.CSAT_SHARES, 1)
    answers = rng.random(len(given)) < 0.3 * np.where(given <= 2, truth.response_bias, 1.0)
    assert (given[answers] >= 4).mean() == pytest.approx(truth.csat_late, abs=0.003)
    assert scores.unhappy_share(scores.CSAT_SHARES, 0.0, 2) == pytest.approx(0.055)
    assert scores.cuts(scores.CSAT_SHARES)[0] == pytest.approx(norm.ppf(0.025))
