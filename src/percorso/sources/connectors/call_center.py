"""Calls of the "Anonymous Bank" (Technion): menu, queue, service."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from pydantic import field_validator

from percorso.i18n import mark
from percorso.sources.connector import Connector, Context, Piece, WrongFiles
from percorso.sources.instants import Dates, check_zone, instants
from percorso.sources.readers import Format
from percorso.sources.sieve import Sieve
from percorso.sources.values import Read, durations

TYPES = {
    "PS": "regular activity",
    "PE": "regular activity in English",
    "IN": "internet consulting",
    "NE": "stock exchange",
    "NW": "potential customer",
    "TT": "call back",
}
PRIORITIES = {"0": "regular", "1": "regular", "2": "high"}
NEEDED = ("call_id", "date", "vru_exit", "q_time", "outcome")


class Settings(Format):
    """The time zone of the clocks."""

    zone: str = "Asia/Jerusalem"

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        return check_zone(name)


class CallCenter(Connector[Settings]):
    """One record a call. Calls that the switch made up (PHANTOM) are left out and counted in a remark.

    A call enters the queue when it leaves the menu, and waits as long as the switch says (`q_time`; service may start a
    second before by its own clock). A call that hangs up abandons the queue then. Customer 0 is unknown.
    """

    label = mark("Call centre")
    about = mark("Calls of the Anonymous Bank data of the Technion: queue, service, abandonment.")
    Config = Settings

    def read(self, files: Sequence[Path], config: Settings, context: Context) -> Iterator[Piece]:
        phantoms = 0
        for path in files:
            for sieve in context.sieves(path, config):
                missing = [column for column in NEEDED if not sieve.has(column)]
                if missing:
                    raise WrongFiles(
                        mark("{file} has no column {missing}: it is not a call list of the Anonymous Bank."),
                        file=path.name,
                        missing=", ".join(missing),
                    )
                phantom = sieve.text("outcome") == "PHANTOM"
                phantoms += int(phantom.sum())
                yield Piece.of(
                    sieve, contacts=self._contacts(sieve, ~phantom.fill_null(False), Dates("year", config.zone))
                )
        if phantoms:
            context.warn(mark("{count} PHANTOM calls are left out."), count=phantoms)

    def _contacts(self, sieve: Sieve, real: pl.Series, dates: Dates) -> pl.DataFrame:
        days = self._days(sieve)
        entered = self._at(sieve, days, "vru_entry", dates)
        queued = self._at(sieve, days, "vru_exit", dates, after=entered)
        sieve.reject(queued.is_null() & real, mark("the call has no time at which it left the menu."))
        waited = sieve.numbers("q_time")
        sieve.reject((waited < 0) | (waited.is_null() & real), mark("{column}: {value} is no waiting time."), column="q_time", value=sieve.column("q_time"))  # fmt: skip
        outcome = sieve.text("outcome")
        known = outcome.is_in(["AGENT", "HANG", "PHANTOM"])
        sieve.reject(~known.fill_null(False), mark("{column}: {value} is not AGENT, HANG or PHANTOM."), column="outcome", value=outcome)  # fmt: skip
        left = queued + _span(waited)
        handled = outcome == "AGENT"
        served = sieve.numbers("ser_time")
        server = sieve.text("server")
        customer = sieve.text("customer_id")
        line = sieve.text("vru+line")
        kind = sieve.text("type")
        return sieve.rows(
            real,
            id=pl.select(pl.concat_str(sieve.text("date"), line, sieve.text("call_id"), separator=":", ignore_nulls=True)).to_series(),
            customer=pl.select(pl.when(customer.str.contains("[1-9]")).then(customer)).to_series(),
            channel="phone",
            queue=kind.replace(TYPES),
            topic=kind.replace(TYPES),
            priority=sieve.text("priority").replace(PRIORITIES),
            agent=pl.select(pl.when(handled & (server != "NO_SERVER")).then(server)).to_series(),
            queued_at=queued,
            answered_at=pl.select(pl.when(handled).then(left)).to_series(),
            abandoned_at=pl.select(pl.when(~handled).then(left)).to_series(),
            ended_at=pl.select(pl.when(handled).then(left + _span(served)).otherwise(left)).to_series(),
            handled=handled,
            talk_seconds=pl.select(pl.when(handled).then(served)).to_series(),
            by_bot=False,
            properties=sieve.properties(["vru+line", "vru_time", "type"]),
        )  # fmt: skip

    def _days(self, sieve: Sieve) -> pl.Series:
        """The days as ISO text, from yymmdd or anything that is a date."""
        text = sieve.text("date").str.replace(r"\.0$", "")
        short = text.str.contains(r"^\d{5,6}$")
        digits = text.str.zfill(6)
        year = digits.str.slice(0, 2).cast(pl.Int32, strict=False)
        century = pl.select(pl.when(year >= 70).then(pl.lit("19")).otherwise(pl.lit("20"))).to_series()
        iso = century + digits.str.slice(0, 2) + "-" + digits.str.slice(2, 2) + "-" + digits.str.slice(4, 2)
        return pl.select(pl.when(short).then(iso).otherwise(text)).to_series()

    def _at(
        self, sieve: Sieve, days: pl.Series, column: str, dates: Dates, after: pl.Series | None = None
    ) -> pl.Series:
        """The instants of a clock column; a clock far behind `after` has passed midnight."""
        clock = sieve.taken(
            column, durations(sieve.text(column), None), mark("{column}: {value} is not a time of day.")
        )
        day = instants(days, Dates(dates.order, "UTC"))
        sieve.reject(day.bad | day.values.is_null(), mark("{column}: {value} is not a date and time that can be read."), column="date", value=sieve.column("date"))  # fmt: skip
        local = (day.values + _span(clock)).dt.replace_time_zone(None)
        found: Read = instants(local, dates)
        if after is None:
            return found.values
        late = (after - found.values) > pl.Series([pl.select(pl.duration(hours=12)).item()])
        return pl.select(pl.when(late).then(found.values + pl.duration(days=1)).otherwise(found.values)).to_series()


def _span(seconds: pl.Series) -> pl.Series:
    return (seconds * 1_000_000).cast(pl.Duration("us"))
