"""What people keep of their questions about use."""

from django.db import models

from percorso.accounts.models import Person, Workspace


class SavedFunnel(models.Model):
    """A funnel by its name; period and group are chosen when it is looked at."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="funnels")
    name = models.CharField(max_length=80)
    # The parameters of its address, see `percorso.engagement.funnels.forms.Asked.link`.
    asked = models.JSONField(default=dict)
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=("workspace", "name"), name="funnel_name")]

    def __str__(self) -> str:
        return self.name


class FeatureList(models.Model):
    """Which features matter to a workspace, and how their use is told.

    Features that are named are listed even when nobody ever used them; every other one is when anybody did.
    """

    workspace = models.OneToOneField(Workspace, on_delete=models.CASCADE, related_name="feature_list")
    # The event that tells the use of a feature (empty: any event), and which of its columns names the feature.
    event = models.CharField(max_length=200, default="Feature Used", blank=True)
    column = models.CharField(max_length=200, default="properties.feature")
    names = models.JSONField(default=list)

    def __str__(self) -> str:
        return ", ".join(self.names)
