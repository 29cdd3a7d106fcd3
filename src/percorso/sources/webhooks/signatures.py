"""Whether a call is signed: HMAC over its body as it came, compared in constant time, and not too old."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from percorso.i18n import mark
from percorso.sources.webhooks.kind import NotSigned, Unusable
from percorso.sources.webhooks.values import instant_of

Algorithm = Literal["sha256", "sha512", "sha1"]
Encoding = Literal["hex", "base64"]
# A signature holds for so long, before and after: what was overheard cannot be told again later.
TOLERANCE = timedelta(minutes=5)

NO_SECRET = mark("The source has no secret yet: enter the one that the other side shows.")
NOT_GIVEN = mark("The call has no signature: the header {header} is missing.")
WRONG = mark("The signature does not fit: the secret is another one, or the body was changed on its way.")
WRONG_TOKEN = mark("The token in the address is missing or another one.")
OLD = mark("The call was signed more than five minutes ago, or the clocks differ.")


def signature(
    secret: str, text: bytes, algorithm: Algorithm = "sha256", encoding: Encoding = "hex"
) -> str:  # fmt: skip
    """Return the HMAC of a text.

    Examples
    --------
    >>> signature("key", b"The quick brown fox jumps over the lazy dog")[:16]
    'f7bc83f430538424'
    """
    digest = hmac.new(secret.encode(), text, getattr(hashlib, algorithm))
    return digest.hexdigest() if encoding == "hex" else base64.b64encode(digest.digest()).decode()


def check_signature(
    secret: str, text: bytes, given: Iterable[str], header: str, algorithm: Algorithm = "sha256", encoding: Encoding = "hex"
) -> None:  # fmt: skip
    """Check that one of the signatures given is that of a text.

    Raises
    ------
    NotSigned : none is, or there is no secret to check with.
    """
    if not secret:
        raise NotSigned(NO_SECRET)
    several = [one.strip().encode("utf-8", "replace") for one in given if one.strip()]
    if not several:
        raise NotSigned(NOT_GIVEN, header=header)
    expected = signature(secret, text, algorithm, encoding)
    wanted = (expected if encoding == "base64" else expected.lower()).encode()
    if not any(hmac.compare_digest(wanted, one if encoding == "base64" else one.lower()) for one in several):
        raise NotSigned(WRONG)


def check_token(secret: str, given: str) -> None:
    """Check the token of an address.

    Raises
    ------
    NotSigned : it is another one.
    """
    if not secret:
        raise NotSigned(NO_SECRET)
    if not hmac.compare_digest(secret.encode(), given.encode("utf-8", "replace")):
        raise NotSigned(WRONG_TOKEN)


def check_time(given: str, now: datetime, header: str) -> None:
    """Check that a call was signed lately; `given` is in seconds since 1970, or ISO 8601.

    Raises
    ------
    NotSigned : it was not, or nothing says when.
    """
    if not given.strip():
        raise NotSigned(NOT_GIVEN, header=header)
    try:
        at = instant_of(int(given) if given.isascii() and given.isdecimal() else given)
    except Unusable as error:
        raise NotSigned(NOT_GIVEN, header=header) from error
    if at is None or abs(now - at) > TOLERANCE:
        raise NotSigned(OLD)
