"""Coming in (first start, invitation, demo) and one's own account; signing in itself is allauth's."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from percorso.accounts import actions
from percorso.accounts.access import MemberRequest, public, signed_in
from percorso.accounts.forms import JoinForm, MeForm, NewWorkspaceForm, OwnerForm, PasswordForm
from percorso.accounts.links import person_of
from percorso.accounts.models import Invitation, Person
from percorso.accounts.queries import DEMO, invitation_by, workspaces_of
from percorso.accounts.zones import zone_names
from percorso.config import setting

GONE = 410


def _enter(request: HttpRequest, person: Person, address: str) -> HttpResponseBase:
    """Sign in somebody whom a link or the demo's door lets in; who has a second factor is still asked for it."""
    record_authentication(request, person, method="link")
    return perform_login(request, person, redirect_url=address)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
@never_cache
@public
def start(request: HttpRequest, token: str) -> HttpResponseBase:
    """Set a password and sign in by a link of the terminal. Public: the signed link says who it is for, once, for a day."""
    person = person_of(token)
    if person is None:
        return render(request, "accounts/link_over.html", status=GONE)
    first = person.last_login is None
    form_class = OwnerForm if first else PasswordForm
    initial = {"email": person.email, "name": person.name}
    form = form_class(request.POST or None, person=person, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/start.html", {"form": form, "first": first, "who": person.email})
    actions.start(person, **form.cleaned_data)
    return _enter(request, person, reverse("home"))


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
@never_cache
@public
def accept_invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Join a workspace by an invitation's link. Public: whoever was invited need not be known yet; the token is a secret."""
    invitation = invitation_by(token)
    if invitation is None:
        return render(request, "accounts/invitation_over.html", status=GONE)
    known = Person.objects.filter(email=invitation.email).exists()
    if request.user.is_authenticated or known:
        return _accept_as_known(request, invitation)
    newcomer = Person(email=invitation.email)
    form = JoinForm(request.POST or None, person=newcomer)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/invitation.html", {"invitation": invitation, "form": form})
    person = actions.join(invitation, language=get_language() or "", **form.cleaned_data)
    return _enter(request, person, reverse("overview", args=[invitation.workspace.slug]))


def _accept_as_known(request: Any, invitation: Invitation) -> HttpResponseBase:
    """Let somebody with an account accept by one click, after signing in with the address that was invited."""
    fits = request.user.is_authenticated and request.user.email == invitation.email
    if request.method != "POST" or not fits:
        return render(request, "accounts/invitation.html", {"invitation": invitation, "fits": fits})
    actions.accept_invitation(invitation, request.user)
    messages.success(request, gettext("Welcome to {workspace}.").format(workspace=invitation.workspace.name))
    return redirect("overview", invitation.workspace.slug)


@require_POST
@public
def demo(request: HttpRequest) -> HttpResponseBase:
    """Sign in as the demo's visitor. Public: the demo company is there to be looked at, where the settings allow it."""
    if request.user.is_authenticated:
        return redirect("home")
    visitor = actions.demo_visitor()
    if visitor is None:
        raise Http404
    return _enter(request, visitor, reverse("overview", args=[DEMO]))


@require_http_methods(["GET", "POST"])
@signed_in
def me(request: MemberRequest) -> HttpResponseBase:
    """Show a person's own account; change name and language."""
    person = request.user
    form = MeForm(request.POST or None, initial={"name": person.name, "language": person.language})
    if request.method == "POST" and form.is_valid():
        actions.change_person(person, **form.cleaned_data)
        messages.success(request, gettext("Your account is saved."))
        changed = redirect("me")
        # The choice of this browser would win over the person's.
        changed.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return changed
    context = {"form": form, "memberships": workspaces_of(person), "second_factor": is_mfa_enabled(person)}
    return render(request, "accounts/me.html", context)


@require_POST
@signed_in
def session_end(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Sign one of a person's browsers out."""
    get_object_or_404(UserSession, user=request.user, pk=pk).end()
    messages.success(request, gettext("That browser is signed out."))
    return redirect("usersessions_list")


@require_http_methods(["GET", "POST"])
@signed_in
def workspace_new(request: MemberRequest) -> HttpResponse:
    """Make a workspace and own it."""
    form = NewWorkspaceForm(request.POST or None, initial={"time_zone": setting("TIME_ZONE")})
    if request.method == "POST" and form.is_valid():
        made = actions.make_workspace(
            form.cleaned_data["name"], time_zone=form.cleaned_data["time_zone"], by=request.user
        )
        messages.success(request, gettext("The workspace {workspace} is ready.").format(workspace=made.name))
        return redirect("overview", made.slug)
    return render(request, "accounts/workspace_new.html", {"form": form, "zones": zone_names()})
