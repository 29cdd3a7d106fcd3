"""The period that a command is asked about."""

from datetime import date, datetime, timedelta

from percorso.analytics.query import Period
from percorso.errors import BadQuestion
from percorso.i18n import mark


def period_of(preset: str | None, start: date | None, end: date | None, zone: str) -> Period | None:
    """Return the period of a preset, or from a first to a last day; None when nothing is said.

    Raises
    ------
    BadQuestion : both are given, or a last day only.
    """
    if preset:
        if start or end:
            raise BadQuestion(mark("Give either --period or --from and --to, not both."))
        return Period.preset(preset, zone)
    if start is None and end is None:
        return None
    if start is None:
        raise BadQuestion(mark("Give the first day too, with --from."))
    last = end or datetime.now().astimezone().date()
    return Period(start, last + timedelta(days=1), zone)
