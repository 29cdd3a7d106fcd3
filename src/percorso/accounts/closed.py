"""Addresses of allauth that percorso does not offer, and those that are not for the person whom all demo visitors share."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

# Addresses of mail are changed by an owner's invitation, accounts of a provider are joined by their address.
CLOSED = frozenset(
    {
        "account_email",
        "account_email_verification_sent",
        "account_confirm_email",
        "account_confirm_login_code",
        "socialaccount_connections",
    }
)
NOT_SHARED = frozenset(
    {
        "account_change_password",
        "account_set_password",
        "account_reauthenticate",
        "usersessions_list",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_reauthenticate",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "accept_invitation",
        "workspace_new",
        "me",
        "session_end",
    }
)

# What makes the demo write to addresses that a stranger may choose: looked at, but not done.
WRITES_TO_PEOPLE = frozenset(
    {"boards_report_new", "boards_report_change", "boards_report_send", "boards_issue_again"},
)


class Closed:
    """Middleware: 404 for what is not offered, 403 for what the demo's person may not do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, words: Any, names: Any) -> None:
        """Refuse before the view is called."""
        name = request.resolver_match.url_name if request.resolver_match else None
        if name in CLOSED:
            raise Http404
        closed = name in NOT_SHARED or (name in WRITES_TO_PEOPLE and request.method == "POST")
        if closed and getattr(request.user, "is_demo", False):
            raise PermissionDenied
