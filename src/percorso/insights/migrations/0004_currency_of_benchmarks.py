"""Benchmarks in money say in which currency they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("insights", "0003_findings_of_goals")]

    operations = [
        migrations.AddField(
            "benchmark", "currency", models.CharField(blank=True, default="", max_length=3), preserve_default=False
        ),
    ]
