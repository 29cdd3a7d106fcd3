"""Webhook sources, what they delivered, and what is known of the things that they tell of."""

import json
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Person, Workspace


class _Gaps(dict[str, Any]):
    """Places of a text that are no longer kept."""

    def __missing__(self, name: str) -> str:
        return "…"


class WebhookSource(models.Model):
    """A system that tells something by webhooks, at an address of its own."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="webhook_sources")
    name = models.CharField(max_length=80)
    # A key of `webhooks/kinds`.
    kind = models.CharField(max_length=64)
    # Its address ends with this.
    key = models.CharField(max_length=40, unique=True)
    # Checked by the kind's `Config`; secrets are among them.
    settings = models.JSONField(default=dict)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(null=True)
    # Calls that were not proven to come from it, or could not be read at all; of the last one, why.
    refused = models.PositiveIntegerField(default=0)
    refused_at = models.DateTimeField(null=True)
    refused_because = models.CharField(max_length=300, blank=True)
    refused_params = models.JSONField(default=dict)

    class Meta:
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=("workspace", "name"), name="one_webhook_source_of_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def refused_told(self) -> str:
        """Why the last call was refused, in the language of whoever reads it."""
        return gettext(self.refused_because).format(**self.refused_params) if self.refused_because else ""


class WebhookDelivery(models.Model):
    """One call that was acknowledged: its body as it came, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Taken in")
        IGNORED = "ignored", _("Ignored")
        FAILED = "failed", _("Could not be read")

    source = models.ForeignKey(WebhookSource, on_delete=models.CASCADE, related_name="deliveries")
    # The source's own id of it, else a hash of the body: what comes again is the same delivery.
    delivery = models.CharField(max_length=120)
    event = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    # Emptied after some time, and when somebody it tells of is forgotten.
    body = models.TextField()
    headers = models.JSONField(default=dict)
    # How often it came, and how many rows it made.
    times = models.PositiveIntegerField(default=1)
    rows = models.PositiveIntegerField(default=0)
    # Whom it tells of, where that is one; only while the body is kept.
    identity = models.CharField(max_length=254, blank=True)
    # Why it was ignored or could not be read: a marked text with its places.
    problem = models.CharField(max_length=400, blank=True)
    params = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=("source", "delivery"), name="one_webhook_delivery_each")]
        indexes = [
            models.Index(fields=("state", "id"), name="webhook_delivery_waiting"),
            models.Index(fields=("source", "-id"), name="webhook_delivery_newest"),
            models.Index(fields=("at",), name="webhook_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event or 'call'} {self.delivery} ({self.state})"

    @property
    def told(self) -> str:
        """Why it was ignored or could not be read, in the language of whoever reads it."""
        return gettext(self.problem).format_map(_Gaps(self.params)) if self.problem else ""

    @property
    def shown(self) -> str:
        """The body for people: JSON with its lines set apart."""
        try:
            return json.dumps(json.loads(self.body), indent=2, ensure_ascii=False)
        except ValueError:
            return self.body


class WebhookThing(models.Model):
    """A subscription, an order, a ticket of a source: of when its newest state is, and what calls said of it."""

    source = models.ForeignKey(WebhookSource, on_delete=models.CASCADE, related_name="things")
    thing = models.CharField(max_length=200)
    order = models.CharField(max_length=40, blank=True)
    # By id, where its facts are made of several calls together.
    notes = models.JSONField(default=dict)
    identity = models.CharField(max_length=254, blank=True, db_index=True)
    # Whose it was is forgotten: no call tells it again, and its identity is a name that means nothing.
    forgotten = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("source", "thing"), name="one_webhook_thing_each")]

    def __str__(self) -> str:
        return self.thing
