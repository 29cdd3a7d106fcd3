"""Who uses percorso: people, workspaces, what each may do there, keys for programs, and who did what."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from percorso.analytics.calendar import Schedule


def office_hours() -> dict[str, list[list[str]]]:
    """Monday to Friday, 9 to 18: the business hours of a new workspace."""
    return {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


class Workspace(models.Model):
    """One tenant: its name, reporting time zone, business hours and holidays."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64)
    language = models.CharField(max_length=10, default="en")
    business_hours = models.JSONField(default=office_hours)
    holidays = models.JSONField(default=list)
    # Keys of the indicators that the overview shows, in order; empty: all.
    chosen_indicators = models.JSONField(default=list, blank=True)
    second_factor_required = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def schedule(self) -> Schedule:
        """The business hours and holidays as the analytics understand them."""
        return Schedule(tz=self.time_zone, weekly=self.business_hours, holidays=tuple(self.holidays))


class PersonManager(BaseUserManager["Person"]):
    """Makes people; e-mail addresses are kept in small letters, so that one address is one person."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> "Person":
        person = self.model(email=self.normalize_email(email).strip().lower(), **more)
        person.set_password(password)  # None: cannot sign in by password
        person.save(using=self._db)
        person.keep_address()
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=(username or "").lower())


class Person(AbstractBaseUser):
    """Somebody who uses percorso; what they may do is said per workspace."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    objects: ClassVar[PersonManager] = PersonManager()
    # Django's admin and its permissions are not used: roles are per workspace.
    is_staff = False
    is_superuser = False

    def __str__(self) -> str:
        return self.name or self.email

    def keep_address(self) -> None:
        """Tell allauth the person's address. It counts as proven: people come by a link that was sent to it."""
        self.emailaddress_set.update_or_create(primary=True, defaults={"email": self.email, "verified": True})  # type: ignore[attr-defined]

    @property
    def initials(self) -> str:
        """Two letters for a round mark."""
        words = (self.name or self.email.partition("@")[0].replace(".", " ")).split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words[:1])).upper()


class Role(models.TextChoices):
    """What a person is in a workspace; see `MAY`."""

    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    ANALYST = "analyst", _("Analyst")
    VIEWER = "viewer", _("Viewer")


# see: figures and pages without personal data · personal: customers and single facts · analyse: annotate, download,
# choose the indicators · edit: import, undo, change data · manage: people, keys, settings, audit log
MAY: dict[str, frozenset[str]] = {
    Role.OWNER: frozenset({"see", "personal", "analyse", "edit", "manage"}),
    Role.EDITOR: frozenset({"see", "personal", "analyse", "edit"}),
    Role.ANALYST: frozenset({"see", "analyse"}),
    Role.VIEWER: frozenset({"see", "personal"}),
}


class Membership(models.Model):
    """One person in one workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("workspace", "person"), name="one_membership_each")]

    def __str__(self) -> str:
        return f"{self.person} · {self.role}"

    def may(self, what: str) -> bool:
        """Return whether the role allows `what` (see `MAY`)."""
        return what in MAY[self.role]


class Invitation(models.Model):
    """An offer of a role, by mail; the token is kept as a hash, so that a stolen database lets nobody in."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.email} · {self.role}"

    @property
    def is_open(self) -> bool:
        """Whether it can still be accepted."""
        return self.accepted_at is None and self.expires_at > timezone.now()


class ApiKey(models.Model):
    """A program's key to one workspace; only its hash is kept, `prefix` tells keys apart."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16)
    key_hash = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=8, choices=Scope.choices)
    personal = models.BooleanField(default=False, help_text="may read personal data: customers and single facts")
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def works_at(self, now: datetime) -> bool:
        """Whether the key opens anything at `now`."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class AuditEntry(models.Model):
    """Who did what, when, to what. Written once, never changed; `by` stays readable when the person is gone."""

    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.CASCADE, related_name="audit_entries")
    at = models.DateTimeField(auto_now_add=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.CharField(max_length=254)
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=254, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("workspace", "-id"), name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.by}: {self.action} {self.target}"


class Notice(models.Model):
    """Something that a person is told inside the pages: a sentence with its places, and where to look."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    template = models.TextField()
    params = models.JSONField(default=dict)
    href = models.CharField(max_length=500, blank=True)
    tone = models.CharField(max_length=8, default="plain")
    at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.template
