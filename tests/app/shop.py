"""A small shop whose buyers come and go: orders and subscriptions, the same ones every time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

START = datetime(2025, 1, 6, 15, tzinfo=UTC)
END = datetime(2026, 2, 1, 3, tzinfo=UTC)
Row = dict[str, Any]


def orders(n: int = 240, end: datetime = END) -> list[Row]:
    """Return the orders of `n` buyers in 56 weeks up to `end`, as the BG/NBD and Gamma-Gamma models suppose."""
    draw, rows = np.random.default_rng(5), list[Row]()
    late = end - END
    for c in range(n):
        at = START + timedelta(days=float(draw.uniform(0, 250)))
        pace, leaves, level = draw.gamma(1.2, 1 / 20), draw.beta(1.5, 6), draw.gamma(6, 500)
        while at < END:
            amount = round(float(draw.gamma(8, level / 8)))
            row = {"id": f"o{len(rows)}", "customer": f"b{c}", "amount": amount, "currency": "EUR"}
            rows.append(row | {"at": (at + late).isoformat(), "status": "delivered"})
            if draw.random() < leaves:
                break
            at += timedelta(days=float(draw.exponential(1 / pace)))
    return rows


def subscriptions(n: int = 160, end: datetime = END) -> list[Row]:
    """Return subscriptions up to `end`; those of the plan Basic end twice as soon as those of the plan Plus."""
    draw, rows, late = np.random.default_rng(6), list[Row](), end - END
    for c in range(n):
        plan, begins = ("Basic", "Plus")[c % 2], START + timedelta(days=float(draw.uniform(0, 200)))
        ends = begins + timedelta(days=float(draw.exponential(150 if plan == "Basic" else 300)))
        row = {"id": f"s{c}", "customer": f"b{c}", "plan": plan, "mrr": 1900, "currency": "EUR"}
        row |= {"started_at": (begins + late).isoformat()}
        rows.append(row | ({"ended_at": (ends + late).isoformat()} if ends < END else {}))
    return rows


def unhappy(n: int = 80) -> tuple[list[Row], list[Row]]:
    """Return answers and cases of unhappy customers who answer again; every second one is contacted between.

    Those contacted are 3 points happier then than the others; one customer has not answered again.
    """
    day = datetime(2026, 3, 2, tzinfo=UTC)
    scale = {"metric": "nps", "scale_min": 0, "scale_max": 10, "population": "customer"}
    answers, cases = list[Row](), list[Row]()
    for c in range(n):
        first, contacted, who = c % 7, c % 2 == 0, {"customer": f"u{c}"}
        again = min(10, first + 1 + c % 3 // 2 + 3 * contacted)
        later = (day + timedelta(days=40)).isoformat()
        answers.append(scale | who | {"id": f"u{c}-1", "score": first, "at": day.isoformat()})
        answers.append(scale | who | {"id": f"u{c}-2", "score": again, "at": later})
        if contacted:
            back = (day + timedelta(days=1)).isoformat()
            told = {"id": f"h{c}", "response": f"u{c}-1", "kind": "detractor"}
            cases.append(who | told | {"opened_at": day.isoformat(), "first_contact_at": back})
    answers.append(scale | {"id": "late", "customer": "late", "score": 2, "at": day.isoformat()})
    return answers, cases
