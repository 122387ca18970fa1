import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    # What release 0.1.0 had applied; remove after the next release.
    replaces = [("demo", "0001_initial")]
    initial = True

    dependencies = [
        ("lessons", "0001_release_0_1_0"),
    ]

    operations = [
        migrations.CreateModel(
            name="DemoSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, to="lessons.lessonsession"
                    ),
                ),
            ],
        ),
    ]
