"""The questions, each as percorso asks it and as somebody who knows the tool best would write it by hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from percorso.analytics.query import Period, Query

PERIOD = Period(date(2024, 1, 1), date(2026, 1, 1), "America/Sao_Paulo")
START, END = "2024-01-01 03:00", "2026-01-01 03:00"
NPS = ["metric", "population", "aspect", "score", "at", "channel"]
CSAT = ["metric", "population", "score", "at", "scale_min", "scale_max"]


@dataclass(frozen=True)
class Question:
    """One question in five hands. `scanned` are the columns that must be read, whoever answers."""

    name: str
    query: Query
    table: str
    scanned: tuple[str, ...]
    duckdb: str
    chdb: str
    pandas: Callable[[Path], Any]
    polars: Callable[[Path], Any]


def _customers(t: pd.DataFrame) -> Any:
    """Return which answers are customers': the question leaves out employees and partners, whoever answers it."""
    return (t["population"] == "customer") | t["population"].isna()


def _whole(t: pd.DataFrame) -> Any:
    """Return which answers are about the company: those about an aspect are another figure."""
    return _customers(t) & ((t["aspect"] == "company") | t["aspect"].isna())


def _pandas_nps(folder: Path) -> Any:
    t = pd.read_parquet(folder / "answers.parquet", columns=NPS, filters=[("metric", "==", "nps")])
    t = t[_whole(t) & (t["at"] >= START) & (t["at"] < END) & t["score"].between(0, 10)]
    return (t["score"] >= 9).sum(), (t["score"] <= 6).sum(), len(t)


def _pandas_months(folder: Path) -> Any:
    t = pd.read_parquet(folder / "answers.parquet", columns=NPS, filters=[("metric", "==", "nps")])
    t = t[_whole(t) & (t["at"] >= START) & (t["at"] < END) & t["score"].between(0, 10)]
    month = (t["at"] - pd.Timedelta(hours=3)).dt.to_period("M")
    flags = pd.DataFrame({"p": t["score"] >= 9, "d": t["score"] <= 6, "n": 1})
    return flags.groupby([month, t["channel"]]).sum()


def _pandas_days(folder: Path) -> Any:
    t = pd.read_parquet(folder / "answers.parquet", columns=CSAT, filters=[("metric", "==", "csat")])
    t = t[
        _customers(t)
        & (t["at"] >= START)
        & (t["at"] < END)
        & (t["score"] >= t["scale_min"])
        & (t["score"] <= t["scale_max"])
    ]
    day = (t["at"] - pd.Timedelta(hours=3)).dt.floor("D")
    made = pd.DataFrame(
        {"top": t["score"] >= t["scale_max"] - 1, "n": 1, "sum": t["score"], "squares": t["score"] ** 2}
    )
    return made.groupby(day).sum()


def _pandas_reply(folder: Path) -> Any:
    e = pd.read_parquet(folder / "ticket_events.parquet", columns=["ticket", "at", "kind", "actor", "public"])
    reply = e[(e["kind"] == "message") & (e["actor"] == "agent") & e["public"]].groupby("ticket")["at"].min()
    t = pd.read_parquet(folder / "tickets.parquet", columns=["id", "opened_at"])
    t = t[(t["opened_at"] >= START) & (t["opened_at"] < END)]
    t = t.join(reply.rename("reply"), on="id")
    week = (t["opened_at"] - pd.Timedelta(hours=3)).dt.to_period("W")
    wait = (t["reply"] - t["opened_at"]).dt.total_seconds().groupby(week)
    return wait.quantile([0.5, 0.9]), wait.mean(), wait.count()


def _answers(folder: Path, metric: str) -> pl.LazyFrame:
    t = pl.scan_parquet(folder / "answers.parquet").filter(pl.col("metric") == metric)
    t = t.filter((pl.col("population") == "customer") | pl.col("population").is_null())
    start, end = (pl.lit(text).str.to_datetime("%Y-%m-%d %H:%M") for text in (START, END))
    return t.filter(pl.col("at") >= start, pl.col("at") < end)


def _whole_answers(folder: Path) -> pl.LazyFrame:
    return _answers(folder, "nps").filter((pl.col("aspect") == "company") | pl.col("aspect").is_null())


def _net() -> list[pl.Expr]:
    return [(pl.col("score") >= 9).sum().alias("p"), (pl.col("score") <= 6).sum().alias("d"), pl.len().alias("n")]


def _polars_nps(folder: Path) -> Any:
    return _whole_answers(folder).filter(pl.col("score").is_between(0, 10)).select(_net()).collect()


def _polars_months(folder: Path) -> Any:
    t = _whole_answers(folder).filter(pl.col("score").is_between(0, 10))
    month = pl.col("at").dt.offset_by("-3h").dt.truncate("1mo").alias("month")
    return t.group_by(month, "channel").agg(_net()).collect()


def _polars_days(folder: Path) -> Any:
    t = _answers(folder, "csat").filter(pl.col("score").is_between(pl.col("scale_min"), pl.col("scale_max")))
    top = (pl.col("score") >= pl.col("scale_max") - 1).sum().alias("top")
    moments = [pl.len(), pl.col("score").sum().alias("sum"), (pl.col("score") ** 2).sum().alias("squares")]
    return t.group_by(pl.col("at").dt.offset_by("-3h").dt.truncate("1d")).agg(top, *moments).collect()


def _polars_reply(folder: Path) -> Any:
    e = pl.scan_parquet(folder / "ticket_events.parquet")
    e = e.filter((pl.col("kind") == "message") & (pl.col("actor") == "agent") & pl.col("public"))
    reply = e.group_by("ticket").agg(pl.col("at").min().alias("reply"))
    t = pl.scan_parquet(folder / "tickets.parquet").select("id", "opened_at")
    start, end = (pl.lit(text).str.to_datetime("%Y-%m-%d %H:%M") for text in (START, END))
    t = t.filter(pl.col("opened_at") >= start, pl.col("opened_at") < end)
    t = t.join(reply, left_on="id", right_on="ticket", how="left")
    wait = (pl.col("reply") - pl.col("opened_at")).dt.total_seconds()
    figures = [wait.median().alias("median"), wait.quantile(0.9, "linear").alias("p90")]
    figures += [wait.mean().alias("mean"), wait.count().alias("n")]
    return t.group_by(pl.col("opened_at").dt.offset_by("-3h").dt.truncate("1w")).agg(*figures).collect()


def _window(column: str) -> str:
    return f"workspace = '' AND {column} >= TIMESTAMP '{START}' AND {column} < TIMESTAMP '{END}'"


def _click_window(column: str) -> str:
    return f"{column} >= toDateTime64('{START}:00', 6, 'UTC') AND {column} < toDateTime64('{END}:00', 6, 'UTC')"


_CUSTOMERS = "(population = 'customer' OR population IS NULL) AND (aspect = 'company' OR aspect IS NULL)"
_D = _window('answers."at"')
_C = _click_window("at")

QUESTIONS = (
    Question(
        "NPS, two years",
        Query(("nps",), period=PERIOD),
        "answers",
        ("metric", "population", "aspect", "at", "score"),
        f"SELECT count(*) FILTER (score >= 9), count(*) FILTER (score <= 6), count(*) FROM answers WHERE {_D} AND metric = 'nps' AND {_CUSTOMERS} AND score BETWEEN 0 AND 10",
        f"SELECT countIf(score >= 9), countIf(score <= 6), count() FROM {{answers}} WHERE {_C} AND metric = 'nps' AND {_CUSTOMERS} AND score BETWEEN 0 AND 10",
        _pandas_nps,
        _polars_nps,
    ),
    Question(
        "NPS by month and channel",
        Query(("nps",), period=PERIOD, grain="month", by=("channel",)),
        "answers",
        ("metric", "population", "aspect", "at", "score", "channel"),
        f"SELECT date_trunc('month', answers.\"at\" - INTERVAL 3 HOUR) AS m, channel, count(*) FILTER (score >= 9), count(*) FILTER (score <= 6), count(*) FROM answers WHERE {_D} AND metric = 'nps' AND {_CUSTOMERS} AND score BETWEEN 0 AND 10 GROUP BY ALL",
        f"SELECT toStartOfMonth(at - INTERVAL 3 HOUR) AS m, channel, countIf(score >= 9), countIf(score <= 6), count() FROM {{answers}} WHERE {_C} AND metric = 'nps' AND {_CUSTOMERS} AND score BETWEEN 0 AND 10 GROUP BY m, channel",
        _pandas_months,
        _polars_months,
    ),
    Question(
        "CSAT and its mean by day",
        Query(("csat",), period=PERIOD, grain="day"),
        "answers",
        ("metric", "population", "aspect", "at", "score", "scale_min", "scale_max"),
        f"SELECT date_trunc('day', answers.\"at\" - INTERVAL 3 HOUR) AS m, count(*) FILTER (score >= scale_max - 1), count(*), avg(score), var_samp(score) FROM answers WHERE {_D} AND metric = 'csat' AND (population = 'customer' OR population IS NULL) AND score BETWEEN scale_min AND scale_max GROUP BY ALL",
        f"SELECT toStartOfDay(at - INTERVAL 3 HOUR) AS m, countIf(score >= scale_max - 1), count(), avg(score), varSamp(score) FROM {{answers}} WHERE {_C} AND metric = 'csat' AND (population = 'customer' OR population IS NULL) AND score BETWEEN scale_min AND scale_max GROUP BY m",
        _pandas_days,
        _polars_days,
    ),
    Question(
        "median first response by week",
        Query(("first_response_time",), period=PERIOD, grain="week"),
        "ticket_events",
        ("ticket", "at", "kind", "actor", "public"),
        f"SELECT date_trunc('week', opened_at - INTERVAL 3 HOUR) AS m, quantile_cont(epoch_us(reply) - epoch_us(opened_at), [0.5, 0.9]), avg(epoch_us(reply) - epoch_us(opened_at)), count(reply) FROM tickets LEFT JOIN (SELECT ticket, min(\"at\") AS reply FROM ticket_events WHERE workspace = '' AND kind = 'message' AND actor = 'agent' AND public GROUP BY ticket) e ON e.ticket = tickets.id WHERE {_window('opened_at')} GROUP BY ALL",
        f"SELECT toMonday(opened_at - INTERVAL 3 HOUR) AS m, quantilesExact(0.5, 0.9)(dateDiff('microsecond', opened_at, reply)), avg(dateDiff('microsecond', opened_at, reply)), count(reply) FROM {{tickets}} AS t LEFT JOIN (SELECT ticket, min(at) AS reply FROM {{ticket_events}} WHERE kind = 'message' AND actor = 'agent' AND public GROUP BY ticket) e ON e.ticket = t.id WHERE {_click_window('opened_at')} GROUP BY m",
        _pandas_reply,
        _polars_reply,
    ),
)
