import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import fer_lms.engagement.models


class Migration(migrations.Migration):
    # What release 0.1.0 had applied; remove after the next release.
    replaces = [
        ("engagement", "0001_initial"),
        ("engagement", "0002_baselines_and_evaluation"),
        ("engagement", "0003_a_baseline_is_forgotten"),
    ]
    initial = True

    dependencies = [
        ("lessons", "0001_release_0_1_0"),
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
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="baseline_resets",
                        to="lessons.participant",
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("evaluated_at__isnull", True)),
                        fields=["asked_at"],
                        name="resets_not_taken_in",
                    )
                ],
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
                        blank=True, help_text="when a newer one took its place", null=True
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="baselines",
                        to="lessons.participant",
                    ),
                ),
            ],
            options={
                "ordering": ["from_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("participant", "from_at"), name="one_baseline_a_beginning"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ObservationWindow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("provisional", "provisional"), ("closed", "closed")],
                        default="provisional",
                        max_length=12,
                    ),
                ),
                ("consent_epoch", models.PositiveIntegerField()),
                (
                    "model",
                    models.CharField(
                        blank=True, help_text="sha256 of the classifier", max_length=64
                    ),
                ),
                ("counted_steps", models.BigIntegerField(default=0, null=True)),
                ("usable_steps", models.BigIntegerField(default=0, null=True)),
                (
                    "feeds",
                    models.JSONField(default=dict, help_text="counts by connection", null=True),
                ),
                ("accepted", models.PositiveIntegerField(default=0)),
                ("processed", models.PositiveIntegerField(default=0)),
                ("refused", models.JSONField(default=fer_lms.engagement.models.build_empty_counts)),
                ("lost", models.JSONField(default=fer_lms.engagement.models.build_empty_counts)),
                ("no_face", models.PositiveIntegerField(default=0)),
                ("many_faces", models.PositiveIntegerField(default=0)),
                ("low_quality", models.PositiveIntegerField(default=0)),
                ("scored", models.PositiveIntegerField(default=0)),
                (
                    "score_sums",
                    models.JSONField(default=fer_lms.engagement.models.build_empty_sums),
                ),
                ("engagement_count", models.PositiveIntegerField(default=0)),
                ("engagement_sum", models.BigIntegerField(default=0)),
                ("sign_count", models.PositiveIntegerField(default=0)),
                ("sign_sums", models.JSONField(default=fer_lms.engagement.models.build_empty_sums)),
                (
                    "sign_square_sums",
                    models.JSONField(default=fer_lms.engagement.models.build_empty_sums),
                ),
                (
                    "seen_seconds",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="seconds of the ten with at least one usable reading"
                    ),
                ),
                ("hidden_ms", models.PositiveIntegerField(default=0)),
                ("paused_ms", models.PositiveIntegerField(default=0)),
                (
                    "evaluated_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="when the rules took it in; empty while they have not",
                        null=True,
                    ),
                ),
                (
                    "face_counted",
                    models.BooleanField(
                        default=False,
                        help_text="its face was evidence: consent and policy held at that moment",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="windows",
                        to="lessons.participant",
                    ),
                ),
            ],
            options={
                "ordering": ["start_at"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "provisional")),
                        fields=["start_at"],
                        name="windows_still_open",
                    ),
                    models.Index(
                        condition=models.Q(("evaluated_at__isnull", True), ("state", "closed")),
                        fields=["start_at"],
                        name="windows_not_taken_in",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("participant", "start_at"),
                        name="one_window_a_participant_and_start",
                    )
                ],
            },
        ),
    ]
