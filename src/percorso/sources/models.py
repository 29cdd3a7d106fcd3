"""Imports that ran or run, and the mappings that are kept for the next file of the same kind."""

from pathlib import Path

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Person, Workspace
from percorso.base.models import Job
from percorso.config import data_folder


class Import(models.Model):
    """One run of a connector over some files."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")
        INTERRUPTED = "interrupted", _("Interrupted")
        UNDONE = "undone", _("Undone")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="imports")
    connector = models.CharField(max_length=64)
    # Paths as they were given; of uploaded files their names in the folder `upload`, and `names` as people know them.
    files = models.JSONField(default=list)
    upload = models.CharField(max_length=80, blank=True)
    names = models.JSONField(default=list)
    config = models.JSONField(default=dict)
    mapping = models.JSONField(null=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    message = models.TextField(blank=True)
    # What the run said, the problems first: {tone, template, params}.
    told = models.JSONField(default=list)
    # What the last dry run found; see `reports.preview_of`.
    preview = models.JSONField(null=True)
    # {table: {rows, new, repeated}}
    tables = models.JSONField(default=dict)
    records = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    new = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    bytes_done = models.BigIntegerField(default=0)
    bytes_total = models.BigIntegerField(default=0)
    by = models.CharField(max_length=120, blank=True)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    # What is or was done with it last: trying, importing, undoing.
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    # Which process runs it: after a kill nobody is left to say that it ended.
    process = models.CharField(max_length=120, blank=True)
    saved_at = models.DateTimeField(auto_now=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.connector} {self.pk} ({self.state})"

    @property
    def batch(self) -> str:
        """The batch that its rows carry in the fact tables."""
        return f"import-{self.pk}"

    @property
    def shown_names(self) -> list[str]:
        """The names of its files, without folders."""
        return self.names or [Path(name).name for name in self.files]

    @property
    def is_busy(self) -> bool:
        """Whether a job works on it or is going to."""
        return self.job is not None and not self.job.is_over

    @property
    def standing(self) -> "Import.State":
        """Its state; a job that ended before it could write the state down says so."""
        state = Import.State(self.state)
        if state in (self.State.WAITING, self.State.RUNNING) and self.job is not None and self.job.is_over:
            return {"stopped": self.State.STOPPED, "failed": self.State.FAILED}.get(self.job.state, state)
        return state

    @property
    def folder(self) -> Path:
        """Where its uploaded files lie."""
        return data_folder() / "uploads" / self.upload

    @property
    def rejected_path(self) -> Path:
        """Where the records that could not be imported are kept, as JSON Lines."""
        return data_folder() / "rejected" / f"{self.batch}.jsonl"

    @property
    def tried_path(self) -> Path:
        """Where the records that a dry run could not have imported are kept."""
        return data_folder() / "rejected" / f"{self.batch}-tried.jsonl"

    def paths(self) -> list[Path]:
        """Return where its files are: in the upload folder, or where the command line found them."""
        return [self.folder / name if self.upload else Path(name) for name in self.files]


class KeptMapping(models.Model):
    """A mapping that worked, found again by the fingerprint of a file's header or by its name."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="kept_mappings")
    connector = models.CharField(max_length=64)
    name = models.CharField(max_length=120, blank=True)
    fingerprint = models.CharField(max_length=32)
    mapping = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "connector", "fingerprint", "name"), name="one_mapping_per_header_and_name"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.fingerprint


class Source(models.Model):
    """A site, app or system that sends events, by its key; the key is no secret, for every browser of a site has it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=80)
    key = models.CharField(max_length=80, unique=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # Requests a second that it may make; null: as many as the setting says.
    rate = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class RefusedCall(models.Model):
    """A call that made no fact, as it came, and why; it can be looked at, and sent again once it can be taken."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="refused")
    # A key of `tracking.calls.REASONS`, and what more there is to say of this call.
    reason = models.CharField(max_length=200)
    detail = models.CharField(max_length=200, blank=True)
    # Its type where the address said it; of its batch, as JSON: when that was sent, and its context.
    kind = models.CharField(max_length=16, blank=True)
    sent = models.TextField(blank=True)
    context = models.TextField(blank=True)
    body = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class CallCount(models.Model):
    """How many calls of a source came in an hour: those taken (no outcome), or those refused for a reason.

    Without a source: calls whose key opens none, of the whole server.
    """

    source = models.ForeignKey(Source, null=True, on_delete=models.CASCADE, related_name="counts")
    hour = models.DateTimeField()
    outcome = models.CharField(max_length=40, blank=True)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("source", "hour", "outcome"), name="one_count_per_hour")]

    def __str__(self) -> str:
        return f"{self.source} {self.hour}: {self.count} {self.outcome or 'taken'}"


class PlannedEvent(models.Model):
    """An event that a workspace expects, and its properties: [{name, kind, required}]; one part of its tracking plan."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="planned_events")
    name = models.CharField(max_length=200)
    about = models.CharField(max_length=300, blank=True)
    properties = models.JSONField(default=list)
    # Whether a property that is not listed is a violation.
    closed = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=("workspace", "name"), name="one_planned_event_per_name")]

    def __str__(self) -> str:
        return self.name


class Violation(models.Model):
    """How often events of a day were not as the tracking plan says; `example` is the id of the newest of them."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="violations")
    event = models.CharField(max_length=200)
    kind = models.CharField(max_length=24)
    property = models.CharField(max_length=200, blank=True)
    day = models.DateField()
    count = models.BigIntegerField(default=0)
    example = models.CharField(max_length=220, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "day", "event", "kind", "property"), name="one_violation_per_day_and_property"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event}.{self.property}: {self.kind}"


# Models that stand beside what uses them; here Django finds them.
from percorso.sources.webhooks.models import WebhookDelivery, WebhookSource, WebhookThing  # noqa: E402, F401
