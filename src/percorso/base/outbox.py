"""What other systems are told: an event is written down in the transaction of the change that it tells of."""

import secrets
from typing import Any

from django.utils import timezone

from percorso.base.jobs import enqueue

# The kinds of events; a webhook chooses among them.
EVENTS = ("import.finished", "figure.changed", "alarm.raised")


def publish(kind: str, workspace_slug: str, data: dict[str, Any], *, key: str = "") -> str:
    """Line up an event for everybody who wants to be told of it; return its id.

    It is sent when the transaction around is committed, and never when that is rolled back.

    Parameters
    ----------
    kind : one of `EVENTS`. data : JSON values, under 20 kB; never personal data.
    key : of several events with one key only the first is sent.
    """
    if kind not in EVENTS:
        raise ValueError(f"{kind} is no event: add it to EVENTS")
    event = f"msg_{secrets.token_urlsafe(18)}"
    lined_up = enqueue(
        "publish_event",
        workspace=workspace_slug,
        key=f"publish:{workspace_slug}:{kind}:{key or event}"[:200],
        event=event,
        kind=kind,
        at=timezone.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        data=data,
    )
    return str(lined_up.arguments["event"])
