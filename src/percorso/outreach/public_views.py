"""Pages for whoever got a message: unsubscribing (RFC 8058), and choosing what they get. No session, no cookie.

The sealed token in the address is what lets somebody in; it came to them alone. Forms are guarded by it and by no CSRF
token: mail programs that unsubscribe for their user have no cookie, and neither has a browser that refuses them.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext, override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from percorso.accounts.access import public
from percorso.customers.consent import PURPOSES, purpose_words
from percorso.outreach import limits
from percorso.outreach import preferences as own
from percorso.outreach.shown_policy import because_words, channel_words
from percorso.outreach.unsubscribe import Recipient, recipient_of

LANGUAGES = dict(settings.LANGUAGES)
ONE_CLICK = ("List-Unsubscribe", "One-Click")
HEADERS = {
    "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
}  # fmt: skip
BROWSER_LENGTH = 200


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show what would end (scanners open every link: a GET changes nothing), or end it: for whoever has the link.

    Mail programs post ``List-Unsubscribe=One-Click``, as the page's own button does; done twice, it is done once.
    """
    if wait := limits.too_many(request, token):
        return _busy(request, wait)
    person = recipient_of(token)
    with override(_language(request, person)):
        if person is None:
            return _page(request, "lost.html", {}, 403)
        wanted = request.method == "POST" and request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]
        if wanted:
            own.unsubscribe(person, _proof(request))
        context = _about(person) | {"token": token, "over": wanted}
        return _page(request, "unsubscribe.html", context, 400 if request.method == "POST" and not wanted else 200)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is on record of an address and let its owner change it: for whoever has the link."""
    if wait := limits.too_many(request, token):
        return _busy(request, wait)
    person = recipient_of(token)
    with override(_language(request, person)):
        if person is None:
            return _page(request, "lost.html", {}, 403)
        told, status = _done(request, person) if request.method == "POST" else ("", 200)
        return _page(request, "preferences.html", _preferences(person) | {"token": token, "told": told}, status)


def _busy(request: HttpRequest, wait_seconds: int) -> HttpResponse:
    with override(_language(request, None)):
        answer = _page(request, "busy.html", {}, 429)
    answer["Retry-After"] = str(wait_seconds)
    return answer


def _done(request: HttpRequest, person: Recipient) -> tuple[str, int]:
    """Do what a button of the page asks for; return what to tell, and the status."""
    do, purpose = request.POST.get("do", ""), request.POST.get("purpose", "")
    if do == "choose":
        own.choose(person, request.POST.getlist("wanted"))
        if request.POST.get("speak") in LANGUAGES:
            own.speak(person, request.POST["speak"])
        return gettext("Your choice is saved."), 200
    if do == "pause":
        own.pause(person)
        return gettext("You get nothing for 90 days."), 200
    if do == "resume":
        own.resume(person)
        return gettext("The pause is over."), 200
    if do == "nothing":
        own.stop_all(person)
        return gettext("You get nothing any more."), 200
    if do in ("agree", "withdraw") and purpose in PURPOSES:
        own.agree(person, purpose, given=do == "agree", words=_agreement(person, purpose))
        told = gettext("Your consent is recorded.") if do == "agree" else gettext("Your consent is withdrawn.")
        return told, 200
    return gettext("Nothing was changed: use one of the buttons."), 400


def _preferences(person: Recipient) -> dict[str, Any]:
    found = own.on_record(person)
    channels: dict[str, list[dict[str, Any]]] = {}
    for choice in found.choices:
        row = {"name": choice.name, "label": purpose_words(choice.purpose), "on": choice.on, "fixed": choice.fixed}
        channels.setdefault(channel_words(choice.channel), []).append(row)
    agreements = [
        {"purpose": a.purpose, "words": _agreement(person, a.purpose), "entry": a.entry, "needed": a.needed}
        for a in found.agreements
    ]
    stopped = [
        {"words": because_words(row), "at": row.at, "what": _what(row.channel, row.purpose)} for row in found.stopped
    ]
    consents = [
        {"entry": row, "what": _what(row.channel, row.purpose), "basis": row.get_basis_display()}
        for row in found.consents
    ]
    return _about(person) | {
        "channels": channels, "agreements": agreements, "stopped": stopped, "consents": consents,
        "paused": found.paused, "all_off": found.all_off, "spoken": found.language or get_language(),
    }  # fmt: skip


def _agreement(person: Recipient, purpose: str) -> str:
    said = gettext("{company} may write to me for this purpose: {purpose}.")
    return said.format(company=person.workspace.name, purpose=purpose_words(purpose))


def _what(channel: str, purpose: str) -> str:
    """Return what an entry is about, e.g. “Surveys · E-mail”."""
    parts = (
        purpose_words(purpose) if purpose else gettext("Everything"),
        channel_words(channel) if channel else gettext("Every channel"),
    )
    return " · ".join(parts)


def _about(person: Recipient) -> dict[str, Any]:
    return {
        "company": person.workspace.name, "zone": person.workspace.time_zone, "address": person.address,
        "purpose": purpose_words(person.purpose), "channel": channel_words(person.channel),
    }  # fmt: skip


def _proof(request: HttpRequest) -> dict[str, str]:
    way = "page" if "page" in request.POST else "one click of the mail program"
    return {"way": way, "browser": request.headers.get("User-Agent", "")[:BROWSER_LENGTH]}


def _language(request: HttpRequest, person: Recipient | None) -> str:
    """Return the language of the page: the one asked for, the one that is kept, the browser's."""
    asked = request.POST.get("language") or request.GET.get("language", "")
    if request.method == "POST" and request.POST.get("speak") in LANGUAGES:
        asked = request.POST["speak"]
    if asked in LANGUAGES:
        return str(asked)
    kept = own.language_of(person) if person else ""
    return kept if kept in LANGUAGES else (get_language() or "en")


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    language = get_language()
    context |= {"languages": [(c, n, c == language) for c, n in settings.LANGUAGES], "one_click": ONE_CLICK}
    answer = render(request, f"outreach/public/{template}", context, status=status)
    for name, value in HEADERS.items():
        answer[name] = value
    answer["Content-Language"] = language or "en"
    return answer
