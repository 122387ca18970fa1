import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import fer_lms.rules.models

COMMON = {
    "minimum_coverage": 0.5,
    "steps": [],
    "learners": [],
    "groups": [],
    "cooldown_seconds": 300,
    "max_per_lesson": 4,
    "quiet_steps": [],
    "quiet_minutes": [],
    "action": "hint",
    "text": "",
}
BUILT_IN = {
    "says_hard": {
        "title": "Help when somebody says that it is hard",
        "evidence": "said_hard",
        "threshold": 0.5,
        "release": 0.2,
        "over_windows": 1,
        "of_windows": 1,
        "held_windows": 0,
        "needs_other_source": False,
        "quiet_start_seconds": 0,
    },
    "stuck": {
        "title": "A hint when signs of frustration last",
        "evidence": "frustration",
        "threshold": 0.5,
        "release": 0.35,
        "over_windows": 2,
        "of_windows": 3,
        "held_windows": 5,
        "needs_other_source": True,
        "quiet_start_seconds": 60,
    },
}
"""Built-in rules of release 0.1.0."""


def add_rules(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    rules = apps.get_model("rules", "InteractionRule").objects
    versions = apps.get_model("rules", "RuleVersion").objects
    for name, built_in in BUILT_IN.items():
        values = {key: value for key, value in built_in.items() if key != "title"}
        rule = rules.create(template=name, title=str(built_in["title"]))
        versions.create(rule=rule, number=1, **COMMON, **values)


class Migration(migrations.Migration):
    # What release 0.1.0 had applied; remove after the next release.
    replaces = [
        ("rules", "0001_initial"),
        ("rules", "0002_rules_that_come_with_the_product"),
        ("rules", "0003_answers_may_change"),
        ("rules", "0004_no_reason_told_of_a_learner"),
    ]
    initial = True

    dependencies = [
        ("lessons", "0001_release_0_1_0"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EvaluatedEvent",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="evaluation",
                        serialize=False,
                        to="lessons.interactionevent",
                    ),
                ),
                ("evaluated_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="InteractionRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                (
                    "template",
                    models.CharField(
                        blank=True, help_text="which template it began as", max_length=32
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "retired_at",
                    models.DateTimeField(
                        blank=True, help_text="taken away; kept for why", null=True
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="lessons.course",
                    ),
                ),
                (
                    "lesson",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="lessons.lesson",
                    ),
                ),
                (
                    "made_by",
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
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="LearnerGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=80)),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="learner_groups",
                        to="lessons.course",
                    ),
                ),
                (
                    "members",
                    models.ManyToManyField(
                        blank=True, related_name="learner_groups", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RuleState",
            fields=[
                (
                    "participant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="rule_state",
                        serialize=False,
                        to="lessons.participant",
                    ),
                ),
                ("body", models.JSONField(default=dict)),
                (
                    "cursor_at",
                    models.DateTimeField(help_text="everything up to here has been taken in"),
                ),
                (
                    "active_until",
                    models.DateTimeField(help_text="time passes for the rules until here"),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["active_until"], name="rule_states_active")],
            },
        ),
        migrations.CreateModel(
            name="RuleSwitch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("off", models.BooleanField()),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "learner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rule_switches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lesson",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="lessons.lesson",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="rules.interactionrule",
                    ),
                ),
                (
                    "set_by",
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
                "verbose_name_plural": "rule switches",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="RuleVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "evidence",
                    models.CharField(
                        choices=[
                            ("frustration", "signs of frustration"),
                            ("confusion", "signs of confusion"),
                            ("disengagement", "signs of drifting away"),
                            ("said_hard", "the learner says that it is hard"),
                        ],
                        max_length=16,
                    ),
                ),
                ("threshold", models.FloatField()),
                ("release", models.FloatField()),
                ("over_windows", models.PositiveSmallIntegerField()),
                ("of_windows", models.PositiveSmallIntegerField()),
                ("held_windows", models.PositiveSmallIntegerField()),
                ("minimum_coverage", models.FloatField()),
                ("needs_other_source", models.BooleanField(default=True)),
                (
                    "steps",
                    models.JSONField(blank=True, default=fer_lms.rules.models.build_empty_list),
                ),
                (
                    "learners",
                    models.JSONField(blank=True, default=fer_lms.rules.models.build_empty_list),
                ),
                (
                    "groups",
                    models.JSONField(blank=True, default=fer_lms.rules.models.build_empty_list),
                ),
                ("cooldown_seconds", models.PositiveIntegerField()),
                ("max_per_lesson", models.PositiveSmallIntegerField()),
                ("quiet_start_seconds", models.PositiveIntegerField()),
                (
                    "quiet_steps",
                    models.JSONField(blank=True, default=fer_lms.rules.models.build_empty_list),
                ),
                (
                    "quiet_minutes",
                    models.JSONField(blank=True, default=fer_lms.rules.models.build_empty_list),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("hint", "the next hint of the step"),
                            ("break", "the offer of a short break"),
                            ("easier", "the easier form of the step"),
                            ("question", "a question: is this hard right now?"),
                            ("tell_teacher", "a question: shall I tell your teacher?"),
                        ],
                        max_length=16,
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=500)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="rules.interactionrule",
                    ),
                ),
            ],
            options={
                "ordering": ["rule_id", "number"],
            },
        ),
        migrations.CreateModel(
            name="Hint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("occasion", models.CharField(max_length=48)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hint", "hint"),
                            ("break", "break"),
                            ("easier", "easier form"),
                            ("question", "question"),
                            ("tell_teacher", "shall I tell your teacher"),
                        ],
                        max_length=16,
                    ),
                ),
                ("rung", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("title", models.CharField(max_length=120)),
                ("body", models.TextField()),
                ("symbol", models.CharField(blank=True, max_length=16)),
                ("form", models.CharField(blank=True, max_length=16)),
                ("why", models.TextField(blank=True, help_text="to the learner, in a sentence")),
                (
                    "parts",
                    models.JSONField(blank=True, default=dict, help_text="the evidence, by part"),
                ),
                (
                    "consent_epoch",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="of the face evidence in it; empty where there is none",
                        null=True,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "to be shown"),
                            ("shown", "shown"),
                            ("withheld", "withheld"),
                        ],
                        default="due",
                        max_length=8,
                    ),
                ),
                ("withheld_because", models.CharField(blank=True, max_length=32)),
                ("fired_at", models.DateTimeField()),
                ("shown_at", models.DateTimeField(blank=True, null=True)),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hints",
                        to="lessons.participant",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to="lessons.step",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the learner asked.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hints",
                        to="rules.interactionrule",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="rules.ruleversion",
                    ),
                ),
            ],
            options={
                "ordering": ["fired_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="SettingsSeen",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_at", models.DateTimeField()),
                ("body", models.JSONField()),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rule_settings",
                        to="lessons.participant",
                    ),
                ),
            ],
            options={
                "ordering": ["from_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TeacherWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("said_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                (
                    "hint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="teacher_word",
                        to="rules.hint",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ThresholdShift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "evidence",
                    models.CharField(
                        choices=[
                            ("frustration", "signs of frustration"),
                            ("confusion", "signs of confusion"),
                            ("disengagement", "signs of drifting away"),
                            ("said_hard", "the learner says that it is hard"),
                        ],
                        max_length=16,
                    ),
                ),
                ("shift", models.FloatField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="threshold_shifts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HintAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("helped", "That helped"),
                            ("not_now", "Not now"),
                            ("not_hard", "I'm fine"),
                            ("leave_me_alone", "Leave me alone today"),
                            ("yes", "Yes"),
                            ("no", "No"),
                            ("hints_again", "Hints may come again"),
                        ],
                        max_length=16,
                    ),
                ),
                ("answered_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "evaluated_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="when the rules took it in; a replay goes by it",
                        null=True,
                    ),
                ),
                (
                    "hint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="rules.hint",
                    ),
                ),
            ],
            options={
                "ordering": ["answered_at", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("evaluated_at__isnull", True)),
                        fields=["answered_at"],
                        name="answers_not_taken_in",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.UniqueConstraint(
                fields=("rule", "number"), name="one_version_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("release__lte", models.F("threshold"))),
                name="rule_calms_below_its_threshold",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("over_windows__gte", 1), ("over_windows__lte", models.F("of_windows"))
                ),
                name="rule_looks_at_enough_windows",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("cooldown_seconds__gte", 300), ("max_per_lesson__lte", 4)),
                name="rule_caps_are_hard",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("minimum_coverage__gte", 0.5)),
                name="rule_needs_half_of_the_time_seen",
            ),
        ),
        migrations.AddIndex(
            model_name="hint",
            index=models.Index(
                condition=models.Q(("state", "due")), fields=["fired_at"], name="hints_to_be_shown"
            ),
        ),
        migrations.AddConstraint(
            model_name="hint",
            constraint=models.UniqueConstraint(
                fields=("participant", "rule", "occasion"), name="one_hint_an_occasion"
            ),
        ),
        migrations.AddConstraint(
            model_name="thresholdshift",
            constraint=models.UniqueConstraint(
                fields=("user", "evidence"), name="one_shift_an_evidence"
            ),
        ),
        migrations.AddConstraint(
            model_name="thresholdshift",
            constraint=models.CheckConstraint(
                condition=models.Q(("shift__gte", -0.2), ("shift__lte", 0.3)),
                name="shift_within_limits",
            ),
        ),
        migrations.RunPython(add_rules, migrations.RunPython.noop),
    ]
