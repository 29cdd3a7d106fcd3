"""The alerts find what was done to the demo company (the causes that show without visits; bench/alerts.py has all)."""

from bench.alert_demo import KEYS, carriers, judge, watched

from percorso.analytics.store import Store
from percorso.demo import Truth
from tests.demo.conftest import UNTIL

# Conversion needs visits, which this store lacks; churn by day is not asked in a test.
ELSEWHERE = {"conversion_rate", "cart_abandonment_rate", "churn_rate"}


def test_bot_and_carrier_are_found_and_few_messages_are_false(whole: Store, truth: Truth) -> None:
    series = watched(whole, UNTIL, [key for key in KEYS if key not in ELSEWHERE])
    score, found, _ = judge(truth, series, carriers(whole, UNTIL))
    assert found["bot"]
    assert found["carrier"]
    assert score.a_month[0] <= 1
