"""Signatures of Standard Webhooks 1.0.0: ``v1,`` and base64 of HMAC-SHA256 over ``{id}.{timestamp}.{body}``."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

MARK = "whsec_"
SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret of 32 random bytes as the standard writes it."""
    return MARK + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, event: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one attempt.

    Examples
    --------
    >>> signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
    ...           b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(MARK))
    signed = hmac.new(key, f"{event}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def headers(keys: Iterable[str], event: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of one attempt; with two secrets at a change of them, two signatures."""
    return {
        "webhook-id": event,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, event, timestamp, body) for key in keys),
    }
