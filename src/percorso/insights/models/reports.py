"""Boards that are sent on a schedule, and what was sent."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from percorso.accounts.models import Person, Workspace
from percorso.insights.models.boards import Board


class Report(models.Model):
    """A board for some recipients, again and again."""

    class Every(models.TextChoices):
        DAY = "day", _("Every day")
        WEEK = "week", _("Every week")
        MONTH = "month", _("Every month")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="reports")
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="reports")
    name = models.CharField(max_length=80)
    # [{email, language, time_zone}]: a recipient's own language and time zone.
    recipients = models.JSONField(default=list)
    period = models.CharField(max_length=20, default="last_month")
    every = models.CharField(max_length=8, choices=Every.choices, default=Every.MONTH)
    # 0 Monday … 6 Sunday; 1 … 28 day of the month; local hour of the recipient.
    weekday = models.PositiveSmallIntegerField(default=0)
    day = models.PositiveSmallIntegerField(default=1)
    hour = models.PositiveSmallIntegerField(default=8)
    attach_pdf = models.BooleanField(default=True)
    active = models.BooleanField(default=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name


class ReportIssue(models.Model):
    """One report as it was made: figures and versions of their definitions stay as they were then."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="report_issues")
    report = models.ForeignKey(Report, null=True, on_delete=models.SET_NULL, related_name="issues")
    name = models.CharField(max_length=80)
    first_day = models.DateField()
    last_day = models.DateField()
    language = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=64)
    # Everything that is shown, frozen; {indicator: version} in `versions`.
    content = models.JSONField(default=dict)
    versions = models.JSONField(default=dict)
    # {email: sent | failed: …}
    deliveries = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-made_at", "-id")

    def __str__(self) -> str:
        return f"{self.name} {self.first_day}"
