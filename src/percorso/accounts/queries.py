"""Reads of people, memberships, keys and the audit log."""

import hashlib
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from percorso.accounts.models import ApiKey, AuditEntry, Invitation, Membership, Notice, Person, Workspace

USE_NOTED_EVERY = timedelta(minutes=1)


def hashed(secret: str) -> str:
    """Return what is kept of a secret of 32 random bytes: it cannot be guessed, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def workspaces_of(person: Person) -> QuerySet[Membership]:
    """Return a person's memberships, with their workspaces, by name."""
    return Membership.objects.filter(person=person).select_related("workspace").order_by("workspace__name")


def members(workspace: Workspace) -> QuerySet[Membership]:
    """Return the members of a workspace with their people, by name."""
    return workspace.memberships.select_related("person").order_by("person__name", "person__email")


def open_invitations(workspace: Workspace) -> QuerySet[Invitation]:
    """Return the invitations that can still be accepted, the newest first."""
    now = timezone.now()
    return workspace.invitations.filter(accepted_at=None, expires_at__gt=now).select_related("invited_by").order_by("-id")


def invitation_by(token: str) -> Invitation | None:
    """Return the open invitation that a token belongs to."""
    found = Invitation.objects.select_related("workspace").filter(token_hash=hashed(token)).first()
    return found if found and found.is_open else None


def key_by(secret: str) -> ApiKey | None:
    """Return the key that works and belongs to `secret`, and note its use (once a minute at most)."""
    now = timezone.now()
    key = ApiKey.objects.select_related("workspace").filter(key_hash=hashed(secret)).first()
    if key is None or not key.works_at(now):
        return None
    if key.last_used_at is None or now - key.last_used_at > USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def audit_entries(workspace: Workspace) -> QuerySet[AuditEntry]:
    """Return the audit log of a workspace, the newest first."""
    return workspace.audit_entries.select_related("person")


def notices(person: Person, workspace: Workspace) -> QuerySet[Notice]:
    """Return what a person was told in a workspace, the newest first."""
    return Notice.objects.filter(person=person, workspace=workspace)
