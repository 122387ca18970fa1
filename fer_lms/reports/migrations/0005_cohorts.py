import hashlib
import hmac
import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import fer_lms.reports.models


def compute_digest(key: str, identifier: uuid.UUID) -> str:
    return hmac.new(key.encode(), identifier.bytes, hashlib.sha256).hexdigest()[:32]


def convert_releases(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Compute the digests of contributors anew with one key, by person instead of participant.

    Sessions that are not reported yet and have released cells get no further camera figures: the
    groups of their cells are of an earlier version.
    """
    release_model = apps.get_model("reports", "Release")
    if not release_model.objects.exists():
        return
    key = apps.get_model("reports", "CohortKey").objects.get_or_create(pk=1)[0].key
    for release in release_model.objects.select_related("session").iterator():
        session = release.session
        people = session.participants.values_list("pk", "user__public_id")
        digests = {compute_digest(release.key, pk): compute_digest(key, who) for pk, who in people}
        for name in ("camera_contributors", "activity_contributors"):
            known = [digests[old] for old in getattr(release, name) if old in digests]
            setattr(release, name, sorted(known))
        is_reported = apps.get_model("reports", "LessonReport").objects.filter(session=session)
        if release.withdrawn_at is not None:
            release.stopped = "withdrawn"
        elif not is_reported.exists() and (release.latest_contributors or session.cells.exists()):
            release.stopped = "earlier_version"
        release.save()


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0004_standard_terms"),
    ]

    operations = [
        migrations.CreateModel(
            name="CohortKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(default=fer_lms.reports.models.generate_key, max_length=32),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReleasedCohort",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "fingerprint",
                    models.CharField(
                        help_text="Digest of all members.", max_length=32, unique=True
                    ),
                ),
                (
                    "released_at",
                    models.DateTimeField(help_text="When figures of it were last released."),
                ),
            ],
        ),
        migrations.AddField(
            model_name="release",
            name="live",
            field=models.CharField(
                choices=[
                    ("undecided", "Undecided"),
                    ("none", "too few students opened the lesson within ten minutes"),
                    ("few", "too few of them shared their camera"),
                    ("shown", "Shown"),
                    ("relative", "changes only"),
                ],
                default="undecided",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="live_cohort",
            field=models.JSONField(default=list, help_text="Digests: learners in live figures."),
        ),
        migrations.AddField(
            model_name="release",
            name="live_rows",
            field=models.JSONField(default=list, help_text="Released live figures, by bin."),
        ),
        migrations.AddField(
            model_name="release",
            name="stopped",
            field=models.CharField(
                blank=True,
                choices=[
                    ("changed_group", "Changed Group"),
                    ("earlier_version", "Earlier Version"),
                    ("withdrawn", "Withdrawn"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="release",
            name="activity_contributors",
            field=models.JSONField(
                default=list, help_text="Digests: learners in any other figure."
            ),
        ),
        migrations.AlterField(
            model_name="release",
            name="camera_contributors",
            field=models.JSONField(
                default=list, help_text="Digests: learners in any figure from the camera."
            ),
        ),
        migrations.CreateModel(
            name="CohortMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=32)),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="reports.releasedcohort",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="cohortmember",
            index=models.Index(fields=["digest"], name="cohort_members_by_digest"),
        ),
        migrations.AddConstraint(
            model_name="cohortmember",
            constraint=models.UniqueConstraint(
                fields=("cohort", "digest"), name="one_member_a_cohort"
            ),
        ),
        migrations.RunPython(convert_releases, migrations.RunPython.noop),
    ]
