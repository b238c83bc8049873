import os
import time

from django.db import migrations, models


def linger(apps, schema_editor):
    if os.environ.get("MIGRATION_FAILS"):
        raise RuntimeError("the sources of two questions contradict each other")
    time.sleep(float(os.environ.get("MIGRATION_SECONDS", "0")))


class Migration(migrations.Migration):
    dependencies = [("polls", "0003_ballot_key")]
    operations = [
        migrations.RunPython(linger),
        migrations.AddField("question", "source", models.URLField(null=True)),
    ]
