"""Errors that a person can solve become pages that say what to do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from percorso.errors import BadQuestion, UserError


class UserErrors:
    """Middleware: a `BadQuestion` is answered with 400, any other `UserError` with 503 (try again later)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for `error`; None leaves it to Django."""
        if not isinstance(error, UserError):
            return None
        status = 400 if isinstance(error, BadQuestion) else 503
        # The template is translated before its places are filled, so that no sentence is glued.
        told = gettext(error.message).format(**error.params)
        try:
            return render(request, f"{status}.html", {"told": told}, status=status)
        except UserError:
            # Without its assets not even the page of the problem can be shown.
            return HttpResponse(told, status=status, content_type="text/plain; charset=utf-8")


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the page for an error of ours, in the language of the request."""
    return render(request, "500.html", status=500)
