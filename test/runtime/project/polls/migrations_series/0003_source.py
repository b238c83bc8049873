from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("polls", "0002_votes")]
    operations = [migrations.AddField("question", "source", models.TextField(null=True))]
