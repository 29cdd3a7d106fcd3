"""Figures, days and verdicts as a person reads them, in the language of the request."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from babel import Locale
from babel.dates import format_interval, format_skeleton, format_time, get_day_names
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit
from django.utils.formats import time_format
from django.utils.translation import get_language, gettext, ngettext, to_locale

from percorso.analytics.calendar import zone
from percorso.analytics.format import format_short, format_value
from percorso.analytics.methods.base import Indicator
from percorso.analytics.methods.units import PerUnit
from percorso.analytics.query import Grain, Period
from percorso.analytics.result import Cell
from percorso.i18n import mark

# Countries and languages that Babel names; every other column is shown by its own values.
NAMED = {"customer.country": "territories", "customer.language": "languages", "language": "languages"}
SKELETONS: dict[str, str] = {
    "day": "yMMMd", "week": "yMMMd", "month": "yMMM", "quarter": "yQQQ", "year": "y",
}  # fmt: skip
# Django begins months with a capital letter; Portuguese and Italian do not, so our catalogues name them again.
MONTHS = (
    mark("January"), mark("February"), mark("March"), mark("April"), mark("May"), mark("June"), mark("July"),
    mark("August"), mark("September"), mark("October"), mark("November"), mark("December"),
)  # fmt: skip


def language() -> str:
    """Return the language of the request as a BCP 47 tag."""
    return get_language() or "en"


def locale() -> Locale:
    """Return the request's language as Babel knows it."""
    return Locale.parse(to_locale(language()))


def count(n: int) -> str:
    """Return a whole number with the language's grouping."""
    return format_decimal(n, locale=locale())


def value(number: float | None, indicator: Indicator, n: int | None = None, currency: str | None = None) -> str:
    """Return a figure in its unit, an en dash when there is none; money in its currency."""
    return "–" if number is None else format_value(number, indicator.unit, language(), n, currency)


def mark_on_scale(number: float, indicator: Indicator, currency: str | None = None) -> str:
    """Return a round number of a scale or axis, without decimals that say nothing."""
    if number == 0:
        return "0%" if indicator.unit == "share" else "0"
    if indicator.unit == "share":
        return format_percent(number, "#,##0.##%", locale=locale())
    if indicator.unit in ("scale", "stars", "score", "number"):
        return format_decimal(number, "#,##0.##", locale=locale())
    if indicator.unit == "money":
        return format_short(number, currency, language())
    if indicator.unit == "days":
        return format_decimal(number, "#,##0.##", locale=locale()) + " d"
    return format_value(number, indicator.unit, language())


def interval(cell: Cell, indicator: Indicator, confidence: float = 0.95) -> str:
    """Return how sure the figure is, as a sentence; empty when no interval exists."""
    if cell.low is None or cell.high is None:
        return ""
    return gettext("between {low} and {high}, {confidence} sure").format(
        low=value(cell.low, indicator, cell.n, cell.currency),
        high=value(cell.high, indicator, cell.n, cell.currency),
        confidence=format_percent(confidence, locale=locale()),
    )


_SAMPLES: dict[str, Callable[[int], str]] = {
    "answers": lambda n: ngettext("from {n} answer", "from {n} answers", n),
    "messages": lambda n: ngettext("from {n} invitation", "from {n} invitations", n),
    "mentions": lambda n: ngettext("from {n} review", "from {n} reviews", n),
    "contacts": lambda n: ngettext("from {n} contact", "from {n} contacts", n),
    "promises": lambda n: ngettext("from {n} promise", "from {n} promises", n),
    "tickets": lambda n: ngettext("from {n} ticket", "from {n} tickets", n),
    "comments": lambda n: ngettext("from {n} comment", "from {n} comments", n),
    "cases": lambda n: ngettext("from {n} follow-up", "from {n} follow-ups", n),
    "orders": lambda n: ngettext("from {n} order", "from {n} orders", n),
    "events": lambda n: ngettext("from {n} event", "from {n} events", n),
    "units": lambda n: ngettext("from {n} customer", "from {n} customers", n),
}


def sample(n: int | None, indicator: Indicator) -> str:
    """Return how many facts a figure stands on; empty when that is kept secret."""
    if n is None:
        return ""
    return _SAMPLES[_counted(indicator)](n).format(n=count(n))


def _counted(indicator: Indicator) -> str:
    """Return what the sample of an indicator is made of."""
    if isinstance(indicator, PerUnit) or indicator.table in ("subscriptions", "customers"):
        return "units"
    if indicator.table == "mentions" and indicator.unit != "stars":
        return "comments"
    return indicator.table if indicator.table in _SAMPLES else "tickets"


def change(cell: Cell, indicator: Indicator, name: str) -> str:
    """Return the verdict of a comparison as one sentence about `name`."""
    found = cell.change
    if found is None or found.before is None or cell.value is None:
        return ""
    texts = {
        "up": gettext("{name} rose from {before} to {now}, more than chance explains."),
        "down": gettext("{name} fell from {before} to {now}, more than chance explains."),
        "none": gettext("{name}: {now}, no evidence of change from {before}."),
        "untested": gettext("{name}: {now} after {before}, not tested."),
        "running": gettext("{name}: {now} so far after {before}; the period is still running."),
    }
    return texts[found.verdict].format(
        name=name,
        before=value(found.before, indicator, found.before_n, cell.currency),
        now=value(cell.value, indicator, cell.n, cell.currency),
    )


def difference(cell: Cell, indicator: Indicator) -> str:
    """Return by how much a figure differs, with its sign and its interval."""
    found = cell.change
    if found is None or found.difference is None:
        return ""
    if found.low is None or found.high is None:
        return signed(found.difference, indicator, cell.currency)
    return gettext("{difference} (between {low} and {high})").format(
        difference=signed(found.difference, indicator, cell.currency),
        low=signed(found.low, indicator, cell.currency),
        high=signed(found.high, indicator, cell.currency),
    )


def signed(number: float, indicator: Indicator, currency: str | None = None) -> str:
    """Return a difference of two figures with its sign; of shares in percentage points."""
    sign = "−" if number < 0 else "+"
    if indicator.unit == "share":
        points = format_decimal(abs(number) * 100, "0.0", locale=locale())
        return sign + gettext("{points} pp").format(points=points)
    if indicator.unit == "points":
        return sign + format_decimal(abs(number), "0.0", locale=locale())
    return sign + format_value(abs(number), indicator.unit, language(), currency=currency)


def days(period: Period) -> str:
    """Return a period by its first and last day."""
    return format_interval(period.start, period.end - timedelta(days=1), "yMMMd", locale=locale())


def bucket(start: datetime, grain: Grain, tz: str) -> str:
    """Return the name of one step of a series in the workspace's time zone."""
    local = start.astimezone(zone(tz))
    if grain == "hour":
        return day_and_time(local)
    text = format_skeleton(SKELETONS[grain], local, locale=locale(), tzinfo=zone(tz))
    return gettext("week of {day}").format(day=text) if grain == "week" else text


def tick(start: datetime, grain: Grain, tz: str) -> str:
    """Return the short name of a step, for an axis."""
    local = start.astimezone(zone(tz))
    if grain == "hour":
        return day_and_time(local, "MMMd")
    skeleton = {"day": "MMMd", "week": "MMMd"}.get(grain, SKELETONS[grain])
    return format_skeleton(skeleton, local, locale=locale(), tzinfo=zone(tz))


def day_and_time(local: datetime, skeleton: str = "yMMMd") -> str:
    """Return a local instant as its day, by a skeleton of Babel, and its time of day."""
    day = format_skeleton(skeleton, local, locale=locale())
    form = str(locale().datetime_formats["medium"]).replace("'", "")
    return form.replace("{0}", format_time(local.time(), "short", locale=locale())).replace("{1}", day)


def length(seconds: float) -> str:
    """Return a length of time in the largest unit in which it is whole: 7 days, 90 minutes."""
    if seconds and seconds % 86_400 == 0:
        days = round(seconds / 86_400)
        return ngettext("{n} day", "{n} days", days).format(n=count(days))
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds and seconds % size == 0:
            return str(format_unit(seconds / size, f"duration-{unit}", length="long", locale=locale()))
    return str(format_unit(seconds, "duration-second", length="long", locale=locale()))


def clock(at: time) -> str:
    """Return a time of day, to the minute."""
    return time_format(at, "TIME_FORMAT")


def weekday(day: int) -> str:
    """Return the short name of a day of the week; Monday is 0."""
    return get_day_names("abbreviated", locale=locale())[day]


def iso(day: date | datetime) -> str:
    """Return a day as HTML's date inputs take it."""
    return day.strftime("%Y-%m-%d")


def last_day(period: Period) -> date:
    """Return the last day inside a period, whose end is the day after."""
    return period.end - timedelta(days=1)
