"""Changes of people, workspaces, invitations and keys; each writes the audit log."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext

from percorso.accounts import audit
from percorso.accounts.models import ApiKey, Invitation, Membership, Notice, Person, Role, Workspace
from percorso.accounts.queries import hashed
from percorso.errors import BadQuestion
from percorso.i18n import mark

INVITED_FOR = timedelta(days=7)
KEY_MARK = "pc_"


@transaction.atomic
def make_workspace(name: str, *, time_zone: str, by: Person, slug: str = "") -> Workspace:
    """Make a workspace that `by` owns; its address is made of its name."""
    wanted = (slug or slugify(name))[:40] or "workspace"
    taken = set(Workspace.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    free = next(s for s in (wanted, *(f"{wanted}-{n}" for n in range(2, 10_000))) if s not in taken)
    workspace = Workspace.objects.create(slug=free, name=name, time_zone=time_zone, language=by.language or "en")
    Membership.objects.create(workspace=workspace, person=by, role=Role.OWNER)
    audit.record("workspace_made", workspace, by=by, target=name)
    return workspace


@transaction.atomic
def change_workspace(workspace: Workspace, *, by: Person, **values: Any) -> Workspace:
    """Change settings of a workspace; the log tells which."""
    changed = {name: value for name, value in values.items() if getattr(workspace, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(workspace, name, value)
        workspace.save(update_fields=list(changed))
        audit.record("workspace_changed", workspace, by=by, target=", ".join(sorted(changed)))
    return workspace


def invite(workspace: Workspace, email: str, role: str, *, by: Person) -> tuple[Invitation, str]:
    """Invite somebody by mail; return the invitation and its link, which is told only now.

    Raises
    ------
    BadQuestion : the person is a member already.
    """
    email = email.strip().lower()
    if Membership.objects.filter(workspace=workspace, person__email=email).exists():
        raise BadQuestion(mark("{email} is a member already. Change the role in the list."), email=email)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        workspace.invitations.filter(email=email, accepted_at=None).delete()
        invitation = Invitation.objects.create(
            workspace=workspace,
            email=email,
            role=role,
            token_hash=hashed(token),
            invited_by=by,
            expires_at=timezone.now() + INVITED_FOR,
        )
        audit.record("person_invited", workspace, by=by, target=email, role=role)
    link = settings.PUBLIC_URL + reverse("accept_invitation", args=[token])
    with translation.override(workspace.language):
        subject = gettext("{person} invites you to {workspace} in percorso").format(person=by, workspace=workspace.name)
        text = gettext(
            "Open this link within 7 days to join {workspace}:\n\n{link}\n\n"
            "If you do not expect it, do nothing: without the link nobody joins."
        ).format(workspace=workspace.name, link=link)
    send_mail(" ".join(subject.split()), text, None, [email])
    return invitation, link


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by: Person) -> None:
    """Take an invitation back."""
    audit.record("invitation_withdrawn", invitation.workspace, by=by, target=invitation.email)
    invitation.delete()


@transaction.atomic
def accept_invitation(invitation: Invitation, person: Person) -> Membership:
    """Make `person` a member as invited; an invitation works once."""
    membership, _ = Membership.objects.update_or_create(
        workspace=invitation.workspace, person=person, defaults={"role": invitation.role}
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    audit.record("invitation_accepted", invitation.workspace, by=person, target=invitation.role)
    return membership


@transaction.atomic
def change_role(membership: Membership, role: str, *, by: Person) -> None:
    """Give a member another role.

    Raises
    ------
    BadQuestion : the workspace would have no owner left.
    """
    if membership.role == Role.OWNER and role != Role.OWNER:
        _keep_an_owner(membership)
    audit.record("role_changed", membership.workspace, by=by, target=str(membership.person), before=membership.role, after=role)
    membership.role = role
    membership.save(update_fields=["role"])


@transaction.atomic
def remove_member(membership: Membership, *, by: Person) -> None:
    """Take a member out of the workspace; the person stays.

    Raises
    ------
    BadQuestion : the workspace would have no owner left.
    """
    if membership.role == Role.OWNER:
        _keep_an_owner(membership)
    audit.record("person_removed", membership.workspace, by=by, target=membership.person.email)
    membership.delete()


def _keep_an_owner(membership: Membership) -> None:
    owners = Membership.objects.select_for_update().filter(workspace=membership.workspace, role=Role.OWNER)
    if len(owners) < 2:
        raise BadQuestion(mark("{person} is the only owner. Make somebody else an owner first."), person=str(membership.person))


@transaction.atomic
def make_key(
    workspace: Workspace, name: str, scope: str, *, by: Person, personal: bool = False, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make an API key; return it and its secret, which is told only now."""
    secret = KEY_MARK + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        workspace=workspace,
        name=name,
        prefix=secret[:10],
        key_hash=hashed(secret),
        scope=scope,
        personal=personal,
        created_by=by,
        expires_at=expires_at,
    )
    audit.record("key_made", workspace, by=by, target=name, scope=scope, personal=personal)
    return key, secret


@transaction.atomic
def revoke_key(key: ApiKey, *, by: Person) -> None:
    """Make a key useless from now on."""
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        audit.record("key_revoked", key.workspace, by=by, target=key.name)


def notify(
    people: Iterable[Person], workspace: Workspace, template: str, params: Mapping[str, Any], *, href: str = "", tone: str = "plain"
) -> None:
    """Tell people something inside the pages; `template` is marked and translated when it is shown."""
    Notice.objects.bulk_create(
        Notice(person=person, workspace=workspace, template=template, params=dict(params), href=href, tone=tone)
        for person in people
    )


def delete_old_notices(before: datetime) -> int:
    """Delete what was told before an instant; return how many."""
    return Notice.objects.filter(at__lt=before).delete()[0]
