import os

from django.db import migrations, models


def note(name, field):
    return migrations.AlterField("note", name, field)


def note_in_sql(change):
    return migrations.RunSQL(f"ALTER TABLE polls_note ALTER {change}")


CHANGES = {
    "removes a column": migrations.RemoveField("question", "text"),
    "renames a column": migrations.RenameField("question", "text", "title"),
    "removes a table": migrations.DeleteModel("Question"),
    "demands a value": migrations.AddField("question", "votes", models.IntegerField(default=0)),
    "demands what may be null": note("author", models.CharField(max_length=50, default="")),
    "demands it with a default": note_in_sql("author SET DEFAULT '', ALTER author SET NOT NULL"),
    "shortens a text": note("author", models.CharField(max_length=20, null=True)),
    "limits a text": note("text", models.CharField(max_length=20)),
    "makes text of a number": note("stars", models.CharField(max_length=20, null=True)),
    "makes a number of text": note_in_sql("author TYPE integer USING 0"),
    "makes a date of a number": note_in_sql("stars TYPE date USING current_date"),
    "adds a table": migrations.CreateModel("Vote", [("id", models.BigAutoField(primary_key=True))]),
    "adds a column that may be null": migrations.AddField(
        "note", "source", models.TextField(null=True)
    ),
    "adds an index": migrations.AddIndex("note", models.Index(fields=["stars"], name="stars")),
    "lengthens a text": note("author", models.CharField(max_length=100, null=True)),
    "takes the limit off a text": note("author", models.TextField(null=True)),
    "widens a number": note("stars", models.BigIntegerField(null=True)),
    "widens the key": note("id", models.BigAutoField(primary_key=True)),
    "makes a time of a date": note("written", models.DateTimeField(null=True)),
    "lets text be null": note("text", models.TextField(null=True)),
    "demands what code fills": note("stars", models.IntegerField(default=0)),
    "demands what Django fills": note("written", models.DateField(auto_now_add=True)),
    "makes a type that is not known": note_in_sql("author TYPE json USING to_json(author)"),
    "makes a number of another kind": note_in_sql("stars TYPE numeric"),
}


class Migration(migrations.Migration):
    dependencies = [("polls", "0001_initial")]
    operations = [CHANGES[os.environ["TEST_CHANGE"]]]
