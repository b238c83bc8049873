import os
import time

from django.db import migrations, models


def linger(apps, schema_editor):
    time.sleep(float(os.environ.get("TEST_MIGRATION_SECONDS", "0")))


class Migration(migrations.Migration):
    dependencies = [("polls", "0001_initial")]
    operations = [
        migrations.AddField("question", "votes", models.IntegerField(null=True)),
        migrations.RunPython(linger),
    ]
