"""What people write into the figures' pages."""

from django.db import models

from percorso.accounts.models import Person, Workspace


class Annotation(models.Model):
    """Something that happened on a day, written on the time axis of one indicator or (empty `indicator`) of all."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="annotations")
    # A local day in the workspace's time zone.
    day = models.DateField()
    text = models.CharField(max_length=200)
    indicator = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("day", "id")
        indexes = [models.Index(fields=("workspace", "day"), name="annotation_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.text}"
