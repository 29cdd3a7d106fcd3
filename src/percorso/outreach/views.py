"""The webhooks among the settings of a workspace."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.accounts.settings_views import tabs
from percorso.base.outbox import EVENTS
from percorso.errors import BadQuestion
from percorso.outreach import actions, queries
from percorso.outreach.forms import LABELS, WebhookForm
from percorso.outreach.models import Delivery, Webhook

DELIVERIES_A_PAGE = 25


@require_safe
@member("manage")
def webhooks(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List the webhooks."""
    return _list(request, workspace, WebhookForm(initial={"events": EVENTS}))


def _list(request: MemberRequest, workspace: Workspace, form: WebhookForm, status: int = 200) -> HttpResponse:
    rows = [(webhook, [LABELS[name] for name in webhook.events]) for webhook in queries.webhooks(workspace)]
    context = {"form": form, "rows": rows, "tabs": tabs(request.membership, "settings_webhooks")}
    return render(request, "outreach/webhooks.html", context, status=status)


@require_POST
@member("manage")
def make(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Make a webhook and show its secret."""
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            row = actions.make_webhook(workspace, **form.cleaned_data, by=request.user)
            return _shown(request, row, row.secret)
        except BadQuestion as error:
            form.add_error(None, gettext(error.message).format(**error.params))
    return _list(request, workspace, form, status=422)


@require_safe
@member("manage")
def webhook(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show one webhook and what it was sent."""
    return _shown(request, _webhook(workspace, pk))


def _shown(
    request: MemberRequest, row: Webhook, secret: str = "", form: WebhookForm | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "webhook": row,
        "secret": secret,
        "form": form or WebhookForm(initial={"url": row.url, "events": row.events}),
        "page": Paginator(queries.deliveries(row.workspace, row.pk), DELIVERIES_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "both_secrets": len(row.secrets_at(timezone.now())) > 1,
        "tabs": tabs(request.membership, "settings_webhooks"),
    }
    return render(request, "outreach/webhook.html", context, status=status)


@require_POST
@member("manage")
def change(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Change the address or the events."""
    row, form = _webhook(workspace, pk), WebhookForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, form=form, status=422)
    actions.change_webhook(row, **form.cleaned_data, by=request.user)
    messages.success(request, gettext("The webhook is saved."))
    return redirect("settings_webhook", workspace.slug, pk)


@require_POST
@member("manage")
def switch(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Switch a webhook on or off."""
    row = _webhook(workspace, pk)
    actions.change_webhook(row, enabled="on" in request.POST, by=request.user)
    told = gettext("The webhook is switched on.") if row.enabled else gettext("The webhook is switched off.")
    messages.success(request, told)
    return redirect("settings_webhook", workspace.slug, pk)


@require_POST
@member("manage")
def change_secret(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Make a new secret and show it; the old one signs too for a day."""
    row = _webhook(workspace, pk)
    return _shown(request, row, actions.change_secret(row, by=request.user))


@require_POST
@member("manage")
def try_it(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Send an event that means nothing."""
    actions.try_webhook(_webhook(workspace, pk), by=request.user)
    messages.success(request, gettext("A test event is on its way. It appears in the list below."))
    return redirect("settings_webhook", workspace.slug, pk)


@require_POST
@member("manage")
def remove(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Remove a webhook."""
    actions.remove_webhook(_webhook(workspace, pk), by=request.user)
    messages.success(request, gettext("The webhook is removed."))
    return redirect("settings_webhooks", workspace.slug)


@require_POST
@member("manage")
def replay(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Send an event once more."""
    mine = Delivery.objects.select_related("webhook__workspace").filter(webhook__workspace=workspace)
    row = get_object_or_404(mine, pk=pk)
    try:
        actions.replay(row, by=request.user)
        messages.success(request, gettext("The event is sent once more."))
    except BadQuestion as error:
        messages.error(request, gettext(error.message).format(**error.params))
    return redirect("settings_webhook", workspace.slug, row.webhook_id)


def _webhook(workspace: Workspace, pk: int) -> Webhook:
    return get_object_or_404(Webhook.objects.select_related("workspace"), workspace=workspace, pk=pk)
