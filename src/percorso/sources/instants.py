"""From dates and times as files write them to instants in UTC."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from percorso.errors import UserError
from percorso.i18n import mark
from percorso.sources.values import Read, Unreadable, is_blank, resolve

Order = Literal["day", "month", "year"]
INSTANT = pl.Datetime("us", "UTC")
LOCAL = pl.Datetime("us")
EARLIEST, LATEST = 1900, 2100
EXCEL_DAY_0 = datetime(1899, 12, 30, tzinfo=UTC)

WRITTEN = re.compile(
    r"(?P<a>\d{1,4})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{1,4})"
    r"(?:(?P<gap>[T,]?\s*)(?P<hour>\d{1,2})[:hH.](?P<minute>\d{2})(?::(?P<second>\d{2})(?P<part>[.,]\d{1,9})?)?"
    r"\s*(?P<half>[AaPp]\.?\s?[Mm]\.?)?\s*(?P<zone>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?(Z)?)?")
WORDED = re.compile(
    r"(?:[^\W\d]+[.,]?\s+)?(?:(?P<d1>\d{1,2})[º°]?[\s/.-]+(?:de\s+)?(?P<m1>[^\W\d]+)\.?|(?P<m2>[^\W\d]+)\.?\s+(?P<d2>\d{1,2}))"
    r"[,\s/.-]+(?:de\s+)?(?P<year>\d{4})(?P<time>[,T\s]+.*)?"
)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janeiro gennaio gen", "february feb fevereiro fev febbraio", "march mar março marco marzo",
            "april apr abril abr aprile", "may maio mai maggio mag", "june jun junho giugno giu",
            "july jul julho luglio lug", "august aug agosto ago", "september sep sept setembro set settembre",
            "october oct outubro out ottobre ott", "november nov novembro novembre",
            "december dec dezembro dez dicembre dic",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip


@dataclass(frozen=True)
class Dates:
    """How the dates of a file are to be understood.

    `order` : what comes first in dates like 03/04/2025 (``year`` for 25/04/03). `zone` : whose clock shows times that
    have no zone of their own; a time that the clock showed twice is the first of both, one that it skipped is as long
    after midnight as it says.
    """

    order: Order = "day"
    zone: str = "UTC"

    def __post_init__(self) -> None:
        check_zone(self.zone)


def check_zone(name: str) -> str:
    """Return `name` when it is a time zone.

    Raises
    ------
    UserError : it is none.
    """
    try:
        ZoneInfo(name)
        pl.select(pl.lit(datetime(2000, 1, 1, tzinfo=UTC)).dt.convert_time_zone(name))
    except (ZoneInfoNotFoundError, ValueError, OSError, pl.exceptions.PolarsError):
        raise UserError(
            mark("There is no time zone {zone}. Give one such as America/Sao_Paulo, Europe/Rome or UTC."), zone=name
        ) from None
    return name


def instants(column: pl.Series, dates: Dates, blank: Collection[str] = ()) -> Read:
    """Return a column as instants in UTC with microseconds.

    Parameters
    ----------
    column : text such as ``2025-03-01T10:00:00Z``, ``01/03/2025 10:00``, ``3/1/25 10:00 AM``, ``1 de março de 2025``,
        seconds, milliseconds or microseconds since 1970, Excel's day numbers; instants, dates and numbers of a typed
        file. Instants without a zone are local.
    dates : their order and zone. blank : codes of this column that mean "no date".

    Examples
    --------
    >>> read = instants(pl.Series(["01/03/2025 10:00", "?", "31/02/2025"]), Dates("day", "Europe/Rome"))
    >>> read.values.to_list()
    [datetime.datetime(2025, 3, 1, 9, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')), None, None]
    >>> read.bad.to_list()
    [False, False, True]
    """
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone:
        return _in_range(column.dt.convert_time_zone("UTC").cast(INSTANT))
    if isinstance(column.dtype, (pl.Datetime, pl.Date)):
        return _in_range(_to_utc(column.cast(LOCAL), dates.zone))
    plain = column.cast(pl.String).str.strip_chars()
    codes = {code.strip().casefold() for code in blank}
    fast = pl.Series(column.name, [None], INSTANT).new_from_index(0, len(column))
    for form, aware in _forms(plain, dates.order):
        left = plain if fast.null_count() == len(fast) else _only(plain, fast.is_null())
        found = left.str.to_datetime(form, strict=False, time_unit="us")
        fast = _either(fast, found.cast(INSTANT) if aware else _to_utc(found, dates.zone))
        if fast.null_count() == plain.null_count():
            break
    fast = _only(fast, fast.dt.year().is_between(EARLIEST, LATEST))
    return resolve(plain, fast, lambda found: None if is_blank(found, codes) else one_instant(found, dates))


def _forms(column: pl.Series, order: Order) -> list[tuple[str, bool]]:
    """The formats of a column's first values, and whether they name their zone; the commonest first."""
    seen: dict[tuple[str, bool], int] = {}
    for value in column.drop_nulls().head(300):
        match = WRITTEN.fullmatch(value)
        if match and (form := _form(match, order)):
            seen[form] = seen.get(form, 0) + 1
    return sorted(seen, key=lambda form: -seen[form])[:5]


def _form(match: re.Match[str], order: Order) -> tuple[str, bool] | None:
    date = _date_form(match, order)
    if date is None or match["hour"] is None:
        return None if date is None else (date, False)
    if match.string[match.end("hour")] != ":" or (match["part"] and match["part"][0] == ","):
        return None
    hour = "%I" if match["half"] else "%H"
    time = f"{match['gap']}{hour}:%M" + (":%S" if match["second"] else "") + ("%.f" if match["part"] else "")
    if match["half"]:
        if not re.search(r"\s[AaPp][Mm]$", match.string):
            return None
        time += " %p"
    if match["zone"] and not re.search(r"\d(Z|[+-]\d{2}:?\d{2})$", match.string):
        return None
    return date + time + ("%#z" if match["zone"] else ""), bool(match["zone"])


def _date_form(match: re.Match[str], order: Order) -> str | None:
    if len(match["a"]) == 4:
        parts = ("%Y", "%m", "%d")
    elif len(match["c"]) == 4:
        parts = ("%m", "%d", "%Y") if order == "month" else ("%d", "%m", "%Y")
    else:
        return None
    return match["sep"].join(parts)


def one_instant(found: str, dates: Dates) -> datetime:
    """Return one text as an instant in UTC; `Unreadable` when it is none that makes sense."""
    plain = found.strip()
    try:
        if match := WRITTEN.fullmatch(plain):
            value = _written(match, dates.order)
        elif re.fullmatch(r"\d+(\.\d+)?", plain) and not COMPACT.fullmatch(plain):
            value = _counted(float(plain), dates)
        elif match := COMPACT.fullmatch(plain):
            value = datetime(*(int(g) for g in match.groups()[:6] if g), tzinfo=UTC if match[7] else None)  # type: ignore[arg-type, misc]
        elif match := WORDED.fullmatch(plain):
            value = _worded(match, dates)
        else:
            value = parsedate_to_datetime(plain)
        value = value if value.tzinfo else value.replace(tzinfo=ZoneInfo(dates.zone))
        value = value.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError) as error:
        raise Unreadable(found) from error
    if not EARLIEST <= value.year <= LATEST:
        raise Unreadable(found)
    return value


def _written(match: re.Match[str], order: Order) -> datetime:
    a, b, c = (int(match[part]) for part in "abc")
    if len(match["a"]) > 2 or (len(match["c"]) <= 2 and order == "year"):
        year, month, day = a, b, c
    else:
        year, (day, month) = c, ((b, a) if order == "month" else (a, b))
    if year < 100:
        year += 2000 if year < 70 else 1900
    if match["hour"] is None:
        return datetime(year, month, day)  # noqa: DTZ001 the caller gives it its zone
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(match.string)
        hour = hour % 12 + (12 if match["half"][0] in "pP" else 0)
    part = int((match["part"] or ".0")[1:7].ljust(6, "0"))
    return datetime(year, month, day, hour, int(match["minute"]), int(match["second"] or 0), part, _zone(match["zone"]))


def _zone(written: str | None) -> timezone | None:
    if written is None:
        return None
    if written[0] not in "+-":
        return UTC
    digits = written[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if written[0] == "-" else offset)


def _counted(number: float, dates: Dates) -> datetime:
    """Seconds, milliseconds or microseconds since 1970, or Excel's days since 1900, told apart by their size."""
    for least, most, unit in ((1e8, 4.2e9, 1), (1e11, 4.2e12, 1e3), (1e14, 4.2e15, 1e6)):
        if least <= number < most:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(number * 1e6 / unit))
    if 1 <= number < 80_000:
        local = EXCEL_DAY_0 + timedelta(seconds=round(number * 86_400))
        return local.replace(tzinfo=None)
    raise ValueError(number)


def _worded(match: re.Match[str], dates: Dates) -> datetime:
    month = MONTHS.get((match["m1"] or match["m2"]).casefold())
    if month is None:
        raise ValueError(match.string)
    text = f"{match['year']}-{month:02}-{int(match['d1'] or match['d2']):02}"
    time = re.sub(r"^(,|T|\s|às|as|alle|ore|at)+", "", match["time"] or "")
    written = WRITTEN.fullmatch(f"{text} {time}".strip())
    if written is None:
        raise ValueError(match.string)
    return _written(written, dates.order)


def _to_utc(local: pl.Series, zone: str) -> pl.Series:
    if zone == "UTC":
        return local.dt.replace_time_zone("UTC")
    found = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    skipped = local.is_not_null() & found.is_null()
    if not skipped.any():
        return found
    place = ZoneInfo(zone)
    shifted = [v.replace(tzinfo=place).astimezone(UTC) if s else None for v, s in zip(local, skipped, strict=True)]
    return _either(found, pl.Series(shifted, dtype=INSTANT))


def _in_range(values: pl.Series) -> Read:
    good = values.is_null() | values.dt.year().is_between(EARLIEST, LATEST)
    return Read(_only(values, good), ~good)


def _only(values: pl.Series, keep: pl.Series) -> pl.Series:
    return pl.select(pl.when(keep).then(values)).to_series().rename(values.name)


def _either(a: pl.Series, b: pl.Series) -> pl.Series:
    return pl.select(pl.coalesce(a, b)).to_series().rename(a.name)


AMBIGUOUS = r"^\s*(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})(?:\D|$)"


def order_votes(column: pl.Series) -> tuple[int, int]:
    """Count the dates like 03/04/2025 that can only be day first, and those that can only be month first.

    Examples
    --------
    >>> order_votes(pl.Series(["03/04/2025", "25/12/2025 10:00", "2025-12-25"]))
    (1, 0)
    """
    parts = column.str.extract_groups(AMBIGUOUS).struct.unnest().cast(pl.Int64)
    first, second = parts.to_series(0), parts.to_series(1)
    return int((first > 12).sum()), int((second > 12).sum())


def is_ambiguous(column: pl.Series) -> bool:
    """Whether a column holds dates like 03/04/2025, in which day and month could change places."""
    return bool(column.str.contains(AMBIGUOUS).any())
