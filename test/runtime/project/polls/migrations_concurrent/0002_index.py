import os

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

NAME = "polls_question_text"
BY_SQL = migrations.RunSQL(
    f"CREATE INDEX CONCURRENTLY {NAME} ON polls_question (text)",
    reverse_sql=f"DROP INDEX CONCURRENTLY {NAME}",
)
BY_DJANGO = AddIndexConcurrently("question", models.Index(fields=["text"], name=NAME))
BELOW = migrations.SeparateDatabaseAndState(database_operations=[BY_SQL])
WAYS = {"sql": BY_SQL, "django": BY_DJANGO, "below": BELOW}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("polls", "0001_initial")]
    operations = [WAYS[os.environ.get("TEST_WAY", "django")]]
