from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("polls", "0002_question_closes_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="ballot",
            name="key",
            field=models.UUIDField(
                editable=False,
                help_text="Of votes that may arrive twice.",
                null=True,
                unique=True,
            ),
        ),
    ]
