from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("engagement", "0002_baselines_and_evaluation")]

    operations = [
        migrations.AlterField(
            model_name="learnerbaseline",
            name="retired_at",
            field=models.DateTimeField(
                blank=True, help_text="when a newer one took its place", null=True
            ),
        )
    ]
