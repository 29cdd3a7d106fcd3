"""Where an answer came from, as far as it may be known: the address that limits count, and the hash that finds duplicates."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from percorso.surveys.models import Survey

SALT = "percorso.surveys.origins"
HASH_CHARACTERS = 32
# One household or one phone has a whole network of this size.
IPV6_PREFIX = 64


def address_of(request: HttpRequest) -> str:
    """Return the address that a request came from; `PERCORSO_PROXIES` says how many entries of X-Forwarded-For are ours.

    An IPv6 address is told by its network: the rest of it changes as its owner likes.
    """
    trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    given = told[-trusted] if 0 < trusted <= len(told) else request.META.get("REMOTE_ADDR", "")
    if ":" not in given:
        return given
    try:
        address = ip_address(given.strip("[]"))
    except ValueError:
        return given
    return str(ip_network((address, IPV6_PREFIX), strict=False).network_address)


def origin_of(request: HttpRequest, survey: Survey) -> str:
    """Return a keyed hash of address and browser, equal only within one survey; empty where nobody may be recognised.

    An anonymous survey stores none, and one that is answered again and again on one device (a kiosk) needs none.
    """
    if survey.anonymous or survey.repeated:
        return ""
    told = f"{survey.pk} {address_of(request)} {request.META.get('HTTP_USER_AGENT', '')}"
    return salted_hmac(SALT, told, algorithm="sha256").hexdigest()[:HASH_CHARACTERS]
