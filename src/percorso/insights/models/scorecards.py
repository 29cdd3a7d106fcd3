"""Scorecards by a framework: pillars, and the evidence that was tagged with each."""

from django.db import models

from percorso.accounts.models import Person, Workspace
from percorso.customers.models import Segment


class Scorecard(models.Model):
    """A framework (`insights.scorecards.frameworks`) with what speaks for each of its pillars."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="scorecards")
    framework = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # [{pillar, indicator, options, filter: {column: [values]}, good: value for 100, bad: value for 0, weight}]
    evidence = models.JSONField(default=list)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name
