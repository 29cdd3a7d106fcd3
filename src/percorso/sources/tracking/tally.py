"""How many calls of each source were taken or refused, by the hour: counted in memory, written down by the loader."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import time

from django.db.models import F

from percorso.sources.models import CallCount, Source, Violation
from percorso.sources.tracking.counted import HOUR, Counted, counted

TAKEN = ""
NOBODY = 0  # the source of calls whose key opens none
KEPT_COUNTS = timedelta(days=90)


class Tally:
    """Counts of this process that are not written down yet."""

    def __init__(self) -> None:
        self._counts, self._lock = Counter[Counted](), Lock()

    def count(self, source: int, outcome: str) -> None:
        """Count one request of which nothing is kept."""
        what = counted(source, outcome, time())
        with self._lock:
            self._counts[what] += 1

    def write(self) -> None:
        """Write down what was counted since the last time; what cannot be written is kept."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            add_counts(counts)
        except Exception:
            with self._lock:
                self._counts.update(counts)
            raise


tally = Tally()


def add_counts(counts: Counter[Counted]) -> None:
    """Add counts to those that are written down; those of a source that is gone are dropped."""
    told = {what.source for what in counts}
    there = {NOBODY, *Source.objects.filter(pk__in=told).values_list("pk", flat=True)} if told else set()
    for what, count in counts.items():
        if what.source not in there:
            continue
        place = {
            "source_id": what.source or None,
            "hour": datetime.fromtimestamp(what.hour * HOUR, UTC),
            "outcome": what.outcome,
        }
        if not CallCount.objects.filter(**place).update(count=F("count") + count):
            row, made = CallCount.objects.get_or_create(**place, defaults={"count": count})
            if not made:  # another process was faster
                CallCount.objects.filter(pk=row.pk).update(count=F("count") + count)


def forget_old_counts(kept: timedelta) -> int:
    """Delete counts of calls and of violations that are older than so; return how many rows it was."""
    before = datetime.now(UTC) - kept
    counts, _ = CallCount.objects.filter(hour__lt=before).delete()
    violations, _ = Violation.objects.filter(day__lt=before.date()).delete()
    return counts + violations
