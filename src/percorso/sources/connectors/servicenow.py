"""ServiceNow incidents: one record an update, folded into tickets and what happened to them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from pydantic import field_validator

from percorso.i18n import mark
from percorso.sources.connector import Connector, Context, Piece, WrongFiles
from percorso.sources.instants import Dates, Order, check_zone
from percorso.sources.readers import Format
from percorso.sources.sieve import Sieve, json_of

NEEDED = ("number", "incident_state", "sys_updated_at")
OVER = ("Resolved", "Closed")
KEPT = (
    "location",
    "subcategory",
    "u_symptom",
    "impact",
    "urgency",
    "closed_code",
    "reassignment_count",
    "made_sla",
    "knowledge",
)


class Settings(Format):
    """Time zone of the times, and what comes first in their dates."""

    zone: str | None = None
    dates: Order = "day"

    @field_validator("zone")
    @classmethod
    def _zone(cls, name: str | None) -> str | None:
        return name if name is None else check_zone(name)


class ServiceNow(Connector[Settings]):
    """One record an update of an incident; ? is missing.

    The last update gives the ticket. A change into Resolved is a resolution; a change out of it, or a count of reopenings
    that rose, is a reopening; a change of the group is an assignment; waiting for the user is pending; other changes of
    the state are kept as ``status``. The log tells whether the promise was kept (`made_sla`) but not when it was due: the
    promise is put at the closing, kept there or not kept.
    """

    label = mark("ServiceNow incidents")
    about = mark("Incident log of ServiceNow, one record an update: tickets, state changes, kept promises.")
    Config = Settings

    def read(self, files: Sequence[Path], config: Settings, context: Context) -> Iterator[Piece]:
        for path in files:
            sieve = context.whole(path, config)
            if not sieve.records:
                continue
            if missing := [column for column in NEEDED if not sieve.has(column)]:
                raise WrongFiles(
                    mark("{file} has no column {missing}: it is not an incident log of ServiceNow."),
                    file=path.name,
                    missing=", ".join(missing),
                )
            updates = self._updates(sieve, Dates(config.dates, config.zone or context.zone))
            last = updates.group_by("ticket", maintain_order=True).last()
            yield Piece.of(
                sieve, tickets=_tickets(updates, last), ticket_events=_events(updates), promises=_promises(last)
            )

    def _updates(self, sieve: Sieve, dates: Dates) -> pl.DataFrame:
        """The updates in the order in which they happened."""
        number = sieve.text("number")
        sieve.reject(number.is_null(), mark("{column}: the record has no id."), column="number")
        times = {
            name: sieve.instants(name, dates) for name in ("sys_updated_at", "opened_at", "resolved_at", "closed_at")
        }
        sieve.reject(
            times["sys_updated_at"].is_null(), mark("{column}: the record has no date."), column="sys_updated_at"
        )
        counts = {name: sieve.numbers(name) for name in ("sys_mod_count", "reopen_count")}
        texts = {
            "state": "incident_state", "customer": "caller_id", "channel": "contact_type", "topic": "category",
            "priority": "priority", "team": "assignment_group", "agent": "assigned_to",
        }  # fmt: skip
        rows = sieve.rows(
            ticket=number,
            met=sieve.flags("made_sla"),
            properties=sieve.properties([c for c in KEPT if sieve.has(c)]),
            **times, **counts, **{name: sieve.text(column) for name, column in texts.items()},
        )  # fmt: skip
        return rows.with_columns(pl.col("channel").str.to_lowercase()).sort(
            "ticket", "sys_mod_count", "sys_updated_at", maintain_order=True, nulls_last=False
        )


def _tickets(updates: pl.DataFrame, last: pl.DataFrame) -> pl.DataFrame:
    known = updates.group_by("ticket", maintain_order=True).agg(
        pl.col("opened_at", "sys_updated_at").drop_nulls().first(),
        pl.col("customer", "team", "agent", "topic", "priority", "channel").drop_nulls().last(),
        pl.col("reopen_count").max(),
    )
    return last.select("ticket", "state", "resolved_at", "closed_at", "properties").join(known, on="ticket").select(
        pl.col("ticket").alias("id"),
        pl.coalesce("opened_at", "sys_updated_at").alias("opened_at"),
        "resolved_at", "closed_at", "customer", "team", "agent", "topic", "priority", "channel", "properties",
        pl.col("state").alias("status"),
        pl.col("reopen_count").cast(pl.Int64).alias("reopens"),
    )  # fmt: skip


def _events(updates: pl.DataFrame) -> pl.DataFrame:
    before = {name: pl.col(name).shift().over("ticket") for name in ("state", "team", "reopen_count")}
    # Two updates may carry the same number; the place among them keeps the ids apart.
    twin = pl.int_range(pl.len()).over("ticket", "sys_mod_count")
    mod = pl.col("sys_mod_count").cast(pl.Int64).cast(pl.String).fill_null("-")
    base = updates.with_columns(
        changed=(pl.col("state") != before["state"]) | before["state"].is_null(),
        left=before["state"].is_in(OVER) & ~pl.col("state").is_in(OVER),
        rose=(pl.col("reopen_count") > before["reopen_count"]).fill_null(False),
        moved=(pl.col("team") != before["team"]).fill_null(False),
        key=pl.concat_str(
            pl.col("ticket"), mod, pl.when(twin > 0).then(twin.cast(pl.String)), separator=":", ignore_nulls=True
        ),
    )
    kinds = {
        "resolved": pl.col("changed") & (pl.col("state") == "Resolved"),
        "reopened": pl.col("left") | pl.col("rose"),
        "pending": pl.col("changed") & (pl.col("state") == "Awaiting User Info"),
        "status": pl.col("changed") & ~pl.col("state").is_in(["Resolved", "Awaiting User Info"]),
        "assigned": pl.col("moved"),
    }
    return pl.concat(
        base.filter(condition).select(
            pl.concat_str("key", pl.lit(f":{kind}")).alias("id"),
            "ticket", "customer", "channel",
            pl.col("sys_updated_at").alias("at"),
            pl.lit(kind).alias("kind"),
            pl.lit("agent").alias("actor"),
            pl.lit(False).alias("public"),
            pl.struct(status="state").struct.json_encode().alias("properties"),
        )
        for kind, condition in kinds.items()
    )  # fmt: skip


def _promises(last: pl.DataFrame) -> pl.DataFrame:
    at = pl.coalesce("closed_at", "resolved_at", "sys_updated_at")
    due = json_of(pl.DataFrame({"due": ["not in the log: put at the closing"]})).item()
    return last.filter(pl.col("met").is_not_null()).select(
        (pl.col("ticket") + ":resolution").alias("id"),
        "ticket", "customer", "channel", "team", "agent", "priority", "topic",
        pl.lit("resolution").alias("kind"),
        at.alias("due_at"),
        pl.when("met").then(at).alias("kept_at"),
        pl.lit(False).alias("cancelled"),
        pl.lit(due).alias("properties"),
    )  # fmt: skip
