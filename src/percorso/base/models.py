"""Jobs: what runs later, on a clock, or longer than a page may take."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One piece of work. It is done at least once; what it changes happens once (see `jobs.once`)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    name = models.CharField(max_length=64)
    # The slug of the workspace it belongs to; empty for the system's own.
    workspace = models.CharField(max_length=50, blank=True)
    arguments = models.JSONField(default=dict)
    # Two jobs of one key are one job.
    key = models.CharField(max_length=200, null=True, unique=True)
    by = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    run_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    # Who carries it out, and until when it is believed to live.
    worker = models.CharField(max_length=120, blank=True)
    leased_until = models.DateTimeField(null=True)
    stop_wanted = models.BooleanField(default=False)
    progress = models.FloatField(default=0)
    doing = models.CharField(max_length=254, blank=True)
    result = models.JSONField(null=True)
    # What went wrong: a marked text with its places, or the words of a failure of ours.
    error = models.TextField(blank=True)
    error_params = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = [
            models.Index(fields=("state", "run_at"), name="job_due"),
            models.Index(fields=("workspace", "-id"), name="job_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk} ({self.state})"

    @property
    def problem(self) -> str:
        """What went wrong, in the language of whoever reads it."""
        if not self.error:
            return ""
        told = gettext(self.error)
        return told.format(**self.error_params) if self.error_params is not None else told

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in (self.State.DONE, self.State.FAILED, self.State.STOPPED)


class Effect(models.Model):
    """The mark of something that was done and must not be done again."""

    key = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.key


class Clock(models.Model):
    """When a scheduled job last ran for a workspace: a slot is given out once, however many workers there are."""

    name = models.CharField(max_length=64)
    workspace = models.CharField(max_length=50, blank=True)
    next_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("name", "workspace"), name="one_clock_each")]

    def __str__(self) -> str:
        return f"{self.name} {self.workspace}"


class PendingFact(models.Model):
    """A fact on its way into the analytics store, written in the transaction of the change that it tells of."""

    workspace = models.CharField(max_length=50)
    table = models.CharField(max_length=40)
    row = models.JSONField()
    # Why the store refused it; such a row waits for somebody to look and holds nothing else up.
    problem = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.table} {self.pk}"
