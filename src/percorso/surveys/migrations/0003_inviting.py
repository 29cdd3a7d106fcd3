import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outreach", "0002_messages"),
        ("surveys", "0002_draft_steps"),
    ]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="reminder",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="outreach.message"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                fields=("distribution", "customer", "address"), name="invited_once_by_a_distribution"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(fields=("trigger", "interaction"), name="invited_once_by_a_trigger"),
        ),
    ]
