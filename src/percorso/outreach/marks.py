"""Ids of messages as the world sees them: nobody else can make one, so a bounce that names one is about our message."""

import hashlib
import hmac
import re

from django.conf import settings

MARK = re.compile(r"\bmsg_(\d{1,18})_([0-9a-f]{24})\b")


def mark_of(pk: int) -> str:
    """Return the id of a message for other systems; the same for every attempt to send it."""
    return f"msg_{pk}_{_tag(pk)}"


def marks_in(text: str) -> list[int]:
    """Return the messages that a text names by ids of ours, each once, in the order of the text."""
    found = (int(number) for number, tag in MARK.findall(text) if hmac.compare_digest(tag, _tag(int(number))))
    return list(dict.fromkeys(found))


def _tag(pk: int) -> str:
    key = hashlib.sha256(b"percorso.outreach.marks" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, str(pk).encode(), hashlib.sha256).hexdigest()[:24]
