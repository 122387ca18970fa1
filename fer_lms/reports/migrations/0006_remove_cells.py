from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_cohorts")]

    operations = [
        migrations.RemoveField(
            model_name="release",
            name="key",
        ),
        migrations.RemoveField(
            model_name="release",
            name="latest_contributors",
        ),
        migrations.RemoveField(
            model_name="release",
            name="next_bin",
        ),
        migrations.DeleteModel(
            name="ReleasedCell",
        ),
    ]
