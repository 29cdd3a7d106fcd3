"""The collection plan: what shall be measured, of whom, and how many answers that takes."""

from django.db import models

from percorso.accounts.models import Person, Workspace
from percorso.customers.models import Segment


class Plan(models.Model):
    """Some experiences measured in a span of days."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="plans")
    name = models.CharField(max_length=80)
    starts = models.DateField()
    # The last day.
    ends = models.DateField()
    # Expected share of the invited who answer, for the number of invitations.
    response_rate = models.FloatField(default=0.2)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-starts", "-id")

    def __str__(self) -> str:
        return self.name


class PlanItem(models.Model):
    """One indicator of one experience in one segment, and how exact it shall be."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="items")
    # The touchpoint or survey measured; empty: the whole relationship.
    touchpoint = models.CharField(max_length=120, blank=True)
    survey = models.CharField(max_length=120, blank=True)
    indicator = models.CharField(max_length=64)
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Half the width of the interval wanted, in the indicator's unit.
    precision = models.FloatField()
    confidence = models.FloatField(default=0.95)
    # Customers it speaks of; empty: as many as are in the segment.
    population = models.PositiveIntegerField(null=True, blank=True)
    # The sd of a mean, or the share expected; empty: the worst case.
    expected = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.indicator} {self.touchpoint}"
