"""Any ticket export: one record a ticket, with the times that it has."""

from typing import Any

import polars as pl

from percorso.i18n import mark
from percorso.sources.ids import short
from percorso.sources.mapped import MappedConnector, Record
from percorso.sources.mapping import Score

FREE = ("customer", "identity", "channel", "touchpoint")
CHARGE = ("team", "agent", "priority", "topic")
DUE = {"first_reply": "first_reply_due_at", "resolution": "sla_due_at"}


class Tickets(MappedConnector):
    """One record a ticket, its latest state. Its times become the ticket's events, its due times promises.

    Where no column tells the resolution, closing is it. A ticket that was escalated, without a time, was so at its end.
    """

    label = mark("Tickets")
    about = mark("Any ticket export. percorso suggests what each column is; correct it with --map and --set.")
    table = "tickets"

    def facts(self, record: Record) -> dict[str, pl.DataFrame]:
        times = _times(record)
        due = {kind: record.instant(role) for kind, role in DUE.items()}
        free = {role: record.text(role) for role in FREE}
        charge = {role: record.text(role) for role in CHARGE}
        escalated = record.flag("escalated")
        counts = {role: record.number(role).cast(pl.Int64, strict=False) for role in ("reopens", "replies")}
        scores = [(score, _score(record, score)) for score in record.mapping.scores]
        # From here on nothing more is set aside: rows are made.
        own = {"status": record.text("status"), "initiated_by": record.text("initiated_by")}
        tickets = record.sieve.rows(
            id=record.ids, sla_due_at=due["resolution"], properties=record.properties(),
            **times, **counts, **own, **free, **charge,
        )  # fmt: skip
        answers = [
            record.sieve.rows(
                values.is_not_null(), id=record.ids + f":{score.metric}:{short(score.column)}", at=_last(times),
                interaction=record.ids, question=score.question or score.column, metric=score.metric, score=values,
                scale_min=score.low, scale_max=score.high, polarity=score.polarity, aspect=score.aspect,
                team=charge["team"], agent=charge["agent"], **free,
            )
            for score, values in scores
        ]  # fmt: skip
        return {
            "tickets": tickets,
            "ticket_events": _events(record, times, own["initiated_by"], escalated, free),
            "promises": _promises(record, times, due, free | charge),
            "answers": _joined(answers),
            "mentions": _mentions(record, times["opened_at"], charge["topic"], free),
        }


def _times(record: Record) -> dict[str, pl.Series]:
    opened = record.time()
    closed = record.instant("closed_at")
    reply = _or_after(record.instant("first_reply_at"), opened, record.number("first_reply_after"))
    resolved = _or_after(record.instant("resolved_at"), opened, record.number("resolved_after"))
    if not any(record.mapping.has(role) for role in ("resolved_at", "resolved_after")):
        resolved = closed
    return {"opened_at": opened, "first_reply_at": reply, "resolved_at": resolved, "closed_at": closed}


def _score(record: Record, score: Score) -> pl.Series:
    low, high = (
        pl.Series([bound]).cast(pl.Float64).new_from_index(0, record.sieve.height) for bound in (score.low, score.high)
    )
    return record.score(score, low, high)


def _or_after(at: pl.Series, opened: pl.Series, seconds: pl.Series) -> pl.Series:
    """The time itself, or the opening and how long it took from there."""
    after = opened + (seconds * 1_000_000).cast(pl.Duration("us"))
    return pl.select(pl.coalesce(at, after)).to_series()


def _last(times: dict[str, pl.Series]) -> pl.Series:
    names = ("closed_at", "resolved_at", "first_reply_at", "opened_at")
    return pl.select(pl.coalesce([times[name] for name in names])).to_series()


def _events(
    record: Record, times: dict[str, pl.Series], starter: pl.Series, escalated: pl.Series, free: dict[str, pl.Series]
) -> pl.DataFrame:
    by_agent = starter.str.to_lowercase().is_in(["agent", "atendente", "agente"]).fill_null(False)
    opener = pl.select(pl.when(by_agent).then(pl.lit("agent")).otherwise(pl.lit("customer"))).to_series()
    at_end = pl.select(pl.when(escalated).then(_last(times))).to_series()
    events: list[tuple[str, pl.Series, str, Any, bool]] = [
        ("opened", times["opened_at"], "message", opener, True),
        ("reply", times["first_reply_at"], "message", "agent", True),
        ("escalated", at_end, "escalated", "agent", False),
        ("resolved", times["resolved_at"], "resolved", "agent", False),
    ]
    return _joined([
        record.sieve.rows(
            at.is_not_null(), id=record.ids + f":{name}", ticket=record.ids, at=at, kind=kind, actor=actor,
            public=public, **free,
        )
        for name, at, kind, actor, public in events
    ])  # fmt: skip


def _promises(
    record: Record, times: dict[str, pl.Series], due: dict[str, pl.Series], shared: dict[str, pl.Series]
) -> pl.DataFrame:
    kept = {"first_reply": times["first_reply_at"], "resolution": times["resolved_at"]}
    return _joined([
        record.sieve.rows(
            due_at.is_not_null(), id=record.ids + f":{kind}", ticket=record.ids, kind=kind, due_at=due_at,
            kept_at=kept[kind], cancelled=False, **shared,
        )
        for kind, due_at in due.items()
    ])  # fmt: skip


def _mentions(record: Record, opened: pl.Series, topic: pl.Series, free: dict[str, pl.Series]) -> pl.DataFrame:
    texts = {column: record.sieve.text(column) for column in record.mapping.comments}
    return _joined([
        record.sieve.rows(
            words.is_not_null(), id=record.ids + f":{short(column)}", at=opened, source="ticket", item=topic, text=words,
            **free,
        )
        for column, words in texts.items()
    ])  # fmt: skip


def _joined(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="vertical_relaxed") if frames else pl.DataFrame()
