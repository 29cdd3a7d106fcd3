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
from percorso.accounts.links import start_link
from percorso.accounts.models import ApiKey, Invitation, Membership, Notice, Person, Role, Workspace
from percorso.accounts.queries import DEMO, demo_workspace, hashed
from percorso.config import setting
from percorso.errors import BadQuestion
from percorso.i18n import mark

MAIN = "main"
DEMO_EMAIL = "demo@percorso.local"
INVITED_FOR = timedelta(days=7)
KEY_MARK = "pc_"


@transaction.atomic
def first_start() -> str | None:
    """Make the owner of an installation where nobody is yet; return the link to sign in with until somebody has."""
    people = Person.objects.filter(is_demo=False).order_by("pk")
    if people.filter(last_login__isnull=False).exists():
        return None
    return start_link(people.first() or _make_owner())


def _make_owner() -> Person:
    owner = Person.objects.create_user(str(setting("OWNER")))
    main = {"name": MAIN.title(), "time_zone": str(setting("TIME_ZONE"))}
    Workspace.objects.get_or_create(slug=MAIN, defaults=main)
    for workspace in Workspace.objects.exclude(slug=DEMO):
        Membership.objects.create(workspace=workspace, person=owner, role=Role.OWNER)
        audit.record("person_made", workspace, by="percorso", target=owner.email, role=Role.OWNER)
    return owner


def make_link(person: Person, *, by: Person | str, without_second_factor: bool = False) -> str:
    """Return a fresh link by which a person signs in who lost the password, or with it the second factor."""
    if without_second_factor:
        person.authenticator_set.all().delete()
        audit.record_everywhere("second_factor_removed", person, by=by)
    audit.record_everywhere("link_made", person, by=by)
    return start_link(person)


@transaction.atomic
def start(person: Person, *, password: str, email: str = "", name: str = "") -> Person:
    """Set what a person chose who came by a link; the link is used up by it."""
    person.email, person.name = email or person.email, name or person.name
    person.set_password(password)
    person.save(update_fields=["email", "name", "password"])
    person.keep_address()
    audit.record_everywhere("password_changed", person)
    return person


@transaction.atomic
def join(invitation: Invitation, *, name: str, password: str, language: str = "") -> Person:
    """Make the person who was invited, and a member; the link has shown that the address is theirs."""
    person = Person.objects.create_user(invitation.email, password, name=name, language=language)
    accept_invitation(invitation, person)
    return person


@transaction.atomic
def demo_visitor() -> Person | None:
    """Return the person whom all who look at the demo share; None where there is no demo to look at."""
    workspace = demo_workspace()
    if workspace is None:
        return None
    visitor = Person.objects.filter(is_demo=True).first()
    if visitor is None:
        visitor = Person.objects.create_user(DEMO_EMAIL, name="Demo", is_demo=True)
    Membership.objects.get_or_create(workspace=workspace, person=visitor, defaults={"role": Role.EDITOR})
    return visitor


def change_person(person: Person, *, name: str, language: str) -> None:
    """Change a person's own name and language."""
    person.name, person.language = name, language
    person.save(update_fields=["name", "language"])


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
    """Make `person` a member as invited; an invitation works once, and takes no role away.

    Raises
    ------
    BadQuestion : it was used or withdrawn meanwhile, or is for somebody else.
    """
    fresh = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
    if fresh is None or not fresh.is_open or person.email != fresh.email or person.is_demo:
        raise BadQuestion(mark("This invitation can no longer be used. Ask for a new one."))
    membership, _ = Membership.objects.get_or_create(
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
    audit.record(
        "role_changed", membership.workspace, by=by, target=str(membership.person), before=membership.role, after=role
    )
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
        raise BadQuestion(
            mark("{person} is the only owner. Make somebody else an owner first."), person=str(membership.person)
        )


@transaction.atomic
def make_key(
    workspace: Workspace,
    name: str,
    scope: str,
    *,
    by: Person,
    personal: bool = False,
    expires_at: datetime | None = None,
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
    people: Iterable[Person],
    workspace: Workspace,
    template: str,
    params: Mapping[str, Any],
    *,
    href: str = "",
    tone: str = "plain",
) -> None:
    """Tell people something inside the pages; `template` is marked and translated when it is shown."""
    Notice.objects.bulk_create(
        Notice(person=person, workspace=workspace, template=template, params=dict(params), href=href, tone=tone)
        for person in people
    )


def delete_old_notices(before: datetime) -> int:
    """Delete what was told before an instant; return how many."""
    return Notice.objects.filter(at__lt=before).delete()[0]
