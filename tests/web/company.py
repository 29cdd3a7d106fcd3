"""A small company for the pages' tests: two years of facts up to yesterday, seeded, with every state a card can have."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from percorso.analytics.store import Store

Row = dict[str, Any]
WORKSPACE = "acme"
DAYS = 730
PEOPLE = 400


def fill(store: Store, now: datetime | None = None) -> None:
    """Write the facts. Satisfaction falls in the last year, first replies get faster, all else keeps its level."""
    random = np.random.default_rng(7)
    end = (now or datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0)
    start = end - timedelta(days=DAYS)
    for table, rows in {
        "customers": _customers(start),
        "answers": _answers(random, start),
        "messages": _messages(random, start),
        "contacts": _contacts(random, start),
        **_tickets(random, start),
    }.items():
        store.append(table, rows, workspace=WORKSPACE, batch="test")


def _who(random: np.random.Generator) -> Row:
    person = f"c{random.integers(PEOPLE)}"
    return {"customer": person, "identity": person, "channel": str(random.choice(["email", "chat", "phone"]))}


def _customers(start: datetime) -> list[Row]:
    return [
        {
            "id": f"c{i}", "customer": f"c{i}", "identity": f"c{i}", "created_at": start,
            "country": "BR" if i % 5 < 3 else "IT", "language": "pt-BR" if i % 5 < 3 else "it",
        }
        for i in range(PEOPLE)
    ]  # fmt: skip


def _moment(random: np.random.Generator, start: datetime) -> datetime:
    return start + timedelta(seconds=int(random.integers(DAYS * 86400)))


def _answers(random: np.random.Generator, start: datetime) -> list[Row]:
    rows = []

    def answer(metric: str, score: int, at: datetime, low: int, high: int, **more: Any) -> None:
        rows.append(
            {"id": f"a{len(rows)}", "at": at, "metric": metric, "score": score, "scale_min": low, "scale_max": high}
            | {"polarity": "higher", "population": "customer"} | _who(random) | more
        )  # fmt: skip

    for _ in range(1500):
        at = _moment(random, start)
        answer("nps", int(random.choice(11, p=_leaning(11, 0.30))), at, 0, 10)
    for _ in range(2400):
        at = _moment(random, start)
        recent = at >= start + timedelta(days=DAYS / 2)
        shares = [0.07, 0.08, 0.15, 0.3, 0.4] if recent else [0.03, 0.04, 0.08, 0.35, 0.5]
        answer("csat", int(random.choice([1, 2, 3, 4, 5], p=shares)), at, 1, 5)
    for aspect in ("service", "product", "after_sales"):
        for _ in range(150):
            answer("nps", int(random.choice(11, p=_leaning(11, 0.2))), _moment(random, start), 0, 10, aspect=aspect)
    for _ in range(14):
        answer("csat", int(random.integers(2, 6)), _moment(random, start), 1, 5, population="partner")
    for i in range(4):
        answer("nps", 9 - i, start + timedelta(days=DAYS - 9 + i), 0, 10, population="employee", team="Support")
    return rows


def _leaning(choices: int, pull: float) -> Any:
    weights = np.exp(pull * np.arange(choices))
    return weights / weights.sum()


def _messages(random: np.random.Generator, start: datetime) -> list[Row]:
    rows = []
    for i in range(1200):
        at = _moment(random, start)
        row = {"id": f"m{i}", "at": at, "purpose": "survey", "survey": "after-service", "delivered_at": at}
        row |= _who(random)
        if random.random() < 0.3:
            seen = at + timedelta(hours=5)
            row |= {"started_at": seen, "first_answer_at": seen}
            row |= {"completed_at": seen + timedelta(minutes=3)} if random.random() < 0.8 else {}
        rows.append(row)
    return rows


def _contacts(random: np.random.Generator, start: datetime) -> list[Row]:
    rows = []
    for i in range(1500):
        at, wait = _moment(random, start), float(random.exponential(40))
        row = {"id": f"k{i}", "queued_at": at, "queue": "main", "topic": f"t{i}"} | _who(random)
        if random.random() < 0.08:
            row |= {"abandoned_at": at + timedelta(seconds=wait), "handled": False}
        else:
            answered = at + timedelta(seconds=wait)
            talk = float(random.exponential(240))
            row |= {"answered_at": answered, "ended_at": answered + timedelta(seconds=talk), "handled": True}
            row |= {"handle_seconds": talk, "resolved": bool(random.random() < 0.7)}
        rows.append(row)
    return rows


def _tickets(random: np.random.Generator, start: datetime) -> dict[str, list[Row]]:
    tickets, events = [], []
    for i in range(900):
        at = _moment(random, start) if i >= 8 else start + timedelta(days=DAYS - 2 - i)
        recent = at >= start + timedelta(days=DAYS / 2)
        reply = at + timedelta(hours=float(random.exponential(3 if recent else 5)))
        done = reply + timedelta(hours=float(random.exponential(20)))
        who = _who(random)
        team = str(random.choice(["Billing", "Delivery", "=Formula"]))
        tickets.append({"id": f"t{i}", "opened_at": at, "team": team, "priority": "normal"} | who)
        steps = [(at, "message", "customer"), (reply, "message", "agent"), (done, "resolved", "agent")]
        if i < 8:
            steps = steps[:1]  # a few are still open
        for j, (when, kind, actor) in enumerate(steps):
            if when < start + timedelta(days=DAYS):
                event = {"id": f"e{i}-{j}", "ticket": f"t{i}", "at": when, "kind": kind, "actor": actor, "public": True}
                events.append(event | who)
    return {"tickets": tickets, "ticket_events": events}
