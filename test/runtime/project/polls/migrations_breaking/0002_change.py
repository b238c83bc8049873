import os

from django.db import migrations, models

CHANGES = {
    "removes a column": migrations.RemoveField("question", "text"),
    "renames a column": migrations.RenameField("question", "text", "title"),
    "removes a table": migrations.DeleteModel("Question"),
    "demands a value": migrations.AddField("question", "votes", models.IntegerField(default=0)),
    "adds a table": migrations.CreateModel("Vote", [("id", models.BigAutoField(primary_key=True))]),
}


class Migration(migrations.Migration):
    dependencies = [("polls", "0001_initial")]
    operations = [CHANGES[os.environ["TEST_CHANGE"]]]
