"""What the REST interface's document shows of sources, events, the tracking plan and refused calls."""

from typing import Any

SOURCE: dict[str, Any] = {
    "id": 1, "name": "Shop", "write_key": "k2Zr5cV0bqLw9nT4xYsGf7hJpM1dEa8u", "state": "open", "heard_at": None, "taken": 0, "refused": {},
}  # fmt: skip
PLAN: dict[str, Any] = {
    "events": [
        {
            "name": "Order Completed", "about": "an order was paid", "closed": False,
            "properties": [
                {"name": "order_id", "kind": "text", "required": True},
                {"name": "total", "kind": "number", "required": True},
            ],
        }
    ]
}  # fmt: skip
SEEN: dict[str, Any] = {
    "counted_at": "2026-02-01T12:00:00Z",
    "items": [
        {
            "name": "Invite Sent", "count": 1, "week": 0, "first_at": "2026-01-12T02:00:00Z", "last_at": "2026-01-12T02:00:00Z",
            "planned": False, "violations": {},
        }
    ],
}  # fmt: skip
REFUSED: dict[str, Any] = {
    "id": 7, "source": 1, "at": "2026-02-01T12:00:00Z", "reason": "no_identity",
    "message": "A call needs userId or anonymousId, or both; of up to 254 characters each.", "detail": "", "type": "track",
    "message_id": "m-1", "bytes": 73,
}  # fmt: skip
REFUSED_CALL: dict[str, Any] = {"messageId": "m-1", "event": "Order Completed", "properties": {"total": 12.5}}
REFUSED_WHOLE: dict[str, Any] = {**REFUSED, "call": REFUSED_CALL, "sent_at": None, "context": None}
MENDED: dict[str, Any] = {**REFUSED_CALL, "userId": "u1"}
