"""A small company with every fact table filled at random: for comparing engines, not for looking at."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from tests.analytics import samples

START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 400
CUSTOMERS = 120
CHANNELS = ("email", "phone", "chat", None)
Rows = list[dict[str, Any]]


def facts(seed: int = 7) -> dict[str, Rows]:
    """Return rows for every fact table; the same seed gives the same rows."""
    r = np.random.default_rng(seed)
    made: dict[str, Rows] = {
        "customers": _customers(r),
        "answers": _answers(r, 1500),
        "mentions": _mentions(r, 300),
        **_tickets(r, 400),
        "promises": _promises(r, 300),
        "contacts": _contacts(r, 800),
        "messages": _messages(r, 500),
    }
    for family in (samples.commerce, samples.product, samples.research, samples.revenue):
        for table, rows in family.facts(np.random.default_rng(seed)).items():
            made[table] = [*made.get(table, []), *rows]
    return made


def _at(r: np.random.Generator, days: float = DAYS) -> datetime:
    return START + timedelta(microseconds=int(r.integers(0, int(days * 86_400_000_000))))


def _later(r: np.random.Generator, at: datetime, hours: float) -> datetime:
    return at + timedelta(seconds=int(r.exponential(hours) * 3600))


def _pick(r: np.random.Generator, values: tuple[Any, ...]) -> Any:
    return values[int(r.integers(len(values)))]


def _who(r: np.random.Generator) -> str | None:
    return f"c{r.integers(CUSTOMERS)}" if r.random() > 0.1 else None


def _customers(r: np.random.Generator) -> Rows:
    return [
        {
            "id": f"c{i}", "country": _pick(r, ("BR", "IT")), "plan": _pick(r, ("free", "pro")),
            "traits": {"tier": _pick(r, ("gold", "basic")), "seats": int(r.integers(1, 4))} if i % 5 else None,
        }
        for i in range(CUSTOMERS)
    ]  # fmt: skip


def _answers(r: np.random.Generator, n: int) -> Rows:
    kinds = (("nps", 0, 10, "higher"), ("csat", 1, 5, "higher"), ("csat", 1, 7, "higher"),
             ("ces", 1, 7, "higher"), ("ces", 1, 5, "lower"), ("fcr", 0, 1, "higher"))  # fmt: skip
    rows = []
    for i in range(n):
        metric, low, high, polarity = _pick(r, kinds)
        score: Any = float(r.integers(low, high + 1))
        score = _pick(r, (score,) * 20 + (None, high + 1.0, 2.5, "x"))
        aspect = _pick(r, (None, None, "service", "product", "company")) if metric == "nps" else None
        rows.append({
            "id": f"a{r.integers(n)}" if r.random() < 0.05 else f"a{i}", "customer": _who(r), "at": _at(r), "metric": metric,
            "score": score, "scale_min": low, "scale_max": high, "polarity": polarity, "aspect": aspect,
            "population": _pick(r, (None, "customer", "customer", "employee", "partner")),
            "channel": _pick(r, CHANNELS), "team": _pick(r, ("a", "b")), "interaction": f"i{r.integers(3)}",
            "weight": float(r.random() + 0.5) if r.random() > 0.1 else None, "properties": {"shop": _pick(r, ("x", "y"))},
        })  # fmt: skip
    return rows


def _mentions(r: np.random.Generator, n: int) -> Rows:
    return [
        {
            "id": f"m{i}", "at": _at(r), "source": _pick(r, ("review", "review", "survey")), "customer": _who(r),
            "item": f"p{r.integers(9)}", "rating": _pick(r, (1.0, 3.0, 4.0, 4.5, 5.0, 0.0, None)), "channel": _pick(r, CHANNELS),
            "reply_at": _at(r) if r.random() > 0.7 else None,
        }
        for i in range(n)
    ]  # fmt: skip


def _tickets(r: np.random.Generator, n: int) -> dict[str, Rows]:
    tickets, events = [], []
    for i in range(n):
        at = _at(r)
        tickets.append({
            "id": f"t{i}", "customer": _who(r), "opened_at": at, "channel": _pick(r, CHANNELS), "team": _pick(r, ("a", "b")),
            "priority": _pick(r, ("high", "low")), "initiated_by": _pick(r, (None, "customer", "customer", "agent")),
            "first_reply_at": _later(r, at, 2) if i % 9 == 0 else None, "resolved_at": _later(r, at, 30) if i % 9 == 0 else None,
        })  # fmt: skip
        if i % 9:
            events += _history(r, f"t{i}", at)
    return {"tickets": tickets, "ticket_events": events}


def _history(r: np.random.Generator, ticket: str, at: datetime) -> Rows:
    kinds = ("message", "message", "message", "resolved", "reopened", "escalated", "pending", "resolved")
    rows = []
    for i in range(int(r.integers(0, 9))):
        at = _later(r, at, 5) if r.random() > 0.05 else at
        rows.append({
            "id": f"{ticket}-{i}", "ticket": ticket, "at": at, "kind": "resolved" if i == 5 else _pick(r, kinds),
            "actor": _pick(r, ("agent", "customer", "bot")), "public": _pick(r, (True, True, False, None)),
        })  # fmt: skip
    return rows


def _promises(r: np.random.Generator, n: int) -> Rows:
    rows = []
    for i in range(n):
        due = _at(r)
        kept = _pick(r, (due, due - timedelta(hours=3), due + timedelta(seconds=1), None))
        rows.append({
            "id": f"p{i}", "customer": _who(r), "kind": _pick(r, ("first_reply", "resolution")), "due_at": due,
            "kept_at": kept, "cancelled": _pick(r, (None, False, True)), "channel": _pick(r, CHANNELS),
        })  # fmt: skip
    return rows


def _contacts(r: np.random.Generator, n: int) -> Rows:
    rows = []
    for i in range(n):
        at = _at(r)
        bot, answered = r.random() < 0.3, r.random() < 0.8
        left = at + timedelta(seconds=int(r.exponential(25)))
        rows.append({
            "id": f"k{i}", "customer": _who(r), "at": at, "queued_at": None if bot else at, "topic": _pick(r, ("x", "y", None)),
            "queue": _pick(r, ("sales", "help")), "channel": _pick(r, CHANNELS), "by_bot": bot,
            "answered_at": left if answered and not bot else None, "abandoned_at": left if not answered and not bot else None,
            "ended_at": left + timedelta(minutes=3), "handled": answered and not bot, "engaged": r.random() < 0.8,
            "talk_seconds": float(r.integers(30, 400)), "hold_seconds": float(r.integers(0, 60)),
            "wrap_seconds": _pick(r, (20.0, 30.5, None, -1.0)), "handed_off": r.random() < 0.3, "resolved": r.random() < 0.7,
            "resolvable": _pick(r, (None, True, False)),
        })  # fmt: skip
    return rows


def _messages(r: np.random.Generator, n: int) -> Rows:
    rows = []
    for i in range(n):
        at = _at(r)
        begun = _later(r, at, 100) if r.random() < 0.6 else None
        rows.append({
            "id": f"s{i}", "customer": _who(r), "at": at, "purpose": _pick(r, ("survey", "survey", "campaign")),
            "survey": _pick(r, ("a", "b")), "channel": _pick(r, CHANNELS), "bounced": _pick(r, (None, False, True)),
            "started_at": begun, "first_answer_at": begun if r.random() < 0.8 else None,
            "completed_at": begun + timedelta(minutes=2) if begun and r.random() < 0.6 else None,
        })  # fmt: skip
    return rows
