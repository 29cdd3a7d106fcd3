"""Visits, carts, orders, referrals, returns, cases: at random, for comparing engines."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

Rows = list[dict[str, Any]]
START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 400
PRODUCTS = ("beans", "capsules", "grinder", None)
CHANNELS = ("web", "app", None)
ACTS = ("Referral Sent", "Invite Sent", "Review Posted", "Plan Upgraded")


def facts(r: np.random.Generator) -> dict[str, Rows]:
    """Return rows by their tables."""
    return {
        "events": _visits(r, 400) + _acts(r, 300) + _costs(r),
        "orders": _orders(r, 500),
        "tickets": _complaints(r, 150),
        "cases": _cases(r, 200),
        "mentions": _mentions(r, 400),
        "answers": _answers(r, 500) + _promoters(r, 150),
        "contacts": _contacts(r, 120),
    }


def _at(r: np.random.Generator) -> datetime:
    return START + timedelta(microseconds=int(r.integers(0, DAYS * 86_400_000_000)))


def _later(r: np.random.Generator, at: datetime, hours: float) -> datetime:
    return at + timedelta(seconds=int(r.exponential(hours) * 3600))


def _pick(r: np.random.Generator, values: tuple[Any, ...]) -> Any:
    return values[int(r.integers(len(values)))]


def _who(r: np.random.Generator) -> str | None:
    return f"c{r.integers(120)}" if r.random() > 0.1 else None


def _visits(r: np.random.Generator, n: int) -> Rows:
    rows = []
    for i in range(n):
        at, who = _at(r), _who(r)
        common = {
            "customer": who,
            "identity": f"device{r.integers(60)}",
            "session": f"s{i}",
            "channel": _pick(r, CHANNELS),
        }
        rows.append({
            **common, "id": f"v{i}", "name": "Page Viewed", "at": at, "page": _pick(r, ("/", "/shop")),
            "properties": _pick(r, (None, {"is_bot": False}, {"is_bot": True}, {"utm": "x"})),
        })  # fmt: skip
        if r.random() < 0.6:
            cart = {"cart_id": f"cart{i % 90}"} if r.random() < 0.5 else None
            added = _later(r, at, 0.3)
            rows.append({**common, "id": f"p{i}", "name": "Product Added", "at": added, "properties": cart})
            if r.random() < 0.5:
                bought = added + timedelta(hours=24) if r.random() < 0.1 else _later(r, added, 20)
                rows.append({**common, "id": f"o{i}", "name": "Order Completed", "at": bought, "properties": cart})
    return rows


def _acts(r: np.random.Generator, n: int) -> Rows:
    return [
        {
            "id": f"act{i}", "customer": _who(r), "at": _at(r), "name": _pick(r, ACTS), "channel": _pick(r, CHANNELS),
            "properties": _pick(r, (None, {"converted": True}, {"converted": False})),
        }
        for i in range(n)
    ]  # fmt: skip


def _costs(r: np.random.Generator) -> Rows:
    # Noon, so that a booking is in one month in any time zone.
    days = [START + timedelta(days=30 * i + 2, hours=12) for i in range(13)]
    return [
        {
            "id": f"cost{i}", "name": "Support Cost Booked", "at": at, "channel": _pick(r, ("phone", "chat")),
            "properties": {"amount": int(r.integers(1, 900)) * 1000, "currency": "EUR" if i == 12 else "BRL", "team": "a"},
        }
        for i, at in enumerate(days)
    ]  # fmt: skip


def _orders(r: np.random.Generator, n: int) -> Rows:
    rows = []
    for i in range(n):
        at = _at(r)
        quantity = int(r.integers(1, 5))
        told = {"quantity": quantity, "order_id": f"whole{i // 2}", "shipped_at": _later(r, at, 30).isoformat()}
        if r.random() < 0.3:
            back = _pick(r, (1, quantity, quantity + 1, "x"))
            told |= {"returned_quantity": back, "returned_at": _later(r, at, 400).strftime("%Y-%m-%d %H:%M:%S")}
        rows.append({
            "id": f"o{i}", "customer": _who(r), "at": at, "product": _pick(r, PRODUCTS), "amount": int(r.integers(1, 99)) * 100,
            "status": _pick(r, ("delivered", "delivered", "Delivered", "returned", "cancelled", None)), "currency": "BRL",
            "carrier": _pick(r, ("fast", "slow")), "channel": _pick(r, CHANNELS), "properties": told if i % 3 else None,
        })  # fmt: skip
    return rows


def _complaints(r: np.random.Generator, n: int) -> Rows:
    return [
        {
            "id": f"complaint{i}", "customer": _who(r), "opened_at": _at(r), "topic": _pick(r, ("complaint", "delivery", "advice", None)),
            "channel": _pick(r, ("phone", "email")),
            "properties": _pick(r, (None, {"kind": "complaint"}, {"order_id": f"o{r.integers(500)}"})),
        }
        for i in range(n)
    ]  # fmt: skip


def _cases(r: np.random.Generator, n: int) -> Rows:
    rows = []
    for i in range(n):
        at = _at(r)
        met = _pick(r, (at + timedelta(hours=48), _later(r, at, 40), _later(r, at, 40), None))
        rows.append({
            "id": f"case{i}", "customer": _who(r), "opened_at": at, "first_contact_at": met, "kind": _pick(r, ("detractor", "complaint")),
            "closed_at": _later(r, met, 50) if met and r.random() < 0.7 else None, "channel": _pick(r, ("email", "phone", None)),
            "team": _pick(r, ("a", "b")),
        })  # fmt: skip
    return rows


def _mentions(r: np.random.Generator, n: int) -> Rows:
    rows = []
    for i in range(n):
        at = _at(r)
        model = "2" if at.year == 2026 else "1"
        rows.append({
            "id": f"text{i}", "customer": _who(r), "at": at, "source": _pick(r, ("survey", "ticket", "review")),
            "text": _pick(r, ("good", "bad", "", None)), "channel": _pick(r, ("email", "phone", None)),
            "rating": _pick(r, (None, 1.0, 3.0, 5.0)), "sentiment": _pick(r, (None, -0.9, -0.25, 0.0, 0.25, 0.26, 0.8, 1.5)),
            "themes": _pick(r, (None, [], ["delivery"], ["price", "delivery"], ["taste", "taste"])),
            "properties": {"model_version": model},
        })  # fmt: skip
    return rows


def _answers(r: np.random.Generator, n: int) -> Rows:
    return [
        {
            "id": f"csat{i}", "customer": _who(r), "at": _at(r), "metric": "csat", "score": float(r.integers(2, 6)), "scale_min": 1,
            "scale_max": 5, "polarity": "higher", "channel": _pick(r, ("email", "phone", "chat")), "interaction": f"visit{i // 2}",
        }
        for i in range(n)
    ]  # fmt: skip


def _promoters(r: np.random.Generator, n: int) -> Rows:
    return [
        {
            "id": f"promoter{i}", "customer": _who(r), "at": _at(r), "metric": "nps", "score": float(r.integers(8, 11)),
            "scale_min": 0, "scale_max": 10, "polarity": "higher", "channel": _pick(r, CHANNELS),
        }
        for i in range(n)
    ]  # fmt: skip


def _contacts(r: np.random.Generator, n: int) -> Rows:
    return [
        {
            "id": f"paid{i}", "customer": _who(r), "at": _at(r), "channel": _pick(r, ("phone", "chat")), "handled": True,
            "properties": {"cost_minor": int(r.integers(100, 900)), "currency": "BRL"}, "team": _pick(r, ("a", "b")),
        }
        for i in range(n)
    ]  # fmt: skip
