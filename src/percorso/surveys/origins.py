"""Where an answer came from, as far as it may be known: the hash that finds duplicates."""

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from percorso.base.limits import address_of
from percorso.surveys.models import Survey

SALT = "percorso.surveys.origins"
HASH_CHARACTERS = 32


def origin_of(request: HttpRequest, survey: Survey) -> str:
    """Return a keyed hash of address and browser, equal only within one survey; empty where nobody may be recognised.

    An anonymous survey stores none, and one that is answered again and again on one device (a kiosk) needs none.
    """
    if survey.anonymous or survey.repeated:
        return ""
    told = f"{survey.pk} {address_of(request)} {request.META.get('HTTP_USER_AGENT', '')}"
    return salted_hmac(SALT, told, algorithm="sha256").hexdigest()[:HASH_CHARACTERS]
