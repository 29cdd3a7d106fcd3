"""Facts as rows of a table that a person reads."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from percorso.analytics.tables import TABLES
from percorso.base.columns import column_name, value_name
from percorso.customers import words

# The columns that matter to whoever looks behind a figure, beside moment, customer and channel.
MATTER = {
    "answers": ("score", "option", "survey", "question", "aspect", "touchpoint", "team", "agent"),
    "mentions": ("rating", "source", "item", "text", "reply_at"),
    "tickets": ("topic", "priority", "status", "team", "agent", "first_reply_at", "resolved_at"),
    "ticket_events": ("ticket", "kind", "actor"),
    "promises": ("kind", "ticket", "due_at", "kept_at", "team"),
    "contacts": ("queue", "topic", "agent", "answered_at", "abandoned_at", "handle_seconds", "resolved"),
    "orders": ("product", "status", "amount", "promised_at", "delivered_at"),
    "subscriptions": ("plan", "mrr", "started_at", "ended_at"),
    "events": ("name", "page", "device", "touchpoint"),
    "cases": ("kind", "topic", "team", "agent", "first_contact_at", "closed_at", "outcome"),
    "customers": ("country", "segment", "plan", "created_at"),
    "messages": ("survey", "campaign", "delivered_at", "started_at", "completed_at"),
}

# Amounts in minor units of the row's currency.
MONEY = ("amount", "mrr")


def columns_of(table: str, rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the columns that say something in `rows`, each with its name in the person's language."""
    return [(n, column_name(n)) for n in MATTER[table] if any(r.get(n) not in (None, "") for r in rows)]


def line_of(table: str, fact: Mapping[str, Any], names: Sequence[str], tz: str) -> dict[str, Any]:
    """Return a fact as texts: moment, customer, channel, and the columns `names`."""
    kinds = {c.name: c.kind for c in TABLES[table].columns}
    return {
        "at": words.instant(fact["moment"], tz),
        "customer": fact.get("customer") or "",
        "channel": value_name("channel", fact["channel"]) if fact.get("channel") else "",
        "cells": [{"text": _text(n, kinds[n], fact, tz), "number": kinds[n] in ("number", "integer")} for n in names],
    }


def _text(name: str, kind: str, fact: Mapping[str, Any], tz: str) -> str:
    value = fact.get(name)
    if value is None or value == "":
        return "–"
    if name in MONEY:
        return words.money(value, fact.get("currency"))
    if isinstance(value, datetime):
        return words.instant(value, tz)
    if kind == "flag":
        return gettext("yes") if value else gettext("no")
    if kind in ("number", "integer"):
        return words.seconds(value) if name.endswith("_seconds") else words.number(value)
    return value_name(name, str(value))
