"""Reads of people, memberships, keys and the audit log."""

import hashlib
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from percorso.accounts.models import ApiKey, AuditEntry, Invitation, Membership, Notice, Person, Workspace
from percorso.config import setting

DEMO = "demo"
USE_NOTED_EVERY = timedelta(minutes=1)


def hashed(secret: str) -> str:
    """Return what is kept of a secret of 32 random bytes: it cannot be guessed, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def workspaces_of(person: Person) -> QuerySet[Membership]:
    """Return a person's memberships, with their workspaces, by name."""
    return Membership.objects.filter(person=person).select_related("workspace").order_by("workspace__name")


def members(workspace: Workspace) -> QuerySet[Membership]:
    """Return the members of a workspace with their people, by name."""
    from allauth.mfa.models import Authenticator  # loads its models

    factors = Authenticator.objects.filter(user=OuterRef("person"))
    people = workspace.memberships.select_related("person").order_by("person__name", "person__email")
    return people.annotate(second_factor=Exists(factors))


def open_invitations(workspace: Workspace) -> QuerySet[Invitation]:
    """Return the invitations that can still be accepted, the newest first."""
    now = timezone.now()
    return (
        workspace.invitations.filter(accepted_at=None, expires_at__gt=now).select_related("invited_by").order_by("-id")
    )


def demo_workspace() -> Workspace | None:
    """Return the demo company's workspace where anybody may look at it."""
    return Workspace.objects.filter(slug=DEMO).first() if setting("DEMO_SIGN_IN") else None


def open_invitations_for(email: str) -> QuerySet[Invitation]:
    """Return the invitations of any workspace that an address can still accept."""
    return Invitation.objects.filter(email=email.lower(), accepted_at=None, expires_at__gt=timezone.now())


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


def people_in_log(workspace: Workspace) -> QuerySet[Person]:
    """Return the people who appear in the audit log of a workspace, by name."""
    return Person.objects.filter(pk__in=workspace.audit_entries.values("person")).order_by("name", "email")


def notices(person: Person, workspace: Workspace) -> QuerySet[Notice]:
    """Return what a person was told in a workspace, the newest first."""
    return Notice.objects.filter(person=person, workspace=workspace)


def zones() -> list[tuple[str, str]]:
    """Return slug and time zone of every workspace, for what runs on a clock."""
    return list(Workspace.objects.order_by("slug").values_list("slug", "time_zone"))
