"""Which language a page speaks: the person's own choice, then the browser's (Django's LocaleMiddleware)."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

KNOWN = {code for code, _ in settings.LANGUAGES}


class PersonsLanguage:
    """Middleware: whoever is signed in and has chosen a language gets it, on any machine."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = getattr(request.user, "language", "") if not request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) else ""
        if chosen in KNOWN:
            translation.activate(chosen)
            request.LANGUAGE_CODE = chosen
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or "en")
        return response
