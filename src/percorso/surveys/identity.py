"""Who somebody is, as the server of another site vouches for it: an id signed with the survey's own secret."""

import hmac

from django.utils.crypto import constant_time_compare, salted_hmac

from percorso.surveys.models import Survey

SALT = "percorso.surveys.identity"
LONGEST_USER = 254


def secret_of(survey: Survey) -> str:
    """Return the secret that a site's server signs with; whoever has it can answer in the name of any customer."""
    return salted_hmac(SALT, survey.key, algorithm="sha256").hexdigest()


def signature_of(survey: Survey, user: str) -> str:
    """Return HMAC-SHA256 of a customer's id, in hexadecimal; the key is the secret as it is read, in ASCII."""
    return hmac.new(secret_of(survey).encode(), user.encode(), "sha256").hexdigest()


def vouched(survey: Survey, user: str, signature: str) -> str:
    """Return the id of the customer when its signature is right; empty for any other, and for an anonymous survey."""
    if survey.anonymous or not user or "\x00" in user or len(user) > LONGEST_USER:
        return ""
    return user if constant_time_compare(signature_of(survey, user), signature) else ""
