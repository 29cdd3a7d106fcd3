"""Two goals on one indicator are two findings, on the same day too."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def name_goals(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Say of findings about goals which goal each is about, where its target and day tell."""
    findings: Any = apps.get_model("insights", "Finding").objects.filter(watch__alert="goal")
    goals: Any = apps.get_model("insights", "Goal").objects
    for finding in findings.select_related("watch").iterator():
        told = finding.params
        mine = goals.filter(workspace_id=finding.watch.workspace_id, indicator=finding.indicator)
        ids = [g.pk for g in mine if (g.target, g.due.isoformat()) == (told.get("target"), told.get("by"))]
        if len(ids) == 1:
            finding.subject = str(ids[0])
            finding.save(update_fields=["subject"])


class Migration(migrations.Migration):
    dependencies = [("insights", "0002_programme")]

    operations = [
        migrations.AddField(
            "finding", "subject", models.CharField(blank=True, default="", max_length=40), preserve_default=False
        ),
        migrations.RunPython(name_goals, migrations.RunPython.noop),
        migrations.RemoveConstraint("finding", "finding_once"),
        migrations.AddConstraint(
            "finding",
            models.UniqueConstraint(fields=("watch", "indicator", "subject", "direction", "day"), name="finding_once"),
        ),
    ]
