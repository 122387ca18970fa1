import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("xapi", "0001_release_0_1_0"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="statement",
            name="refusal",
            field=models.CharField(blank=True, help_text="Why the LRS rejected it.", max_length=32),
        ),
        migrations.AlterField(
            model_name="statement",
            name="user",
            field=models.ForeignKey(
                help_text="The person it is about; empty for metrics of a class.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="statements",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
