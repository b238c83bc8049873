from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("polls", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="question",
            name="closes_at",
            field=models.DateTimeField(
                blank=True,
                help_text="No vote is accepted from then on; empty means never.",
                null=True,
            ),
        ),
    ]
