from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0003_inviting")]

    operations = [
        migrations.AddIndex(
            model_name="response",
            index=models.Index(fields=["survey", "left_out", "seconds"], name="response_seconds"),
        ),
    ]
