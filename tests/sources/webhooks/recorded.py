"""Recorded calls of `tests/sources/fixtures/webhooks`, written after the public documentation of each system, and signed."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from percorso.sources.webhooks.kind import Call

FOLDER = Path(__file__).parents[1] / "fixtures" / "webhooks"
SECRET = "whsec_a secret of the tests"
KINDS = ("stripe", "shopify", "chatwoot", "zendesk", "generic")
MAPPING: dict[str, Any] = {
    "table": "orders",
    "when": {"$.type": ["order.paid", "order.shipped"]},
    "columns": {
        "id": "$.order.number", "at": "$.order.placed", "amount": "$.order.total.value", "currency": "$.order.total.currency",
        "status": "$.order.state", "product": "$.order.lines[0].name", "customer": "$.order.buyer.mail",
    },
    "constants": {"channel": "store"}, "keep": {"shop": "$.order.shop"}, "customer_is": "email",
    "phone": "$.order.buyer.tel", "changed": "$.order.changed",
}  # fmt: skip
SETTINGS: dict[str, dict[str, Any]] = {
    "stripe": {"secret": SECRET, "user_key": "user_id"},
    "shopify": {"secret": SECRET},
    "chatwoot": {"secret": SECRET, "account": "3"},
    "zendesk": {"secret": SECRET},
    "generic": {"secret": SECRET, "prefix": "sha256=", "event": "$.type", "id_header": "X-Call-Id", "mapping": MAPPING},
}


def names(kind: str) -> list[str]:
    """Return the names of the recorded calls of a kind, in the order in which they happened."""
    return sorted(path.stem for path in (FOLDER / kind).glob("*.json"))


def recorded(kind: str, name: str) -> tuple[dict[str, str], bytes]:
    """Return the headers and the body of a recorded call."""
    found = json.loads((FOLDER / kind / f"{name}.json").read_text())
    return found["headers"], json.dumps(found["body"], ensure_ascii=False).encode()


def call(kind: str, name: str, **changes: Any) -> Call:
    """Return a recorded call as it comes, signed now; `changes` of its outermost fields."""
    headers, body = recorded(kind, name)
    if changes:
        body = json.dumps(json.loads(body) | changes).encode()
    return Call(body, headers | signed(kind, body))


def signed(kind: str, body: bytes, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    """Return the headers by which a system signs, computed here as its documentation says."""
    at = at or datetime.now(UTC)
    seconds = str(int(at.timestamp()))
    iso = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    texts = {
        "stripe": f"{seconds}.".encode() + body, "shopify": body, "chatwoot": f"{seconds}.".encode() + body,
        "zendesk": iso.encode() + body, "generic": body,
    }  # fmt: skip
    digest = hmac.new(secret.encode(), texts[kind], hashlib.sha256)
    plain, coded = digest.hexdigest(), base64.b64encode(digest.digest()).decode()
    return {
        "stripe": {"stripe-signature": f"t={seconds},v1={plain},v0=6ffb"},
        "shopify": {"x-shopify-hmac-sha256": coded},
        "chatwoot": {"x-chatwoot-signature": f"sha256={plain}", "x-chatwoot-timestamp": seconds},
        "zendesk": {"x-zendesk-webhook-signature": coded, "x-zendesk-webhook-signature-timestamp": iso},
        "generic": {"x-signature": f"sha256={plain}"},
    }[kind]
