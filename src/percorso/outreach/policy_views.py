"""The contact policy among the settings: the rules, what they did, who gets nothing."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from percorso.accounts.access import MemberRequest, member
from percorso.accounts.models import Workspace
from percorso.accounts.settings_views import tabs
from percorso.base.words import count
from percorso.customers.consent import purpose_words
from percorso.errors import BadQuestion
from percorso.outreach import policy_actions, policy_queries
from percorso.outreach.models import ContactPolicy, Refusal, Suppression
from percorso.outreach.policy import REASONS
from percorso.outreach.policy_forms import AddressesForm, LiftForm, PolicyForm, SuppressForm
from percorso.outreach.policy_picture import picture_of
from percorso.outreach.references import Named, named
from percorso.outreach.shown_policy import because_words, channel_words, meaning, reason_name, reason_words
from percorso.outreach.suppression import lift

ROWS = 50


@require_safe
@member("edit")
def contact_policy(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Show the rules, what they mean, and what they did in the last thirty days."""
    row = policy_queries.contact_policy(workspace)
    form = PolicyForm(initial=PolicyForm.initial_of(row), frozen=not request.membership.may("manage"))
    return _policy(request, workspace, row, form)


@require_POST
@member("manage")
def change(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Change the rules; or only try them on what was sent, when the button says so."""
    form = PolicyForm(request.POST)
    row = policy_queries.contact_policy(workspace)
    if not form.is_valid():
        return _policy(request, workspace, row, form, status=422)
    if "try" in request.POST:
        tried = ContactPolicy(workspace=workspace, **form.values)
        simulation = policy_queries.simulate(workspace, tried, timezone.now())
        return _policy(request, workspace, tried, form, simulation=simulation)
    policy_actions.change_policy(workspace, by=request.user, **form.values)
    messages.success(request, gettext("The contact policy is saved."))
    return redirect("contact_policy", workspace.slug)


def _policy(
    request: MemberRequest, workspace: Workspace, row: ContactPolicy, form: PolicyForm, status: int = 200,
    simulation: policy_queries.Simulation | None = None,
) -> HttpResponse:  # fmt: skip
    since = timezone.now() - policy_queries.LOOK_BACK
    refused = policy_queries.refused_since(workspace, since)
    top = max((n for _, n in refused), default=1)
    context = {
        "tabs": tabs(request.membership, "contact_policy"),
        "form": form,
        "frozen": not request.membership.may("manage"),
        "meaning": meaning(row),
        "picture": picture_of(row),
        "sent": policy_queries.sent_since(workspace, since),
        "refused": [(key, reason_name(key), n, round(100 * n / top, 1)) for key, n in refused],
        "refused_n": sum(n for _, n in refused),
        "suppressed_n": policy_queries.suppressions(workspace).count(),
        "simulation": simulation,
        "simulated": [(reason_name(key), n) for key, n in simulation.by] if simulation else [],
    }
    return render(request, "outreach/policy/policy.html", context, status=status)


@require_safe
@member("edit")
def refusals(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List the messages that were not let out, and why."""
    because = request.GET.get("because", "")
    chosen = because if because in REASONS else ""
    page = Paginator(policy_queries.refusals(workspace, chosen), ROWS).get_page(request.GET.get("page"))
    rows = list(page)
    known = named(workspace, {name for row in rows for name in (row.reference, str(row.details.get("before", "")))})
    context = {
        "tabs": tabs(request.membership, "contact_policy"),
        "page": page,
        "rows": [_refusal(row, workspace, known) for row in rows],
        "reasons": [(key, reason_name(key), key == chosen) for key in REASONS],
        "chosen": chosen,
    }
    return render(request, "outreach/policy/refusals.html", context)


def _refusal(row: Refusal, workspace: Workspace, known: Mapping[str, Named]) -> dict[str, Any]:
    before = known.get(str(row.details.get("before", "")))
    details = row.details | ({"before": before.name} if before else {})
    return {
        "row": row,
        "about": known.get(row.reference),
        "channel": channel_words(row.channel),
        "purpose": purpose_words(row.purpose),
        "why": reason_words(row.because, details, workspace.time_zone),
    }


@require_safe
@member("edit")
def suppressions(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """List who gets nothing."""
    return _suppressions(request, workspace)


def _suppressions(
    request: HttpRequest, workspace: Workspace, form: SuppressForm | None = None, upload: AddressesForm | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    q = request.GET.get("q", "").replace("\x00", "")[:254]
    page = Paginator(policy_queries.suppressions(workspace, q), ROWS).get_page(request.GET.get("page"))
    context = {
        "tabs": tabs(request.membership, "contact_policy"),  # type: ignore[attr-defined]
        "form": form or SuppressForm(),
        "upload": upload or AddressesForm(auto_id="file_%s"),
        "q": q,
        "page": page,
        "rows": [_suppression(row) for row in page],
    }
    return render(request, "outreach/policy/suppressions.html", context, status=status)


def _suppression(row: Suppression) -> dict[str, Any]:
    return {
        "row": row,
        "who": gettext("Somebody who was forgotten") if row.is_forgotten else row.address,
        "why": because_words(row),
        "channel": channel_words(row.channel) if row.channel else gettext("Every channel"),
        "purpose": purpose_words(row.purpose) if row.purpose else gettext("Every purpose"),
        "note": row.proof.get("reason") or row.proof.get("file") or row.proof.get("told") or "",
        "form": LiftForm(auto_id=f"lift_{row.pk}_%s"),
    }


@require_POST
@member("edit")
def suppress(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Put an address on the list."""
    form = SuppressForm(request.POST)
    if form.is_valid():
        try:
            new = policy_actions.suppress_typed(workspace, **form.cleaned_data, by=request.user)
        except BadQuestion as error:
            form.add_error("address", gettext(error.message).format(**error.params))
        else:
            told = gettext("The address gets nothing any more.") if new else gettext("The address is on the list already.")  # fmt: skip
            messages.success(request, told)
            return redirect("contact_policy_suppressions", workspace.slug)
    return _suppressions(request, workspace, form=form, status=422)


@require_POST
@member("edit")
def upload(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Put the addresses of a file on the list."""
    form = AddressesForm(request.POST, request.FILES, auto_id="file_%s")
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = policy_actions.import_addresses(
                workspace, file.name, file.read(), channel=form.cleaned_data["channel"], by=request.user
            )
        except BadQuestion as error:
            form.add_error("file", gettext(error.message).format(**error.params))
        else:
            messages.success(request, _imported(found))
            return redirect("contact_policy_suppressions", workspace.slug)
    return _suppressions(request, workspace, upload=form, status=422)


def _imported(found: policy_actions.Imported) -> str:
    said = ngettext("{n} address is on the list now; it had {known} before, and {unreadable} lines hold no address.", "{n} addresses are on the list now; it had {known} before, and {unreadable} lines hold no address.", found.added)  # fmt: skip
    return said.format(n=count(found.added), known=count(found.known), unreadable=count(found.unreadable))


@require_POST
@member("edit")
def take_off(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Take an address off the list, for a reason."""
    row = get_object_or_404(Suppression.objects.select_related("workspace"), workspace=workspace, pk=pk)
    form = LiftForm(request.POST)
    if form.is_valid():
        lift(row, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, gettext("The address may be written to again."))
    else:
        messages.error(request, gettext("Say why: the reason is kept in the audit log."))
    return redirect("contact_policy_suppressions", workspace.slug)
