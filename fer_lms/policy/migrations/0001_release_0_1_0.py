import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # What release 0.1.0 had applied; remove after the next release.
    replaces = [("policy", "0001_initial"), ("policy", "0002_signed_policies")]
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DeploymentPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("demo", "demonstration"), ("deployment", "deployment")],
                        default="deployment",
                        max_length=16,
                    ),
                ),
                (
                    "jurisdiction",
                    models.CharField(blank=True, max_length=32, verbose_name="jurisdiction"),
                ),
                (
                    "sector",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("education", "education"),
                            ("workplace", "training at work"),
                            ("health", "health care"),
                            ("research", "research"),
                        ],
                        max_length=32,
                        verbose_name="sector",
                    ),
                ),
                (
                    "purpose_kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("learning", "support of learning"),
                            ("medical", "medical"),
                            ("safety", "safety"),
                            ("research", "research"),
                        ],
                        max_length=16,
                        verbose_name="kind of purpose",
                    ),
                ),
                ("purpose", models.TextField(verbose_name="purpose, in words")),
                (
                    "minimum_age",
                    models.PositiveSmallIntegerField(
                        default=18, verbose_name="youngest learner's age"
                    ),
                ),
                (
                    "maximum_age",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Empty: no upper limit.",
                        null=True,
                        verbose_name="oldest learner's age",
                    ),
                ),
                (
                    "guardian_age",
                    models.PositiveSmallIntegerField(
                        default=18,
                        help_text="Learners younger than this need a guardian's yes beside their own.",
                        verbose_name="a guardian agrees too, under the age of",
                    ),
                ),
                (
                    "controller",
                    models.CharField(blank=True, max_length=200, verbose_name="who is responsible"),
                ),
                (
                    "contact",
                    models.CharField(blank=True, max_length=200, verbose_name="whom to ask"),
                ),
                ("legal_basis", models.CharField(max_length=200, verbose_name="legal basis")),
                (
                    "reference",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="reference of the signed decision"
                    ),
                ),
                (
                    "impact_assessment",
                    models.CharField(
                        blank=True,
                        max_length=200,
                        verbose_name="reference of the impact assessment",
                    ),
                ),
                (
                    "written_release",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="reference of the written release"
                    ),
                ),
                (
                    "signed_by",
                    models.CharField(blank=True, max_length=200, verbose_name="signed by"),
                ),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "seal",
                    models.CharField(
                        blank=True,
                        help_text="Changes to a signed row break it (sealing.py).",
                        max_length=64,
                    ),
                ),
                (
                    "permits_inference",
                    models.BooleanField(default=False, verbose_name="expressions may be read"),
                ),
                (
                    "on_device_only",
                    models.BooleanField(
                        default=False,
                        help_text="No picture leaves the learner's device; only numbers do.",
                        verbose_name="on the learner's device only",
                    ),
                ),
                (
                    "permits_research",
                    models.BooleanField(default=False, verbose_name="research may be asked for"),
                ),
                (
                    "class_figures_in_xapi",
                    models.BooleanField(
                        default=False,
                        verbose_name="figures of the class may go to the learning record store",
                    ),
                ),
                (
                    "k_anonymous_is_anonymous",
                    models.BooleanField(
                        default=False,
                        help_text="A released report then stands when one of its learners is erased; otherwise it is withdrawn whole.",
                        verbose_name="figures of large enough groups count as anonymous",
                    ),
                ),
                (
                    "small_group",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="Class figures are withheld under this many contributing learners.",
                        verbose_name="smallest group",
                    ),
                ),
                (
                    "live_seconds",
                    models.PositiveSmallIntegerField(
                        default=60, verbose_name="seconds between two live figures"
                    ),
                ),
                (
                    "kept_days",
                    models.PositiveSmallIntegerField(
                        default=30, verbose_name="figures read from the camera"
                    ),
                ),
                (
                    "events_kept_days",
                    models.PositiveSmallIntegerField(
                        default=30, verbose_name="what is done in lessons"
                    ),
                ),
                (
                    "hints_kept_days",
                    models.PositiveSmallIntegerField(
                        default=30, verbose_name="hints and their answers"
                    ),
                ),
                (
                    "reports_kept_days",
                    models.PositiveSmallIntegerField(
                        default=365, verbose_name="reports of classes"
                    ),
                ),
                (
                    "consents_kept_days",
                    models.PositiveSmallIntegerField(
                        default=1095, verbose_name="consents and receipts"
                    ),
                ),
                (
                    "people_kept_days",
                    models.PositiveSmallIntegerField(
                        default=730, verbose_name="people who have not come back"
                    ),
                ),
                (
                    "audit_kept_days",
                    models.PositiveSmallIntegerField(default=1825, verbose_name="the audit log"),
                ),
                (
                    "valid_from",
                    models.DateTimeField(
                        default=django.utils.timezone.now, verbose_name="valid from"
                    ),
                ),
                (
                    "valid_until",
                    models.DateTimeField(blank=True, null=True, verbose_name="valid until"),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When an administrator ended it before its time.",
                        null=True,
                    ),
                ),
                (
                    "signer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deployment policies",
                "permissions": [("sign_deploymentpolicy", "Can sign and end deployment policies")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gt", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="policy_ends_after_it_starts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("small_group__gte", 5)), name="policy_small_group"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("live_seconds__gte", 10)), name="policy_live_seconds"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("maximum_age__isnull", True),
                            ("maximum_age__gte", models.F("minimum_age")),
                            _connector="OR",
                        ),
                        name="policy_ages",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "demo"), _negated=True),
                            ("minimum_age__gte", 18),
                            _connector="OR",
                        ),
                        name="policy_demo_is_for_adults",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("jurisdiction", "eu"),
                                ("kind", "deployment"),
                                ("permits_inference", True),
                                ("sector__in", ("education", "workplace")),
                                ("signed_at__isnull", False),
                                _negated=True,
                            ),
                            models.Q(
                                ("purpose_kind__in", ("medical", "safety")),
                                models.Q(("reference", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="policy_eu_medical_or_safety_only",
                    ),
                ],
            },
        ),
    ]
