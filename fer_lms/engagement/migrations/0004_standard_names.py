from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0001_release_0_1_0"),
    ]

    operations = [
        migrations.AlterField(
            model_name="baselinereset",
            name="evaluated_at",
            field=models.DateTimeField(
                blank=True, help_text="when the rules evaluated it; empty until then", null=True
            ),
        ),
        migrations.AlterField(
            model_name="learnerbaseline",
            name="from_at",
            field=models.DateTimeField(help_text="start of the first window in it"),
        ),
        migrations.AlterField(
            model_name="learnerbaseline",
            name="retired_at",
            field=models.DateTimeField(
                blank=True, help_text="when a newer one replaced it", null=True
            ),
        ),
        migrations.AlterField(
            model_name="learnerbaseline",
            name="until_at",
            field=models.DateTimeField(help_text="end of the last window in it"),
        ),
        migrations.AlterField(
            model_name="observationwindow",
            name="evaluated_at",
            field=models.DateTimeField(
                blank=True, help_text="when the rules evaluated it; empty until then", null=True
            ),
        ),
        migrations.AlterField(
            model_name="observationwindow",
            name="face_counted",
            field=models.BooleanField(
                default=False, help_text="its face was used as evidence under consent and policy"
            ),
        ),
    ]
