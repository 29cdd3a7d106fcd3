"""Tokens of invitations: short, signed, checked without asking the database."""

from base64 import urlsafe_b64encode

from django.utils.crypto import constant_time_compare, salted_hmac

from percorso.surveys.models import Invitation

SALT = "percorso.surveys.tokens"
SIGNED_BYTES = 15
BASE = 36
LONGEST_NUMBER = 12


def token_of(invitation: Invitation) -> str:
    """Return the token in the personal link of an invitation."""
    return f"{_written(invitation.pk)}.{_signature(invitation.pk)}"


def number_of(token: str) -> int | None:
    """Return the number of the invitation that a token is of; None when it is not ours."""
    number, _, signature = token.partition(".")
    if not number.isascii() or not number.isalnum() or len(number) > LONGEST_NUMBER:
        return None
    pk = int(number, BASE)
    return pk if constant_time_compare(signature, _signature(pk)) else None


def invitation_of(token: str) -> Invitation | None:
    """Return the invitation that a token is of; None when it is not ours."""
    pk = number_of(token)
    if pk is None:
        return None
    return Invitation.objects.select_related("survey__workspace", "survey__live").filter(pk=pk).first()


def _signature(pk: int) -> str:
    made = salted_hmac(SALT, str(pk), algorithm="sha256").digest()[:SIGNED_BYTES]
    return urlsafe_b64encode(made).decode()


def _written(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, rest = divmod(number, BASE)
        text = digits[rest] + text
    return text or "0"
