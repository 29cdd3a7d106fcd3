"""What a team wants to reach, and what others reach."""

from django.db import models

from percorso.accounts.models import Person, Workspace
from percorso.customers.models import Segment


class Goal(models.Model):
    """A value that an indicator shall have by a day; a goal on a lagging one names leading ones that move it."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="goals")
    indicator = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="goals")
    # In the indicator's unit: shares 0–1, durations seconds, money minor units.
    target = models.FloatField()
    baseline = models.FloatField(null=True, blank=True)
    starts = models.DateField()
    due = models.DateField()
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="goals")
    # Keys of the leading indicators that are worked on to get there.
    drivers = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("due", "id")

    def __str__(self) -> str:
        return f"{self.indicator} {self.target} {self.due}"


class Benchmark(models.Model):
    """A value that others reach, as the team read it somewhere."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="benchmarks")
    indicator = models.CharField(max_length=64)
    name = models.CharField(max_length=80)
    # In the indicator's unit; money in minor units of `currency`, which only money has.
    value = models.FloatField()
    currency = models.CharField(max_length=3, blank=True)
    # Where it was read: a title, and an address if there is one.
    source = models.CharField(max_length=200)
    link = models.URLField(blank=True)
    day = models.DateField(null=True, blank=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("indicator", "name", "id")

    def __str__(self) -> str:
        return f"{self.indicator} {self.name}"
