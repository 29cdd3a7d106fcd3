"""What a page carries and its form brings back, signed: when it was shown, whose response it will be, how people came.

So an answer that is sent twice is kept once, and the time it took is known, without a session and without a cookie.
"""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from time import time
from typing import Any

from django.core.signing import BadSignature, Signer, b64_encode
from django.http import HttpRequest

from percorso.surveys.identity import vouched
from percorso.surveys.models import Survey, new_key
from percorso.surveys.respond.forms import Sent, told_of

SALT = "percorso.surveys.respond.seal"
KEY_CHARACTERS = 12


@dataclass(frozen=True)
class Seal:
    """key : of the response. shown : epoch seconds. begun : whether the response is kept already (anonymous ones).

    customer : whom the server of the site around it vouches for (`identity.py`).
    """

    key: str = field(default_factory=new_key)
    shown: float = field(default_factory=lambda: round(time(), 1))
    channel: str = "link"
    told: dict[str, str] = field(default_factory=dict)
    frame: bool = False
    begun: bool = False
    customer: str = ""

    @property
    def shown_at(self) -> datetime:
        """When the first page was shown."""
        return datetime.fromtimestamp(self.shown, UTC)

    def written(self, survey: Survey) -> str:
        """Return it as the value of a hidden field; good for this survey only."""
        return _signer(survey).sign_object(asdict(self), compress=True)


def seal_of(request: HttpRequest, survey: Survey) -> Seal:
    """Return a new seal for somebody who opens a survey."""
    frame = request.GET.get("frame") == "1"
    told = told_of(request.GET, survey)
    customer = vouched(survey, request.GET.get("user", ""), request.GET.get("signature", ""))
    return Seal(channel=told.pop("channel", "widget" if frame else "link"), told=told, frame=frame, customer=customer)


def sent_seal(given: Sent, survey: Survey) -> Seal | None:
    """Return the seal that a form brings back; None when it is not ours.

    A kiosk that shows one page to many people adds `_copy`, a text of its own for each: another response each time.
    """
    try:
        content: dict[str, Any] = _signer(survey).unsign_object(str(given.get("_seal", "")))
        seal = Seal(**content)
    except (BadSignature, ValueError, TypeError):
        return None
    copy = str(given.get("_copy", "") or "")
    if not copy:
        return seal
    own = b64_encode(sha256(f"{seal.key} {copy}".encode()).digest()).decode()[:KEY_CHARACTERS]
    return Seal(**{**content, "key": own})


def _signer(survey: Survey) -> Signer:
    return Signer(salt=f"{SALT} {survey.key}")
