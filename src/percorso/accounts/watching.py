"""What allauth does is written into the audit log of every workspace that the person belongs to."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out

from percorso.accounts import audit
from percorso.accounts.models import Person


def connect() -> None:
    """Listen; called once, when the app is ready."""
    account.user_logged_in.connect(_signed_in)
    user_logged_out.connect(_signed_out)
    for signal in (account.password_changed, account.password_set, account.password_reset):
        signal.connect(_password_changed)
    mfa.authenticator_added.connect(_factor_added)
    mfa.authenticator_removed.connect(_factor_removed)
    mfa.authenticator_reset.connect(_codes_made)
    mfa.authentication_failed.connect(_code_failed)


def _signed_in(sender: Any, user: Person, **more: Any) -> None:
    audit.record_everywhere("signed_in", user)


def _signed_out(sender: Any, user: Person | None, **more: Any) -> None:
    if user is not None:
        audit.record_everywhere("signed_out", user)


def _password_changed(sender: Any, user: Person, **more: Any) -> None:
    audit.record_everywhere("password_changed", user)


def _factor_added(sender: Any, user: Person, authenticator: Authenticator, **more: Any) -> None:
    # Recovery codes are made along with the first factor; they are no factor by themselves.
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        audit.record_everywhere("second_factor_added", user)


def _factor_removed(sender: Any, user: Person, authenticator: Authenticator, **more: Any) -> None:
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        audit.record_everywhere("second_factor_removed", user)


def _codes_made(sender: Any, user: Person, **more: Any) -> None:
    audit.record_everywhere("recovery_codes_made", user)


def _code_failed(sender: Any, user: Person, **more: Any) -> None:
    audit.record_everywhere("sign_in_failed", user)
