import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("engagement", "0001_initial"),
        ("lessons", "0003_self_report_says_fine"),
    ]

    operations = [
        migrations.CreateModel(
            name="BaselineReset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "evaluated_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="when the rules took it in; a replay goes by it",
                        null=True,
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at"],
            },
        ),
        migrations.CreateModel(
            name="LearnerBaseline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("consent_epoch", models.PositiveIntegerField()),
                (
                    "from_at",
                    models.DateTimeField(help_text="start of the first window it was made from"),
                ),
                ("until_at", models.DateTimeField(help_text="end of the last")),
                ("expires_at", models.DateTimeField()),
                ("seen_seconds", models.PositiveSmallIntegerField()),
                ("readings", models.PositiveIntegerField()),
                ("sign_sums", models.JSONField()),
                ("sign_square_sums", models.JSONField()),
                ("scored", models.PositiveIntegerField()),
                ("negative_sum", models.BigIntegerField()),
                (
                    "retired_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="when the learner asked for a new one, or it expired",
                        null=True,
                    ),
                ),
            ],
            options={
                "ordering": ["from_at"],
            },
        ),
        migrations.AddField(
            model_name="observationwindow",
            name="evaluated_at",
            field=models.DateTimeField(
                blank=True,
                help_text="when the rules took it in; empty while they have not",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="observationwindow",
            name="face_counted",
            field=models.BooleanField(
                default=False,
                help_text="its face was evidence: consent and policy held at that moment",
            ),
        ),
        migrations.AddIndex(
            model_name="observationwindow",
            index=models.Index(
                condition=models.Q(("evaluated_at__isnull", True), ("state", "closed")),
                fields=["start_at"],
                name="windows_not_taken_in",
            ),
        ),
        migrations.AddField(
            model_name="baselinereset",
            name="participant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="baseline_resets",
                to="lessons.participant",
            ),
        ),
        migrations.AddField(
            model_name="learnerbaseline",
            name="participant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="baselines",
                to="lessons.participant",
            ),
        ),
        migrations.AddIndex(
            model_name="baselinereset",
            index=models.Index(
                condition=models.Q(("evaluated_at__isnull", True)),
                fields=["asked_at"],
                name="resets_not_taken_in",
            ),
        ),
        migrations.AddConstraint(
            model_name="learnerbaseline",
            constraint=models.UniqueConstraint(
                fields=("participant", "from_at"), name="one_baseline_a_beginning"
            ),
        ),
    ]
