"""The pages of webhook sources: all of them, a new one, one of them with what it delivered."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.errors import BadQuestion, UserError
from percorso.sources.arriving.tabs import tabs
from percorso.sources.webhooks import actions, queries
from percorso.sources.webhooks.forms import NewSourceForm, SourceForm
from percorso.sources.webhooks.kind import WEBHOOK_KINDS
from percorso.sources.webhooks.models import WebhookDelivery, WebhookSource
from percorso.sources.webhooks.preview import Preview, previewed

DELIVERIES_A_PAGE = 25
MOST_TRIED = 10
TAB = "webhook_sources"


@require_safe
@member("edit")
def sources(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List the webhook sources with what came lately."""
    rows = [(source, WEBHOOK_KINDS.get(source.kind)) for source in queries.webhook_sources(workspace)]
    context = {"rows": rows, "kinds": queries.kinds(), "tabs": tabs(request.membership, TAB)}
    return render(request, "sources/webhooks/sources.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def new(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Make a source: its kind and its name; the rest is said on its page, where its address stands."""
    asked = request.method == "POST"
    form = NewSourceForm(request.POST if asked else None, initial={"kind": request.GET.get("kind")})
    if asked and form.is_valid():
        try:
            made = actions.make_webhook_source(
                workspace, form.cleaned_data["kind"], form.cleaned_data["name"], by=request.user
            )
        except BadQuestion as error:
            form.add_error("name", _told(error))
        else:
            messages.success(request, gettext("The source is there. Now let the other side know its address."))
            return redirect("webhook_source", workspace.slug, made.pk)
    context = {"form": form, "kinds": queries.kinds(), "tabs": tabs(request.membership, TAB)}
    return render(request, "sources/webhooks/new.html", context, status=422 if asked else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member("edit")
def source(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Show one source: its address, its settings, what it delivered; change its settings, or try them."""
    row = _source(workspace, pk)
    form = SourceForm(request.POST if request.method == "POST" else None, row)
    if request.method != "POST":
        return _shown(request, row, form)
    if not form.is_valid():
        return _shown(request, row, form, status=422)
    if "try" in request.POST:
        return _shown(request, row, form, _preview(row, form.settings()))
    try:
        actions.change_webhook_source(row, form.cleaned_data["name"], form.settings(), by=request.user)
    except UserError as error:
        form.add_error(None, _told(error))
        return _shown(request, row, form, status=422)
    messages.success(request, gettext("The source is saved."))
    return redirect("webhook_source", workspace.slug, pk)


@require_POST
@member("edit")
def remove(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Remove a source; what it made stays."""
    row = _source(workspace, pk)
    actions.remove_webhook_source(row, by=request.user)
    messages.success(request, gettext("The source is removed. What it has told stays in the figures."))
    return redirect("webhook_sources", workspace.slug)


@require_POST
@member("edit")
def replay(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponse:
    """Read calls once more: one of them, or all that were ignored or could not be read."""
    row = _source(workspace, pk)
    one = request.POST.get("delivery", "")
    try:
        actions.replay_deliveries(row, [int(one)] if one.isdecimal() and len(one) < 19 else None, by=request.user)
        messages.success(request, gettext("It is read again. Nothing counts twice."))
    except BadQuestion as error:
        messages.error(request, _told(error))
    return redirect("webhook_source", workspace.slug, pk)


def _shown(
    request: MemberRequest, row: WebhookSource, form: SourceForm, preview: Preview | None = None, status: int = 200
) -> HttpResponse:
    kind, counts = WEBHOOK_KINDS[row.kind], queries.counts(row)
    state = request.GET.get("state", "")
    states = [{"label": gettext("All"), "href": "?", "current": not state, "count": sum(counts.values())}]
    states += [
        {"label": label, "href": f"?state={value}", "current": state == value, "count": counts[value]}
        for value, label in WebhookDelivery.State.choices
        if counts[value] or state == value
    ]
    context: dict[str, Any] = {
        "source": row,
        "kind": kind,
        "form": form,
        "address": queries.address_of(row),
        "preview": preview,
        "maps": "mapping" in kind.Config.model_fields,
        "last": bool(queries.last_with_body(row)),
        "states": states,
        "total": sum(counts.values()),
        "again": counts[WebhookDelivery.State.IGNORED] + counts[WebhookDelivery.State.FAILED],
        "page": Paginator(queries.deliveries(row, state), DELIVERIES_A_PAGE).get_page(request.GET.get("page")),
        "tabs": tabs(request.membership, TAB),
    }
    return render(request, "sources/webhooks/source.html", context, status=status)


def _preview(row: WebhookSource, settings: dict[str, Any]) -> Preview | None:
    """Return what becomes of the newest call that says something, or why the newest one does not."""
    tried = (previewed(row, settings, delivery) for delivery in queries.last_with_body(row, MOST_TRIED))
    newest = next(tried, None)
    return newest if newest is None or newest.rows else next((one for one in tried if one.rows), newest)


def _source(workspace: Workspace, pk: int) -> WebhookSource:
    return get_object_or_404(WebhookSource.objects.select_related("workspace"), workspace=workspace, pk=pk)


def _told(error: UserError) -> str:
    return gettext(error.message).format(
        **{name: gettext(v) if isinstance(v, str) and v else v for name, v in error.params.items()}
    )
