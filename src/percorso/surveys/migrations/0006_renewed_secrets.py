from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0005_reminders_of_rules")]

    operations = [
        migrations.AddField(
            model_name="survey", name="identity_nonce", field=models.CharField(blank=True, max_length=24)
        ),
        migrations.AddField(
            model_name="survey", name="earlier_nonce", field=models.CharField(blank=True, max_length=24)
        ),
        migrations.AddField(model_name="survey", name="earlier_until", field=models.DateTimeField(null=True)),
    ]
