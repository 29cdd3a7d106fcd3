"""Alerts: what is watched, what was found, and the one alarm that several findings of one cause share."""

from django.db import models

from percorso.accounts.models import Person, Workspace
from percorso.customers.models import Segment


class Watch(models.Model):
    """A detector (`insights.alerts`) over some indicators."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="watches")
    name = models.CharField(max_length=80)
    # Key of the detector, and its settings.
    alert = models.CharField(max_length=40)
    config = models.JSONField(default=dict)
    # Keys; empty: the indicators of the overview.
    indicators = models.JSONField(default=list)
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    grain = models.CharField(max_length=6, default="day")
    active = models.BooleanField(default=False)
    snoozed_until = models.DateField(null=True, blank=True)
    # People who get a mail; everybody of the workspace sees it on the pages.
    people = models.ManyToManyField(Person, blank=True, related_name="+")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class Alarm(models.Model):
    """One message about findings that have one cause as far as can be seen."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="alarms")
    # The first local day on which it showed, and the day on which it was told.
    day = models.DateField()
    told_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("-day", "-id")

    def __str__(self) -> str:
        return f"{self.workspace_id} {self.day}"


class Finding(models.Model):
    """One indicator that moved, found by one watch."""

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="findings")
    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="findings")
    indicator = models.CharField(max_length=64)
    # What it is about beside the indicator: of a goal its id, else nothing.
    subject = models.CharField(max_length=40, blank=True)
    day = models.DateField()
    since = models.DateField(null=True, blank=True)
    direction = models.CharField(max_length=4)
    good = models.BooleanField(null=True)
    # The probability of such a finding when nothing has changed.
    chance = models.FloatField(null=True)
    # Template and values of its sentence, and the groups that contribute most to the move.
    template = models.TextField()
    params = models.JSONField(default=dict)
    contributors = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("watch", "indicator", "subject", "direction", "day"), name="finding_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.day}"
