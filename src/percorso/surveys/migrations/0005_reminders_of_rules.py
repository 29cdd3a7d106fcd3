from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0004_times_taken")]

    operations = [
        migrations.AddField(
            model_name="trigger", name="remind_days", field=models.PositiveSmallIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="trigger", name="most_reminders", field=models.PositiveSmallIntegerField(default=1)
        ),
    ]
