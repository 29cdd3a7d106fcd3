"""A message is leased while it is sent, so that two workers never send one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outreach", "0002_messages")]
    operations = [migrations.AddField("message", "leased_until", models.DateTimeField(null=True))]
