"""The address that other systems call: public, for programs, and believed only what is proven."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from percorso.accounts.access import public
from percorso.base.limits import Window, address_of
from percorso.sources.webhooks import intake
from percorso.sources.webhooks.kind import Call, NotSigned, Unusable
from percorso.sources.webhooks.models import WebhookSource

MOST_BYTES = 2 << 20
# A shop that changes all of its orders at once tells of each; what is not proven is soon heard no more.
CALLS = Window(30_000)
UNPROVEN = Window(60)


@csrf_exempt
@require_POST
@public
def call(request: HttpRequest, key: str) -> HttpResponse:
    """Take a call. Public, for programs: only what is signed with the source's secret is kept."""
    if wait := CALLS.wait(key[:40]):
        return _told("too many calls", 429, wait)
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal():
        return _told("the length is missing", 411)
    if int(length) > MOST_BYTES:
        return _told(f"a call may have {MOST_BYTES} bytes", 413)
    source = WebhookSource.objects.select_related("workspace").filter(key=key).first()
    if source is None:
        return _told("there is nothing here", 404)
    try:
        taken = intake.take(source, _call(request))
    except Unusable as why:
        if wait := UNPROVEN.wait(f"{address_of(request)} {key}"):
            return _told("too many calls", 429, wait)
        intake.refuse(source, why)
        # Why it is not believed is told to the source's owner, not to a stranger.
        unproven = isinstance(why, NotSigned)
        return _told("the signature does not fit", 403) if unproven else _told(why.template, 400)
    return JsonResponse({"received": True, "delivery": taken.delivery, "new": taken.new})


def _call(request: HttpRequest) -> Call:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(request.body, headers, request.GET.get("token", ""))


def _told(text: str, status: int, wait_seconds: int = 0) -> HttpResponse:
    headers = {"Retry-After": str(wait_seconds)} if wait_seconds else {}
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain", headers=headers)
