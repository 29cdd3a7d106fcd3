"""The examples of surveys that the OpenAPI document shows; the tests carry them out and compare."""

from typing import Any

TEMPLATE: dict[str, Any] = {
    "key": "nps",
    "label": "Relationship NPS",
    "about": "Would customers recommend you, and why? Two questions; ask everybody two to four times a year.",
    "population": "customer",
    "anonymous": False,
    "indicators": ["nps"],
    "languages": ["en", "pt-BR", "it"],
}
DEFINITION: dict[str, Any] = {
    "languages": ["en", "pt-BR"],
    "title": {"en": "After your delivery", "pt-BR": "Depois da entrega"},
    "pages": [
        {
            "id": "score",
            "questions": [
                {
                    "id": "csat",
                    "type": "csat",
                    "text": {
                        "en": "How satisfied are you with the delivery?",
                        "pt-BR": "Quão satisfeito(a) você ficou com a entrega?",
                    },
                    "required": True,
                    "metric": "csat",
                }
            ],
        },
        {
            "id": "reason",
            "show_if": {"question": "csat", "at_most": 3.0},
            "questions": [
                {"id": "why", "type": "text", "text": {"en": "What went wrong?", "pt-BR": "O que deu errado?"}}
            ],
        },
    ],
}
ASKED: dict[str, Any] = {"name": "After delivery", "touchpoint": "Delivery", "definition": DEFINITION}
SURVEY: dict[str, Any] = {
    "slug": "after-delivery",
    "name": "After delivery",
    "state": "draft",
    "population": "customer",
    "anonymous": False,
    "least_answers": 5,
    "touchpoint": "Delivery",
    "language": "en",
    "languages": ["en", "pt-BR"],
    "version": None,
    "unpublished": True,
    "open": False,
    "address": "http://localhost:8000/s/mYkKq3yB0Vxw/",
    "closes_at": None,
    "gap_days": 90,
    "share": 1.0,
    "priority": 5,
    "expires_days": 30,
    "created_at": "2026-03-02T09:00:00Z",
    "changed_at": "2026-03-02T09:00:00Z",
}
LIVE: dict[str, Any] = SURVEY | {"state": "live", "version": 1, "unpublished": False, "open": True, "gap_days": 30}
RESPONSE_ASKED: dict[str, Any] = {
    "id": "order-4711",
    "answers": {"csat": 2, "why": "The parcel was open."},
    "customer": "c1",
    "language": "en",
    "channel": "app",
}
RESPONSE: dict[str, Any] = {
    "response": "Jx0aB8qTzqWk2mF1c9dE",
    "version": 1,
    "customer": "c1",
    "language": "en",
    "channel": "app",
    "answers": {"csat": 2, "why": "The parcel was open."},
    "completed": True,
    "started_at": "2026-03-05T14:00:00Z",
    "changed_at": "2026-03-05T14:00:00Z",
    "completed_at": "2026-03-05T14:00:00Z",
    "seconds": None,
    "marks": [],
    "left_out": False,
    "over_quota": "",
}
SENDING_ASKED: dict[str, Any] = {
    "channel": "email",
    "people": [
        {
            "address": "ana@example.com",
            "customer": "c1",
            "name": "Ana Souza",
            "language": "pt-BR",
            "traits": {"plan": "pro"},
        }
    ],
    "remind_days": 5,
}
SENDING: dict[str, Any] = {"sending": 1, "channel": "email", "send_at": "2026-03-02T09:00:00Z"}
INVITATION: dict[str, Any] = {
    "id": 1,
    "sending": 1,
    "customer": "c1",
    "address": "ana@example.com",
    "language": "pt-BR",
    "channel": "email",
    "state": "waiting",
    "because": "",
    "sent_at": None,
    "expires_at": "2026-04-01T09:00:00Z",
    "reminders": 0,
}
