"""Who may open an address. Every view says it by one of these decorators; a test walks all of them.

`@member("see")` and its kin take the workspace's slug from the address and give the view the workspace: an outsider gets
404 (not even that a workspace exists is told), a member whose role does not allow it 403.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from percorso.accounts.models import MAY, Membership, Person

View = Callable[..., HttpResponseBase]
CAPABILITIES = frozenset().union(*MAY.values())


class MemberRequest(HttpRequest):
    """A request of somebody signed in, in a workspace (for type checks; Django makes the object)."""

    user: Person  # type: ignore[assignment]
    membership: Membership


def member(what: str) -> Callable[[View], View]:
    """Return a decorator: the person must be a member of the workspace in the address, with a role that allows `what`.

    The view is called with ``request`` (whose ``membership`` is set) and ``workspace`` in place of ``slug``.
    """
    if what not in CAPABILITIES:
        raise ValueError(f"{what} is nothing that a role allows: {sorted(CAPABILITIES)}")

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: Any, slug: str, **more: Any) -> HttpResponseBase:
            membership = membership_of(request.user, slug)
            if membership is None:
                raise Http404
            request.membership = membership
            request.workspace = membership.workspace
            if not membership.may(what):
                raise PermissionDenied
            if needs_second_factor(request, membership):
                return redirect(reverse("mfa_activate_totp"))
            return view(request, membership.workspace, **more)

        made = login_required(checked)
        made.access = what  # type: ignore[attr-defined]
        return made

    return decorate


def signed_in(view: View) -> View:
    """Decorate a view that anybody signed in may open."""
    made = login_required(view)
    made.access = "signed in"  # type: ignore[attr-defined]
    return made


def public(view: View) -> View:
    """Decorate a view that anybody may open; its docstring says why."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def membership_of(person: Any, slug: str) -> Membership | None:
    """Return a person's membership in a workspace; None for outsiders, strangers and people switched off."""
    if not person.is_authenticated:
        return None
    return (
        Membership.objects.select_related("workspace", "person")
        .filter(person=person, workspace__slug=slug, person__is_active=True)
        .first()
    )


def needs_second_factor(request: Any, membership: Membership) -> bool:
    """Whether the workspace asks for a second factor that the person has not set up yet."""
    if not membership.workspace.second_factor_required or membership.person.is_demo:
        return False
    from allauth.mfa.utils import is_mfa_enabled  # loads its models

    return not is_mfa_enabled(request.user)
