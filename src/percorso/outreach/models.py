"""Webhooks: who is told of what happens here, and every attempt to tell them; answers and allowances of the API."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import ApiKey, Workspace

ANSWERS_KEPT = timedelta(hours=24)


class Webhook(models.Model):
    """One address that is told of events; what it is sent is signed with `secret`."""

    class Off(models.TextChoices):
        BY_HAND = "by_hand", _("Switched off")
        GONE = "gone", _("Switched off: the receiver answered that it is gone")
        FAILING = "failing", _("Switched off: five days of failures")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    secret = models.CharField(max_length=120)
    # After a change of the secret both sign for a while, so that the receiver can follow.
    old_secret = models.CharField(max_length=120, blank=True)
    old_secret_until = models.DateTimeField(null=True)
    enabled = models.BooleanField(default=True)
    off_because = models.CharField(max_length=8, choices=Off.choices, blank=True)
    failing_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.url

    def secrets_at(self, now: datetime) -> list[str]:
        """Return the secrets that sign at `now`, the newest first."""
        old = self.old_secret and self.old_secret_until and self.old_secret_until > now
        return [self.secret, self.old_secret] if old else [self.secret]


class Delivery(models.Model):
    """One event for one webhook: what is sent, and how its last attempt ended."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=64)
    kind = models.CharField(max_length=64)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    # The receiver's status code; null when it could not be reached.
    code = models.PositiveIntegerField(null=True)
    told = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=("webhook", "event"), name="one_delivery_each")]

    def __str__(self) -> str:
        return f"{self.kind} {self.event} ({self.state})"


class KeptAnswer(models.Model):
    """The answer to a request with an Idempotency-Key, so that a repeated request changes nothing a second time."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    # What was asked: method, address and body.
    fingerprint = models.CharField(max_length=64)
    # Null while the first request is still carried out.
    status = models.PositiveIntegerField(null=True)
    body = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("api_key", "name"), name="one_answer_per_key")]
        indexes = [models.Index(fields=("at",), name="kept_answer_age")]

    def __str__(self) -> str:
        return f"{self.name} ({self.status or 'at hand'})"


class Allowance(models.Model):
    """How many requests an API key made in one minute."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8)
    minute = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("api_key", "kind"), name="one_allowance_each")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.used}"
