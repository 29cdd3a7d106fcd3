import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_people"), ("outreach", "0003_message_lease")]

    operations = [
        migrations.AddField("suppression", "until", models.DateTimeField(null=True)),
        migrations.AlterField(
            "suppression",
            "because",
            models.CharField(
                choices=[
                    ("bounced", "Messages came back"),
                    ("complained", "Reported as unwanted"),
                    ("unsubscribed", "Unsubscribed"),
                    ("by_hand", "Entered by hand"),
                    ("paused", "Paused by the person"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=120)),
                ("channel", models.CharField(max_length=40)),
                ("customer", models.CharField(blank=True, max_length=254)),
                ("address", models.CharField(max_length=254)),
                ("gap_days", models.PositiveIntegerField(default=0)),
                ("priority", models.PositiveSmallIntegerField(default=5)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="places", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "ordering": ("since", "id"),
                "indexes": [
                    models.Index(fields=["workspace", "customer"], name="place_of_customer"),
                    models.Index(fields=["workspace", "address"], name="place_of_address"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "reference", "customer", "address"), name="one_place_each"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=254)),
                ("language", models.CharField(blank=True, max_length=20)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "workspace",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="preferences", to="accounts.workspace"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("workspace", "address"), name="one_preference_each")],
            },
        ),
    ]
