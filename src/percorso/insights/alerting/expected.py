"""How many false messages a month are to be expected of a watch."""

from percorso.insights.alerting.looking import Look, settings_of
from percorso.insights.alerts import ALERTS, Series
from percorso.insights.alerts._expectation import AVERAGE_TAILS, POINT_TAILS, chance_of
from percorso.insights.alerts.change import EASIER
from percorso.insights.alerts.mix import CHANCE
from percorso.insights.models import Watch

MONTH = 30.4
BUCKETS = {"day": MONTH, "week": MONTH / 7, "month": 1.0}
# The moving average that crosses its limit by chance stays beyond it for about so many buckets.
TOGETHER = 3


def false_a_month(watch: Watch, seen: Look) -> float | None:
    """Return about how many messages a month chance alone makes; None of alerts that are no test.

    For each series the chance of the alert's own limits in one bucket, times the buckets of a month: every bucket for
    single days, every third for the moving average; once a week for lines and comparisons of several weeks. Judging many
    series together (`grouped`) leaves fewer: on simulated companies twenty series at the default setting give 0.5 a month
    where this says 0.7.
    """
    if not ALERTS[watch.alert].tested:
        return None
    chosen = settings_of(watch).model_dump()
    return round(sum(_false(watch.alert, chosen, one.series) for _, one in seen.series if len(one.series)), 3)


def _false(alert: str, chosen: dict[str, float], series: Series) -> float:
    if alert == "change":
        easier = EASIER[series.grain]
        spike = float(chance_of(easier * chosen["spike"], POINT_TAILS))  # type: ignore[arg-type]
        shift = float(chance_of(easier * chosen["shift"], AVERAGE_TAILS))  # type: ignore[arg-type]
        return BUCKETS[series.grain] * (spike + shift / TOGETHER)
    looks = min(BUCKETS[series.grain], BUCKETS["week"])
    return looks * (CHANCE if alert == "mix" else chosen["chance"])
