from django.db import migrations, models

import fer_lms.reports.models


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_release_0_1_0")]

    operations = [
        migrations.RenameModel("FigureCell", "ReleasedCell"),
        migrations.RenameField("releasedcell", "number", "bin_number"),
        migrations.RenameField("releasedcell", "moments", "learner_bins"),
        migrations.RenameField("lessonreport", "base", "input_digest"),
        migrations.RenameField("release", "through", "next_bin"),
        migrations.RenameField("release", "tick", "cadence_index"),
        migrations.RenameField("release", "cohort", "latest_contributors"),
        migrations.RenameField("release", "seen", "camera_contributors"),
        migrations.RenameField("release", "took_part", "activity_contributors"),
        migrations.AlterModelOptions("releasedcell", {"ordering": ["bin_number", "id"]}),
        migrations.AlterField(
            model_name="lessonreport",
            name="input_digest",
            field=models.CharField(
                blank=True,
                help_text="Digest of the data that a rule trial would use.",
                max_length=64,
            ),
        ),
        migrations.AlterField(
            model_name="release",
            name="activity_contributors",
            field=models.JSONField(
                default=list, help_text="Digests: learners in any other metric."
            ),
        ),
        migrations.AlterField(
            model_name="release",
            name="cadence_index",
            field=models.PositiveIntegerField(
                help_text="Last release interval that was processed.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="release",
            name="camera_contributors",
            field=models.JSONField(
                default=list, help_text="Digests: learners in any metric from the camera."
            ),
        ),
        migrations.AlterField(
            model_name="release",
            name="key",
            field=models.CharField(
                default=fer_lms.reports.models.generate_key,
                help_text="Key of this session's digests.",
                max_length=32,
            ),
        ),
        migrations.AlterField(
            model_name="release",
            name="latest_contributors",
            field=models.JSONField(
                default=list, help_text="Digests: learners in the latest release."
            ),
        ),
        migrations.AlterField(
            model_name="release",
            name="next_bin",
            field=models.BigIntegerField(
                default=0, help_text="First ten-second bin that no release has covered."
            ),
        ),
        migrations.AlterField(
            model_name="releasedcell",
            name="bin_number",
            field=models.BigIntegerField(help_text="Ten-second bins since the Unix epoch."),
        ),
    ]
