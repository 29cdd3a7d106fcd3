"""Customers of a site: visits, features, web vitals, errors, and what they answered. Small enough to count by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
MONDAY = datetime(2026, 3, 9, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def example() -> dict[str, list[Row]]:
    """Return the facts of the examples of the REST interface: three customers in the week of 9 March 2026."""
    events: list[Row] = []

    def did(who: str, day: int, name: str, page: str = "/", **properties: Any) -> None:
        at = (MONDAY + day * DAY + timedelta(minutes=len(events))).isoformat()
        row = {"id": f"visit-{len(events)}", "customer": who, "identity": who, "at": at, "name": name, "page": page}
        events.append(row | {"channel": "web", "device": "desktop", "properties": properties})

    did("vera", -6, "Page Viewed")
    did("vera", 0, "Page Viewed")
    did("vera", 0, "Feature Used", feature="export")
    did("vera", 0, "Web Vital Measured", metric="LCP", value=1800)
    did("vera", 1, "Page Viewed")
    did("walter", 0, "Page Viewed")
    did("walter", 0, "Web Vital Measured", metric="LCP", value=4200)
    did("walter", 0, "Error Occurred", page="/pay", message="TypeError: cart is null", release="2.1")
    did("xenia", 1, "Page Viewed")
    did("xenia", 1, "Web Vital Measured", metric="LCP", value=3000)
    answers = [
        {
            "id": f"visited-{who}", "customer": who, "identity": who, "at": (MONDAY + 2 * DAY).isoformat(),
            "metric": "nps", "score": score, "scale_min": 0, "scale_max": 10,
        }
        for who, score in (("vera", 10), ("walter", 3), ("xenia", 7))
    ]  # fmt: skip
    return {"events": events, "answers": answers}


def busy(end: datetime, customers: int = 80, days: int = 60) -> dict[str, list[Row]]:
    """Return a site's facts of the last days: who has a slow page is unhappy, and `fax` is used by nobody any more.

    Every customer comes every (number mod 9 + 1) days, in a country by the number; every third has slow pages.
    """
    events: list[Row] = []
    answers: list[Row] = []
    people: list[Row] = []

    def did(who: str, at: datetime, name: str, **more: Any) -> None:
        events.append({"id": f"e{len(events)}", "customer": who, "identity": who, "at": at, "name": name} | more)

    for i in range(customers):
        who, slow = f"v{i}", i % 3 == 0
        web = {"channel": "app" if i % 4 == 0 else "web", "device": "mobile" if slow else "desktop"}
        people.append({"id": who, "customer": who, "identity": who, "country": "BR" if i % 2 else "IT"})
        for day in range(i % 9 + 1, days + 1, i % 9 + 1):
            at = end - day * DAY + timedelta(hours=12, seconds=i)
            did(who, at, "Page Viewed", page="/shop", properties="{}", **web)
            value = 4500 if slow else 1500
            told = f'{{"metric": "LCP", "value": {value + day}, "release": "2.{day // 30}"}}'
            did(who, at, "Web Vital Measured", page="/shop" if slow else "/", properties=told, **web)
            if i % 2:
                feature = "export" if i % 4 == 1 else "=share"
                did(who, at, "Feature Used", page="/app", properties=f'{{"feature": "{feature}"}}', **web)
            if slow and day == i % 9 + 1:
                told = '{"message": "TypeError: cart is null", "release": "2.0"}'
                did(who, at, "Error Occurred", page="/pay", properties=told, **web)
        score = 4 if slow else 10
        told_answer = {"id": f"a{i}", "customer": who, "identity": who, "at": end - timedelta(hours=3), "metric": "nps"}
        answers.append(told_answer | {"score": score, "scale_min": 0, "scale_max": 10, "population": "customer"})
    did("v0", end - 300 * DAY, "Feature Used", properties='{"feature": "fax"}', channel="web")
    return {"events": events, "answers": answers, "customers": people}
