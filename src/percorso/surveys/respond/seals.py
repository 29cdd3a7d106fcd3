"""What a page carries and its form brings back, signed: when it was shown, whose response it will be, how people came.

So an answer that is sent twice is kept once, and the time it took is known, without a session and without a cookie.
"""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from time import time

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest

from percorso.surveys.identity import vouched
from percorso.surveys.models import Survey, new_key
from percorso.surveys.respond.forms import Sent, told_of

SALT = "percorso.surveys.respond.seal"


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
    """Return the seal that a form brings back; None when it is not ours."""
    try:
        return Seal(**_signer(survey).unsign_object(str(given.get("_seal", ""))))
    except (BadSignature, ValueError, TypeError):
        return None


def _signer(survey: Survey) -> Signer:
    return Signer(salt=f"{SALT} {survey.key}")
