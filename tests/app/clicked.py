"""Events of a small shop that end today: what funnels and retention of the tests are about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.today import begun, today

DAY = timedelta(days=1)


def events() -> list[dict[str, Any]]:
    """Return 80 visits: 40 look, add and buy after an hour; 24 add and stop; 16 only look; a stranger among the latter."""
    rows = []
    for i in range(80):
        at = today() - 20 * DAY + timedelta(minutes=i)
        names = ["Product Viewed", "Product Added", "Order Completed"][: 3 if i < 40 else 2 if i < 64 else 1]
        who: dict[str, Any] = {"identity": f"v{i}"} if i == 79 else {"customer": f"c{i}"}
        for step, name in enumerate(names):
            more = {
                "channel": "app" if i % 4 == 0 else "web",
                "page": f"/p/{i % 2}",
                "properties": {"plan": "pro" if i % 2 else "free"},
            }
            rows.append({"id": f"e{i}-{step}", "name": name, "at": at + timedelta(hours=step) / 2, **who, **more})
    return rows


def lately() -> list[dict[str, Any]]:
    """Return five carts of half an hour ago, shortly after midnight of less: of today, their window of a day is still open."""
    at = max(datetime.now(UTC) - timedelta(minutes=30), begun())
    return [{"id": f"l{i}", "name": "Product Added", "at": at, "customer": f"n{i}", "channel": "web"} for i in range(5)]


def returning() -> list[dict[str, Any]]:
    """Return 60 people who sign in eight weeks ago on a Monday; half of them a week later, a third two weeks later."""
    monday = today() - timedelta(days=today().weekday()) - 56 * DAY + timedelta(hours=12)
    return [
        {
            "id": f"s{i}-{week}",
            "name": "Signed In",
            "at": monday + 7 * week * DAY,
            "customer": f"r{i}",
            "channel": "app" if i < 20 else "web",
        }
        for i in range(60)
        for week in (0, *((1,) if i % 2 else ()), *((2,) if i % 3 == 0 else ()))
    ]


def example() -> list[dict[str, Any]]:
    """Return what the examples of the REST interface are asked of: four carts, two of them bought, one customer back."""
    rows = []
    for i in range(4):
        at = f"2026-01-0{5 + i}T12:00:00Z"
        rows.append({"id": f"x{i}-1", "name": "Product Added", "at": at, "customer": f"x{i}", "channel": "web"})
        if i < 2:
            bought = f"2026-01-0{5 + i}T13:00:00Z"
            rows.append(
                {"id": f"x{i}-2", "name": "Order Completed", "at": bought, "customer": f"x{i}", "channel": "web"}
            )
    return [
        *rows,
        {"id": "x1-3", "name": "Order Completed", "at": "2026-01-14T12:00:00Z", "customer": "x1", "channel": "web"},
    ]
