from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Step",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("task", models.CharField(max_length=50)),
                ("name", models.CharField(max_length=20)),
                ("host", models.CharField(max_length=80)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
