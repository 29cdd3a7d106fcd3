"""Ways of a small shop's customers that end today: what flows of the tests are about."""

from datetime import timedelta
from typing import Any

from tests.today import today

DAY = timedelta(days=1)


def facts() -> dict[str, list[dict[str, Any]]]:
    """Return 100 visits of ten days ago, half of them by Italians, who buy more; a day later each calls, at night one writes.

    Everybody looks for something and at an item, twice; 35 of 50 Italians and 5 of 50 Brazilians pay. Ten only ask for help.
    """
    start = today() - 10 * DAY + timedelta(hours=12)
    found: dict[str, list[dict[str, Any]]] = {"events": [], "customers": [], "contacts": []}
    for i in range(100):
        who, italian = f"c{i}", i < 50
        found["customers"].append({"id": who, "customer": who, "country": "IT" if italian else "BR"})
        steps = ["home", "search", "item", "search", "item"] if i % 10 else ["home", "help"]
        steps += ["pay"] if i % 10 and i % 5 < (4 if italian else 1) else []
        for k, name in enumerate([*steps, "Web Vital Measured"]):
            told = {"name": name, "page": f"/{name}", "channel": "app" if i % 2 else "web"}
            at = start + timedelta(minutes=2 * k, seconds=i)
            found["events"].append({"id": f"e{i}-{k}", "customer": who, "at": at, **told})
        found["contacts"].append({"id": f"k{i}", "customer": who, "queued_at": start + DAY, "channel": "phone"})
    return found
