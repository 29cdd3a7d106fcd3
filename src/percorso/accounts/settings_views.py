"""The settings of a workspace: itself, its people, keys, audit log, data."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from percorso.accounts import actions, audit
from percorso.accounts.access import MemberRequest, member
from percorso.accounts.data_health import health
from percorso.accounts.forms import InviteForm, KeyForm, LogForm, RoleForm, WorkspaceForm
from percorso.accounts.models import ApiKey, AuditEntry, Invitation, Membership, Role, Workspace
from percorso.accounts.queries import audit_entries, members, open_invitations
from percorso.accounts.zones import zone_names
from percorso.errors import BadQuestion
from percorso.i18n import mark

TABS = (
    ("settings", mark("Workspace"), "see"),
    ("settings_people", mark("People"), "manage"),
    ("settings_keys", mark("API keys"), "manage"),
    ("settings_channels", mark("Channels"), "manage"),
    ("contact_policy", mark("Contact policy"), "edit"),
    ("settings_webhooks", mark("Webhooks"), "manage"),
    ("privacy", mark("Privacy"), "manage"),
    ("settings_audit", mark("Audit log"), "manage"),
    ("settings_data", mark("Data"), "manage"),
)
ROLES = {
    Role.OWNER: mark("everything, people and settings too"),
    Role.EDITOR: mark("looks at everything, imports and changes data"),
    Role.ANALYST: mark("figures, annotations and downloads; no personal data"),
    Role.VIEWER: mark("looks at everything, changes nothing"),
}
ENTRIES_A_PAGE = 50
# A cell that begins so would run as a formula in a spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def tabs(membership: Membership, current: str) -> list[dict[str, Any]]:
    """Return the tabs of the settings that a role allows, also those of other apps."""
    return [
        {"label": gettext(label), "href": reverse(name, args=[membership.workspace.slug]), "current": name == current}
        for name, label, what in TABS
        if membership.may(what)
    ]


def _page(request: HttpRequest, tab: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Show one tab of the settings."""
    membership: Membership = request.membership  # type: ignore[attr-defined]
    context["tabs"] = tabs(membership, tab)
    return render(request, f"accounts/{tab}.html", context, status=status)


@require_safe
@member("see")
def workspace_settings(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show the settings of the workspace; only owners can change them."""
    frozen = not request.membership.may("manage")  # type: ignore[attr-defined]
    form = WorkspaceForm(workspace=workspace, frozen=frozen)
    return _page(request, "settings", {"form": form, "frozen": frozen, "zones": zone_names()})


@require_POST
@member("manage")
def change(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Change the settings of the workspace."""
    form = WorkspaceForm(request.POST, workspace=workspace)
    if not form.is_valid():
        return _page(request, "settings", {"form": form, "zones": zone_names()}, status=422)
    actions.change_workspace(workspace, by=request.user, **form.values)
    messages.success(request, gettext("The settings are saved."))
    return redirect("settings", workspace.slug)


@require_safe
@member("manage")
def people(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the members and the open invitations."""
    return _people(request, workspace, InviteForm())


def _people(
    request: HttpRequest, workspace: Workspace, form: InviteForm, link: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "link": link,
        "invited": form.cleaned_data["email"] if link else "",
        "rows": [(m, RoleForm(initial={"role": m.role}, auto_id=f"id_{m.pk}_%s")) for m in members(workspace)],
        "invitations": open_invitations(workspace),
        "roles": [(role.label, gettext(ROLES[role])) for role in Role],
    }
    return _page(request, "settings_people", context, status)


@require_POST
@member("manage")
def invite(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Invite somebody; the link is shown now and never again."""
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            _, link = actions.invite(workspace, form.cleaned_data["email"], form.cleaned_data["role"], by=request.user)
            return _people(request, workspace, form, link)
        except BadQuestion as error:
            form.add_error("email", gettext(error.message).format(**error.params))
    return _people(request, workspace, form, status=422)


@require_POST
@member("manage")
def withdraw(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Take an invitation back."""
    actions.withdraw_invitation(get_object_or_404(Invitation, workspace=workspace, pk=pk), by=request.user)
    messages.success(request, gettext("The invitation is withdrawn; its link opens nothing any more."))
    return redirect("settings_people", workspace.slug)


@require_POST
@member("manage")
def role(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Give a member another role."""
    membership = get_object_or_404(Membership.objects.select_related("person"), workspace=workspace, pk=pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            actions.change_role(membership, form.cleaned_data["role"], by=request.user)
            told = gettext("{person} is now: {role}.")
            messages.success(request, told.format(person=membership.person, role=membership.get_role_display()))
        except BadQuestion as error:
            messages.error(request, gettext(error.message).format(**error.params))
    own_page_lost = membership.person_id == request.user.pk and not membership.may("manage")
    return redirect("settings" if own_page_lost else "settings_people", workspace.slug)


@require_POST
@member("manage")
def remove(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Take a member out of the workspace."""
    membership = get_object_or_404(Membership.objects.select_related("person"), workspace=workspace, pk=pk)
    try:
        actions.remove_member(membership, by=request.user)
    except BadQuestion as error:
        messages.error(request, gettext(error.message).format(**error.params))
        return redirect("settings_people", workspace.slug)
    messages.success(request, gettext("{person} is no longer a member.").format(person=membership.person))
    return redirect("home") if membership.person_id == request.user.pk else redirect("settings_people", workspace.slug)


@require_safe
@member("manage")
def keys(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """List the API keys."""
    return _keys(request, workspace, KeyForm())


def _keys(
    request: HttpRequest, workspace: Workspace, form: KeyForm, secret: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    rows = [(key, key.works_at(now)) for key in workspace.api_keys.select_related("created_by")]
    return _page(request, "settings_keys", {"form": form, "secret": secret, "rows": rows}, status)


@require_POST
@member("manage")
def make_key(request: MemberRequest, workspace: Workspace) -> HttpResponse:
    """Make an API key; its secret is shown now and never again."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _keys(request, workspace, form, status=422)
    clean = form.cleaned_data
    expires_at = form.expires_at(workspace)
    _, secret = actions.make_key(
        workspace, clean["name"], clean["scope"], by=request.user, personal=clean["personal"], expires_at=expires_at
    )
    return _keys(request, workspace, KeyForm(), secret)


@require_POST
@member("manage")
def revoke_key(request: MemberRequest, workspace: Workspace, pk: int) -> HttpResponseBase:
    """Make a key useless from now on."""
    key = get_object_or_404(ApiKey, workspace=workspace, pk=pk)
    actions.revoke_key(key, by=request.user)
    messages.success(request, gettext("The key {key} opens nothing any more.").format(key=key.name))
    return redirect("settings_keys", workspace.slug)


@require_safe
@member("manage")
def log(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show who did what, the newest first."""
    form = LogForm(request.GET, workspace=workspace)
    page = Paginator(audit_entries(workspace).filter(**form.wanted), ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    rows = [(entry, gettext(audit.ACTIONS.get(entry.action, entry.action))) for entry in page]
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "filtered": bool(form.wanted),
        "query": request.GET.urlencode(),
    }
    return _page(request, "settings_audit", context)


@require_safe
@member("manage")
def log_csv(request: MemberRequest, workspace: Workspace) -> HttpResponseBase:
    """Download the audit log, filtered as it is shown; that is an entry too."""
    entries = audit_entries(workspace).filter(**LogForm(request.GET, workspace=workspace).wanted)
    audit.record("audit_exported", workspace, by=request.user)
    name = f"{workspace.slug}-audit-{timezone.now():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        _csv_lines(entries.iterator(chunk_size=2000)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


class _Line:
    """A file for csv.writer that gives each line back."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(entries: Iterator[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(["at", "by", "person", "action", "target", "details"])
    for e in entries:
        email = e.person.email if e.person else ""
        cells = (e.at.isoformat(), e.by, email, e.action, e.target, str(e.details or ""))
        yield writer.writerow(["'" + cell if cell.startswith(FORMULA) else cell for cell in cells])


@require_safe
@member("manage")
def data(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """Show how the data folder is."""
    return _page(request, "settings_data", {"health": health(workspace)})
