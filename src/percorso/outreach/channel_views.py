"""The channels among the settings of a workspace, and the address at which gateways and providers tell what came back."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from percorso.accounts.access import MemberRequest, member, public
from percorso.accounts.models import Workspace
from percorso.accounts.settings_views import tabs
from percorso.errors import BadQuestion
from percorso.i18n import mark
from percorso.outreach import callbacks, channel_accounts, channel_queries, limits
from percorso.outreach.channel import CHANNELS
from percorso.outreach.channel_accounts import Way
from percorso.outreach.channel_forms import ChannelForm, TestForm
from percorso.outreach.endings import note_return
from percorso.outreach.models import ChannelAccount, Message
from percorso.outreach.policy import REASONS
from percorso.outreach.references import Named, named
from percorso.outreach.shown_policy import HELD

SHOWN = 10
TESTS_SHOWN = 3
TAB = "settings_channels"


@require_safe
@member("manage")
def channels(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List the channels: whether they send, what waits, what went out."""
    counts = channel_queries.counts(workspace)
    rows = [(way, counts.get(way.channel.key, channel_queries.NOTHING)) for way in channel_accounts.ways(workspace)]
    context = {"rows": rows, "tabs": tabs(request.membership, TAB)}
    return render(request, "outreach/channels/channels.html", context)


@require_safe
@member("manage")
def channel(request: MemberRequest, workspace: Workspace, channel: str) -> HttpResponse:
    """Show the settings of one channel, and what became of its last messages."""
    return _shown(request, _way(workspace, channel))


def _shown(
    request: MemberRequest, way: Way, form: ChannelForm | None = None, test: TestForm | None = None, secret: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    workspace, key = request.membership.workspace, way.channel.key
    returns = settings.PUBLIC_URL + reverse("channel_returns", args=[workspace.slug, key])
    context: dict[str, Any] = {
        "way": way,
        "form": form or ChannelForm(None, way),
        "test": test or TestForm(initial={"address": request.user.email if way.channel.written else ""}),
        "secret": secret,
        "returns": returns,
        "counts": channel_queries.counts(workspace).get(key, channel_queries.NOTHING),
        "troubles": _told_of(workspace, channel_queries.troubles(workspace, key, SHOWN)),
        "tests": _told_of(workspace, channel_queries.tests(workspace, key, TESTS_SHOWN)),
        "reading": channel_queries.last_reading(workspace) if key == "email" else None,
        "kept_in_folder": settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"),
        "tabs": tabs(request.membership, TAB),
    }
    return render(request, "outreach/channels/channel.html", context, status=status)


def _told_of(workspace: Workspace, found: Sequence[Message]) -> list[tuple[Message, str, Named | None]]:
    """Return messages with what the other side said, or why percorso did not send them, and what they belong to."""
    reasons = REASONS | HELD | {"paused": mark("The person has paused messages.")}
    known = named(workspace, {message.reference for message in found})
    return [
        (
            message,
            gettext(reasons.get(message.told, message.told)) if message.told else "",
            known.get(message.reference),
        )
        for message in found
    ]


@require_POST
@member("manage")
def save(request: MemberRequest, workspace: Workspace, channel: str) -> HttpResponseBase:
    """Keep the settings of a channel."""
    way = _way(workspace, channel)
    form = ChannelForm(request.POST, way)
    if form.is_valid():
        try:
            account = channel_accounts.change_channel(workspace, channel, form.cleaned_data, by=request.user)
        except BadQuestion as error:
            form.add_error(None, _told(error))
        else:
            messages.success(request, gettext("The channel is saved. Send yourself a test."))
            if way.account is None and way.channel.signed:
                return _shown(request, _way(workspace, channel), secret=account.settings["secret"])
            return redirect("settings_channel", workspace.slug, channel)
    return _shown(request, way, form=form, status=422)


@require_POST
@member("manage")
def switch(request: MemberRequest, workspace: Workspace, channel: str) -> HttpResponseBase:
    """Let messages out, or keep them waiting."""
    _way(workspace, channel)
    on = "on" in request.POST
    try:
        channel_accounts.switch_channel(workspace, channel, on, by=request.user)
        told = gettext("The channel is switched on.") if on else gettext("The channel is switched off. Messages wait.")
        messages.success(request, told)
    except BadQuestion as error:
        messages.error(request, _told(error))
    return redirect("settings_channel", workspace.slug, channel)


@require_POST
@member("manage")
def change_secret(request: MemberRequest, workspace: Workspace, channel: str) -> HttpResponseBase:
    """Make a new secret and show it."""
    _way(workspace, channel)
    secret = channel_accounts.change_channel_secret(workspace, channel, by=request.user)
    return _shown(request, _way(workspace, channel), secret=secret)


@require_POST
@member("manage")
def try_it(request: MemberRequest, workspace: Workspace, channel: str) -> HttpResponseBase:
    """Send a message that means nothing."""
    way, form = _way(workspace, channel), TestForm(request.POST)
    if form.is_valid():
        subject = gettext("A test from percorso")
        text = gettext("This is a test of the channel {channel} of {workspace}. It has arrived.").format(
            channel=gettext(way.channel.label), workspace=workspace.name
        )
        try:
            channel_accounts.try_channel(
                workspace, channel, form.cleaned_data["address"], subject=subject, text=text, by=request.user
            )
        except BadQuestion as error:
            form.add_error("address", _told(error))
        else:
            messages.success(request, gettext("A test is on its way. What became of it appears below."))
            return redirect("settings_channel", workspace.slug, channel)
    return _shown(request, way, test=form, status=422)


@csrf_exempt
@require_POST
@public
def returns(request: HttpRequest, slug: str, channel: str) -> HttpResponse:
    """Take what a gateway or provider tells of a message. Public, for programs: only what our secret signs is believed."""
    if wait := limits.too_many_told(request):
        return _plain("too many requests", 429, wait)
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > callbacks.MOST_BYTES:
        return _unsigned(request, slug, channel)
    rows = ChannelAccount.objects.select_related("workspace").filter(workspace__slug=slug, channel=channel)
    account = rows.first() if channel in CHANNELS else None
    if account is None or not callbacks.is_signed(account.settings.get("secret", ""), request.headers, request.body):
        return _unsigned(request, slug, channel)
    try:
        found = callbacks.return_in(request.body)
    except ValueError as error:
        return _plain(str(error), 400)
    if found is not None:
        note_return(account.workspace, channel, found)
    return HttpResponse(status=204)


def _unsigned(request: HttpRequest, slug: str, channel: str) -> HttpResponse:
    wait = limits.too_many_unsigned(request, f"{slug} {channel}")
    return _plain("too many requests", 429, wait) if wait else _plain("the signature does not fit", 403)


def _plain(text: str, status: int, wait_seconds: int = 0) -> HttpResponse:
    headers = {"Retry-After": str(wait_seconds)} if wait_seconds else {}
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain", headers=headers)


def _way(workspace: Workspace, channel: str) -> Way:
    if channel not in CHANNELS:
        raise Http404
    return channel_accounts.way(workspace, channel)


def _told(error: BadQuestion) -> str:
    return gettext(error.message).format(**error.params)
