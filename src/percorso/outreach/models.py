"""Messages to customers and whom none may be sent to; webhooks and every attempt to tell them; answers and allowances of
the API."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from percorso.accounts.models import ApiKey, Workspace
from percorso.customers.forgotten import is_hashed

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


class Message(models.Model):
    """One message to one person by one channel: what it says, and how sending it ended."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", pgettext_lazy("a message", "Sent")
        FAILED = "failed", _("Could not be sent")
        BOUNCED = "bounced", pgettext_lazy("a message", "Came back")
        COMPLAINED = "complained", _("Reported as unwanted")
        REFUSED = "refused", _("Not sent")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="messages")
    # A key of `outreach/channels`.
    channel = models.CharField(max_length=40)
    # What it is for: survey, campaign, service …; consent and unsubscribing are by purpose.
    purpose = models.CharField(max_length=20)
    # What it belongs to, e.g. survey:<slug>; the app that queued it knows more.
    reference = models.CharField(max_length=120, blank=True)
    customer = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=254)
    name = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=20, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    # Reminders and thanks do not count in the contact policy.
    exempt = models.BooleanField(default=False)
    priority = models.PositiveSmallIntegerField(default=5)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # What the channel told last, or why it was not sent.
    told = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # The channel's own name of it (Message-ID, a gateway's id): bounces and complaints name it.
    remote_id = models.CharField(max_length=254, blank=True, db_index=True)
    # When it is due; after a failure, when it is tried again.
    send_at = models.DateTimeField()
    # Until when a worker is believed to be sending it; passed and not empty: that worker ended in the middle of it.
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("state", "send_at"), name="message_due"),
            models.Index(fields=("workspace", "customer", "-sent_at"), name="message_of_customer"),
            models.Index(fields=("workspace", "address", "-sent_at"), name="message_of_address"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} → {self.address} ({self.state})"

    @property
    def is_forgotten(self) -> bool:
        """Whether the person was forgotten, and the address is a hash."""
        return is_hashed(self.address)


class ChannelAccount(models.Model):
    """How a workspace sends by a channel: the channel's settings, checked by its `Config`; secrets are among them."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="channels")
    channel = models.CharField(max_length=40)
    settings = models.JSONField(default=dict)
    enabled = models.BooleanField(default=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("workspace", "channel"), name="one_account_per_channel")]

    def __str__(self) -> str:
        return self.channel


class Suppression(models.Model):
    """An address that nothing is sent to any more: by one channel or all, for one purpose or all."""

    class Because(models.TextChoices):
        BOUNCED = "bounced", _("Messages came back")
        COMPLAINED = "complained", _("Reported as unwanted")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BY_HAND = "by_hand", _("Entered by hand")
        PAUSED = "paused", _("Paused by the person")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="suppressions")
    channel = models.CharField(max_length=40, blank=True)
    # In the form that the channel compares addresses in.
    address = models.CharField(max_length=254)
    purpose = models.CharField(max_length=20, blank=True)
    because = models.CharField(max_length=12, choices=Because.choices)
    # What shows it: the bounce's text, the request.
    proof = models.JSONField(default=dict)
    by = models.CharField(max_length=254, blank=True)
    # A pause ends by itself; null: it holds until it is lifted.
    until = models.DateTimeField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("workspace", "channel", "address", "purpose"), name="one_suppression_each")
        ]

    def __str__(self) -> str:
        return f"{self.address} ({self.because})"

    @property
    def is_forgotten(self) -> bool:
        """Whether the person was forgotten, and the address is a hash."""
        return is_hashed(self.address)


class ContactPolicy(models.Model):
    """How often one person may be asked: over all channels, and by each."""

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="contact_policy")
    # At most `most` messages in `days`; null: no such limit.
    most = models.PositiveIntegerField(null=True, default=2)
    days = models.PositiveIntegerField(default=30)
    # {"email": {"most": 2, "days": 30}}
    channels = models.JSONField(default=dict)
    # No message goes out outside of these local hours of the workspace.
    first_hour = models.PositiveSmallIntegerField(default=8)
    last_hour = models.PositiveSmallIntegerField(default=20)
    # Purposes for which a customer must have consented before they are asked.
    needs_consent = models.JSONField(default=list)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.workspace}: {self.most} in {self.days} days"


class Refusal(models.Model):
    """A message that the contact policy did not let out, and why."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="refusals")
    channel = models.CharField(max_length=40)
    purpose = models.CharField(max_length=20)
    reference = models.CharField(max_length=120, blank=True)
    customer = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=254)
    # A key of `outreach.policy.REASONS`, and what it was measured by: {"most": 2, "days": 30, "sent": 2}.
    because = models.CharField(max_length=40)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=("workspace", "-id"), name="refusal_newest")]

    def __str__(self) -> str:
        return f"{self.address}: {self.because}"


class Place(models.Model):
    """A place in the line of one person: a survey that had to wait, and until when its place is kept."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="places")
    reference = models.CharField(max_length=120)
    channel = models.CharField(max_length=40)
    customer = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=254)
    gap_days = models.PositiveIntegerField(default=0)
    priority = models.PositiveSmallIntegerField(default=5)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ("since", "id")
        constraints = [
            models.UniqueConstraint(fields=("workspace", "reference", "customer", "address"), name="one_place_each")
        ]
        indexes = [
            models.Index(fields=("workspace", "customer"), name="place_of_customer"),
            models.Index(fields=("workspace", "address"), name="place_of_address"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} → {self.address}"


class Preference(models.Model):
    """What somebody chose for one address: the language in which they are written to."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="preferences")
    address = models.CharField(max_length=254)
    language = models.CharField(max_length=20, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("workspace", "address"), name="one_preference_each")]

    def __str__(self) -> str:
        return f"{self.address}: {self.language}"
