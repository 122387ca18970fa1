import uuid

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from fer_lms.consent.texts import load_texts

VERSIONS = ("2026-11-1", "2026-11-2", "2026-11-3", "2026-11-4")


def add_texts(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    consent_text = apps.get_model("consent", "ConsentText")
    for version in VERSIONS:
        for locale, form, body in load_texts(version):
            consent_text.objects.create(version=version, locale=locale, form=form, body=body)


class Migration(migrations.Migration):
    # What release 0.1.0 had applied; remove after the next release.
    replaces = [
        ("consent", "0001_initial"),
        ("consent", "0002_text_2026_11_1"),
        ("consent", "0003_guardians"),
        ("consent", "0004_text_2026_11_2"),
        ("consent", "0005_text_2026_11_3"),
        ("consent", "0006_guardians_and_supporters"),
        ("consent", "0007_told_numbers_and_later_wishes"),
        ("consent", "0008_frames_epoch"),
        ("consent", "0009_text_2026_11_4"),
    ]
    initial = True

    dependencies = [
        ("lessons", "0001_release_0_1_0"),
        ("people", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.CharField(max_length=32)),
                ("locale", models.CharField(max_length=10)),
                (
                    "form",
                    models.CharField(
                        choices=[("standard", "standard"), ("easy", "easy to read")], max_length=8
                    ),
                ),
                ("body", models.JSONField(help_text="title, intro, points: [{heading, body}]")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version", "locale", "form"), name="one_text_a_version_locale_form"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GuardianConsent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("text_version", models.CharField(max_length=32)),
                (
                    "asked_for",
                    models.JSONField(default=list, help_text="What the learner said yes to."),
                ),
                (
                    "given",
                    models.JSONField(default=list, help_text="What of it the guardian agreed to."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "waiting for an answer"),
                            ("given", "yes"),
                            ("refused", "no"),
                            ("withdrawn", "taken back"),
                            ("replaced", "a newer one stands in its place"),
                        ],
                        default="asked",
                        max_length=16,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("link", "by the signed link"),
                            ("paper", "on paper"),
                            ("of_age", "no guardian needed: old enough, proof seen"),
                        ],
                        max_length=8,
                    ),
                ),
                ("signed_name", models.CharField(blank=True, max_length=200)),
                (
                    "reference",
                    models.CharField(
                        blank=True, help_text="Under which the paper can be found.", max_length=200
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField(help_text="When the link stops working.")),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "supporters_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When a support person's view was agreed to last.",
                        null=True,
                    ),
                ),
                (
                    "kept_days",
                    models.PositiveSmallIntegerField(
                        help_text="Days that the question named; more need another answer.",
                        null=True,
                    ),
                ),
                (
                    "small_group",
                    models.PositiveSmallIntegerField(
                        help_text="Smallest group that the question named; a smaller one needs another.",
                        null=True,
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="guardian_consents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "permissions": [("enter_guardianconsent", "Can hand out links and enter papers")],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text_version", models.CharField(blank=True, max_length=32)),
                ("text_locale", models.CharField(blank=True, max_length=10)),
                (
                    "text_form",
                    models.CharField(
                        blank=True,
                        choices=[("standard", "standard"), ("easy", "easy to read")],
                        max_length=8,
                    ),
                ),
                (
                    "kept_days",
                    models.PositiveSmallIntegerField(
                        help_text="Days that the question named; more need another yes.", null=True
                    ),
                ),
                (
                    "small_group",
                    models.PositiveSmallIntegerField(
                        help_text="Smallest group that the question named; a smaller one needs another.",
                        null=True,
                    ),
                ),
                ("awaiting_guardian", models.JSONField(blank=True, default=list)),
                (
                    "capture",
                    models.BooleanField(default=False, help_text="The camera may be used."),
                ),
                (
                    "server_processing",
                    models.BooleanField(
                        default=False,
                        help_text="Pictures may be sent, looked at for a moment and thrown away.",
                    ),
                ),
                (
                    "own_view",
                    models.BooleanField(default=False, help_text="The learner sees live readings."),
                ),
                (
                    "support_view",
                    models.BooleanField(
                        default=False,
                        help_text="A support person may see this learner's own figures.",
                    ),
                ),
                ("research", models.BooleanField(default=False)),
                ("epoch", models.PositiveIntegerField(default=0)),
                (
                    "frames_epoch",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="The epoch of the last change to the camera: what was captured before it is dropped.",
                    ),
                ),
                ("granted_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "erase_through_epoch",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="What was kept up to this epoch awaits erasure; empty when nothing does.",
                        null=True,
                    ),
                ),
                (
                    "erased_at",
                    models.DateTimeField(
                        blank=True, help_text="When what had been kept was last deleted.", null=True
                    ),
                ),
                ("receipt", models.CharField(blank=True, max_length=64)),
                (
                    "participant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consent",
                        to="lessons.participant",
                    ),
                ),
                (
                    "guardian",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="consents",
                        to="consent.guardianconsent",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="guardianconsent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")),
                fields=("person", "text_version"),
                name="one_open_guardian_question",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardianconsent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "given")),
                fields=("person", "text_version"),
                name="one_guardian_yes_a_person_and_text",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardianconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "given"), _negated=True),
                    models.Q(models.Q(("way", ""), _negated=True), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="guardian_gives_only_with_a_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardianconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("way__in", ("paper", "of_age")), _negated=True),
                    models.Q(("reference", ""), _negated=True),
                    _connector="OR",
                ),
                name="guardian_paper_has_a_reference",
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                condition=models.Q(("erase_through_epoch__isnull", False)),
                fields=["erase_through_epoch"],
                name="consent_awaiting_erasure",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at__isnull", True),
                    models.Q(
                        ("capture", False),
                        ("own_view", False),
                        ("research", False),
                        ("server_processing", False),
                        ("support_view", False),
                    ),
                    _connector="OR",
                ),
                name="withdrawn_means_nothing_granted",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("server_processing", False), ("capture", True), _connector="OR"
                ),
                name="server_processing_needs_capture",
            ),
        ),
        migrations.RunPython(add_texts, migrations.RunPython.noop),
    ]
