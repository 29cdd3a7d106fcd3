"""Who somebody is, as the server of another site vouches for it: an id signed with the survey's own secret."""

import hmac

from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from percorso.surveys.models import Survey

SALT = "percorso.surveys.identity"
LONGEST_USER = 254


def secret_of(survey: Survey) -> str:
    """Return the secret that a site's server signs with; whoever has it can answer in the name of any customer."""
    return _secret(survey, survey.identity_nonce)


def earlier_counts(survey: Survey) -> bool:
    """Whether the secret before counts as well: for the time in which a site is told the new one."""
    return survey.earlier_until is not None and survey.earlier_until > timezone.now()


def vouched(survey: Survey, user: str, signature: str) -> str:
    """Return the id of the customer when its signature is right; empty for any other, and for an anonymous survey."""
    if survey.anonymous or not user or "\x00" in user or len(user) > LONGEST_USER:
        return ""
    nonces = [survey.identity_nonce, *([survey.earlier_nonce] if earlier_counts(survey) else [])]
    right = [constant_time_compare(_signature(_secret(survey, nonce), user), signature) for nonce in nonces]
    return user if any(right) else ""


def _secret(survey: Survey, nonce: str) -> str:
    # The first secret is made of the key alone.
    return salted_hmac(SALT, f"{survey.key} {nonce}" if nonce else survey.key, algorithm="sha256").hexdigest()


def _signature(secret: str, user: str) -> str:
    """Return HMAC-SHA256 of a customer's id, in hexadecimal; the key is the secret as it is read, in ASCII."""
    return hmac.new(secret.encode(), user.encode(), "sha256").hexdigest()
