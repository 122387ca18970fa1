import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import fer_lms.reports.models


class Migration(migrations.Migration):
    # What release 0.1.0 had applied; remove after the next release.
    replaces = [
        ("reports", "0001_initial"),
        ("reports", "0002_released_cells"),
        ("reports", "0003_trial_base"),
    ]
    initial = True

    dependencies = [
        ("engagement", "0001_release_0_1_0"),
        ("lessons", "0001_release_0_1_0"),
    ]

    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "said",
                    models.CharField(
                        choices=[
                            ("thinking", "Thinking"),
                            ("interested", "Interested"),
                            ("fine", "Fine"),
                            ("tired", "Tired"),
                            ("stuck", "Stuck"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=200)),
                ("said_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "window",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="correction",
                        to="engagement.observationwindow",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FigureCell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField(help_text="ten-second bin since the Unix epoch")),
                ("moments", models.PositiveIntegerField()),
                ("seen_seconds", models.PositiveIntegerField()),
                ("scored", models.PositiveIntegerField()),
                ("expression_sums", models.JSONField()),
                ("engagement_count", models.PositiveIntegerField()),
                ("engagement_sum", models.BigIntegerField()),
                ("levels", models.JSONField()),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cells",
                        to="lessons.lessonsession",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="lessons.step",
                    ),
                ),
            ],
            options={
                "ordering": ["number", "id"],
            },
        ),
        migrations.CreateModel(
            name="LessonReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("body", models.JSONField()),
                (
                    "base",
                    models.CharField(
                        blank=True,
                        help_text="Digest of all that a rule could be tried on then.",
                        max_length=64,
                    ),
                ),
                ("finalised_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="report",
                        to="lessons.lessonsession",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        default=fer_lms.reports.models.generate_key,
                        help_text="Of this sitting's digests only.",
                        max_length=32,
                    ),
                ),
                (
                    "through",
                    models.BigIntegerField(
                        default=0,
                        help_text="Ten-second bins before this one are made, or never will be.",
                    ),
                ),
                (
                    "tick",
                    models.PositiveIntegerField(
                        help_text="Which beat of the cadence was looked at last.", null=True
                    ),
                ),
                (
                    "cohort",
                    models.JSONField(default=list, help_text="Digests: in the newest release."),
                ),
                (
                    "seen",
                    models.JSONField(
                        default=list, help_text="Digests: in any figure from the camera."
                    ),
                ),
                (
                    "took_part",
                    models.JSONField(default=list, help_text="Digests: in any other figure."),
                ),
                ("model", models.CharField(blank=True, max_length=64)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="release",
                        to="lessons.lessonsession",
                    ),
                ),
            ],
        ),
    ]
