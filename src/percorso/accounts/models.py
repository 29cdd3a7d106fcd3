"""Workspaces: who owns facts, and the calendar that its figures follow."""

from django.db import models

from percorso.analytics.calendar import Schedule


def office_hours() -> dict[str, list[list[str]]]:
    """Monday to Friday, 9 to 18: the business hours of a new workspace."""
    return {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


class Workspace(models.Model):
    """One tenant: its name, reporting time zone, business hours and holidays."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64)
    business_hours = models.JSONField(default=office_hours)
    holidays = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def schedule(self) -> Schedule:
        """The business hours and holidays as the analytics understand them."""
        return Schedule(tz=self.time_zone, weekly=self.business_hours, holidays=tuple(self.holidays))
