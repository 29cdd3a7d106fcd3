"""Surveys, the versions that were published, who was invited, and what was answered."""

import secrets
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from percorso.accounts.models import Person, Workspace
from percorso.customers.forgotten import is_hashed
from percorso.outreach.models import Message
from percorso.surveys.definition import Definition

KEY_BYTES = 9


def new_key() -> str:
    """Return a key that nobody guesses."""
    return secrets.token_urlsafe(KEY_BYTES)


def no_definition() -> dict[str, Any]:
    """Return the definition of a survey that asks nothing yet."""
    return Definition().model_dump(mode="json", by_alias=True, exclude_defaults=True)


class Survey(models.Model):
    """One survey: what it asks (`draft`, and `live` once published), of whom, and how often somebody may be asked."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        CLOSED = "closed", pgettext_lazy("a survey", "Closed")

    class Population(models.TextChoices):
        CUSTOMER = "customer", _("Customers")
        EMPLOYEE = "employee", _("Employees")
        PARTNER = "partner", _("Partners")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="surveys")
    name = models.CharField(max_length=120)
    # What facts call it; never changes. `key` is in its public address.
    slug = models.SlugField(max_length=80)
    key = models.CharField(max_length=24, unique=True, default=new_key)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    population = models.CharField(max_length=10, choices=Population.choices, default=Population.CUSTOMER)
    # Nobody's identity is stored, and nothing is shown below `least_answers`.
    anonymous = models.BooleanField(default=False)
    least_answers = models.PositiveIntegerField(default=5)
    touchpoint = models.CharField(max_length=120, blank=True)
    draft = models.JSONField(default=no_definition)
    live = models.ForeignKey("Version", null=True, on_delete=models.PROTECT, related_name="+")
    closes_at = models.DateTimeField(null=True, blank=True)
    # {"accent": "#0b6e4f", "logo": …}; checked for contrast when it is chosen.
    look = models.JSONField(default=dict, blank=True)
    # Whether one link answers several times (a kiosk), and which sites may show it in a frame.
    repeated = models.BooleanField(default=False)
    sites = models.JSONField(default=list, blank=True)
    # What the secret of `identity.py` is made of besides the key; the earlier one counts as well until then.
    identity_nonce = models.CharField(max_length=24, blank=True)
    earlier_nonce = models.CharField(max_length=24, blank=True)
    earlier_until = models.DateTimeField(null=True)
    # The contact policy's part of this survey: its own clock, share of those asked, and who goes first (0 to 9).
    gap_days = models.PositiveIntegerField(default=90)
    share = models.FloatField(default=1.0)
    priority = models.PositiveSmallIntegerField(default=5)
    expires_days = models.PositiveIntegerField(default=30)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=("workspace", "slug"), name="one_survey_slug_each")]

    def __str__(self) -> str:
        return self.name

    @property
    def definition(self) -> Definition:
        """What is being written; what respondents see is `live`."""
        return Definition.model_validate(self.draft)

    @property
    def is_open(self) -> bool:
        """Whether it takes answers now."""
        over = self.closes_at is not None and self.closes_at <= timezone.now()
        return self.state == self.State.LIVE and self.live_id is not None and not over


class Version(models.Model):
    """A definition as it was published; every response keeps the one that it was given to."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    by = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints = [models.UniqueConstraint(fields=("survey", "number"), name="one_version_number_each")]

    def __str__(self) -> str:
        return f"{self.survey} v{self.number}"

    @property
    def definition(self) -> Definition:
        """The definition as a value; read once, for a version never changes."""
        key = (self.pk, self.created_at)
        found = _definitions.get(key)
        if found is None:
            if len(_definitions) >= MOST_KEPT:
                _definitions.clear()
            found = _definitions[key] = Definition.model_validate(self.content)
        return found


MOST_KEPT = 200
_definitions: dict[tuple[int, datetime], Definition] = {}


class Distribution(models.Model):
    """One sending of a survey to an audience by a channel, with its reminders."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being sent")
        DONE = "done", _("Sent")
        STOPPED = "stopped", _("Stopped")

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="distributions")
    channel = models.CharField(max_length=40)
    # {"segment": <id>}, or {"people": [{"address", "name", "language", "customer", …traits}]} from a list.
    audience = models.JSONField()
    # By language; empty: the survey's usual words.
    subject = models.JSONField(default=dict)
    words = models.JSONField(default=dict)
    remind_days = models.PositiveSmallIntegerField(null=True)
    most_reminders = models.PositiveSmallIntegerField(default=1)
    send_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.survey} by {self.channel}"


class Trigger(models.Model):
    """A rule that invites by itself: so long after something happened to a customer, a share of them."""

    class Event(models.TextChoices):
        DELIVERED = "delivered", _("An order was delivered")
        RESOLVED = "resolved", _("A ticket was resolved")
        CHURNED = "churned", _("A customer left")
        HAPPENED = "happened", _("An event happened")

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="triggers")
    event = models.CharField(max_length=12, choices=Event.choices)
    # The name of the event, for `happened`.
    name = models.CharField(max_length=120, blank=True)
    after_hours = models.PositiveIntegerField(default=24)
    share = models.FloatField(default=1.0)
    channel = models.CharField(max_length=40)
    segment = models.ForeignKey("customers.Segment", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Days after the invitation, and after each reminder; null: nobody is reminded.
    remind_days = models.PositiveSmallIntegerField(null=True)
    most_reminders = models.PositiveSmallIntegerField(default=1)
    enabled = models.BooleanField(default=True)
    # Until when facts were looked at: earlier ones invite nobody.
    looked_until = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.survey}: {self.get_event_display()}"

    @property
    def survey_slug(self) -> str:
        """The survey as addresses name it; what uses a segment is linked by it."""
        return self.survey.slug


class Invitation(models.Model):
    """One survey for one person, by one channel: personal, answered once, until it expires."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("an invitation", "Waiting")
        SENT = "sent", pgettext_lazy("an invitation", "Sent")
        STARTED = "started", pgettext_lazy("an invitation", "Started")
        ANSWERED = "answered", pgettext_lazy("an invitation", "Answered")
        REFUSED = "refused", pgettext_lazy("an invitation", "Not sent")
        FAILED = "failed", _("Could not be delivered")
        CANCELLED = "cancelled", pgettext_lazy("an invitation", "Cancelled")

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="invitations")
    # Ids of the facts; empty for who is no known customer.
    customer = models.CharField(max_length=254, blank=True)
    address = models.CharField(max_length=254, blank=True)
    name = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=40)
    # What of the customer texts recall and conditions ask, as it was when it was invited.
    traits = models.JSONField(default=dict)
    # The order, ticket or visit that is asked about, and what asked.
    interaction = models.CharField(max_length=254, blank=True)
    trigger = models.ForeignKey(Trigger, null=True, on_delete=models.SET_NULL, related_name="invitations")
    distribution = models.ForeignKey(Distribution, null=True, on_delete=models.CASCADE, related_name="invitations")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # Why the contact policy refused it: a key of `outreach.policy.REASONS`.
    because = models.CharField(max_length=40, blank=True)
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    # The last reminder.
    reminder = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    send_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    # A click on a value in a message: shown apart, never counted, until a person confirms it.
    clicked = models.CharField(max_length=80, blank=True)
    clicked_at = models.DateTimeField(null=True)
    # A gateway opened its links: two values within a minute, or the link that nobody sees.
    scanned = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("survey", "state"), name="invitation_state"),
            models.Index(fields=("state", "send_at"), name="invitation_due"),
            models.Index(fields=("survey", "customer"), name="invitation_customer"),
        ]
        # Made once, however often the job that makes them is begun; what has no distribution or trigger is not compared.
        constraints = [
            models.UniqueConstraint(
                fields=("distribution", "customer", "address"), name="invited_once_by_a_distribution"
            ),
            models.UniqueConstraint(fields=("trigger", "interaction"), name="invited_once_by_a_trigger"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} → {self.address or self.customer}"

    @property
    def is_forgotten(self) -> bool:
        """Whether the person was forgotten, and the address is a hash."""
        return is_hashed(self.address)

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        over = (self.State.ANSWERED, self.State.REFUSED, self.State.CANCELLED)
        return self.state not in over and self.expires_at > timezone.now()


class Response(models.Model):
    """What one respondent has answered so far: values by question, kept page by page."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="responses")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    invitation = models.OneToOneField(Invitation, null=True, on_delete=models.SET_NULL, related_name="response")
    # In the address of its pages, and in the ids of its facts.
    key = models.CharField(max_length=24, unique=True, default=new_key)
    customer = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=20)
    channel = models.CharField(max_length=40)
    answers = models.JSONField(default=dict)
    # The page that it is on; null when it is over.
    page = models.CharField(max_length=40, null=True)
    # Where and by what it was given: site, device, kiosk; nothing that tells who, in an anonymous survey.
    context = models.JSONField(default=dict)
    traits = models.JSONField(default=dict)
    # A keyed hash of where it came from: equal ones may be one person. Empty in an anonymous survey.
    origin = models.CharField(max_length=32, blank=True)
    # Why it looks suspicious: keys of `surveys.suspicion.MARKS`; `left_out` is decided by a person or a rule of the survey.
    marks = models.JSONField(default=list)
    left_out = models.BooleanField(default=False)
    seconds = models.FloatField(null=True)
    over_quota = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("survey", "-id"), name="response_newest"),
            models.Index(fields=("survey", "completed_at"), name="response_completed"),
            models.Index(fields=("survey", "origin"), name="response_origin"),
            models.Index(fields=("survey", "left_out", "seconds"), name="response_seconds"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.key}"


class Upload(models.Model):
    """A file that was given as an answer; its content lies in the data folder under `key`."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="uploads")
    question = models.CharField(max_length=40)
    key = models.CharField(max_length=24, unique=True, default=new_key)
    name = models.CharField(max_length=254)
    content_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class DraftStep(models.Model):
    """One change of a draft: what it was before, so that it can be undone."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="steps")
    # The part that was changed, as the editor calls it: `q-<question>`, `p-<page>`, start …
    at = models.CharField(max_length=60)
    before = models.JSONField()
    # Written in a form, not added, moved or removed: what follows soon in the same form is undone together with it.
    typed = models.BooleanField(default=False)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.survey} {self.at}"
