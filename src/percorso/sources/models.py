"""Imports that ran or run, and the mappings that are kept for the next file of the same kind."""

from django.db import models

from percorso.accounts.models import Workspace


class Import(models.Model):
    """One run of a connector over some files."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"
        FAILED = "failed"
        INTERRUPTED = "interrupted"

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="imports")
    connector = models.CharField(max_length=64)
    files = models.JSONField(default=list)
    config = models.JSONField(default=dict)
    mapping = models.JSONField(null=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    message = models.TextField(blank=True)
    records = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    new = models.BigIntegerField(default=0)
    repeated = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    bytes_done = models.BigIntegerField(default=0)
    bytes_total = models.BigIntegerField(default=0)
    by = models.CharField(max_length=120, blank=True)
    # Which process runs it: after a kill nobody is left to say that it ended.
    process = models.CharField(max_length=120, blank=True)
    saved_at = models.DateTimeField(auto_now=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.connector} {self.pk} ({self.state})"

    @property
    def batch(self) -> str:
        """The batch that its rows carry in the fact tables."""
        return f"import-{self.pk}"


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
